package kind_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// slow is a kind that takes a minute to make and two to delete, and a kind whose name is that of a slow one.
func slow() (base, user kind.Kind) {
	base = thing()
	base.Takes = kind.Takes{
		Create: time.Minute, Delete: 2 * time.Minute, State: "arn", Making: "creating", Made: "available", Deleting: "deleting",
	}
	base.NotFound = kind.Fault{Code: "NoSuchThing", Message: "%s"}
	base.InUse = kind.Fault{Code: "ThingInUse"}
	base.Create = func(c *kind.Call) error {
		c.ID = c.In.String("name")
		return nil
	}
	user = base
	user.Type, user.Takes = "test:index:User", kind.Takes{}
	user.Refs = []kind.Ref{{Path: "name", To: base.Type, Early: kind.Fault{Code: "InvalidState", Message: "%s is not available"}}}
	return base, user
}

// timed is an account whose time a test sets.
type timed struct {
	t       *testing.T
	catalog *kind.Catalog
	tx      *account.Tx
	now     time.Time
}

func inTime(t *testing.T, test func(w *timed)) {
	t.Helper()
	base, user := slow()
	catalog, err := kind.NewCatalog(kind.Service{Kinds: []kind.Kind{base, user}})
	require.NoError(t, err)
	store, err := account.Open(filepath.Join(t.TempDir(), "account.db"))
	require.NoError(t, err)
	defer store.Close()
	require.NoError(t, store.Update(func(tx *account.Tx) error {
		test(&timed{t: t, catalog: catalog, tx: tx, now: time.Now()})
		return nil
	}))
}

// call is a request about the thing or the user named a.
func (w *timed) call() *kind.Call {
	return &kind.Call{
		Tx: w.tx, Region: "eu-west-1", Now: w.now, ID: "a", In: account.Props{"name": "a"}, Pace: 1, Catalog: w.catalog,
	}
}

func (w *timed) kind(typ string) *kind.Declared {
	d, ok := w.catalog.Kind(typ)
	require.True(w.t, ok)
	return d
}

// state is what a reader of the thing sees; "" when it is gone.
func (w *timed) state() string {
	r, err := w.kind("test:index:Thing").Look(w.tx, "eu-west-1", "a", w.now)
	require.NoError(w.t, err)
	if r == nil {
		return ""
	}
	return r.Outputs.String("arn")
}

func TestWhatIsBeingMadeCannotBeUsedYet(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *timed) {
		_, err := w.kind("test:index:Thing").Make(w.call())
		require.NoError(t, err)
		require.Equal(t, "creating", w.state())
		_, err = w.kind("test:index:User").Make(w.call())
		require.ErrorContains(t, err, "InvalidState: a is not available")
		w.now = w.now.Add(time.Minute)
		require.Equal(t, "available", w.state())
		_, err = w.kind("test:index:User").Make(w.call())
		require.NoError(t, err)
	})
}

func TestWhatIsBeingDeletedIsStillThere(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *timed) {
		d := w.kind("test:index:Thing")
		_, err := d.Make(w.call())
		require.NoError(t, err)
		w.now = w.now.Add(time.Hour)
		gone, err := d.Condemn(w.call())
		require.NoError(t, err)
		require.WithinDuration(t, w.now.Add(2*time.Minute), gone, 0)
		require.Equal(t, "deleting", w.state())
		again, err := d.Condemn(w.call())
		require.NoError(t, err)
		require.Equal(t, gone, again.UTC(), "to ask twice does not take twice as long")
		_, err = w.kind("test:index:User").Make(w.call())
		require.ErrorContains(t, err, "NoSuchThing", "nothing can begin to use it")
		_, err = d.Make(w.call())
		require.Error(t, err, "its name is taken")
		w.now = gone
		require.Empty(t, w.state())
		_, err = d.Make(w.call())
		require.NoError(t, err, "its name is free")
	})
}

func TestWhatIsBeingDeletedStillHoldsWhatItUses(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *timed) {
		base, user := w.kind("test:index:Thing"), w.kind("test:index:User")
		_, err := base.Make(w.call())
		require.NoError(t, err)
		w.now = w.now.Add(time.Hour)
		_, err = user.Make(w.call())
		require.NoError(t, err)
		gone, err := user.Condemn(w.call())
		require.NoError(t, err)
		_, err = base.Condemn(w.call())
		require.ErrorContains(t, err, "ThingInUse")
		require.True(t, kind.Passing(err), "the provider tries again")
		w.now = gone
		_, err = base.Condemn(w.call())
		require.NoError(t, err)
	})
}
