package ecs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// task is what a rule about containers looks at.
type task struct {
	in         account.Props
	containers []account.Props
}

// clause is a rule about the containers of a task definition.
type clause struct {
	name, source string
	// needs are further inputs that it reads.
	needs []string
	// bad are container definitions that it refuses.
	bad string
	// check returns what is wrong.
	check func(t task) string
}

// Bounds of a task definition.
const (
	mostContainers = 10
	longestText    = 64 * 1024 // bytes of the whole definition
	leastMemory    = 6         // MiB of a container
	lastPort       = 65535
)

var (
	nameForm  = regexp.MustCompile(nameText)
	imageForm = regexp.MustCompile(`^[A-Za-z0-9_:./#@+-]{1,255}$`)
)

// containerRules are the clauses as rules.
func containerRules() []kind.Rule {
	var rules []kind.Rule
	for _, cl := range slices.Concat(listClauses(), resourceClauses(), networkClauses(), runClauses(), linuxClauses()) {
		rules = append(rules, kind.Rule{
			Name: cl.name, Source: cl.source, Path: "containerDefinitions", Needs: cl.needs, Code: client, Bad: cl.bad,
			Test: func(v any, in account.Props) string {
				text, _ := v.(string)
				return cl.check(task{in, containersOf(text)})
			},
		})
	}
	return rules
}

// single is a list of one container with further members.
func single(members string) string {
	return `[{"name":"web","image":"nginx:1","memory":256` + strings.TrimSuffix(","+members, ",") + `}]`
}

// every applies a check to each container.
func every(check func(c account.Props) string) func(t task) string {
	return func(t task) string {
		for _, c := range t.containers {
			if wrong := check(c); wrong != "" {
				return wrong
			}
		}
		return ""
	}
}

// essential is what a container is unless it says otherwise.
func essential(c account.Props) bool { return c["essential"] == nil || c.Bool("essential") }

// listClauses are those about the containers together, their names and images.
func listClauses() []clause {
	const definition = reference + "ContainerDefinition"
	eleven := make([]string, mostContainers+1)
	for i := range eleven {
		eleven[i] = fmt.Sprintf(`{"name":"c%d","image":"nginx:1","memory":8}`, i)
	}
	return []clause{
		{"a container", definition, nil, `[]`, func(t task) string {
			if len(t.containers) == 0 {
				return "Container list cannot be empty."
			}
			return ""
		}},
		{
			"10 containers", "ECS service quotas", nil, "[" + strings.Join(eleven, ",") + "]",
			func(t task) string {
				if len(t.containers) > mostContainers {
					return fmt.Sprintf("Container definitions can have at most %d items.", mostContainers)
				}
				return ""
			},
		},
		{
			"64 KiB", "ECS service quotas, Task definition size", []string{"containerDefinitions"},
			single(`"environment":[{"name":"A","value":"` + strings.Repeat("a", longestText) + `"}]`),
			func(t task) string {
				if n := len(t.in.String("containerDefinitions")); n > longestText {
					return fmt.Sprintf("Actual length: '%d'. Max allowed length is '%d' bytes.", n, longestText)
				}
				return ""
			},
		},
		{"names of containers", definition, nil, `[{"image":"nginx:1","memory":256}]`, every(func(c account.Props) string {
			switch name := c.String("name"); {
			case name == "":
				return "Container.name should not be null or empty."
			case !nameForm.MatchString(name):
				return "Container.name contains invalid characters."
			}
			return ""
		})},
		{
			"different names of containers", definition, nil,
			`[{"name":"web","image":"nginx:1","memory":8},{"name":"web","image":"nginx:2","memory":8}]`,
			func(t task) string {
				seen := map[string]bool{}
				for _, c := range t.containers {
					if name := c.String("name"); seen[name] {
						return fmt.Sprintf("Container name %s is used more than once.", name)
					}
					seen[c.String("name")] = true
				}
				return ""
			},
		},
		{"images", definition, nil, `[{"name":"web","memory":256}]`, every(func(c account.Props) string {
			switch image := c.String("image"); {
			case image == "":
				return "Container.image should not be null or empty."
			case !imageForm.MatchString(image):
				return "Container.image contains invalid characters."
			}
			return ""
		})},
		{"an essential container", definition, nil, single(`"essential":false`), func(t task) string {
			if !slices.ContainsFunc(t.containers, essential) {
				return "At least one container in a task definition must be essential."
			}
			return ""
		}},
		{"dependencies", reference + "ContainerDependency", nil,
			single(`"dependsOn":[{"containerName":"database","condition":"START"}]`),
			func(t task) string { return checkDependencies(t.containers) }},
	}
}

// resourceClauses are those about memory and cpu.
func resourceClauses() []clause {
	const (
		definition   = reference + "ContainerDefinition"
		registration = reference + "RegisterTaskDefinition"
	)
	return []clause{
		{
			"memory of the task or of its containers", definition, []string{"memory"}, `[{"name":"web","image":"nginx:1"}]`,
			func(t task) string {
				for _, c := range t.containers {
					if t.in.String("memory") == "" && c.Number("memory") == 0 && c.Number("memoryReservation") == 0 {
						return fmt.Sprintf("Invalid setting for container '%s'. At least one of 'memory' or 'memoryReservation' "+
							"must be specified.", c.String("name"))
					}
				}
				return ""
			},
		},
		{"reservation within the limit", definition, nil, single(`"memoryReservation":512`), every(func(c account.Props) string {
			if c.Has("memory") && c.Number("memoryReservation") > c.Number("memory") {
				return fmt.Sprintf("Invalid setting for container '%s'. 'memoryReservation' must be less than or equal to 'memory'.",
					c.String("name"))
			}
			return ""
		})},
		{"least memory of a container", definition, nil, `[{"name":"web","image":"nginx:1","memory":4}]`,
			every(func(c account.Props) string {
				for _, key := range []string{"memory", "memoryReservation"} {
					if c.Has(key) && c.Number(key) < leastMemory {
						return fmt.Sprintf("Invalid setting for container '%s'. '%s' must be at least %d MiB.", c.String("name"), key, leastMemory)
					}
				}
				return ""
			})},
		{"cpu of the containers within that of the task", registration, []string{"cpu"}, single(`"cpu":4096`), checkSumOfCPU},
		{"memory of the containers within that of the task", registration, []string{"memory"},
			`[{"name":"web","image":"nginx:1","memory":65536}]`, checkMemory},
	}
}

func checkSumOfCPU(t task) string {
	sum := 0.0
	for _, c := range t.containers {
		sum += c.Number("cpu")
	}
	if size, ok := numberOf(t.in.String("cpu"), units); ok && sum > size {
		return fmt.Sprintf("The sum of the 'cpu' of the containers (%v) exceeds that of the task (%v).", sum, size)
	}
	return ""
}

// checkMemory compares what the containers ask for with the memory of the task.
func checkMemory(t task) string {
	size, ok := numberOf(t.in.String("memory"), mebibytes)
	if !ok {
		return ""
	}
	reserved := 0.0
	for _, c := range t.containers {
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
