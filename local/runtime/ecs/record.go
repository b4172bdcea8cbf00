package ecs

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"slices"
	"time"

	"wordpress-ecs/local/account"
)

// class is that of the records that are kept in the account, one for each service, by its ARN.
const class = "ecs-service"

// maxEvents is how many events ECS keeps of a service.
const maxEvents = 100

// What a deployment is within its service.
const (
	primary  = "PRIMARY"
	active   = "ACTIVE"
	inactive = "INACTIVE"
)

// How far a deployment has come.
const (
	inProgress = "IN_PROGRESS"
	completed  = "COMPLETED"
	failed     = "FAILED"
)

// record is what is known of a service beside what was asked for.
type record struct {
	ARN  string `json:"arn"`
	Name string `json:"name"`
	// Made is when the service was: a later one of the same name begins with a new record.
	Made time.Time `json:"made"`
	// Asked is what the newest deployment was made from.
	Asked asked `json:"asked"`
	// Again asks for a new deployment of the same.
	Again bool `json:"again,omitempty"`
	// Deployments begin with the PRIMARY.
	Deployments []*deployment `json:"deployments"`
	// Completed is what a failed deployment is rolled back to.
	Completed *deployment `json:"completed,omitempty"`
	// Events are the newest first.
	Events []event `json:"events"`
	// Steady is set while the service is as it should be.
	Steady bool `json:"steady"`
	// Unplaced is the last complaint about missing room, which is not repeated.
	Unplaced string `json:"unplaced,omitempty"`
	// Stuck is set while the minimum and the maximum let no task be replaced.
	Stuck bool `json:"stuck,omitempty"`
	// Failures counts the tasks in a row that ended before they were any good; no task starts before Until.
	Failures int       `json:"failures,omitempty"`
	Until    time.Time `json:"until,omitzero"`
	// Releasing is set when the service is being deleted.
	Releasing bool `json:"releasing,omitempty"`
	// Tasks are notes about the tasks, by id.
	Tasks map[string]*mark `json:"tasks"`
}

// asked is what makes a new deployment when it changes.
type asked struct {
	Definition string `json:"definition"`
	Forced     bool   `json:"forced"`
	Rest       string `json:"rest"`
}

// renewed tells whether what is asked for now takes a new deployment.
func (a asked) renewed(now asked) bool {
	return a.Definition != now.Definition || a.Rest != now.Rest || (now.Forced && !a.Forced)
}

// deployment is ECS's, with what it needs to know of its task definition.
type deployment struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	// State and Reason are ECS's rolloutState and rolloutStateReason.
	State  string `json:"state"`
	Reason string `json:"reason"`
	// Failed counts failed tasks since the last that was healthy.
	Failed     int        `json:"failed"`
	Definition definition `json:"definition"`
	Created    time.Time  `json:"created"`
	Updated    time.Time  `json:"updated"`
}

// event is a line of the service's history.
type event struct {
	ID      string    `json:"id"`
	Created time.Time `json:"created"`
	Message string    `json:"message"`
}

// mark is what the scheduler notes about a task.
type mark struct {
	// Targets are what it is or will be registered as.
	Targets []balancer `json:"targets,omitempty"`
	// Registered and Draining are set once it was told.
	Registered bool `json:"registered,omitempty"`
	Draining   bool `json:"draining,omitempty"`
	// Ready is set once it was healthy, Sick while it is not and that has been counted.
	Ready bool `json:"ready,omitempty"`
	Sick  bool `json:"sick,omitempty"`
	// Ordered is set when the scheduler has stopped it, Lost when its instance is gone.
	Ordered bool `json:"ordered,omitempty"`
	Lost    bool `json:"lost,omitempty"`
	// Ended is set once its end was counted, Released once its room is free again.
	Ended    bool `json:"ended,omitempty"`
	Released bool `json:"released,omitempty"`
}

// primary is the newest deployment, nil before the first.
func (r *record) primary() *deployment {
	if len(r.Deployments) == 0 {
		return nil
	}
	return r.Deployments[0]
}

// find returns a deployment by its id, or nil.
func (r *record) find(id string) *deployment {
	i := slices.IndexFunc(r.Deployments, func(d *deployment) bool { return d.ID == id })
	if i < 0 {
		return nil
	}
	return r.Deployments[i]
}

// tell adds an event.
func (r *record) tell(now time.Time, format string, args ...any) {
	e := event{ID: account.NewUUID(), Created: now, Message: fmt.Sprintf("(service %s", r.Name) + fmt.Sprintf(format, args...)}
	r.Events = slices.Insert(r.Events, 0, e)
	r.Events = r.Events[:min(len(r.Events), maxEvents)]
}

// newDeployment begins to roll a definition out.
func newDeployment(d definition, now time.Time) *deployment {
	id := newDeploymentID()
	return &deployment{
		ID: id, Status: primary, State: inProgress, Reason: "ECS deployment " + id + " in progress.",
		Definition: d, Created: now, Updated: now,
	}
}

// newDeploymentID makes an id in ECS's form, with 19 digits.
func newDeploymentID() string {
	least := big.NewInt(1e18)
	n, err := rand.Int(rand.Reader, big.NewInt(8e18))
	if err != nil {
		n = big.NewInt(time.Now().UnixNano()) // never, says the documentation of the reader
	}
	return "ecs-svc/" + n.Add(n, least).String()
}
