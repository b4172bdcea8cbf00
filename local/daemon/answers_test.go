package daemon_test

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/daemon"
)

const project = "urn:pulumi:dev::site::"

func thing(id string) account.Resource {
	return account.Resource{Type: "aws:x/y:Z", ID: id, URN: project + "a:b:C$aws:x/y:Z::" + id}
}

func TestASessionBeginsWithItsProviders(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	s, err := h.exclusively().Session(t.Context(), daemon.Asked{Dir: t.TempDir()}, func(string) {})
	require.NoError(t, err)
	require.Regexp(t, `^fake:\d+$`, s.Providers)
	require.Empty(t, s.Absence)
	s.Close()
}

func TestWithoutAnEngineASessionSaysSo(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.set("absent", "")
	s, err := h.connect().Session(t.Context(), daemon.Asked{Dir: t.TempDir()}, func(string) {})
	require.NoError(t, err)
	require.Contains(t, s.Absence, "no Docker engine answers: the account is deployed, but no task, ")
}

func TestOneSessionAtATime(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	c := h.connect()
	first, err := c.Session(t.Context(), daemon.Asked{Dir: t.TempDir()}, func(string) {})
	require.NoError(t, err)
	second := make(chan error)
	go func() {
		_, err := c.Session(t.Context(), daemon.Asked{Dir: "/"}, func(string) {})
		second <- err
	}()
	require.Empty(t, second)
	first.Close()
	require.NoError(t, <-second)
}

func TestASessionShowsWhatItMayWaitFor(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.set("failures", "1")
	lines := make(chan string, 10)
	// The fake says two lines when it starts, and here it starts again while the session lasts.
	_, err := h.exclusively().Session(t.Context(), daemon.Asked{Dir: "/"}, func(line string) { lines <- line })
	require.NoError(t, err)
	require.Equal(t, "building the fake", <-lines)
	h.await("it says both lines", func() bool {
		return strings.Count(h.read("daemon.log"), "a secret thought of the fake") == 2
	})
	require.Empty(t, lines)
}

func TestResourcesThatPulumiNeverRecordedGo(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.put(thing("known"), thing("unknown"))
	c := h.connect()
	state := daemon.Recorded{Prefix: project, Known: []daemon.Known{{Type: "aws:x/y:Z", ID: "known"}, {Type: "aws:x/y:Z", ID: "gone"}}}
	unknown := []daemon.Known{{Type: "aws:x/y:Z", ID: "unknown", Name: "unknown"}}
	different, err := c.Unrecorded(t.Context(), state)
	require.NoError(t, err)
	require.Equal(t, daemon.Difference{Unrecorded: unknown, Missing: []daemon.Known{{Type: "aws:x/y:Z", ID: "gone"}}}, different)
	removed, err := c.RemoveUnrecorded(t.Context(), state, func(string) {})
	require.NoError(t, err)
	require.Equal(t, unknown, removed)
	list, err := c.Resources(t.Context())
	require.NoError(t, err)
	require.Contains(t, string(list), "known")
	require.NotContains(t, string(list), "unknown")
}

func TestTheStatusSaysWhyNothingRuns(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	c := h.connect()
	now, err := c.Status(t.Context())
	require.NoError(t, err)
	require.False(t, now.Running)
	require.Equal(t, "nothing is deployed", now.Reason)
	c.Close()
	h.await("the process ends", func() bool { return !h.runs() })

	h.put(thing("one"))
	h.set("absent", "")
	now, err = h.connect().Status(t.Context())
	require.NoError(t, err)
	require.False(t, now.Running)
	require.Equal(t, "no Docker engine answers", now.Reason)
}

func TestStopLastsUntilStart(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.put(thing("one"))
	h.set("busy", "")
	c := h.exclusively()
	now, err := c.Status(t.Context())
	require.NoError(t, err)
	require.True(t, now.Running)
	require.Equal(t, "site", now.Rows[0].Name)

	var said []string
	say := func(line string) { said = append(said, line) }
	require.NoError(t, c.Suspend(t.Context(), say))
	require.Equal(t, []string{"the fake stops"}, said)
	<-c.Lost()
	h.await("the process ends", func() bool { return !h.runs() })

	c = h.exclusively()
	now, err = c.Status(t.Context())
	require.NoError(t, err)
	require.Equal(t, "it was stopped; `go run ./local start` starts it again", now.Reason)
	s, err := c.Session(t.Context(), daemon.Asked{Dir: "/"}, say)
	require.NoError(t, err)
	require.Contains(t, s.Absence, "the account was stopped")
	s.Close()
	require.ErrorContains(t, c.Act(t.Context(), "failover", nil, say), "nothing runs: it was stopped")
	require.Equal(t, "1", h.read("fake-starts"), "nothing has started it")

	said = nil
	require.NoError(t, c.Start(t.Context(), say))
	require.Equal(t, []string{"one: the fake is starting"}, said)
	require.Equal(t, "2", h.read("fake-starts"))
}

// A stop goes on to its end when its command is killed, and what the next command deploys must not meet it.
func TestDeployingWaitsForAStopThatGoesOn(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.put(thing("one"))
	h.set("slow", "")
	killed, stopping := h.exclusively(), make(chan string, 1)
	ctx, kill := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- killed.Suspend(ctx, func(line string) { stopping <- line }) }()
	require.Equal(t, "the fake stops", <-stopping)
	kill()
	require.ErrorIs(t, <-ended, context.Canceled)
	killed.Close()

	c, began := h.exclusively(), make(chan error, 1)
	go func() {
		_, err := c.Session(t.Context(), daemon.Asked{Dir: "/", Start: true}, func(string) {})
		began <- err
	}()
	require.Never(t, func() bool { return len(began) > 0 }, 100*time.Millisecond, 10*time.Millisecond)
	require.NoError(t, os.Remove(h.path("fake-slow")))
	require.ErrorContains(t, <-began, "run this one again")
	require.Equal(t, "1", h.read("fake-starts"), "nothing is started while it stops")

	s, err := h.exclusively().Session(t.Context(), daemon.Asked{Dir: "/", Start: true}, func(string) {})
	require.NoError(t, err)
	require.Empty(t, s.Absence)
}

func TestDeployingStartsWhatWasStopped(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.put(thing("one"))
	require.NoError(t, h.exclusively().Suspend(t.Context(), func(string) {}))
	c := h.exclusively()
	s, err := c.Session(t.Context(), daemon.Asked{Dir: "/", Start: true}, func(string) {})
	require.NoError(t, err)
	require.Empty(t, s.Absence)
	now, err := c.Status(t.Context())
	require.NoError(t, err)
	require.True(t, now.Running)
}

func TestActionsTellWhatHappens(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.put(thing("one"))
	c := h.connect()
	var said []string
	say := func(line string) { said = append(said, line) }
	require.NoError(t, c.Act(t.Context(), "failover", []string{"db"}, say))
	require.Equal(t, []string{"failing db over"}, said)
	require.EqualError(t, c.Act(t.Context(), "dance", nil, say), "nothing here can dance")
	id, err := c.Locate(t.Context(), "nginx")
	require.NoError(t, err)
	require.Equal(t, "container of nginx", id)
}

func TestTheClockIsKept(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	before := h.exclusively()
	c, err := daemon.Connect(t.Context(), h.dir, daemon.Options{Exclusive: true, Clock: 40})
	require.NoError(t, err)
	<-before.Lost()
	now, err := c.Status(t.Context())
	require.NoError(t, err)
	require.InDelta(t, 40, now.Clock, 0)
	c.Close()
	h.await("the process ends", func() bool { return !h.runs() })
	now, err = h.connect().Status(t.Context())
	require.NoError(t, err)
	require.InDelta(t, 40, now.Clock, 0)

	for _, speed := range []float64{0.5, 101} {
		require.ErrorContains(t, daemon.CheckClock(speed), "is not allowed: 1 (as slow as AWS's) to 100")
	}
}

func TestSecretsAreToldByNameOrARN(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	const arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:admin-AbCdEf"
	version := func(id, stage, value string) account.Resource {
		return account.Resource{Type: "aws:secretsmanager/secretVersion:SecretVersion", ID: id, Outputs: account.Props{
			"secretId": arn, "versionStages": []any{stage}, "secretString": value,
		}}
	}
	h.put(account.Resource{
		Type: "aws:secretsmanager/secret:Secret", ID: arn, Outputs: account.Props{"arn": arn, "name": "admin"},
	}, version("1", "AWSPREVIOUS", "old"), version("2", "AWSCURRENT", `{"password":"hunter2","port":3306}`))
	c := h.connect()
	for name, tc := range map[string]struct{ name, key, want, failure string }{
		"by name":        {name: "admin", want: `{"password":"hunter2","port":3306}`},
		"by ARN":         {name: arn, key: "password", want: "hunter2"},
		"a number":       {name: "admin", key: "port", want: "3306"},
		"another name":   {name: "root", failure: `there is no secret "root"; there are admin`},
		"another key":    {name: "admin", key: "user", failure: `secret "admin" has no key "user"; it has password, port`},
		"the older name": {name: "old", failure: "there are admin"},
	} {
		value, err := c.Secret(t.Context(), tc.name, tc.key)
		if tc.failure != "" {
			require.ErrorContains(t, err, tc.failure, name)
			continue
		}
		require.NoError(t, err, name)
		require.Equal(t, tc.want, value, name)
	}
}

func TestOnlyECSAnswersWithoutTheToken(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	c := h.connect()
	for name, tc := range map[string]struct {
		url, host string
		code      int
	}{
		"ECS":                      {url: c.ECS() + "/", code: http.StatusOK},
		"resources":                {url: strings.TrimSuffix(c.ECS(), "/ecs") + "/resources", code: http.StatusUnauthorized},
		"a page of some other one": {url: c.ECS() + "/", host: "evil.example:80", code: http.StatusForbidden},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tc.url, http.NoBody)
		require.NoError(t, err)
		req.Host = tc.host
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, tc.code, resp.StatusCode, name)
	}
}
