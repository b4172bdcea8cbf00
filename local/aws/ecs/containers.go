package ecs

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"wordpress-ecs/local/account"
)

// containersOf reads container definitions; nil if the text is no list of objects.
func containersOf(text string) []account.Props {
	var list []map[string]any
	if json.Unmarshal([]byte(text), &list) != nil {
		return nil
	}
	containers := make([]account.Props, 0, len(list))
	for _, m := range list {
		containers = append(containers, m)
	}
	return containers
}

// canonicalContainers writes container definitions as ECS compares them: sorted by
// name, defaults filled in, what is empty left out.
func canonicalContainers(text string) string {
	containers := containersOf(text)
	if containers == nil {
		return text
	}
	for _, c := range containers {
		if c["essential"] == nil {
			c["essential"] = true
		}
		for _, list := range []string{"environment", "secrets"} {
			byName(c.List(list))
		}
		for _, p := range c.Objects("portMappings") {
			if p.Number("hostPort") == 0 || p.Number("hostPort") == p.Number("containerPort") {
				delete(p, "hostPort")
			}
			if p.String("protocol") == "tcp" {
				delete(p, "protocol")
			}
		}
		if check := c.Object("healthCheck"); check != nil {
			for name, value := range map[string]float64{"interval": 30, "timeout": 5, "retries": 3} {
				if check.Number(name) == value {
					delete(check, name)
				}
			}
		}
		dropEmpty(c)
	}
	slices.SortFunc(containers, func(a, b account.Props) int { return cmp.Compare(a.String("name"), b.String("name")) })
	canonical, err := json.Marshal(containers)
	if err != nil {
		return text
	}
	return string(canonical)
}

func byName(list []any) {
	name := func(v any) string {
		m, _ := v.(map[string]any)
		return account.Props(m).String("name")
	}
	slices.SortFunc(list, func(a, b any) int { return cmp.Compare(name(a), name(b)) })
}

func dropEmpty(m map[string]any) {
	for key, v := range m {
		switch v := v.(type) {
		case nil:
			delete(m, key)
		case []any:
			if len(v) == 0 {
				delete(m, key)
			}
		case float64:
			if key == "cpu" && v == 0 {
				delete(m, key)
			}
		}
	}
}

// checkContainers finds what ECS refuses when a task definition is registered.
func checkContainers(in account.Props) string {
	containers := containersOf(in.String("containerDefinitions"))
	if len(containers) == 0 {
		return "Container list cannot be empty."
	}
	volumes, names := map[string]bool{}, map[string]bool{}
	for _, v := range in.Objects("volumes") {
		volumes[v.String("name")] = true
	}
	needed := 0
	for _, c := range containers {
		if names[c.String("name")] {
			return fmt.Sprintf("Container name %s is used more than once.", c.String("name"))
		}
		names[c.String("name")] = true
		if essential(c) {
			needed++
		}
	}
	if needed == 0 {
		return "At least one container in a task definition must be essential."
	}
	for _, c := range containers {
		if reason := checkContainer(c, in, volumes); reason != "" {
			return reason
		}
	}
	if reason := checkDependencies(containers); reason != "" {
		return reason
	}
	return checkSize(in, containers)
}

func checkContainer(c, in account.Props, volumes map[string]bool) string {
	name := c.String("name")
	switch {
	case name == "":
		return "Container.name should not be null or empty."
	case c.String("image") == "":
		return "Container.image should not be null or empty."
	case in.String("memory") == "" && c.Number("memory") == 0 && c.Number("memoryReservation") == 0:
		return fmt.Sprintf("Invalid setting for container '%s'. At least one of 'memory' or 'memoryReservation' "+
			"must be specified.", name)
	case c.Has("memory") && c.Number("memoryReservation") > c.Number("memory"):
		return fmt.Sprintf("Invalid setting for container '%s'. 'memoryReservation' must be less than or equal to 'memory'.", name)
	case len(c.List("secrets")) > 0 && !in.Has("executionRoleArn"):
		return "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."
	}
	for _, p := range c.Objects("portMappings") {
		if in.String("networkMode") == "awsvpc" && p.Number("hostPort") != 0 && p.Number("hostPort") != p.Number("containerPort") {
			return fmt.Sprintf("When networkMode=awsvpc, the host ports and container ports in port mappings must match "+
				"(container '%s').", name)
		}
	}
	for _, m := range c.Objects("mountPoints") {
		if !volumes[m.String("sourceVolume")] {
			return fmt.Sprintf("Unknown volume '%s'.", m.String("sourceVolume"))
		}
	}
	for _, e := range append(c.Objects("environment"), c.Objects("secrets")...) {
		if e.String("name") == "" {
			return fmt.Sprintf("The name of an environment variable of container '%s' is empty.", name)
		}
	}
	for _, reason := range []string{checkLinux(c), checkRestart(c), checkTimeouts(c, in)} {
		if reason != "" {
			return reason
		}
	}
	return ""
}

// checkSize compares what the containers ask for with the size of the task.
func checkSize(in account.Props, containers []account.Props) string {
	cpu := 0.0
	for _, c := range containers {
		cpu += c.Number("cpu")
	}
	if size, err := strconv.ParseFloat(in.String("cpu"), 64); err == nil {
		if size < 128 || size > 196608 {
			return fmt.Sprintf("Invalid 'cpu' setting for task: %v. It must be between 128 and 196608.", size)
		}
		if cpu > size {
			return fmt.Sprintf("The sum of the 'cpu' of the containers (%v) exceeds that of the task (%v).", cpu, size)
		}
	}
	if size, err := strconv.ParseFloat(in.String("memory"), 64); err == nil {
		return checkMemory(size, containers)
	}
	return ""
}
