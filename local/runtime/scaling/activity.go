package scaling

import (
	"errors"
	"fmt"
	"time"

	"wordpress-ecs/local/account"
)

// classActivity is the class of the records of activities; keptActivities is how many of a target are kept.
const (
	classActivity  = "scaling-activity"
	keptActivities = 50
)

// How an activity ended, in AWS's words.
const (
	successful = "Successful"
	failed     = "Failed"
)

// Activity is a change of capacity, as AWS describes it.
type Activity struct {
	ID         string `json:"id"`
	ResourceID string `json:"resourceId"`
	Dimension  string `json:"scalableDimension"`
	// Description is such as "Setting desired count to 3."; Cause such as "monitor alarm ... in state ALARM
	// triggered policy ...".
	Description string `json:"description"`
	Cause       string `json:"cause"`
	// StatusCode is "Successful" or "Failed".
	StatusCode    string    `json:"statusCode"`
	StatusMessage string    `json:"statusMessage"`
	Start         time.Time `json:"startTime"`
	End           time.Time `json:"endTime"`

	// Target is the ARN of the scalable target.
	Target string `json:"target"`
	From   int    `json:"from"`
	To     int    `json:"to"`
	// Base is the capacity that the metric had been measured on.
	Base int `json:"base"`
}

func (a *Activity) succeed(message string) { a.end(successful, message) }

func (a *Activity) fail(message string) { a.end(failed, message) }

func (a *Activity) end(code, message string) {
	a.ID, a.StatusCode, a.StatusMessage, a.End = account.NewUUID(), code, message, time.Now()
}

// line is what people read while it happens.
func (a *Activity) line() string {
	return fmt.Sprintf("scaling %s: %s Cause: %s.", a.ResourceID, a.Description, a.Cause)
}

// keep writes an activity and drops the oldest ones of its target.
func keep(tx *account.Tx, a Activity) error {
	if err := tx.Keep(classActivity, a.key(), a); err != nil {
		return err
	}
	all, err := activitiesOf(tx, a.Target)
	if err != nil {
		return err
	}
	for _, old := range all[:max(0, len(all)-keptActivities)] {
		err = errors.Join(err, tx.Drop(classActivity, old.key()))
	}
	return err
}

// key sorts the activities of a target by their end.
func (a *Activity) key() string {
	return a.Target + " " + a.End.UTC().Format("2006-01-02T15:04:05.000000000") + " " + a.ID
}

// activitiesOf are those of a target, the oldest first.
func activitiesOf(tx *account.Tx, target string) ([]Activity, error) {
	all, err := account.AllKept[Activity](tx, classActivity)
	var list []Activity
	for _, a := range all {
		if a.Target == target {
			list = append(list, a)
		}
	}
	return list, err
}

// dropActivities forgets all that is kept of a target.
func dropActivities(tx *account.Tx, target string) error {
	all, err := activitiesOf(tx, target)
	if err != nil {
		return err
	}
	err = tx.Drop(classRegistration, target)
	for _, a := range all {
		err = errors.Join(err, tx.Drop(classActivity, a.key()))
	}
	return err
}

// remember finds what matters of what was done.
func remember(done []Activity) past {
	var p past
	for _, a := range done {
		switch {
		case a.StatusCode != successful:
		case a.To > a.From:
			p = past{out: a.End, base: a.Base}
		case a.To < a.From:
			p.in = a.End
		}
	}
	return p
}
