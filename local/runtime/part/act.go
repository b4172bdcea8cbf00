package part

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"wordpress-ecs/local/account"
)

// ErrNotMine is what an action answers when another part may know what the arguments name.
var ErrNotMine = errors.New("not of this part")

// notMine is an ErrNotMine that knows what there is instead.
type notMine struct {
	name  string
	there []string
}

func (e *notMine) Error() string {
	if len(e.there) == 0 {
		return fmt.Sprintf("there is no %q, and nothing else that it could mean", e.name)
	}
	return fmt.Sprintf("there is no %q: there are %s", e.name, strings.Join(e.there, ", "))
}

func (e *notMine) Unwrap() error { return ErrNotMine }

// Named finds the resource that a person named by its id. Kind says what the part has, in a word or two. The error is
// an ErrNotMine when there is none.
func Named(all []account.Resource, kind, id string) (account.Resource, error) {
	unknown := &notMine{name: id}
	for _, r := range all {
		if r.ID == id {
			return r, nil
		}
		unknown.there = append(unknown.there, r.ID+" ("+kind+")")
	}
	return account.Resource{}, unknown
}

// Act does what a person asks for, with the first part that has the action and knows what the arguments name.
func Act(ctx context.Context, parts []Part, action string, args []string, say Say) error {
	var unknown *notMine
	for _, p := range parts {
		actor, ok := p.(Actor)
		if !ok {
			continue
		}
		act, ok := actor.Actions()[action]
		if !ok {
			continue
		}
		err := act(ctx, args, say)
		var answer *notMine
		if !errors.As(err, &answer) {
			return err
		}
		if unknown == nil {
			unknown = &notMine{name: answer.name}
		}
		unknown.there = append(unknown.there, answer.there...)
	}
	if unknown == nil {
		return fmt.Errorf("nothing that runs here can %s", action)
	}
	return errors.New(unknown.Error()) // who asked knows no parts
}
