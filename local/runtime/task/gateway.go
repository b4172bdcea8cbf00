package task

import (
	"slices"
	"strings"

	"github.com/docker/docker/api/types/mount"

	"wordpress-ecs/local/runtime/gateway"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/reach"
)

// Gateway answers tasks that call AWS's APIs.
type Gateway interface {
	// Open lets a task in and tells it the way. It may be asked again.
	Open(c gateway.Caller) (gateway.Place, error)
	// Close lets a task out for good.
	Close(task string) error
}

const (
	// gatewayPath is where the container of the network namespace finds the sockets of the gateway. The addresses and
	// ports on which it passes them on are in pause.sh.
	gatewayPath = "/gateway"
	// gatewayAddress is where the names of AWS's APIs lead to in a task, as in pause.sh.
	gatewayAddress = "192.0.2.1"
	// credentialsName is the variable by which clients of AWS find the credentials of the task's role.
	credentialsName = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" //nolint:gosec // a name
)

// enter lets the task into the gateway. Without one it runs all the same, and reaches none of AWS's APIs.
func (w *work) enter() {
	if w.part.env.Gateway == nil {
		return
	}
	c := gateway.Caller{Task: w.task.ID, Role: w.def.TaskRole, Region: w.task.Region}
	if w.task.Host.Profile != "" { // else nothing is known of the network
		c.From = reach.Interface{Subnet: w.task.Subnet, Groups: w.task.Groups, IP: w.task.IP}
	}
	way, err := w.part.env.Gateway.Open(c)
	if err != nil {
		w.part.sayOnce("task "+w.task.ID, err.Error())
		return
	}
	w.part.mu.Lock()
	w.way = way
	w.part.mu.Unlock()
}

// leave lets the task out of the gateway.
func (w *work) leave() error {
	if w.part.env.Gateway == nil {
		return nil
	}
	return w.part.env.Gateway.Close(w.task.ID)
}

// lead gives the container of the network namespace the way to the gateway.
func (w *work) lead(s *machine.Spec) {
	if w.way.Directory == "" {
		return
	}
	s.Mounts = append(s.Mounts, mount.Mount{Type: mount.TypeBind, Source: w.way.Directory, Target: gatewayPath, ReadOnly: true})
	for _, name := range w.way.Hosts {
		s.Hosts = append(s.Hosts, name+":"+gatewayAddress)
	}
}

// introduce tells a container where its credentials are, as the ECS agent does: over a variable of that name.
func (w *work) introduce(s *machine.Spec) {
	if w.way.CredentialsURI == "" {
		return
	}
	s.Environment = slices.DeleteFunc(s.Environment, func(line string) bool { return strings.HasPrefix(line, credentialsName+"=") })
	s.Environment = append(s.Environment, credentialsName+"="+w.way.CredentialsURI)
}
