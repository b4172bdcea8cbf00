package hold_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/runtime/hold"
)

func release(t *testing.T, held *hold.Held) {
	t.Helper()
	require.NoError(t, held.Close())
}

func taken(t *testing.T) *hold.Held {
	t.Helper()
	held, err := hold.Port(0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = held.Close() })
	return held
}

// The port that was used last comes first, then the first free one that nobody was promised.
func TestWhichPortIsTaken(t *testing.T) {
	t.Parallel()
	last, other := taken(t), taken(t)
	release(t, last)
	again, err := hold.Again(last.Number, other.Number)
	require.NoError(t, err)
	defer release(t, again)
	require.Equal(t, last.Number, again.Number)

	next, err := hold.Again(other.Number, other.Number)
	require.NoError(t, err)
	defer release(t, next)
	require.NotEqual(t, other.Number, next.Number)

	promised := map[int]bool{}
	for number := other.Number; number < other.Number+10; number++ {
		promised[number] = true
	}
	free, err := hold.Free(other.Number, promised)
	require.NoError(t, err)
	defer release(t, free)
	require.False(t, promised[free.Number])
}
