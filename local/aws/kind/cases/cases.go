// Package cases tries the rules of a service, one by one: for each rule a request that it refuses and one that it
// accepts. A rule without both fails the test, so that the table of rules in local/README.md has no row that nobody
// has seen at work.
package cases

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Trial asks something of the world for a type, and returns what refused it.
type Trial func(w *World, typ string) error

// Case is one rule at work.
type Case struct {
	// Type and Rule are those of the kind.Refusal.
	Type, Rule string
	Refused    Trial
	// Accepted is making the type with its usual inputs when it is nil.
	Accepted Trial
	// Says is part of the refusal: its code, or words of it.
	Says string
}

// Usual gives, by type, inputs that are accepted. Whatever they refer to they make: w.Usual(ec2.Subnet).ID.
type Usual map[string]func(w *World) account.Props

// Suite is what a service has to show for its rules.
type Suite struct {
	// Catalog has the service and all that it refers to.
	Catalog *kind.Catalog
	// Types are those of the service.
	Types []string
	Usual Usual
	Cases []Case
}

// errBack takes back what a trial did.
var errBack = errors.New("taken back")

// Run tries every rule of the suite's types. Those that come with an example of what they refuse (Rule.Bad), and
// references that the usual inputs have, need no case of their own.
func (s Suite) Run(t *testing.T) {
	t.Helper()
	store, err := account.Open(filepath.Join(t.TempDir(), "account.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	all, missing := s.complete()
	assert.Empty(t, missing, "rules without a case")
	for _, c := range all {
		t.Run(c.Type+"/"+c.Rule, func(t *testing.T) {
			if c.Accepted == nil {
				c.Accepted = Make(nil)
			}
			require.NoError(t, s.try(t, store, c.Type, c.Accepted))
			require.ErrorContains(t, s.try(t, store, c.Type, c.Refused), c.Says)
		})
	}
}

// try runs a trial in a world of its own.
func (s Suite) try(t *testing.T, store *account.Account, typ string, trial Trial) (said error) {
	t.Helper()
	err := store.Update(func(tx *account.Tx) error {
		w := &World{t: t, tx: tx, suite: s, made: map[string]account.Resource{}, Region: "eu-central-1"}
		said = trial(w, typ)
		return errBack
	})
	require.ErrorIs(t, err, errBack)
	return said
}

// complete adds the cases that follow from the rules themselves, and tells which rules have none.
func (s Suite) complete() (all []Case, missing []string) {
	have := map[string]bool{}
	for _, c := range s.Cases {
		have[c.Type+" "+c.Rule] = true
	}
	all = append(all, s.Cases...)
	wanted := map[string]bool{}
	for _, typ := range s.Types {
		d, known := s.Catalog.Kind(typ)
		if !known {
			missing = append(missing, typ+": no such type")
			continue
		}
		derived := derive(d)
		for _, r := range d.Refusals() {
			wanted[typ+" "+r.Name] = true
			if c, ok := derived[r.Name]; ok && !have[typ+" "+r.Name] {
				all = append(all, c)
			} else if !ok && !have[typ+" "+r.Name] && !r.Derived {
				missing = append(missing, fmt.Sprintf("%s: %s", typ, r.Name))
			}
		}
	}
	for _, c := range s.Cases {
		if !wanted[c.Type+" "+c.Rule] {
			missing = append(missing, fmt.Sprintf("%s: a case for the rule %q, which it does not have", c.Type, c.Rule))
		}
	}
	return all, missing
}

// derive makes the cases of rules with an example, and of references.
func derive(d *kind.Declared) map[string]Case {
	cases := map[string]Case{}
	for _, rule := range d.Rules {
		if rule.Bad != nil && rule.Path != "" && !rule.Derived {
			cases[rule.Name] = Case{
				Type: d.Type, Rule: rule.Name, Refused: with(rule.Path, func(any) any { return rule.Bad }),
				Accepted: having(rule.Path), Says: rule.Says(rule.Bad),
			}
		}
	}
	for _, ref := range d.Refs {
		cases[ref.Name()] = Case{
			Type: d.Type, Rule: ref.Name(), Refused: with(ref.Path, elsewhere), Accepted: having(ref.Path), Says: ref.Code(),
		}
		if ref.Early.Code != "" {
			cases[ref.Available()] = Case{Type: d.Type, Rule: ref.Available(), Refused: early, Accepted: having(ref.Path), Says: ref.Early.Code}
		}
	}
	for _, unique := range d.Unique {
		cases[unique.Name()] = Case{
			Type: d.Type, Rule: unique.Name(), Says: unique.Taken.Code,
			Refused: func(w *World, typ string) error {
				first := w.Usual(typ)
				_, err := w.Make(typ, account.Props{unique.Property: first.Outputs[unique.Property]})
				return err
			},
		}
	}
	return cases
}

// elsewhere is a name of the same form that nothing has.
func elsewhere(v any) any {
	text, ok := v.(string)
	if !ok || len(text) < tail {
		return "nowhere"
	}
	return text[:len(text)-tail] + "0000"
}

// tail is how much of a name elsewhere changes.
const tail = 4
