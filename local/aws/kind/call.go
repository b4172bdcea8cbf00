package kind

import (
	"fmt"
	"strings"
	"time"

	"wordpress-ecs/local/account"
)

// Call is one request to the AWS API: what a hook works with.
type Call struct {
	Tx     *account.Tx
	Region string
	URN    string
	Now    time.Time
	// Timeout is what the program allows the request (customTimeouts); 0 where it says nothing.
	Timeout time.Duration
	Images  account.Images
	// Objects is nil where nothing keeps objects: every bucket is empty then.
	Objects Objects
	// Ports is nil where nothing runs.
	Ports Ports
	// Pace is how fast things are made and deleted.
	Pace Pace
	// Say tells the person in front of Pulumi something; nil where nobody listens.
	Say func(line string)

	// ID of the resource; Create sets it.
	ID string
	// In are the inputs.
	In account.Props
	// Asked are the inputs that Pulumi asked for last, before an Update. What it does not change is not sent
	// to AWS, which may have changed it by itself since.
	Asked account.Props
	// Before are the inputs before an Update.
	Before account.Props
	// Old are the outputs before the call; nil for Create.
	Old account.Props
	// Out are the outputs after it. They begin as the inputs, the defaults and,
	// for Update, the old outputs.
	Out account.Props

	// Secrets names the inputs that hold secrets.
	Secrets []string

	Catalog *Catalog
}

// Ports gives what listens a place on this machine.
type Ports interface {
	// Open takes a free port of 127.0.0.1 for a load balancer that is being made, and keeps it.
	Open(loadBalancer string) (port int, err error)
}

// Objects is what the S3 service needs to know about the content of buckets.
type Objects interface {
	// Holds tells whether a bucket has an object, or a version of one.
	Holds(bucket string) (bool, error)
	// Remove drops all objects of a bucket.
	Remove(bucket string) error
}

// ARN of something in the account and region of the call.
func (c *Call) ARN(service, name string) string {
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, c.Region, account.ID, name)
}

// GlobalARN of something that has no region.
func (c *Call) GlobalARN(service, name string) string {
	return fmt.Sprintf("arn:aws:%s::%s:%s", service, account.ID, name)
}

// Set adds outputs that the inputs did not give.
func (c *Call) Set(outputs account.Props) {
	for name, value := range outputs {
		if c.Out[name] == nil {
			c.Out[name] = value
		}
	}
}

// All returns the resources of a kind that the call can see.
func (c *Call) All(token string) ([]account.Resource, error) {
	region := c.Region
	k, ok := c.Catalog.Kind(token)
	if ok && k.Global {
		region = ""
	}
	all, err := c.Tx.All(token, region)
	if err != nil || !ok {
		return all, err
	}
	there := all[:0]
	for _, r := range all {
		if r.Gone.IsZero() || c.Now.Before(r.Gone) {
			r.Outputs = k.present(r, c.Now)
			there = append(there, r)
		}
	}
	return there, nil
}

// Find returns the resource of a kind whose property has a value, nil if none.
// The property "" or "id" is the id.
func (c *Call) Find(token, property, value string) (*account.Resource, error) {
	all, err := c.All(token)
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if identity(r, property) == value {
			return &r, nil
		}
	}
	return nil, nil
}

// Names tells by which value the reference names a resource.
func (ref Ref) Names(r account.Resource) string { return identity(r, ref.By) }

// identity is the value by which others know a resource.
func identity(r account.Resource, property string) string {
	if property == "" || property == "id" {
		return r.ID
	}
	return r.Outputs.String(property)
}

// Values are the names that a reference holds in a set of properties.
func (ref Ref) Values(in account.Props) []string {
	var values []string
	for _, v := range in.All(ref.Path) {
		text, ok := v.(string)
		if !ok || text == "" || (ref.Foreign != nil && ref.Foreign(text)) {
			continue
		}
		if ref.Value != nil {
			text = ref.Value(text)
		}
		values = append(values, text)
	}
	return values
}

// resolve refuses references that lead nowhere, or to what is not ready for them.
func (d *Declared) resolve(c *Call) error {
	for _, ref := range d.Refs {
		for _, value := range ref.Values(c.In) {
			found, err := c.Find(ref.To, ref.By, value)
			if err != nil {
				return err
			}
			if found != nil && found.Gone.IsZero() {
				if ref.Early.Code != "" && !found.Available(c.Now) {
					return ref.Early.about(value)
				}
				continue
			}
			if ref.Missing.Code != "" {
				return ref.Missing.about(value)
			}
			target, _ := c.Catalog.Kind(ref.To)
			return target.NotFound.about(value)
		}
	}
	return nil
}

// claim refuses names that are taken.
func (d *Declared) claim(c *Call) error {
	for _, unique := range d.Unique {
		value := c.Out.String(unique.Property)
		if value == "" {
			continue
		}
		all, err := c.All(d.Type)
		if err != nil {
			return err
		}
		for _, r := range all {
			if r.ID != c.ID && strings.EqualFold(r.Outputs.String(unique.Property), value) {
				return unique.Taken.about(value)
			}
		}
		if unique.Reserved == "" {
			continue
		}
		held, err := c.Tx.Reserved(unique.Reserved, c.Region, value, c.Now)
		if err != nil {
			return err
		}
		if held {
			return unique.Held.about(value)
		}
	}
	return nil
}

// release refuses the deletion of what others hold.
func (d *Declared) release(c *Call) error {
	for _, h := range d.holders {
		all, err := c.All(h.token)
		if err != nil {
			return err
		}
		own := h.ref.Names(account.Resource{ID: c.ID, Outputs: c.Old})
		for _, r := range all {
			for _, value := range h.ref.Values(r.Outputs) {
				if value == own && (h.token != d.Type || r.ID != c.ID) {
					fault := d.InUse.about(c.ID)
					fault.Passing = true
					return fault
				}
			}
		}
	}
	return nil
}
