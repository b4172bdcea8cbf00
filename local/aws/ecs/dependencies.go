package ecs

import (
	"fmt"

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
	switch {
	case target == nil:
		return fmt.Sprintf("Container '%s' depends on a container that is not in the task definition.", c.String("name"))
	case (condition == "SUCCESS" || condition == "COMPLETE") && essential(target):
		return "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container"
	case condition == "HEALTHY" && !target.Has("healthCheck"):
		return fmt.Sprintf("Container '%s' waits for '%s' to be HEALTHY, which has no health check.",
			c.String("name"), target.String("name"))
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
