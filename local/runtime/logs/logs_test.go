package logs

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
)

func store(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.TempDir())
	require.NoError(t, err)
	return s
}

// at is a moment, in seconds and some fraction.
func at(seconds int) time.Time { return time.Unix(1_700_000_000+int64(seconds), 123).UTC() }

func lines(events []Event) []string {
	var list []string
	for _, e := range events {
		list = append(list, e.Line)
	}
	return list
}

func TestWhatWasWrittenIsReadByAnotherProcess(t *testing.T) {
	t.Parallel()
	s := store(t)
	group, stream := "/aws/ecs/site#1", "nginx/nginx/0123abcd"
	require.NoError(t, s.Append(group, stream, at(1), "first"))
	require.NoError(t, s.Append(group, stream, at(2), "two\nlines, and an empty one:\n"))
	require.NoError(t, s.Append("..", "..", at(3), "odd names"))

	other, err := Open(s.dir)
	require.NoError(t, err)
	events, err := other.Read(group, stream, 0)
	require.NoError(t, err)
	require.Equal(t, []string{"first", "two", "lines, and an empty one:", ""}, lines(events))
	require.Equal(t, Event{group, stream, at(1), "first"}, events[0])
	tail, err := other.Read(group, stream, 2)
	require.NoError(t, err)
	require.Equal(t, []string{"lines, and an empty one:", ""}, lines(tail))

	streams, err := other.Streams()
	require.NoError(t, err)
	require.Len(t, streams, 2)
	require.Equal(t, "..", streams[0].Group, "names are as they were given")
	require.Equal(t, Stream{Group: group, Name: stream, First: at(1), Last: at(2), Size: streams[1].Size}, streams[1])
	require.FileExists(t, filepath.Join(s.dir, "%2E.", "%2E..log"), "nothing leads out of the directory")
}

func TestAStreamIsBoundedAndKeepsItsEnd(t *testing.T) {
	t.Parallel()
	s := store(t)
	s.most = 1000
	w, err := s.Writer("g", "s")
	require.NoError(t, err)
	for i := range 500 {
		require.NoError(t, w.Write(at(i), "line "+strconv.Itoa(i)))
	}
	require.Equal(t, at(499), w.Last())
	require.NoError(t, w.Close())
	streams, err := s.Streams()
	require.NoError(t, err)
	require.Less(t, streams[0].Size, int64(2200))
	require.Equal(t, at(499), streams[0].Last)
	events, err := s.Read("g", "s", 0)
	require.NoError(t, err)
	require.Greater(t, len(events), 20)
	for i, e := range events {
		require.Equal(t, "line "+strconv.Itoa(500-len(events)+i), e.Line, "none is missing")
	}
	require.Equal(t, streams[0].First, events[0].At)
}

func TestALineThatACrashCutOffStaysApart(t *testing.T) {
	t.Parallel()
	s := store(t)
	require.NoError(t, s.Append("g", "s", at(1), "whole"))
	file, err := os.OpenFile(s.path("g", "s")+current, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = file.WriteString(at(2).Format(stamp)[:20])
	require.NoError(t, err)
	require.NoError(t, file.Close())

	w, err := s.Writer("g", "s")
	require.NoError(t, err)
	require.Equal(t, at(1), w.Last(), "what is not complete does not count")
	require.NoError(t, w.Write(at(3), "next"))
	require.NoError(t, w.Close())
	events, err := s.Read("g", "s", 0)
	require.NoError(t, err)
	require.Equal(t, []string{"whole", "next"}, lines(events))
}

func TestLongLinesBecomeSeveralEvents(t *testing.T) {
	t.Parallel()
	s := store(t)
	require.NoError(t, s.Append("g", "s", at(1), strings.Repeat("x", longest)+"rest"))
	events, err := s.Read("g", "s", 0)
	require.NoError(t, err)
	require.Len(t, events, 2)
	require.Equal(t, "rest", events[1].Line)
	streams, err := s.Streams()
	require.NoError(t, err)
	require.Equal(t, at(1), streams[0].Last)
}

func TestFollowersMissNothingWhileFilesChange(t *testing.T) {
	t.Parallel()
	s := store(t)
	s.most = 5000
	require.NoError(t, s.Append("g", "a", at(-10), "too old"))
	require.NoError(t, s.Append("g", "a", at(0), "0"))
	require.NoError(t, s.Append("other", "a", at(1), "of another group"))
	var mu sync.Mutex
	var got []string
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- s.Follow(ctx, func(group, _ string) bool { return group == "g" }, at(0), func(e Event) error {
			mu.Lock()
			defer mu.Unlock()
			got = append(got, e.Line)
			return nil
		})
	}()
	seen := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(got)
	}
	require.Eventually(t, func() bool { return seen() == 1 }, time.Minute, 10*time.Millisecond)
	w, err := s.Writer("g", "b") // begins later
	require.NoError(t, err)
	for i := 1; i <= 300; i++ {
		require.NoError(t, w.Write(at(i), strconv.Itoa(i)))
		if i%100 == 0 { // a new file begins about every 110 lines
			require.Eventually(t, func() bool { return seen() == i+1 }, time.Minute, 10*time.Millisecond)
		}
	}
	require.NoError(t, w.Close())
	cancel()
	require.NoError(t, <-done)
	for i, line := range got {
		require.Equal(t, strconv.Itoa(i), line)
	}
}

func TestEventsGoWhenTheirGroupKeepsThemNoLonger(t *testing.T) {
	t.Parallel()
	s := store(t)
	acct, err := account.Open(t.TempDir() + "/account.db")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, acct.Close()) })
	for name, days := range map[string]float64{"week": 7, "always": 0} {
		require.NoError(t, acct.Update(func(tx *account.Tx) error {
			return tx.Put(account.Resource{Type: logGroup, ID: name, Outputs: account.Props{"name": name, "retentionInDays": days}})
		}))
		for _, stream := range []string{"old", "new", "open"} {
			require.NoError(t, s.Append(name, stream, at(1), "x"))
		}
		for _, stream := range []string{"old", "open"} {
			require.NoError(t, os.Chtimes(s.path(name, stream)+current, time.Time{}, time.Now().Add(-169*time.Hour)))
		}
	}
	w, err := s.Writer("week", "open")
	require.NoError(t, err)
	require.NoError(t, New(Env{acct, s}).sweep(time.Now()))
	require.NoError(t, w.Write(at(2), "after a week of silence"))
	require.NoError(t, w.Close())
	streams, err := s.Streams()
	require.NoError(t, err)
	var left []string
	for _, stream := range streams {
		left = append(left, stream.Group+"/"+stream.Name)
	}
	require.Equal(t, []string{"always/new", "always/old", "always/open", "week/new", "week/open"}, left)
	events, err := s.Read("week", "open", 0)
	require.NoError(t, err)
	require.Equal(t, []string{"x", "after a week of silence"}, lines(events))
}

func TestFilesGoWithTheirGroups(t *testing.T) {
	t.Parallel()
	s := store(t)
	acct, err := account.Open(t.TempDir() + "/account.db")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, acct.Close()) })
	group := func(name string) account.Resource {
		return account.Resource{Type: logGroup, ID: name, Region: "eu-west-1", Outputs: account.Props{"name": name}}
	}
	require.NoError(t, acct.Update(func(tx *account.Tx) error {
		if err := tx.Put(account.Resource{Type: taskDefinition, ID: "f:1", Region: "eu-west-1", Outputs: account.Props{
			"containerDefinitions": `[{"logConfiguration":{"options":{"awslogs-create-group":"true","awslogs-group":"made"}}}]`,
		}}); err != nil {
			return err
		}
		return tx.Put(group("kept"))
	}))
	for _, name := range []string{"kept", "made", "gone"} {
		require.NoError(t, s.Append(name, "s", at(1), "x"))
	}
	p := New(Env{acct, s})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx, nil) }()
	require.Eventually(t, func() bool {
		groups, err := s.Groups()
		return err == nil && len(groups) == 2
	}, time.Minute, 10*time.Millisecond)
	cancel()
	require.NoError(t, <-done)

	w, err := s.Writer("kept", "s")
	require.NoError(t, err)
	for range 2 { // twice is no error
		require.NoError(t, p.Release(t.Context(), group("kept"), nil))
	}
	require.NoError(t, w.Write(at(2), "a task that still stops"))
	require.NoError(t, w.Close())
	groups, err := s.Groups()
	require.NoError(t, err)
	require.Equal(t, []string{"made"}, groups)
}
