package cases

import "wordpress-ecs/local/account"

// One is a case of a type. It is accepted as usual when accepted is nil.
func One(typ, rule string, refused, accepted Trial, says string) Case {
	return Case{Type: typ, Rule: rule, Refused: refused, Accepted: accepted, Says: says}
}

// Refused is a case of making the type with some inputs changed.
func Refused(typ, rule, says string, changes account.Props) Case {
	return One(typ, rule, Make(changes), nil, says)
}

// After is a case of making the type when something else has happened, which tells the changes.
func After(typ, rule, says string, before func(w *World) account.Props) Case {
	return One(typ, rule, func(w *World, typ string) error {
		_, err := w.Make(typ, before(w))
		return err
	}, nil, says)
}

// Full is the trial of making one more where there are as many. The others are copies of the first.
func Full(there int, changes account.Props) Trial {
	return func(w *World, typ string) error {
		w.Fill(w.Need(typ, changes), there-1)
		_, err := w.Make(typ, changes)
		return err
	}
}

// Changed is an object with some of its values changed, by dotted path. A nil takes one away.
func Changed(of, changes map[string]any) map[string]any { return patched(of, changes) }
