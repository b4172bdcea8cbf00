package task

import (
	"fmt"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
)

// unrun are fields that the control plane accepts and that containers here run without, and why. What lies behind
// a dot is in an object or in the objects of a list.
//
//nolint:gosec // no credentials, only a field of that name
var unrun = map[string]string{
	"credentialSpecs":                 "there is no directory service",
	"disableNetworking":               "all containers of a task share its network",
	"dnsSearchDomains":                "ECS does not support it in awsvpc mode",
	"dnsServers":                      "ECS does not support it in awsvpc mode",
	"environmentFiles":                "nothing is read from S3 before a task starts",
	"extraHosts":                      "ECS does not support it in awsvpc mode",
	"firelensConfiguration":           "FireLens does not run",
	"hostname":                        "ECS does not support it in awsvpc mode",
	"interactive":                     "nobody is at the other end",
	"linuxParameters.devices":         "devices of this machine stay on this machine",
	"linuxParameters.maxSwap":         "containers do not swap",
	"linuxParameters.swappiness":      "containers do not swap",
	"links":                           "ECS does not support it in awsvpc mode",
	"logConfiguration.secretOptions":  "awslogs takes none",
	"portMappings.containerPortRange": "only single ports are published",
	"privileged":                      "the container would own this machine",
	"pseudoTerminal":                  "nobody is at the other end",
	"repositoryCredentials":           "the engine pulls with its own",
	"resourceRequirements":            "there are no GPUs and no accelerators",
	"versionConsistency":              "a tag is resolved when each task starts",
	"volumesFrom":                     "use a volume of the task with a mount point in both containers",
	"portMappings.appProtocol":        "Service Connect does not run",
	"proxyConfiguration":              "App Mesh does not run",
	"ipcMode":                         "containers have IPC namespaces of their own",
	"pidMode":                         "containers have process namespaces of their own",
	"inferenceAccelerators":           "there are none",
	"ephemeralStorage":                "it is this machine's disk",
	"volumes.hostPath":                "directories of this machine stay on this machine: the volume lives with the task",
	"volumes.fsxWindowsFileServerVolumeConfiguration": "the volume lives with the task",
	"volumes.dockerVolumeConfiguration":               "the volume lives with the task",
	"volumes.configureAtLaunch":                       "the volume lives with the task",
}

// ofTask are those of the above that a task definition has outside of its containers.
var ofTask = []string{
	"ephemeralStorage", "inferenceAccelerators", "ipcMode", "pidMode", "proxyConfiguration", "volumes.configureAtLaunch",
	"volumes.dockerVolumeConfiguration", "volumes.fsxWindowsFileServerVolumeConfiguration", "volumes.hostPath",
}

// notRun says, a line each, what of a task definition containers here run without.
func notRun(out account.Props, containers []map[string]any) []string {
	var notes []string
	if mode := out.String("networkMode"); mode != "" && mode != "awsvpc" {
		notes = append(notes, fmt.Sprintf("networkMode %s is run as awsvpc", mode))
	}
	if out.Bool("enableFaultInjection") {
		notes = append(notes, "enableFaultInjection has no effect: there is no fault injection")
	}
	for _, path := range ofTask {
		if given(map[string]any(out), strings.Split(path, ".")) {
			notes = append(notes, fmt.Sprintf("%s has no effect: %s", path, unrun[path]))
		}
	}
	for _, c := range containers {
		name, _ := c["name"].(string)
		for path, why := range unrun {
			if !slices.Contains(ofTask, path) && given(c, strings.Split(path, ".")) {
				notes = append(notes, fmt.Sprintf("container %s: %s has no effect: %s", name, path, why))
			}
		}
		notes = append(notes, partly(name, account.Props(c))...)
	}
	slices.Sort(notes)
	return notes
}

// partly are the values of fields that are run otherwise.
func partly(name string, c account.Props) []string {
	var notes []string
	if driver := c.String("logConfiguration.logDriver"); driver != "" && driver != awslogs {
		notes = append(notes, fmt.Sprintf("container %s: log driver %s is not there: its output stays with the Docker engine", name, driver))
	}
	for _, option := range c.Strings("dockerSecurityOptions") {
		if !noNewPrivileges(option) {
			notes = append(notes, fmt.Sprintf("container %s: dockerSecurityOptions %q has no effect: only no-new-privileges does", name, option))
		}
	}
	for _, p := range c.Objects("portMappings") {
		if p.String("protocol") == "udp" {
			notes = append(notes, fmt.Sprintf("container %s: UDP port %d is not published", name, p.Int("containerPort")))
		}
	}
	return notes
}

func noNewPrivileges(option string) bool {
	return option == "no-new-privileges" || option == "no-new-privileges:true"
}

// given tells whether a value at a path says anything.
func given(v any, path []string) bool {
	if list, ok := v.([]any); ok {
		return slices.ContainsFunc(list, func(element any) bool { return given(element, path) }) ||
			len(path) == 0 && len(list) > 0
	}
	if len(path) == 0 {
		return v != nil && v != false && v != "" && v != 0.0
	}
	object, ok := v.(map[string]any)
	return ok && given(object[path[0]], path[1:])
}
