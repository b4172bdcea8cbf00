package makespan

import (
	"slices"
	"strings"

	"wordpress-ecs/local/pace"
)

// hand is one of four Terraform stacks that a person applies one after the other, and destroys the other way round.
type hand struct {
	name string
	// types are the resources in it, by the beginning of their type; what no stack names is in the last one.
	types []string
	// names are further ones, by a part of their name.
	names []string
}

// hands are the stacks of the design that this project began from: what others stand on and the image's repository; the
// container instances; the stores; and the service with its load balancer.
func hands() []hand {
	return []hand{
		{name: "shared", types: []string{"awsx:", "aws:ec2/", "aws:vpc/", "aws:ecr/", "docker:", "pulumi:"}},
		{
			name:  "cluster",
			types: []string{"aws:autoscaling/", "aws:ecs/cluster", "aws:ecs/capacityProvider", "aws:iam/instanceProfile"},
			names: []string{"-instances", "-exec-log"},
		},
		{
			name:  "data",
			types: []string{"aws:rds/", "aws:elasticache/", "aws:efs/", "aws:secretsmanager/", "random:", "aws:appautoscaling/"},
			names: []string{"database", "monitoring"},
		},
		{name: "services"},
	}
}

// terraformWorkers is how many requests Terraform makes at a time.
const terraformWorkers = 10

// byHand are the times of the four stacks together. Within a stack Terraform makes and deletes each resource as soon as
// those that it waits for are done. Between them a person builds the image, which counts, and reads, which does not.
func byHand(s pace.Stack, figures pace.Figures) (up, destroy pace.Schedule, err error) {
	parts := make([]pace.Stack, len(hands()))
	for _, r := range s {
		part := place(r)
		parts[part] = append(parts[part], r)
	}
	for i := range parts {
		made, err := pace.Run(pace.Up(parts[i], figures.Create), terraformWorkers)
		if err != nil {
			return up, destroy, err
		}
		gone, err := pace.Run(reversed(pace.Up(parts[i], figures.Delete)), terraformWorkers)
		if err != nil {
			return up, destroy, err
		}
		up, destroy = up.Then(made), gone.Then(destroy)
	}
	return up, destroy, nil
}

// place is the stack that a resource is in.
func place(r pace.Resource) int {
	all := hands()
	for i, h := range all {
		begins := func(prefix string) bool { return strings.HasPrefix(r.Type, prefix) }
		named := func(part string) bool { return strings.Contains(r.Label(), part) }
		if slices.ContainsFunc(h.types, begins) || slices.ContainsFunc(h.names, named) {
			return i
		}
	}
	return len(all) - 1
}

// reversed are steps that wait for what waited for them.
func reversed(steps []pace.Step) []pace.Step {
	back := slices.Clone(steps)
	for i := range back {
		back[i].After = nil
	}
	for i, step := range steps {
		for _, a := range step.After {
			back[a].After = append(back[a].After, i)
		}
	}
	return back
}
