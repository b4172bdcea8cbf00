package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const notAsRecorded = "failed, and the account is not what its state says; putting its state in order first"

// What was made although Pulumi saw an error is named, removed, and made again.
func TestTheNextCommandFindsWhatALostAnswerLeft(t *testing.T) {
	t.Parallel()
	l := newLocal(t)
	l.Faults = "faults: [{call: create, type: 'fake:*', fault: lost}]"
	result, output, err := l.try(up())
	require.NoError(t, err)
	require.NotZero(t, result.Code)
	require.Contains(t, output, "local: fault lost: create of fake:index:Thing first\n")
	require.Equal(t, []string{"first"}, l.things())

	l.Faults = ""
	output = l.must(up())
	require.Contains(t, output, notAsRecorded)
	require.Regexp(t, `removed, as Pulumi had not recorded it yet: fake:index:Thing (\S+)\. On AWS it stays, and costs, `+
		`until it is deleted there or imported: pulumi import fake:index:Thing first \S+\n`, output)
	require.Equal(t, []string{"first"}, l.things())
	require.NotContains(t, l.must(preview("--expect-no-changes")), "in order")
	l.must(destroy())
	require.Empty(t, l.things())
}

// A destroy whose answer was lost leaves a state that knows too much; the next command does not take its word.
func TestTheNextCommandMissesWhatALostDestroyDeleted(t *testing.T) {
	t.Parallel()
	l := newLocal(t)
	l.must(up())
	l.Faults = "faults: [{call: delete, fault: lost}]"
	result, _, err := l.try(destroy())
	require.NoError(t, err)
	require.NotZero(t, result.Code)
	require.Empty(t, l.things())

	l.Faults = ""
	require.Contains(t, l.must(up()), notAsRecorded)
	require.Equal(t, []string{"first"}, l.things())
	l.must(destroy())
}

// A command that failed and left nothing behind is no reason to look into anything.
func TestAFailureThatLeavesNothingIsLeftAlone(t *testing.T) {
	t.Parallel()
	l := newLocal(t)
	l.Faults = "faults: [{call: create, fault: timeout}]"
	result, output, err := l.try(up())
	require.NoError(t, err)
	require.NotZero(t, result.Code)
	require.Contains(t, output, "creating fake:index:Thing: request failed: dial tcp: i/o timeout")
	l.Faults = ""
	require.NotContains(t, l.must(up()), "in order")
	l.must(destroy())
}
