package ecs

import (
	"fmt"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
)

// leaf is a field without fields of its own that are known here: a value, a list of values, or an object that
// nothing looks into.
var leaf fields

// fields are what an object, or each object of a list, may contain.
type fields map[string]fields

// leaves are fields without fields of their own.
func leaves(names ...string) fields {
	f := fields{}
	for _, name := range names {
		f[name] = leaf
	}
	return f
}

func (f fields) and(name string, inner fields) fields {
	f[name] = inner
	return f
}

// containerFields are those of the API's ContainerDefinition.
var containerFields = leaves(
	"command", "cpu", "credentialSpecs", "disableNetworking", "dnsSearchDomains", "dnsServers", "dockerLabels",
	"dockerSecurityOptions", "entryPoint", "essential", "firelensConfiguration", "hostname", "image", "interactive",
	"links", "memory", "memoryReservation", "name", "privileged", "pseudoTerminal", "readonlyRootFilesystem",
	"startTimeout", "stopTimeout", "user", "versionConsistency", "workingDirectory",
).
	and("dependsOn", leaves("condition", "containerName")).
	and("environment", leaves("name", "value")).
	and("environmentFiles", leaves("type", "value")).
	and("extraHosts", leaves("hostname", "ipAddress")).
	and("healthCheck", leaves("command", "interval", "retries", "startPeriod", "timeout")).
	and("linuxParameters", leaves("initProcessEnabled", "maxSwap", "sharedMemorySize", "swappiness").
		and("capabilities", leaves("add", "drop")).
		and("devices", leaves("containerPath", "hostPath", "permissions")).
		and("tmpfs", leaves("containerPath", "mountOptions", "size"))).
	and("logConfiguration", leaves("logDriver", "options").and("secretOptions", leaves("name", "valueFrom"))).
	and("mountPoints", leaves("containerPath", "readOnly", "sourceVolume")).
	and("portMappings", leaves("appProtocol", "containerPort", "containerPortRange", "hostPort", "name", "protocol")).
	and("repositoryCredentials", leaves("credentialsParameter")).
	and("resourceRequirements", leaves("type", "value")).
	and("restartPolicy", leaves("enabled", "ignoredExitCodes", "restartAttemptPeriod")).
	and("secrets", leaves("name", "valueFrom")).
	and("systemControls", leaves("namespace", "value")).
	and("ulimits", leaves("hardLimit", "name", "softLimit")).
	and("volumesFrom", leaves("readOnly", "sourceContainer"))

// checkFields finds fields that the API does not have. The real provider drops them without a word, and the
// container runs without what they were meant to say.
func checkFields(in account.Props) string {
	for _, c := range containersOf(in.String("containerDefinitions")) {
		if unknown := containerFields.unknown(map[string]any(c), ""); len(unknown) > 0 {
			return fmt.Sprintf("containerDefinitions: container '%s' has fields that ECS does not know: %s",
				c.String("name"), strings.Join(unknown, ", "))
		}
	}
	return ""
}

func (f fields) unknown(v any, path string) []string {
	var found []string
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			found = append(found, f.unknown(element, path)...)
		}
	case map[string]any:
		for name, value := range v {
			inner, known := f[name]
			switch {
			case !known:
				found = append(found, path+name)
			case inner != nil:
				found = append(found, inner.unknown(value, path+name+".")...)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}
