package image_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/site"
)

// outages is how often a process has said that Redis is not in use.
func (p *process) outages(t *testing.T) int {
	t.Helper()
	require.NotContains(t, p.Logs(t), site.RedisToken)
	return strings.Count(p.Logs(t), "Object cache: Redis at redis:6379 is not in use")
}

// a page of a hundred keys, each of which is asked for alone and then stored.
func page() []call {
	calls := []call{}
	for n := range 100 {
		calls = append(calls, call{"get", "key " + strconv.Itoa(n)}, call{"set", "key " + strconv.Itoa(n), n})
	}
	return append(calls, call{"get", "key 7"}, call{"incr", "key 7"}, call{"add", "key 7", 1}, call{"delete", "key 7"})
}

// requirePage asserts that a page is made without Redis, in a time that is no multiple of its keys.
func requirePage(t *testing.T, p *process, name string) {
	t.Helper()
	start := time.Now()
	values := p.do(t, name, page()...)
	require.Less(t, time.Since(start), soon)
	require.Equal(t, []any{7.0, 8.0, false, true}, values[200:])
}

func newAuthority(t *testing.T) *site.Authority { t.Helper(); return site.NewAuthority(t) }

// What can happen to Redis, and what ends it.
func down(t *testing.T, s *site.Store)    { t.Helper(); s.Down(t) }
func up(t *testing.T, s *site.Store)      { t.Helper(); s.Up(t) }
func pause(t *testing.T, s *site.Store)   { t.Helper(); s.Pause(t) }
func unpause(t *testing.T, s *site.Store) { t.Helper(); s.Unpause(t) }

func TestObjectCacheWithoutRedis(t *testing.T) {
	t.Parallel()
	for name, outage := range map[string]struct{ begin, end func(*testing.T, *site.Store) }{
		"stopped": {begin: down, end: up},
		"silent":  {begin: pause, end: unpause},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCaching(t)
			one, two := c.start(t, 1, nil), c.start(t, 1, nil)
			for _, p := range []*process{one, two} {
				require.True(t, p.uses(t, "site"))
			}
			one.do(t, "site", call{"set", "k", "old"}, call{"set", "untouched", "old"})

			outage.begin(t, c.redis)
			requirePage(t, one, "site")
			require.Equal(t, 1, one.outages(t), "one line for a request")
			// For a while nobody in this task tries again, however many requests there are.
			start := time.Now()
			for range 20 {
				require.Equal(t, []any{true, "new"}, one.do(t, "site", call{"set", "k", "new"}, call{"get", "k"}))
			}
			require.LessOrEqual(t, one.outages(t), 1+int(time.Since(start)/(5*time.Second)), "one attempt in five seconds")
			outage.end(t, c.redis)

			site.Eventually(t, func() bool { return one.uses(t, "site") }, "the cache is in Redis again")
			for _, p := range []*process{one, two} {
				require.Equal(t, false, p.get(t, "site", "k"), "what was changed meanwhile is not old afterwards")
			}
			// The task has told Redis what it missed, and that once.
			one.do(t, "site", call{"set", "k", "newer"})
			require.Equal(t, "newer", two.get(t, "site", "k"))
			require.Equal(t, "newer", one.get(t, "site", "k"))
		})
	}
}

// TestObjectCacheAfterOutage has several workers note what Redis misses while others put it right.
func TestObjectCacheAfterOutage(t *testing.T) {
	t.Parallel()
	c := newCaching(t)
	p, other := c.start(t, 4, nil), c.start(t, 1, nil)
	for round := range 2 {
		require.True(t, p.uses(t, "site"))
		c.redis.Pause(t)
		// Each begins without Redis and ends when it answers again.
		done := make(chan any, 4)
		for n := range cap(done) {
			go func() {
				key := "k" + strconv.Itoa(n)
				a, err := p.ask("site", false, call{"get", key}, call{"sleep", 2 + float64(n)/2}, call{"set", key, round})
				if err != nil {
					done <- err
					return
				}
				done <- a.Results[2].Value
			}()
		}
		for n := range cap(done) {
			if n == 1 {
				c.redis.Unpause(t)
				for key := range cap(done) {
					site.Eventually(t, func() bool { return other.uses(t, "site") }, "the other task uses Redis")
					other.do(t, "site", call{"set", "k" + strconv.Itoa(key), "from before the change"})
				}
			}
			require.Equal(t, true, <-done)
		}
		site.Eventually(t, func() bool { return p.uses(t, "site") }, "the cache is in Redis again")
		for key := range cap(done) {
			// A request that a worker took up late has stored its value in Redis.
			require.Contains(t, []any{false, float64(round)}, other.get(t, "site", "k"+strconv.Itoa(key)), "k%d", key)
		}
	}
}

func TestObjectCacheTrustsNobodyElse(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		authority   func(*testing.T) *site.Authority
		environment map[string]string
		want        string
	}{
		"wrong token": {environment: map[string]string{"WORDPRESS_REDIS_AUTH_TOKEN": "not-the-token"}, want: "WRONGPASS"},
		"no token":    {environment: map[string]string{"WORDPRESS_REDIS_AUTH_TOKEN": ""}, want: "NOAUTH"},
		"another authority": {authority: newAuthority,
			want: "certificate verify failed"},
		"system's authorities": {environment: map[string]string{"SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt"},
			want: "certificate verify failed"},
		"without TLS": {environment: map[string]string{"WORDPRESS_REDIS_TLS": "off"}, want: "is not in use"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCaching(t)
			if tc.authority != nil {
				c.authority = tc.authority(t)
			}
			p := c.start(t, 1, tc.environment)
			requirePage(t, p, "site")
			site.Eventually(t, func() bool { return strings.Contains(p.Logs(t), tc.want) && p.outages(t) > 0 }, tc.want)
			require.NotContains(t, p.Logs(t), "not-the-token")
			require.Empty(t, c.keys(t, "site"))
		})
	}
	t.Run("another name", func(t *testing.T) {
		t.Parallel()
		c := newCaching(t)
		issued := c.authority.Issue(t, "other")
		other := site.StartRedis(t, c.engine, c.network, c.authority,
			site.StoreOptions{Hostname: "impostor", Certificate: &issued})
		p := c.start(t, 1, map[string]string{"WORDPRESS_REDIS_HOST": "impostor"})
		requirePage(t, p, "site")
		site.Eventually(t, func() bool { return strings.Contains(p.Logs(t), "did not match expected") }, "the name is refused")
		require.Equal(t, "0", other.Command(t, "DBSIZE"))
	})
}

// TestObjectCacheConnection is about connections that are no good any more.
func TestObjectCacheConnection(t *testing.T) {
	t.Parallel()
	c := newCaching(t)
	// Without phpredis's own checks.
	p := c.start(t, 1, nil, "-d", "redis.pconnect.pool_detect_dirty=0", "-d", "redis.pconnect.echo_check_liveness=0")
	one := c.start(t, 1, nil)

	p.do(t, "ended", call{"set", "k", "v"})
	c.redis.Command(t, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
	require.Equal(t, "v", p.get(t, "ended", "k"), "a connection that has ended is replaced")
	require.Equal(t, []any{"v", nil, "v", true}, p.do(t, "ended", call{"get", "k"}, call{"sleep", 0.1}, call{"get", "k"}, call{"set", "k", "w"}))

	p.do(t, "dirty", call{"set", "k", "v"})
	for range 3 {
		require.Equal(t, []any{"socket error on read socket"}, p.do(t, "dirty", call{"stop_in_an_answer"}))
		require.Equal(t, []any{"v", true}, p.do(t, "dirty", call{"get", "k"}, call{"found", "k"}),
			"an answer to an earlier request is nobody's")
	}
	require.Zero(t, p.outages(t))

	// As after a failover, when the name leads to another server and the connection to the old one is still there.
	one.do(t, "replica", call{"set", "k", "v"})
	c.redis.Command(t, "REPLICAOF", "127.0.0.1", "1")
	require.Equal(t, []any{false}, one.do(t, "replica", call{"get", "k"}), "a replica may be out of date")
	require.Equal(t, 1, one.outages(t))
	require.Contains(t, one.Logs(t), "READONLY")
	c.redis.Command(t, "REPLICAOF", "NO", "ONE")
	site.Eventually(t, func() bool { return one.uses(t, "replica") }, "the cache is in Redis again")

	// A value that cannot be replaced must not stay.
	one.do(t, "full", call{"set", "k", "old"}, call{"set", "n", 1})
	c.redis.Command(t, "CONFIG", "SET", "maxmemory-policy", "noeviction")
	c.redis.Command(t, "CONFIG", "SET", "maxmemory", "1")
	require.Equal(t, []any{"old", true, "new", false}, one.do(t, "full", call{"get", "k"}, call{"set", "k", "new"},
		call{"get", "k"}, call{"add", "l", "v"}))
	require.Equal(t, false, one.get(t, "full", "k"))
	require.InDelta(t, 1, one.get(t, "full", "n"), 0)
	c.redis.Command(t, "CONFIG", "SET", "maxmemory", "0")
	require.True(t, one.uses(t, "full"))
	require.Equal(t, 1, one.outages(t), "a full Redis is still of use")
}
