package daemon_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/daemon"
)

// What was there before the command that failed is not its doing: another backend may know it.
func TestOnlyWhatTheCommandMadeIsUnrecorded(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	began := time.Now()
	before, made, gone := thing("before"), thing("made"), thing("gone")
	before.Created, made.Created = began.Add(-time.Hour), began.Add(time.Second)
	gone.Created, gone.Gone = began.Add(time.Second), began
	h.put(before, made, gone)
	c := h.connect()
	state := daemon.Recorded{Prefix: project, Since: began}
	removed, err := c.RemoveUnrecorded(t.Context(), state, func(string) {})
	require.NoError(t, err)
	require.Equal(t, []daemon.Known{{Type: "aws:x/y:Z", ID: "made", Name: "made"}}, removed)
	list, err := c.Resources(t.Context())
	require.NoError(t, err)
	require.Contains(t, string(list), "before")
	require.NotContains(t, string(list), "gone", "a deletion that was cut off comes to its end")
}

// The last snapshot of what nobody has used would take the name from the one that counts, and a record that goes
// first leaves the runtime nothing to go by.
func TestWhatRunsEndsBeforeItsRecordGoes(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	r := thing("made")
	r.Secrets = []string{"password"}
	r.Inputs = account.Props{"password": "secret", "finalSnapshotIdentifier": "last", "skipFinalSnapshot": false}
	r.Outputs = r.Inputs.Copy()
	h.put(r)
	c := h.connect()
	_, err := c.RemoveUnrecorded(t.Context(), daemon.Recorded{Prefix: project}, func(string) {})
	require.NoError(t, err)
	require.JSONEq(t, `{"recorded": true, "outputs": {"password": "secret", "skipFinalSnapshot": true}}`, h.read("fake-released"))
}
