package cache

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/machine"
)

func TestNamesFollowTheRoles(t *testing.T) {
	t.Parallel()
	g := group{
		id: "site", members: []string{"site-001", "site-002"},
		primary: "master.site.abc.euc1.cache.amazonaws.com", reader: "replica.site.abc.euc1.cache.amazonaws.com",
	}
	require.Equal(t, []string{g.primary, "site-001.site.abc.euc1.cache.amazonaws.com"}, g.names("site-001", "site-001"))
	require.Equal(t, []string{g.reader, "site-002.site.abc.euc1.cache.amazonaws.com"}, g.names("site-002", "site-001"))
	g.members = g.members[:1]
	require.Equal(t, []string{g.primary, g.reader, "site-001.site.abc.euc1.cache.amazonaws.com"}, g.names("site-001", "site-001"))
	// Without TLS ElastiCache forms the names otherwise.
	g.primary = "site.abc.ng.0001.euc1.cache.amazonaws.com"
	require.Equal(t, "site-001.abc.0001.euc1.cache.amazonaws.com", g.address("site-001"))
}

func TestTokensAreAddedOrReplaced(t *testing.T) {
	t.Parallel()
	s := state{}
	for _, step := range []struct {
		token, strategy string
		want            []string
	}{
		{"one", "ROTATE", []string{"one"}},
		{"one", "ROTATE", []string{"one"}},
		{"two", "ROTATE", []string{"two", "one"}},
		{"three", "ROTATE", []string{"three", "two"}},
		{"two", "ROTATE", []string{"two", "three"}},
		{"two", "SET", []string{"two"}},
		{"four", "SET", []string{"four"}},
		{"", "ROTATE", nil},
		{"five", "DELETE", nil},
	} {
		s.rotate(step.token, step.strategy)
		require.Equal(t, step.want, s.Tokens, "%s %s", step.strategy, step.token)
	}
}

func TestTheConfigurationHasNoTokenInPlainText(t *testing.T) {
	t.Parallel()
	g := group{id: "site", members: []string{"site-001", "site-002"}, port: 6380, tls: true, primary: "master.site.x",
		parameters: map[string]string{"databases": "4", "maxmemory-policy": "noeviction"}}
	s := state{Primary: "site-001", Secret: "control", Tokens: []string{"open-sesame"}}
	for member, replica := range map[string]bool{"site-001": false, "site-002": true} {
		text := g.config(member, s)
		require.NotContains(t, text, "open-sesame")
		require.Contains(t, text, "#"+digest("open-sesame"))
		require.NotContains(t, text, "nopass")
		require.Contains(t, text, "\nport 0\ntls-port 6380\n")
		require.Contains(t, text, "\ndatabases 4\n", "it cannot be changed later")
		require.Equal(t, replica, strings.Contains(text, "\nreplicaof site-001.site.x 6380\n"))
	}
	g.tls, s.Tokens = false, nil
	require.Contains(t, g.config("site-001", s), "\nport 6380\n")
	require.Contains(t, g.config("site-001", s), "nopass")
}

// heir is a replica that answers.
func heir(member, offset string) *node {
	return &node{
		member: member, container: &machine.Container{ID: member, State: "running"}, client: &client{},
		info: map[string]string{"role": "slave", "slave_repl_offset": offset},
	}
}

func TestTheReplicaThatHasMostSucceeds(t *testing.T) {
	t.Parallel()
	dead := &node{member: "a", container: &machine.Container{ID: "a", State: "exited"}}
	paused := &node{member: "a", container: &machine.Container{ID: "a", State: "paused"}}
	alive := heir("a", "")
	for name, tc := range map[string]struct {
		failover bool
		nodes    []*node
		synced   string
		want     string
	}{
		"the primary lives":              {true, []*node{alive, heir("b", "5")}, "b", "a"},
		"the primary is paused":          {true, []*node{paused, heir("b", "5")}, "b", "a"},
		"it died":                        {true, []*node{dead, heir("b", "5"), heir("c", "90"), heir("d", "10")}, "bcd", "c"},
		"who was never in sync has less": {true, []*node{dead, heir("b", "5"), heir("c", "90")}, "b", "b"},
		"nobody was ever in sync":        {true, []*node{dead, heir("b", "5")}, "", "a"},
		"without automatic failover":     {false, []*node{dead, heir("b", "5")}, "b", "a"},
		"it is no member any more":       {false, []*node{heir("b", "5"), heir("c", "9")}, "bc", "c"},
		"all are dead":                   {true, []*node{dead, {member: "b"}}, "b", "a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, err := account.Open(filepath.Join(t.TempDir(), "account.db"))
			require.NoError(t, err)
			defer a.Close()
			p := New(Env{Account: a})
			for _, id := range tc.synced {
				p.synced[string(id)] = true
			}
			s := state{Primary: "a"}
			require.NoError(t, p.succeed(group{id: "site", failover: tc.failover}, &s, tc.nodes, func(string) {}))
			require.Equal(t, tc.want, s.Primary)
		})
	}
}

// connected are the two ends of a connection.
func connected(t *testing.T) (here, there net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	here, err = net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = here.Close() })
	there, err = listener.Accept()
	require.NoError(t, err)
	return here, there
}

// answered is a client whose server has said this already.
func answered(t *testing.T, text string) *client {
	t.Helper()
	here, there := connected(t)
	go func() {
		_, _ = there.Read(make([]byte, 1<<10)) // a request; what it gets is for the test to judge
		_, _ = there.Write([]byte(text))
		_ = there.Close()
	}()
	return &client{here, bufio.NewReader(here)}
}

func TestAnswersAreRead(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		"+OK\r\n": "OK", ":12\r\n": "12", "$3\r\na\r\n\r\n": "a\r\n", "$-1\r\n": "", "*2\r\n$4\r\nname\r\n$5\r\nvalue\r\n": "name\nvalue",
	} {
		got, err := answered(t, answer).do("X")
		require.NoError(t, err, answer)
		require.Equal(t, want, got)
	}
	_, err := answered(t, "-NOAUTH no\r\n").do("X")
	require.Equal(t, errRefused("NOAUTH no"), err)
	for _, damaged := range []string{"", "\r\n", "?\r\n", "*x\r\n", "$5\r\nab"} {
		_, err := answered(t, damaged).do("X")
		require.Error(t, err, damaged)
	}
}

func TestADumpIsCopiedWhole(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	require.NoError(t, answered(t, "\n\n$5\r\nREDIS and the stream that follows").dump(&got))
	require.Equal(t, "REDIS", got.String())
	require.ErrorContains(t, answered(t, "$50\r\nREDIS").dump(&got), "after 5 of 50 bytes")
	require.Error(t, answered(t, "-NOPERM\r\n").dump(&got))
}

// talking is a client whose server answers what it is asked, in turn, and notes it.
func talking(t *testing.T, answers ...string) (c *client, asked *[]string) {
	t.Helper()
	here, there := connected(t)
	asked = &[]string{}
	go func() {
		defer func() { _ = there.Close() }()
		request := make([]byte, 1<<10)
		for _, answer := range answers {
			n, err := there.Read(request)
			if err != nil {
				return
			}
			*asked = append(*asked, strings.Join(strings.Fields(string(request[:n])), " "))
			_, _ = fmt.Fprintf(there, "$%d\r\n%s\r\n", len(answer), answer)
		}
	}()
	return &client{here, bufio.NewReader(here)}, asked
}

// Writes that the replica has not seen would be lost.
func TestAFailoverWaitsForTheReplica(t *testing.T) {
	t.Parallel()
	from, asked := talking(t, "OK", "master_repl_offset:10")
	to, followed := talking(t, "slave_repl_offset:5", "slave_repl_offset:9", "slave_repl_offset:10")
	require.NoError(t, caughtUp(t.Context(), &node{client: from}, &node{client: to}))
	require.Contains(t, (*asked)[0], "PAUSE", "no more writes come meanwhile")
	require.Len(t, *followed, 3)
}
