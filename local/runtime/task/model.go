// Package task runs tasks as the ECS agent does: containers that share a network namespace, started and stopped
// in the order of their dependencies, with secrets, volumes, health checks and logs.
//
// What differs from an instance of AWS: a task's CPU and memory bound each of its containers and not all of them
// together, and CPU is a weight. There is no task metadata endpoint: the variables ECS_CONTAINER_METADATA_URI_V4 and
// AWS_EXECUTION_ENV are not set. What a definition asks for beyond that, and does not get, is said when its first task
// starts.
package task

import "time"

// Order asks for one task.
type Order struct {
	// ID is 32 hex digits; ARN carries the cluster's name before it.
	ID  string `json:"id"`
	ARN string `json:"arn"`
	// Cluster and Definition are ARNs.
	Cluster    string `json:"cluster"`
	Definition string `json:"definition"`
	// Group is "service:NAME"; StartedBy is the id of the deployment.
	Group     string `json:"group"`
	StartedBy string `json:"startedBy"`
	// Instance is the id of the container instance that carries it.
	Instance string `json:"instance"`
	// VPC, Subnet and Zone are where its network interface is; IP is its address there.
	Region string `json:"region"`
	VPC    string `json:"vpc"`
	Subnet string `json:"subnet"`
	Zone   string `json:"zone"`
	IP     string `json:"ip"`
	// Groups are the security groups of the network interface.
	Groups []string `json:"groups,omitempty"`
	// Host is the instance as IAM and the network see it: it pulls images, reads secrets and writes logs.
	Host Host `json:"host,omitzero"`
	// PeerIP is an address of the load balancer in the VPC: who reaches the task from outside comes from there.
	PeerIP string `json:"peerIp"`
	// Exec allows ECS Exec.
	Exec bool `json:"exec"`
	// Stack is the Pulumi stack of the service.
	Stack string `json:"stack"`
}

// Host is an instance. Without a profile nothing is known of it, and what it may and reaches is not looked at.
type Host struct {
	// Profile is its instance profile, by ARN or name.
	Profile string   `json:"profile,omitempty"`
	Subnet  string   `json:"subnet,omitempty"`
	Groups  []string `json:"groups,omitempty"`
	Public  bool     `json:"public,omitempty"`
}

// Status is AWS's word for where a task is in its life, in this order.
type Status string

// The life of a task.
const (
	Provisioning   Status = "PROVISIONING"
	Pending        Status = "PENDING"
	Activating     Status = "ACTIVATING"
	Running        Status = "RUNNING"
	Deactivating   Status = "DEACTIVATING"
	Stopping       Status = "STOPPING"
	Deprovisioning Status = "DEPROVISIONING"
	Stopped        Status = "STOPPED"
)

// Health is AWS's word for what the health checks of the essential containers say together.
type Health string

// What health checks can say.
const (
	HealthUnknown Health = "UNKNOWN"
	Healthy       Health = "HEALTHY"
	Unhealthy     Health = "UNHEALTHY"
)

// Task is a task and what became of it.
type Task struct {
	Order
	Status Status `json:"status"`
	// Wanted is RUNNING or STOPPED.
	Wanted Status `json:"wanted"`
	Health Health `json:"health"`
	// StopCode and Reason are AWS's: "EssentialContainerExited" and "Essential container in task exited".
	StopCode string `json:"stopCode,omitempty"`
	Reason   string `json:"reason,omitempty"`

	Containers []Container `json:"containers"`

	Created  time.Time `json:"created"`
	Started  time.Time `json:"started,omitzero"`
	Stopping time.Time `json:"stopping,omitzero"`
	Ended    time.Time `json:"ended,omitzero"`
}

// Container is a container of a task.
type Container struct {
	Name string `json:"name"`
	// ID is the Docker engine's; empty until it is made.
	ID     string `json:"id,omitempty"`
	Status Status `json:"status"`
	Health Health `json:"health"`
	// Exit is nil while it runs.
	Exit *int `json:"exit,omitempty"`
	// Reason is AWS's, such as "CannotPullContainerError: ..." or "OutOfMemoryError: ...".
	Reason    string `json:"reason,omitempty"`
	Restarts  int    `json:"restarts,omitempty"`
	Essential bool   `json:"essential"`
	// LogGroup and LogStream are where its output goes.
	LogGroup  string `json:"logGroup,omitempty"`
	LogStream string `json:"logStream,omitempty"`
	// Listens maps the container ports of its port mappings to 127.0.0.1:port.
	Listens map[int]string `json:"listens,omitempty"`
}

// Runner runs tasks. All methods may be called from any goroutine, and none waits for a container.
type Runner interface {
	// Start begins a task. From then on Tasks lists it, PENDING first. What keeps it from running stops it with
	// a StopCode and a Reason; the error is for orders that cannot be kept.
	Start(o Order) error
	// Stop begins the stop of a task: DEACTIVATING first. A task that stops or is gone is left alone. One that
	// stops by itself, because an essential container has ended, is STOPPING at once.
	Stop(id, stopCode, reason string)
	// Drained tells that a task is out of its load balancers: from DEACTIVATING it goes on to STOPPING. A task
	// that was never in one is told so at once by whoever stops it.
	Drained(id string)
	// Tasks lists the tasks that run, and those that stopped within the last hour, the oldest first.
	Tasks() []Task
	// Forget drops a task that has stopped.
	Forget(id string)
	// Watch calls f after every change of a task. F must not block.
	Watch(f func())
}
