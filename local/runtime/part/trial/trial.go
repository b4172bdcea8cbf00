// Package trial is what the tests of parts have in common: an account, a part that runs, and clients of what it serves.
package trial

import (
	"context"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/authority"
	"wordpress-ecs/local/runtime/part"
)

// Account opens an empty account with its authority, which are gone after the test.
func Account(tb testing.TB) (*account.Account, *authority.Authority) {
	tb.Helper()
	home := tb.TempDir()
	acct, err := account.Open(home + "/account.db")
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, acct.Close()) })
	ca, err := authority.Open(home + "/authority")
	require.NoError(tb, err)
	return acct, ca
}

// Run lets a part work until stop is called, or the test ends. It returns when the part has looked at the account.
func Run(tb testing.TB, p part.Part) (wake chan struct{}, stop func()) {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	wake = make(chan struct{}, 1)
	over := make(chan error, 1)
	go func() { over <- p.Run(ctx, wake) }()
	stop = sync.OnceFunc(func() {
		cancel()
		assert.NoError(tb, <-over)
	})
	tb.Cleanup(stop)
	part.Wake(wake)
	require.Eventually(tb, func() bool { return len(wake) == 0 }, time.Minute, time.Millisecond, "the part is woken")
	return wake, stop
}

// Write puts a resource into an account, as the control plane would.
func Write(tb testing.TB, acct *account.Account, r account.Resource) {
	tb.Helper()
	r.URN, r.Inputs = "urn:pulumi:dev::site::"+r.Type+"::x", r.Outputs
	require.NoError(tb, acct.Update(func(tx *account.Tx) error { return tx.Put(r) }))
}

// Put writes a resource, and waits until the parts have made it real.
func Put(tb testing.TB, acct *account.Account, r account.Resource, parts ...part.Part) {
	tb.Helper()
	Write(tb, acct, r)
	for _, p := range parts {
		require.NoError(tb, p.Await(tb.Context(), r, func(string) {}))
	}
}

// Remove takes a resource out of an account, after the part has ended what runs for it.
func Remove(tb testing.TB, acct *account.Account, r account.Resource, p part.Part) {
	tb.Helper()
	require.NoError(tb, p.Release(tb.Context(), r, func(string) {}))
	require.NoError(tb, acct.Update(func(tx *account.Tx) error { return tx.Delete(r.Type, r.Region, r.ID) }))
}

// With is a copy of properties with changes.
func With(a account.Props, changes ...account.Props) account.Props {
	c := a.Copy()
	for _, change := range changes {
		maps.Copy(c, change)
	}
	return c
}

// Lines are what was said.
type Lines struct {
	mu   sync.Mutex
	list []string
}

// Say hears a line.
func (l *Lines) Say(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, line)
}

func (l *Lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.list, "\n")
}
