package ecs

import (
	"cmp"
	"encoding/json"
	"slices"

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

// registeredContainers are container definitions as ECS answers them: what was left out is there with its default, as
// an empty list or as the host port, and what says nothing is gone. The order is as it was.
func registeredContainers(text, network string) string {
	containers := containersOf(text)
	if containers == nil {
		return text
	}
	for _, c := range containers {
		for key, v := range c {
			if v == nil || (key == "user" && v == "") {
				delete(c, key)
			}
		}
		for key, v := range map[string]any{"cpu": 0.0, "essential": true} {
			if c[key] == nil {
				c[key] = v
			}
		}
		for _, key := range []string{"environment", "mountPoints", "portMappings", "systemControls", "volumesFrom"} {
			if c[key] == nil {
				c[key] = []any{}
			}
		}
		c["environment"] = slices.DeleteFunc(c.List("environment"), func(v any) bool {
			m, _ := v.(map[string]any)
			return m["value"] == nil
		})
		for _, p := range c.Objects("portMappings") {
			registerPort(p, network)
		}
		if capabilities := c.Object("linuxParameters.capabilities"); capabilities != nil {
			fill(capabilities, map[string]any{"add": []any{}, "drop": []any{}})
		}
		if check := c.Object("healthCheck"); check != nil {
			fill(check, map[string]any{"interval": 30.0, "timeout": 5.0, "retries": 3.0})
		}
	}
	registered, err := json.Marshal(containers)
	if err != nil {
		return text
	}
	return string(registered)
}

func registerPort(p account.Props, network string) {
	fill(p, map[string]any{"protocol": "tcp"})
	if p.Has("containerPort") && p.Number("hostPort") == 0 {
		p["hostPort"] = 0.0
		if network == "awsvpc" || network == "host" {
			p["hostPort"] = p["containerPort"]
		}
	}
}

// fill gives an object what it does not have.
func fill(object account.Props, defaults map[string]any) {
	for key, v := range defaults {
		if object[key] == nil {
			object[key] = v
		}
	}
}

// canonicalContainers are container definitions as the provider compares them (containerDefinitionsAreEquivalent in
// internal/service/ecs): containers, environment and secrets by name, empty lists of a container left out, and the
// defaults of essential, host port, protocol and health check. All else counts as a difference: an empty user, a
// list of capabilities that is missing, an environment variable without a value.
func canonicalContainers(text string) string {
	containers := containersOf(text)
	if containers == nil {
		return text
	}
	for _, c := range containers {
		fill(c, map[string]any{"essential": true})
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
			fill(check, map[string]any{"interval": 30.0, "timeout": 5.0, "retries": 3.0})
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
