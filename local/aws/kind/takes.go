package kind

import (
	"time"

	"wordpress-ecs/local/account"
)

// Takes is how long AWS takes with a resource of a kind, in the usual case. A figure that is left out is a second:
// a call that waits for nothing.
type Takes struct {
	// Create, Update and Delete last until AWS has done it. Pulumi's provider waits that long.
	Create, Update, Delete time.Duration
	// Depends changes the figures where inputs or other resources decide; find is Call.Find without its error.
	Depends func(t Takes, in account.Props, find Find) Takes
	// Source is where the figures are from.
	Source string

	// Making, Made and Deleting are AWS's words for the states of one: "pending", "available", "deleting".
	Making, Made, Deleting string
	// State is the output that has these words; empty when there is none.
	State string
}

// Find returns the outputs of the resource of a kind whose property has a value; nil if there is none.
type Find func(token, property, value string) account.Props

// moment is what a call takes that waits for nothing.
const moment = time.Second

// Lasts are the figures for one resource with these inputs.
func (d *Declared) Lasts(in account.Props, find Find) Takes {
	t := d.Takes
	if t.Depends != nil {
		t = t.Depends(t, in, find)
	}
	for _, figure := range []*time.Duration{&t.Create, &t.Update, &t.Delete} {
		if *figure == 0 {
			*figure = moment
		}
	}
	return t
}

// Pace is how many times faster than on AWS things are made and deleted; 0 is at once.
type Pace float64

// Of is how long something takes that takes AWS so long.
func (p Pace) Of(d time.Duration) time.Duration {
	if p <= 0 {
		return 0
	}
	return time.Duration(float64(d) / float64(p))
}

// Status is AWS's word for the state of a resource; empty when AWS has none.
func (d *Declared) Status(r account.Resource, now time.Time) string {
	switch {
	case !r.Gone.IsZero():
		return d.Takes.Deleting
	case now.Before(r.Ready):
		return d.Takes.Making
	default:
		return d.Takes.Made
	}
}

// Status is AWS's word for the state that a resource is in at the time of the call.
func (c *Call) Status(r account.Resource) string {
	d, ok := c.Catalog.Kind(r.Type)
	if !ok {
		return ""
	}
	return d.Status(r, c.Now)
}

// present are the outputs of a resource at a moment.
func (d *Declared) present(r account.Resource, now time.Time) account.Props {
	word := d.Status(r, now)
	if d.Takes.State == "" || word == "" || r.Outputs.String(d.Takes.State) == word {
		return r.Outputs
	}
	out := r.Outputs.Copy()
	out[d.Takes.State] = word
	return out
}

// For are the figures for the resource of a call.
func (d *Declared) For(c *Call) Takes {
	t := d.Lasts(c.In, c.find)
	if c.Before != nil && !d.beyondTags(c.Before, c.In) {
		t.Update = moment
	}
	return t
}

// find is the Find of a call. What cannot be read is not there.
func (c *Call) find(token, property, value string) account.Props {
	if r, err := c.Find(token, property, value); err == nil && r != nil {
		return r.Outputs
	}
	return nil
}
