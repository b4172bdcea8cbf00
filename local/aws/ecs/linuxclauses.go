package ecs

import (
	"fmt"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
)

// mountOptions are those that ECS takes for a tmpfs; some take a value behind "=".
var mountOptions = strings.Fields(`defaults ro rw suid nosuid dev nodev exec noexec sync async dirsync remount mand nomand
	atime noatime diratime nodiratime bind rbind unbindable runbindable private rprivate shared rshared slave rslave
	relatime norelatime strictatime nostrictatime mode uid gid nr_inodes nr_blocks mpol`)

// capabilityNames are those that ECS adds and drops.
var capabilityNames = strings.Fields(`ALL AUDIT_CONTROL AUDIT_WRITE BLOCK_SUSPEND CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER
	FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE
	NET_BROADCAST NET_RAW SETFCAP SETGID SETPCAP SETUID SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT
	SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG SYSLOG WAKE_ALARM`)

// mostSwappiness is the highest.
const mostSwappiness = 100

// linuxClauses are those about linuxParameters, limits and privileges.
func linuxClauses() []clause {
	return []clause{
		{"tmpfs", reference + "Tmpfs", nil, single(`"linuxParameters":{"tmpfs":[{"containerPath":"/tmp","size":0}]}`), every(checkTmpfs)},
		{"capabilities", reference + "KernelCapabilities", nil, single(`"linuxParameters":{"capabilities":{"drop":["all"]}}`),
			every(func(c account.Props) string {
				for _, list := range []string{"add", "drop"} {
					for _, capability := range c.Strings("linuxParameters.capabilities." + list) {
						if !slices.Contains(capabilityNames, capability) {
							return fmt.Sprintf("Container '%s': '%s' is no capability to %s.", c.String("name"), capability, list)
						}
					}
				}
				return ""
			})},
		{"swap", reference + "LinuxParameters", nil, single(`"linuxParameters":{"maxSwap":0,"swappiness":101}`),
			every(func(c account.Props) string {
				if n := c.Number("linuxParameters.swappiness"); n < 0 || n > mostSwappiness {
					return fmt.Sprintf("Container '%s': swappiness must be between 0 and %d.", c.String("name"), mostSwappiness)
				}
				for _, key := range []string{"maxSwap", "sharedMemorySize"} {
					if c.Number("linuxParameters."+key) < 0 {
						return fmt.Sprintf("Container '%s': %s must not be negative.", c.String("name"), key)
					}
				}
				return ""
			})},
		{"ulimits", reference + "Ulimit", nil, single(`"ulimits":[{"name":"nofile","softLimit":2048,"hardLimit":1024}]`),
			every(func(c account.Props) string {
				for _, u := range c.Objects("ulimits") {
					if soft, hard := u.Number("softLimit"), u.Number("hardLimit"); hard >= 0 && (soft > hard || soft < 0) {
						return fmt.Sprintf("Container '%s': the soft limit of %s must not exceed the hard limit.", c.String("name"), u.String("name"))
					}
				}
				return ""
			})},
		{"not on Fargate", reference + "ContainerDefinition", []string{"requiresCompatibilities"}, single(`"privileged":true`),
			func(t task) string {
				for _, c := range t.containers {
					switch {
					case !onFargate(t.in):
					case c.Bool("privileged"):
						return "Fargate compatible task definitions do not support privileged containers."
					case len(c.List("linuxParameters.tmpfs"))+len(c.List("linuxParameters.devices")) > 0:
						return "Fargate compatible task definitions do not support devices or tmpfs."
					}
				}
				return ""
			}},
	}
}

func checkTmpfs(c account.Props) string {
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
	return ""
}
