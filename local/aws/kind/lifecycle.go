package kind

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"wordpress-ecs/local/account"
)

// Make creates a resource of the kind in the account and returns it.
func (d *Declared) Make(c *Call) (account.Resource, error) {
	c.Out = d.merged(account.Props{}, account.Props{}, c.In)
	if d.Name.Prefix != "" && c.In.Has(d.Name.Prefix) && !c.In.Has(d.Name.Property) {
		c.Out[d.Name.Property] = c.In.String(d.Name.Prefix) + account.NewHex(26)
	}
	for _, step := range []func(*Call) error{
		d.refuse, d.resolve, d.guard(Making), d.claim, d.Create,
	} {
		if err := step(c); err != nil {
			return account.Resource{}, fmt.Errorf("creating %s%s: %w", d.Title, d.label(c), err)
		}
	}
	r := account.Resource{
		Type: d.Type, ID: c.ID, Region: d.region(c.Region), URN: c.URN, Created: c.Now.UTC(),
		Inputs: c.In, Outputs: c.Out, Name: d.physicalName(c.Out), Secrets: d.secrets(c),
	}
	if c.Pace > 0 {
		r.Ready = c.Now.Add(c.Pace.Of(d.For(c).Create)).UTC()
		r.Outputs = d.present(r, c.Now)
	}
	if err := d.keep(c, r); err != nil {
		return account.Resource{}, fmt.Errorf("creating %s%s: %w", d.Title, d.label(c), err)
	}
	return r, nil
}

// keep writes a new resource, unless something else has its id.
func (d *Declared) keep(c *Call, r account.Resource) error {
	other, err := c.Tx.Get(r.Type, r.Region, r.ID)
	if err != nil {
		return err
	}
	if other != nil && (other.Gone.IsZero() || c.Now.Before(other.Gone)) {
		return Refuse("AlreadyExists", "%s exists already", r.ID)
	}
	return c.Tx.Put(r)
}

// Change updates a resource of the account in place.
func (d *Declared) Change(c *Call) (account.Resource, error) {
	r, err := c.Tx.Get(d.Type, d.region(c.Region), c.ID)
	if err != nil {
		return account.Resource{}, err
	}
	if r == nil || !r.Gone.IsZero() {
		return account.Resource{}, fmt.Errorf("updating %s (%s): %w", d.Title, c.ID,
			d.gone(c.ID))
	}
	c.Old, c.Before = r.Outputs, r.Inputs
	if c.Asked != nil {
		c.In = unasked(c.In, c.Asked, r.Inputs)
	}
	c.Out = d.merged(r.Outputs, r.Inputs, c.In)
	steps := []func(*Call) error{d.refuse, d.resolve, d.guard(Changing), d.claim}
	if d.Update != nil {
		steps = append(steps, d.Update)
	}
	for _, step := range steps {
		if err := step(c); err != nil {
			return account.Resource{}, fmt.Errorf("updating %s (%s): %w", d.Title, c.ID, err)
		}
	}
	r.Inputs, r.Outputs, r.Name, r.Secrets = c.In, c.Out, d.physicalName(c.Out), d.secrets(c)
	if err := c.Tx.Put(*r); err != nil {
		return account.Resource{}, err
	}
	return *r, nil
}

// unasked are inputs in which whatever nobody asks to change is as AWS has it.
func unasked(in, asked, now account.Props) account.Props {
	in = in.Copy()
	for name, value := range now {
		if reflect.DeepEqual(in[name], asked[name]) {
			in[name] = value
		}
	}
	return in
}

// Condemn begins the deletion of a resource, after asking whether AWS would delete it. It returns when the resource
// will be gone; Remove is for then.
func (d *Declared) Condemn(c *Call) (time.Time, error) {
	r, err := c.Tx.Get(d.Type, d.region(c.Region), c.ID)
	if err != nil || r == nil || !r.Gone.IsZero() {
		return gone(r), err
	}
	c.In, c.Old, c.Out = r.Inputs, r.Outputs, r.Outputs
	for _, step := range []func(*Call) error{d.guard(Deleting), d.release} {
		if err := step(c); err != nil {
			return time.Time{}, fmt.Errorf("deleting %s (%s): %w", d.Title, c.ID, err)
		}
	}
	r.Gone = c.Now.Add(c.Pace.Of(d.For(c).Delete)).UTC()
	return r.Gone, c.Tx.Put(*r)
}

// gone is when a resource that may not exist is gone.
func gone(r *account.Resource) time.Time {
	if r == nil {
		return time.Time{}
	}
	return r.Gone
}

// Remove deletes a resource of the account. One that is gone already is no error.
func (d *Declared) Remove(c *Call) error {
	r, err := c.Tx.Get(d.Type, d.region(c.Region), c.ID)
	if err != nil || r == nil {
		return err
	}
	c.In, c.Old, c.Out = r.Inputs, r.Outputs, r.Outputs
	steps := []func(*Call) error{d.guard(Deleting), d.Delete, d.release}
	if d.Delete == nil {
		steps = []func(*Call) error{d.guard(Deleting), d.release}
	}
	for _, step := range steps {
		if err := step(c); err != nil {
			return fmt.Errorf("deleting %s (%s): %w", d.Title, c.ID, err)
		}
	}
	return c.Tx.Delete(d.Type, r.Region, c.ID)
}

// Look reads a resource of the account as it is at a moment; nil when it is gone.
func (d *Declared) Look(tx *account.Tx, region, id string, now time.Time) (*account.Resource, error) {
	r, err := tx.Get(d.Type, d.region(region), id)
	if err != nil || r == nil || (!r.Gone.IsZero() && !now.Before(r.Gone)) {
		return nil, err
	}
	r.Outputs = d.present(*r, now)
	return r, nil
}

// Preview returns the outputs as far as they are known before a deployment. The
// old outputs are nil when the resource is new.
func (d *Declared) Preview(old, before, after account.Props) account.Props {
	out := d.merged(old, before, after)
	if old == nil {
		for _, name := range d.Schema.Outputs {
			if out[name] == nil {
				out[name] = Unknown{}
			}
		}
		return out
	}
	if d.beyondTags(before, after) {
		for _, name := range d.Volatile {
			out[name] = Unknown{}
		}
	}
	return out
}

// beyondTags tells whether inputs differ in more than their tags.
func (d *Declared) beyondTags(before, after account.Props) bool {
	for _, change := range d.Diff(before, after) {
		if !strings.HasPrefix(change.Path, "tags") {
			return true
		}
	}
	return false
}

// BeyondTags tells a hook whether more than the tags of its resource changes.
func (c *Call) BeyondTags(token string) bool {
	d, ok := c.Catalog.Kind(token)
	return ok && d.beyondTags(c.Before, c.In)
}

// merged are the outputs that follow from the inputs: what AWS computed before
// stays, what is no longer asked for goes back to its default.
func (d *Declared) merged(old, before, after account.Props) account.Props {
	out := old.Copy()
	for name := range before {
		if after[name] == nil && !d.Schema.computed[name] {
			delete(out, name)
		}
	}
	for name, value := range after {
		if len(name) > 1 && name[:2] == "__" {
			continue
		}
		out[name] = value
	}
	for name, value := range d.Defaults {
		if d.Schema.inputs.fields[name] != nil && out[name] == nil {
			out[name] = value
		}
	}
	return out
}

// secrets are the properties of a resource that hold secrets.
func (d *Declared) secrets(c *Call) []string {
	names := append(slices.Clone(d.Secret), c.Secrets...)
	slices.Sort(names)
	return slices.Compact(names)
}

// gone is AWS's answer about an id that does not exist.
func (d *Declared) gone(id string) error {
	if d.NotFound.Code == "" {
		return Refuse("ResourceNotFoundException", "%s does not exist", id)
	}
	return d.NotFound.about(id)
}

func (d *Declared) region(region string) string {
	if d.Global {
		return ""
	}
	return region
}

// physicalName is the name that people know a resource by.
func (d *Declared) physicalName(out account.Props) string {
	if d.Name.Property != "" {
		return out.String(d.Name.Property)
	}
	return out.Object("tagsAll").String("Name")
}

// label is the name in a message about a resource that has no id yet.
func (d *Declared) label(c *Call) string {
	if name := d.physicalName(c.Out); name != "" {
		return " (" + name + ")"
	}
	return ""
}
