package ecs

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"wordpress-ecs/local/access"
	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/alb"
	"wordpress-ecs/local/runtime/capacity"
	"wordpress-ecs/local/runtime/task"
)

// place starts the tasks that there is room for. The others go on waiting: that is no failure of theirs.
func (r *round) place() {
	var started []string
	replaced, complaint := 0, ""
	for _, w := range slices.Clone(r.part.waiting[r.arn]) {
		d := r.record.find(w.deployment)
		place, reason, ok := r.part.env.Capacity.Place(r.want(w.id, d))
		if !ok {
			complaint = complain(reason)
			continue
		}
		r.part.waiting[r.arn] = slices.DeleteFunc(r.part.waiting[r.arn], func(other waiting) bool { return other.id == w.id })
		r.moved = true
		order, err := r.order(w, d, place)
		if err == nil {
			r.part.held[w.id] = true
			r.record.Tasks[w.id] = &mark{Targets: r.balancers}
			err = r.part.env.Runner.Start(order)
		}
		if err != nil {
			r.part.env.Capacity.Release(w.id)
			delete(r.record.Tasks, w.id)
			if errors.As(err, new(unassumable)) {
				r.record.tell(r.now, ") failed to launch a task with (error %v).", err)
			} else {
				r.record.tell(r.now, ") was unable to place a task. Reason: %s.", strings.TrimSuffix(err.Error(), "."))
			}
			r.count(w.deployment, false)
			continue
		}
		started = append(started, w.id)
		if w.replaces {
			replaced++
		}
	}
	if len(started) > 0 {
		cause := ""
		if replaced > 0 {
			cause = fmt.Sprintf(" Amazon ECS replaced %d tasks due to an unhealthy status.", replaced)
		}
		r.record.tell(r.now, ") has started %d tasks: %s.%s", len(started), list(started), cause)
	}
	// ECS leaves an event out that says what an earlier one said, until the cause is gone.
	if complaint != "" && complaint != r.record.Unplaced {
		r.record.tell(r.now, ") %s", complaint)
	}
	r.record.Unplaced = complaint
}

// complain is ECS's complaint, whether or not the reason has its first or last sentence already.
func complain(reason string) string {
	const first = "was unable to place a task because no container instance met all of its requirements."
	const last = "For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."
	if i := strings.Index(reason, first); i >= 0 {
		reason = reason[i+len(first):]
	}
	reason = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(reason), last))
	if reason == "" {
		return first + " " + last
	}
	if !strings.HasSuffix(reason, ".") {
		reason += "."
	}
	return first + " " + reason + " " + last
}

// order is what the runner needs to know of a task.
func (r *round) order(w waiting, d *deployment, at capacity.Place) (task.Order, error) {
	o := task.Order{
		ID: w.id, ARN: r.taskARN(w.id), Cluster: r.clusterARN, Definition: d.Definition.ARN,
		Group: r.group(), StartedBy: d.ID, Instance: at.Instance, Region: r.region,
		VPC: at.VPC, Subnet: at.Subnet, Zone: at.Zone, IP: at.IP, Exec: r.exec, Stack: r.stack,
		Groups: r.groups,
	}
	for _, i := range r.part.env.Capacity.Instances() {
		if i.ID == at.Instance {
			o.Host = task.Host{Profile: i.Profile, Subnet: i.Subnet, Groups: i.Groups, Public: i.Public}
		}
	}
	err := r.part.env.Account.View(func(tx *account.Tx) (err error) {
		if o.PeerIP, err = peer(tx, r.region, at.VPC); err != nil {
			return err
		}
		return r.assume(tx, d.Definition.ARN)
	})
	return o, err
}

// unassumable is a role that ECS may not assume.
type unassumable struct{ role string }

func (e unassumable) Error() string {
	return fmt.Sprintf("ECS was unable to assume the role '%s' that was provided for this task. Please verify that the role being "+
		"passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.", e.role)
}

// assume tells whether ECS may assume the roles of a task definition. One that has left the account had its roles.
func (r *round) assume(tx *account.Tx, definition string) error {
	all, err := tx.All(definitionType, r.region)
	if err != nil {
		return err
	}
	for _, found := range all {
		if found.Outputs.String("arn") != definition {
			continue
		}
		for _, name := range []string{"taskRoleArn", "executionRoleArn"} {
			role := found.Outputs.String(name)
			if role == "" {
				continue
			}
			answer, err := access.Assume(tx, role, "ecs-tasks.amazonaws.com", map[string]string{
				"aws:SourceAccount": account.ID, "aws:SourceArn": fmt.Sprintf("arn:aws:ecs:%s:%s:*", r.region, account.ID),
			})
			if err != nil {
				return err
			}
			if !answer.Allowed {
				return unassumable{role}
			}
		}
	}
	return nil
}

// balance keeps the target groups as the tasks are: who serves is in them, who stops leaves them first.
func (r *round) balance() {
	registered, deregistered, draining := map[string]int{}, map[string]int{}, map[string]int{}
	for _, t := range r.tasks {
		if t.waits || t.mark.Released {
			continue
		}
		if t.phase < stops {
			r.register(t, registered)
			continue
		}
		r.deregister(t, deregistered, draining)
	}
	for _, group := range groups(registered) {
		r.record.tell(r.now, ") registered %d targets in (target-group %s)", registered[group], group)
	}
	for _, group := range groups(deregistered) {
		r.record.tell(r.now, ") deregistered %d targets in (target-group %s)", deregistered[group], group)
	}
	for _, id := range groups(draining) {
		r.record.tell(r.now, ", taskSet %s) has begun draining connections on %d tasks.", id, draining[id])
	}
}

func groups(counts map[string]int) []string {
	var names []string
	for name := range counts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// register puts a task into its groups once the container behind the port listens, and again when it listens
// elsewhere or the load balancer has forgotten it.
func (r *round) register(t *seen, counts map[string]int) {
	for _, at := range t.targets {
		address := t.address(at.balancer)
		if address == "" || (at.listed && at.health.State != alb.Draining && at.health.Address == address) {
			continue
		}
		r.part.env.Targets.Register(at.Group, alb.Target{
			IP: t.IP, Port: at.Port, Zone: t.Zone, Subnet: t.Subnet, Groups: t.Groups, Address: address,
		})
		if !t.mark.Registered {
			counts[at.Group]++
		}
	}
	if len(t.targets) > 0 && t.address(t.targets[0].balancer) != "" {
		t.mark.Registered = true
	}
}

// address is where the container of a load balancer listens, empty as long as it does not.
func (t *seen) address(b balancer) string {
	for _, c := range t.Containers {
		if c.Name == b.Container && c.Status == task.Running {
			return c.Listens[b.Port]
		}
	}
	return ""
}

// deregister takes a task out of its groups, lets it go on to its end when the last request is answered, and gives
// its room back when it has ended.
func (r *round) deregister(t *seen, counts, draining map[string]int) {
	listed := false
	for _, at := range t.targets {
		if !at.listed {
			continue
		}
		listed = true
		if at.health.State != alb.Draining {
			r.part.env.Targets.Deregister(at.Group, t.IP, at.Port)
		}
		if !t.mark.Draining {
			counts[at.Group]++
		}
	}
	if listed && !t.mark.Draining {
		t.mark.Draining = true
		draining[t.StartedBy]++
	}
	// Nobody waits for requests to a task whose instance is gone, or for a load balancer that does not run either.
	listed = listed && r.part.running
	if t.phase == stops && (!listed || t.mark.Lost) {
		r.part.env.Runner.Drained(t.ID)
	}
	if t.phase == stopped && !listed {
		t.mark.Released = true
		delete(r.part.held, t.ID)
		r.part.env.Capacity.Release(t.ID)
	}
}
