package ecs

import (
	"fmt"

	"wordpress-ecs/local/account"
)

// networkClauses are those about ports and names in networks.
func networkClauses() []clause {
	const mapping = reference + "PortMapping"
	return []clause{
		{"container ports", mapping, nil, single(`"portMappings":[{"containerPort":70000}]`), every(func(c account.Props) string {
			for _, p := range c.Objects("portMappings") {
				for _, key := range []string{"containerPort", "hostPort"} {
					if port := p.Number(key); p.Has(key) && (port < 0 || port > lastPort) {
						return fmt.Sprintf("Invalid '%s' setting for container '%s'. It must be between 0 and %d.", key, c.String("name"), lastPort)
					}
				}
				if !p.Has("containerPort") && !p.Has("containerPortRange") {
					return fmt.Sprintf("Port mappings of container '%s' need a containerPort or a containerPortRange.", c.String("name"))
				}
			}
			return ""
		})},
		{
			"host ports with awsvpc", mapping, []string{"networkMode"},
			single(`"portMappings":[{"containerPort":80,"hostPort":8080}]`), checkHostPorts,
		},
		{
			"ports are used once", mapping, []string{"networkMode"},
			`[{"name":"a","image":"nginx:1","memory":8,"portMappings":[{"containerPort":80}]},` +
				`{"name":"b","image":"nginx:1","memory":8,"portMappings":[{"containerPort":80}]}]`, checkPortsOnce,
		},
		{
			"not with awsvpc", reference + "ContainerDefinition", []string{"networkMode"}, single(`"links":["database"]`),
			func(t task) string {
				for _, c := range t.containers {
					for _, member := range []struct{ key, said string }{
						{"links", "Links are not supported when networkMode=%s."},
						{"hostname", "Hostname is not supported on container when networkMode=%s."},
						{"extraHosts", "Extra hosts are not supported on container when networkMode=%s."},
						{"dnsServers", "DNS servers are not supported on container when networkMode=%s."},
						{"dnsSearchDomains", "DNS search domains are not supported on container when networkMode=%s."},
					} {
						network := t.in.String("networkMode")
						given := c.String(member.key) != "" || len(c.List(member.key)) > 0
						if given && (network == "awsvpc" || (member.key == "links" && network == "host")) {
							return fmt.Sprintf(member.said, network)
						}
					}
				}
				return ""
			},
		},
	}
}

func checkHostPorts(t task) string {
	if network := t.in.String("networkMode"); network != "awsvpc" && network != "host" {
		return ""
	}
	for _, c := range t.containers {
		for _, p := range c.Objects("portMappings") {
			if p.Number("hostPort") != 0 && p.Number("hostPort") != p.Number("containerPort") {
				return fmt.Sprintf("When networkMode=%s, the host ports and container ports in port mappings must match "+
					"(container '%s').", t.in.String("networkMode"), c.String("name"))
			}
		}
	}
	return ""
}

// checkPortsOnce knows that the containers of a task share its ports, or those of the instance.
func checkPortsOnce(t task) string {
	network := t.in.String("networkMode")
	seen := map[string]bool{}
	for _, c := range t.containers {
		for _, p := range c.Objects("portMappings") {
			port := p.Number("hostPort")
			if network == "awsvpc" || network == "host" {
				port = p.Number("containerPort")
			}
			protocol := p.String("protocol")
			if protocol == "" {
				protocol = "tcp"
			}
			key := fmt.Sprintf("%v/%s", port, protocol)
			if port != 0 && seen[key] {
				return fmt.Sprintf("Port %s is used by more than one port mapping (container '%s').", key, c.String("name"))
			}
			seen[key] = true
		}
	}
	return ""
}
