package statements_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/tests/cloud"
)

// state is what Pulumi knows of a deployed stack.
type state struct {
	resources []resource
	// secrets are the texts that are marked as secret somewhere.
	secrets []string
}

// resource is a deployed resource.
type resource struct {
	URN, Type, ID, Parent string
	Inputs, Outputs       account.Props
	// Dependencies are the URNs of what it waited for, and what waits for it to go.
	Dependencies   []string
	CustomTimeouts struct{ Create, Update, Delete float64 }
}

// exported reads the state of a stack.
func exported(t *testing.T, c *cloud.Cloud, stack string) state {
	t.Helper()
	var export struct {
		Deployment struct{ Resources []resource }
	}
	text := c.OK("stack", "export", "--stack", stack, "--show-secrets").Stdout
	require.NoError(t, json.Unmarshal([]byte(text), &export))
	s := state{resources: export.Deployment.Resources}
	for i, r := range s.resources {
		s.resources[i].Inputs, _ = s.reveal(map[string]any(r.Inputs)).(map[string]any)
		s.resources[i].Outputs, _ = s.reveal(map[string]any(r.Outputs)).(map[string]any)
	}
	return s
}

// Pulumi's mark of a secret, and of the value beside it.
const (
	secretMark  = "4dabf18193072939515e22adb298388d"
	secretValue = "plaintext"
)

// reveal takes secrets out of their marks and notes them.
func (s *state) reveal(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if text, ok := v[secretValue].(string); ok && v[secretMark] != nil {
			var value any
			if json.Unmarshal([]byte(text), &value) != nil {
				return nil
			}
			s.note(value)
			return s.reveal(value)
		}
		for key, inner := range v {
			v[key] = s.reveal(inner)
		}
		return v
	case []any:
		for i, inner := range v {
			v[i] = s.reveal(inner)
		}
		return v
	}
	return v
}

// secretLength is from which length on a text is taken for a secret, and not for a word that is also elsewhere.
const secretLength = 16

func (s *state) note(v any) {
	switch v := v.(type) {
	case string:
		if len(v) >= secretLength && !strings.Contains(v, "{") {
			s.secrets = append(s.secrets, v)
		}
	case []any:
		for _, inner := range v {
			s.note(inner)
		}
	case map[string]any:
		for _, inner := range v {
			s.note(inner)
		}
	}
}

// ofType are the resources of a type.
func (s state) ofType(token string) []resource {
	return slices.DeleteFunc(slices.Clone(s.resources), func(r resource) bool { return r.Type != token })
}

// with is the resource of a type whose output has a value.
func (s state) with(token, output, value string) (resource, bool) {
	for _, r := range s.ofType(token) {
		if value != "" && r.Outputs.String(output) == value {
			return r, true
		}
	}
	return resource{}, false
}

// withID is the resource of a type with an id.
func (s state) withID(token, id string) (resource, bool) {
	for _, r := range s.ofType(token) {
		if r.ID == id {
			return r, true
		}
	}
	return resource{}, false
}

// none is the problem of a stack that has nothing of what a statement is about.
func none(list []resource, what string) []string {
	if len(list) > 0 {
		return nil
	}
	return []string{"there is no " + what}
}

// name is that of a resource in its program.
func (r resource) name() string { return r.URN[strings.LastIndex(r.URN, "::")+2:] }

// waits tells whether a resource was made after another, and goes before it, whatever else happens: by what it
// depends on, directly or over others. Whoever depends on a component depends on all that it consists of.
func (s state) waits(r, other resource) bool {
	byURN, children := map[string]resource{}, map[string][]string{}
	for _, each := range s.resources {
		byURN[each.URN] = each
		children[each.Parent] = append(children[each.Parent], each.URN)
	}
	seen := map[string]bool{}
	queue := slices.Clone(r.Dependencies)
	for len(queue) > 0 {
		urn := queue[0]
		queue = queue[1:]
		if seen[urn] {
			continue
		}
		seen[urn] = true
		queue = append(append(queue, byURN[urn].Dependencies...), children[urn]...)
	}
	return seen[other.URN]
}

// containers are the container definitions of a task definition.
func (r resource) containers() []account.Props {
	var list []map[string]any
	if json.Unmarshal([]byte(r.Inputs.String("containerDefinitions")), &list) != nil {
		return nil
	}
	containers := make([]account.Props, 0, len(list))
	for _, c := range list {
		containers = append(containers, c)
	}
	return containers
}

// task is the task definition of a service.
func (s state) task(service resource) resource {
	for _, d := range s.ofType(taskDefinition) {
		if arn := service.Inputs.String("taskDefinition"); arn == d.Outputs.String("arn") || arn == d.Outputs.String("family") {
			return d
		}
	}
	return resource{}
}

// Types that several checks look for.
const (
	taskDefinition = "aws:ecs/taskDefinition:TaskDefinition"
	ecsService     = "aws:ecs/service:Service"
	launchTemplate = "aws:ec2/launchTemplate:LaunchTemplate"
	group          = "aws:autoscaling/group:Group"
	provider       = "aws:ecs/capacityProvider:CapacityProvider"
	targetGroup    = "aws:lb/targetGroup:TargetGroup"
	loadBalancer   = "aws:lb/loadBalancer:LoadBalancer"
	route          = "aws:ec2/route:Route"
	association    = "aws:ec2/routeTableAssociation:RouteTableAssociation"
	scalingTarget  = "aws:appautoscaling/target:Target"
	scalingPolicy  = "aws:appautoscaling/policy:Policy"
	fileSystem     = "aws:efs/fileSystem:FileSystem"
	mountTarget    = "aws:efs/mountTarget:MountTarget"
	accessPoint    = "aws:efs/accessPoint:AccessPoint"
	database       = "aws:rds/cluster:Cluster"
	instance       = "aws:rds/clusterInstance:ClusterInstance"
	role           = "aws:iam/role:Role"
	rolePolicy     = "aws:iam/rolePolicy:RolePolicy"
	attachment     = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
)
