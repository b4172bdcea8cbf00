package ecs

import (
	"fmt"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
)

// checkDependencies finds what a container cannot wait for.
func checkDependencies(containers []account.Props) string {
	byName := map[string]account.Props{}
	for _, c := range containers {
		byName[c.String("name")] = c
	}
	for _, c := range containers {
		for _, d := range c.Objects("dependsOn") {
			if reason := checkDependency(c, byName[d.String("containerName")], d.String("condition")); reason != "" {
				return reason
			}
		}
		if waitsFor(c, c.String("name"), byName, map[string]bool{}) {
			return fmt.Sprintf("There is a cycle in the dependencies of container '%s'.", c.String("name"))
		}
	}
	return ""
}

func checkDependency(c, target account.Props, condition string) string {
	if target == nil {
		return fmt.Sprintf("Container '%s' depends on a container that is not in the task definition.", c.String("name"))
	}
	switch condition {
	case "START":
	case "SUCCESS", "COMPLETE":
		if essential(target) {
			return "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container"
		}
	case "HEALTHY":
		if !target.Has("healthCheck") {
			return fmt.Sprintf("Container '%s' waits for '%s' to be HEALTHY, which has no health check.",
				c.String("name"), target.String("name"))
		}
	default:
		return fmt.Sprintf("Container '%s': '%s' is no condition; want START, COMPLETE, SUCCESS or HEALTHY.",
			c.String("name"), condition)
	}
	return ""
}

// waitsFor tells whether a container waits for one of a name, be it over others.
func waitsFor(c account.Props, name string, byName map[string]account.Props, seen map[string]bool) bool {
	for _, d := range c.Objects("dependsOn") {
		target := d.String("containerName")
		if target == name {
			return true
		}
		if !seen[target] {
			seen[target] = true
			if waitsFor(byName[target], name, byName, seen) {
				return true
			}
		}
	}
	return false
}

// essential is what a container is unless it says otherwise.
func essential(c account.Props) bool { return c["essential"] == nil || c.Bool("essential") }

// mountOptions are those that ECS takes for a tmpfs; some take a value behind "=".
var mountOptions = strings.Fields(`defaults ro rw suid nosuid dev nodev exec noexec sync async dirsync remount mand nomand
	atime noatime diratime nodiratime bind rbind unbindable runbindable private rprivate shared rshared slave rslave
	relatime norelatime strictatime nostrictatime mode uid gid nr_inodes nr_blocks mpol`)

// capabilityNames are those that ECS adds and drops.
var capabilityNames = strings.Fields(`ALL AUDIT_CONTROL AUDIT_WRITE BLOCK_SUSPEND CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER
	FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE
	NET_BROADCAST NET_RAW SETFCAP SETGID SETPCAP SETUID SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT
	SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG SYSLOG WAKE_ALARM`)

func checkLinux(c account.Props) string {
	name := c.String("name")
	for _, t := range c.Objects("linuxParameters.tmpfs") {
		if size, ok := t["size"].(float64); !ok || size < 1 || size != float64(int(size)) {
			return "The container has an invalid tmpfs size value specified. It must be a non-zero, non-negative integer."
		}
		if !strings.HasPrefix(t.String("containerPath"), "/") {
			return fmt.Sprintf("Container '%s': the path '%s' of a tmpfs is not absolute.", name, t.String("containerPath"))
		}
		for _, option := range t.Strings("mountOptions") {
			if option, _, _ = strings.Cut(option, "="); !slices.Contains(mountOptions, option) {
				return fmt.Sprintf("Container '%s': '%s' is no mount option of a tmpfs.", name, option)
			}
		}
	}
	for _, list := range []string{"add", "drop"} {
		for _, capability := range c.Strings("linuxParameters.capabilities." + list) {
			if !slices.Contains(capabilityNames, capability) {
				return fmt.Sprintf("Container '%s': '%s' is no capability to %s.", name, capability, list)
			}
		}
	}
	return ""
}

// Bounds of the API: seconds, and exit codes of one policy.
const (
	leastRestartPeriod, mostRestartPeriod = 60, 1800
	mostExitCodes                         = 50
	leastFargateTimeout, mostTimeout      = 2, 120
)

func checkRestart(c account.Props) string {
	policy := c.Object("restartPolicy")
	if policy == nil {
		return ""
	}
	name := c.String("name")
	if _, ok := policy["enabled"].(bool); !ok {
		return fmt.Sprintf("Container '%s': restartPolicy.enabled is required.", name)
	}
	if period := policy.Number("restartAttemptPeriod"); policy.Has("restartAttemptPeriod") &&
		(period < leastRestartPeriod || period > mostRestartPeriod) {
		return fmt.Sprintf("Container '%s': restartPolicy.restartAttemptPeriod is %v; it must be between %d and %d seconds.",
			name, period, leastRestartPeriod, mostRestartPeriod)
	}
	if codes := len(policy.List("ignoredExitCodes")); codes > mostExitCodes {
		return fmt.Sprintf("Container '%s': restartPolicy.ignoredExitCodes has %d codes; at most %d are allowed.",
			name, codes, mostExitCodes)
	}
	return ""
}

// checkTimeouts knows the bounds of Fargate. On instances there are none but those of the agent.
func checkTimeouts(c, in account.Props) string {
	fargate := slices.Contains(in.Strings("requiresCompatibilities"), "FARGATE")
	for _, key := range []string{"startTimeout", "stopTimeout"} {
		seconds := c.Number(key)
		switch {
		case seconds < 0:
			return fmt.Sprintf("Container '%s': %s is negative.", c.String("name"), key)
		case fargate && c.Has(key) && (seconds < leastFargateTimeout || seconds > mostTimeout):
			return fmt.Sprintf("Container '%s': %s is %v; on Fargate it must be between %d and %d seconds.",
				c.String("name"), key, seconds, leastFargateTimeout, mostTimeout)
		}
	}
	return ""
}

// checkMemory compares what the containers ask for with the memory of the task.
func checkMemory(size float64, containers []account.Props) string {
	reserved := 0.0
	for _, c := range containers {
		if c.Number("memory") > size {
			return fmt.Sprintf("The 'memory' setting for container '%s' is greater than for the task.", c.String("name"))
		}
		// A container without a reservation reserves its limit.
		if c.Has("memoryReservation") {
			reserved += c.Number("memoryReservation")
		} else {
			reserved += c.Number("memory")
		}
	}
	if reserved > size {
		return "The sum of all container 'memoryReservation' values cannot be greater than the value of the task 'memory'."
	}
	return ""
}
