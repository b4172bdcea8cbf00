package part_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/part"
)

// store has resources of one kind that can be restored.
type store struct {
	part.Part

	kind string
	ids  []string
	fail error
}

func (s store) Actions() map[string]func(context.Context, []string, part.Say) error {
	return map[string]func(context.Context, []string, part.Say) error{
		"restore": func(_ context.Context, args []string, say part.Say) error {
			var all []account.Resource
			for _, id := range s.ids {
				all = append(all, account.Resource{ID: id})
			}
			r, err := part.Named(all, s.kind, args[0])
			if err != nil {
				return err
			}
			say(s.kind + " " + r.ID)
			return s.fail
		},
	}
}

func TestThePartThatKnowsTheNameActs(t *testing.T) {
	t.Parallel()
	full := errors.New("the disk is full")
	parts := []part.Part{store{kind: "database", ids: []string{"site", "shop"}}, store{kind: "file system", ids: []string{"fs-1"}, fail: full}}
	act := func(parts []part.Part, action, name string) (said string, err error) {
		err = part.Act(t.Context(), parts, action, []string{name}, func(line string) { said += line })
		return said, err
	}
	said, err := act(parts, "restore", "shop")
	require.NoError(t, err)
	require.Equal(t, "database shop", said)
	said, err = act(parts, "restore", "fs-1")
	require.ErrorIs(t, err, full)
	require.Equal(t, "file system fs-1", said)
	_, err = act(parts, "restore", "sitte")
	require.EqualError(t, err, `there is no "sitte": there are site (database), shop (database), fs-1 (file system)`)
	_, err = act([]part.Part{store{}}, "restore", "site")
	require.EqualError(t, err, `there is no "site", and nothing else that it could mean`)
	_, err = act(parts, "paint", "site")
	require.EqualError(t, err, "nothing that runs here can paint")
}
