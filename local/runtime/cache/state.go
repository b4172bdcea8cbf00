package cache

import (
	"slices"

	"wordpress-ecs/local/account"
)

// stateClass is the class of records of groups, by their id.
const stateClass = "cache group"

// mostTokens is how many tokens a group accepts at once.
const mostTokens = 2

// state is what ElastiCache knows of a group beside what was asked for.
type state struct {
	// Primary is the member that takes writes.
	Primary string `json:"primary"`
	// Secret is the password of the user that replicates and controls.
	Secret string `json:"secret"`
	// Tokens are accepted, the newest first. Empty means that none is needed.
	Tokens []string `json:"tokens"`
	// Defaults are the values of parameters before they were set.
	Defaults map[string]string `json:"defaults"`
	// Engine is what wrote the data.
	Engine string `json:"engine"`
	// Seed is the snapshot whose content the primary gets before it starts; empty if it has it, or needs none.
	Seed string `json:"seed,omitempty"`
}

// rotate takes a group's token in, as its strategy wants it: beside the one before, or instead.
func (s *state) rotate(token, strategy string) {
	switch {
	case token == "" || strategy == "DELETE":
		s.Tokens = nil
	case strategy == "SET" || len(s.Tokens) == 0:
		s.Tokens = []string{token}
	case s.Tokens[0] != token:
		rest := slices.DeleteFunc(slices.Clone(s.Tokens), func(t string) bool { return t == token })
		s.Tokens = append([]string{token}, rest...)
		s.Tokens = s.Tokens[:min(mostTokens, len(s.Tokens))]
	}
}

// stateOf reads what is known of a group, or begins it.
func stateOf(tx *account.Tx, g group) (state, error) {
	s := state{}
	found, err := tx.Kept(stateClass, g.id, &s)
	if !found {
		s = state{Secret: account.NewHex(64), Engine: g.engine, Seed: g.seed}
		if len(g.members) > 0 {
			s.Primary = g.members[0]
		}
	}
	if s.Defaults == nil {
		s.Defaults = map[string]string{}
	}
	s.rotate(g.token, g.strategy)
	return s, err
}

// known is a group and what is known of it.
func (p *Part) known(r account.Resource) (g group, s state, err error) {
	err = p.env.Account.View(func(tx *account.Tx) (err error) {
		if g, err = groupOf(tx, r); err != nil {
			return err
		}
		s, err = stateOf(tx, g)
		return err
	})
	return g, s, err
}

func keep(a *account.Account, id string, s state) error {
	return a.Update(func(tx *account.Tx) error { return tx.Keep(stateClass, id, s) })
}
