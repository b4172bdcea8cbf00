// Package alb is the application load balancers of an account: they listen on 127.0.0.1, check the health of
// targets and send requests to them as their listeners and rules say.
package alb

// Target is where requests can go.
type Target struct {
	// IP and Port are the target's in its VPC, by which AWS knows it.
	IP   string
	Port int
	// Zone is its Availability Zone.
	Zone string
	// Subnet and Groups are those of its network interface; without a subnet nothing is in the way to it.
	Subnet string
	Groups []string
	// Address is where it really listens, 127.0.0.1:port.
	Address string
}

// State is AWS's word for the health of a target.
type State string

// The states of a target.
const (
	Initial   State = "initial"
	Healthy   State = "healthy"
	Unhealthy State = "unhealthy"
	Draining  State = "draining"
	// Unused targets are in a group that no listener forwards to.
	Unused State = "unused"
)

// Health is how a target of a group is.
type Health struct {
	Target
	State State
	// Reason is AWS's code, such as "Target.ResponseCodeMismatch"; Description its words, such as "Health
	// checks failed with these codes: [502]".
	Reason, Description string
}

// Targets is what a scheduler does to target groups. None of it waits.
type Targets interface {
	// Register puts a target into a group, or changes its Address.
	Register(group string, t Target)
	// Deregister begins to drain a target: no new requests, and those in flight have the group's delay.
	// Health no longer lists it when that is over.
	Deregister(group, ip string, port int)
	// Health lists the targets of a group.
	Health(group string) []Health
	// Watch calls f after every change of a target's state. F must not block.
	Watch(f func())
}
