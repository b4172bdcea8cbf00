// Package capacity is the container instances of an account: emulated EC2 instances with their real size, which
// Auto Scaling groups start and end and ECS places tasks on.
package capacity

import "time"

// Instance is a container instance.
type Instance struct {
	// ID is EC2's, "i-0..."; ARN is ECS's.
	ID  string `json:"id"`
	ARN string `json:"arn"`
	// Cluster is the name of the cluster that it joined, Group that of its Auto Scaling group.
	Cluster string `json:"cluster"`
	Group   string `json:"group"`
	Type    string `json:"type"`
	Zone    string `json:"zone"`
	Subnet  string `json:"subnet"`
	// State is EC2's and ECS's together: "pending" until it has booted, "ACTIVE", "DRAINING", "terminated".
	State string `json:"state"`
	// Profile is the instance profile, by ARN or name, Groups are the security groups, and Public is set when it has
	// a public address.
	Profile string   `json:"profile,omitempty"`
	Groups  []string `json:"groups,omitempty"`
	Public  bool     `json:"public,omitempty"`
	// Unregistered is why it is not in its cluster though it has booted.
	Unregistered string `json:"unregistered,omitempty"`
	// Protected instances are not ended by scale-in.
	Protected bool `json:"protected"`
	// CPU is in units, Memory in MiB, ENIs counts network interfaces for tasks: what it has for tasks in all.
	CPU, Memory, ENIs int
	// Template is the launch template's version that it was started from.
	Template string    `json:"template"`
	Launched time.Time `json:"launched"`
	Stack    string    `json:"stack"`
}

// runs tells whether EC2 runs an instance, whether or not ECS knows of it.
func (i Instance) runs() bool { return i.State == stateActive || i.Unregistered != "" }

// Want is a task that needs room.
type Want struct {
	// Task is the id of the task.
	Task string
	// Cluster is the name of the cluster, Provider that of the capacity provider.
	Cluster, Provider string
	// CPU is in units, Memory in MiB.
	CPU, Memory int
	// Group is "service:NAME". Strategies are the service's, in order: the tasks of a group are spread by them.
	Group      string
	Strategies []Strategy
	// Subnets are where its network interface may be.
	Subnets []string
}

// Strategy is a placement strategy: "spread" by "attribute:ecs.availability-zone" or "instanceId", "binpack" by
// "cpu" or "memory", "random".
type Strategy struct{ Type, Field string }

// Place is where a task runs.
type Place struct {
	Instance string
	// Subnet is one of the wanted ones in the zone of the instance; IP is a free address of it.
	Subnet, Zone, VPC, IP string
}

// Capacity finds room. No method waits.
type Capacity interface {
	// Place takes room for a task, and keeps it until Release. When there is none now, reason is AWS's words
	// for why ("...has insufficient CPU units available"), and managed scaling counts the task until it is
	// placed or released.
	Place(w Want) (p Place, reason string, ok bool)
	// Held tells again of a task that holds its place since before this process began.
	Held(task string, w Want, p Place)
	// Release gives the room of a task back, or ends its waiting.
	Release(task string)
	// Instances lists what there is.
	Instances() []Instance
	// Watch calls f when there may be room for what had none, and when an instance drains or is gone.
	// F must not block.
	Watch(f func())
}
