package kind

import "fmt"

// Guard is a rule about the account: what AWS refuses because of other resources, of their states, of quotas or of
// time. What only the inputs decide is a Rule; that something named exists, a Ref; that a name is free, a Unique.
type Guard struct {
	// Name says in a few words what must hold; unique in its kind: "one subnet per zone".
	Name string
	// Source is where the rule is from; empty for the kind's own.
	Source string
	// On are the requests that it is asked about.
	On Request
	// Check returns AWS's refusal, made with Refuse or RefuseForNow.
	Check func(c *Call) error
}

// Request is what is asked of the API; requests can be added up.
type Request int

// The requests that change something.
const (
	Making Request = 1 << iota
	Changing
	Deleting
)

// guard asks the guards of a request, in the order in which the kind has them.
func (d *Declared) guard(on Request) func(c *Call) error {
	return func(c *Call) error {
		for _, g := range d.Guards {
			if g.On&on == 0 {
				continue
			}
			if err := g.Check(c); err != nil {
				return err
			}
		}
		return nil
	}
}

// verifyRules wants names for rules and guards by which people and tests can tell them apart.
func (d *Declared) verifyRules() error {
	seen := map[string]bool{}
	for _, row := range d.Refusals() {
		switch {
		case row.Name == "":
			return fmt.Errorf("a rule has no name: %+v", row)
		case seen[row.Name]:
			return fmt.Errorf("two rules are called %q", row.Name)
		}
		seen[row.Name] = true
	}
	for _, g := range d.Guards {
		if g.On == 0 || g.Check == nil {
			return fmt.Errorf("the guard %q is never asked", g.Name)
		}
	}
	return nil
}
