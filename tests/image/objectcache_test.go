package image_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/containers"
	"wordpress-ecs/tests/site"
)

// cacheScripts is where the containers of these tests have testdata/objectcache.
const cacheScripts = "/srv/objectcache/"

// caching is a Redis and the programs of tasks that use it as WordPress's object cache.
type caching struct {
	engine    *containers.Engine
	network   *containers.Network
	authority *site.Authority
	redis     *site.Store
}

func newCaching(t *testing.T) *caching {
	t.Helper()
	c := &caching{engine: containers.Connect(t), authority: site.NewAuthority(t)}
	c.network = c.engine.Network(t)
	c.redis = site.StartRedis(t, c.engine, c.network, c.authority, site.StoreOptions{})
	return c
}

// process is PHP in the image, whose requests are lists of calls of the cache.
type process struct {
	*containers.Container
	address string
}

// start starts a process with a number of workers, each of which has its own connection. Settings of PHP come
// before its script.
func (c *caching) start(t *testing.T, workers int, environment map[string]string, settings ...string) *process {
	t.Helper()
	variables := map[string]string{
		"WORDPRESS_REDIS_HOST": "redis", "WORDPRESS_REDIS_AUTH_TOKEN": site.RedisToken,
		"SSL_CERT_FILE": "/srv/authority.pem", "PHP_CLI_SERVER_WORKERS": strconv.Itoa(workers),
	}
	if workers == 1 {
		delete(variables, "PHP_CLI_SERVER_WORKERS")
	}
	for name, value := range environment {
		variables[name] = value
	}
	files := []containers.File{{Name: "/srv/authority.pem", Content: c.authority.PEM}}
	scripts, err := filepath.Glob("testdata/objectcache/*")
	require.NoError(t, err)
	for _, script := range scripts {
		content, err := os.ReadFile(script)
		require.NoError(t, err)
		files = append(files, containers.File{Name: cacheScripts + filepath.Base(script), Content: string(content)})
	}
	p := &process{Container: c.engine.Run(t, containers.Spec{
		Name: "php", Image: site.Image(t, c.engine), Network: c.network, Entrypoint: []string{"php"},
		Command:     append(settings, "-q", "-S", "0.0.0.0:8080", cacheScripts+"commands.php"),
		Environment: variables, Files: files, Publish: 8080, Tmpfs: map[string]string{"/tmp": ""},
	})}
	p.address = p.Address(t, 8080)
	site.Eventually(t, func() bool {
		_, err := p.ask("warm-up", false)
		return err == nil
	}, "PHP answers")
	return p
}

// call is one function of the cache, without "wp_cache_", and its arguments.
type call []any

// cacheAnswer is what became of the calls of a request.
type cacheAnswer struct {
	Results []struct {
		Value any
		Trips int
	}
	// Trips is how often the request went to Redis.
	Trips int
}

// ask sends one request. reading has it look like the request for a page.
func (p *process) ask(name string, reading bool, calls ...call) (cacheAnswer, error) {
	body, err := json.Marshal(append([]call{}, calls...))
	if err != nil {
		return cacheAnswer{}, err
	}
	client := &http.Client{Timeout: site.StartTimeout, Transport: &http.Transport{DisableKeepAlives: true}}
	address := "http://" + p.address + "/?site=" + url.QueryEscape(name)
	var response *http.Response
	if reading {
		response, err = client.Get(address + "&calls=" + url.QueryEscape(string(body)))
	} else {
		response, err = client.Post(address, "application/json", bytes.NewReader(body))
	}
	if err != nil {
		return cacheAnswer{}, err
	}
	defer func() { _ = response.Body.Close() }() // read to its end
	var text bytes.Buffer
	if _, err := text.ReadFrom(response.Body); err != nil {
		return cacheAnswer{}, err
	}
	var a cacheAnswer
	if err := json.Unmarshal(text.Bytes(), &a); err != nil {
		return cacheAnswer{}, fmt.Errorf("%s: %w: %s", body, err, text.String())
	}
	return a, nil
}

// do sends one request of a site and returns the value of each call.
func (p *process) do(t *testing.T, name string, calls ...call) []any {
	t.Helper()
	a, err := p.ask(name, false, calls...)
	require.NoError(t, err)
	values := make([]any, 0, len(a.Results))
	for _, result := range a.Results {
		values = append(values, result.Value)
	}
	return values
}

// get is the value of a key, as a new request sees it.
func (p *process) get(t *testing.T, name, key string) any {
	t.Helper()
	return p.do(t, name, call{"get", key})[0]
}

// uses tells whether a new request has its cache in Redis.
func (p *process) uses(t *testing.T, name string) bool {
	t.Helper()
	p.do(t, name, call{"set", "kept", "yes"})
	return p.get(t, name, "kept") == "yes"
}

// statistic is a number that Redis counts.
func (c *caching) statistic(t *testing.T, name string) int {
	t.Helper()
	for line := range strings.Lines(c.redis.Command(t, "INFO", "stats")) {
		if value, found := strings.CutPrefix(strings.TrimSpace(line), name+":"); found {
			number, err := strconv.Atoi(value)
			require.NoError(t, err)
			return number
		}
	}
	t.Fatalf("Redis does not report %s", name)
	return 0
}

// keys are the keys of a site.
func (c *caching) keys(t *testing.T, name string) []string {
	t.Helper()
	return strings.Fields(c.redis.Command(t, "--raw", "KEYS", "wp:database%3A"+name+"%3A*"))
}

// TestObjectCache is about a Redis that works. Each case is a site of its own.
func TestObjectCache(t *testing.T) {
	t.Parallel()
	c := newCaching(t)
	one, two := c.start(t, 4, nil), c.start(t, 2, nil)

	t.Run("the functions do what WordPress documents", func(t *testing.T) { testContract(t, c, one) })
	t.Run("processes share what they store", func(t *testing.T) {
		require.Equal(t, []any{true}, one.do(t, "shared", call{"set", "k", []any{"a", 1.0}}))
		require.Equal(t, []any{[]any{"a", 1.0}, false}, two.do(t, "shared", call{"get", "k"}, call{"add", "k", "b"}))
		require.Equal(t, []any{true}, two.do(t, "shared", call{"delete", "k"}))
		require.Equal(t, []any{false, true}, one.do(t, "shared", call{"get", "k"}, call{"add", "k", "c"}))
		require.Equal(t, "c", two.get(t, "shared", "k"))
	})
	t.Run("a forced get sees what another process has stored", func(t *testing.T) {
		require.Equal(t, []any{true, true, "a", "b", "b"}, one.do(t, "forced", call{"set", "k", "a"},
			call{"elsewhere", "set", "k", "b"}, call{"get", "k"}, call{"get", "k", "", true}, call{"get", "k"}))
		require.Equal(t, []any{true, "a", true, false, false}, one.do(t, "forced", call{"set", "k", "a"}, call{"get", "k"},
			call{"elsewhere", "flush"}, call{"found", "k", "", true}, call{"get", "k"}))
	})
	t.Run("one process gets a lock", func(t *testing.T) {
		got := make(chan any, 40)
		together(20, func() { got <- value(one, "lock", call{"add", "lock", 1}) },
			func() { got <- value(two, "lock", call{"add", "lock", 1}) })
		counts := map[any]int{}
		for range cap(got) {
			counts[<-got]++
		}
		require.Equal(t, map[any]int{true: 1, false: 39}, counts)
		// Whoever has seen the lock still asks Redis for it.
		require.Equal(t, []any{1.0, true, true}, one.do(t, "lock", call{"get", "lock"},
			call{"elsewhere", "delete", "lock"}, call{"add", "lock", 1}))
	})
	t.Run("increments of several processes add up", func(t *testing.T) {
		for _, start := range []any{1000, "1000"} { // an integer and digits
			one.do(t, "sum", call{"set", "n", start})
			together(4, func() { value(one, "sum", call{"repeat", 25, "incr", "n", 2}) },
				func() { value(two, "sum", call{"repeat", 25, "decr", "n", 1}) })
			require.InDelta(t, 1100, one.get(t, "sum", "n"), 0)
		}
	})
	t.Run("values end with their time", func(t *testing.T) { testExpiry(t, c, one) })
	t.Run("a flush of a group is for all processes and this group", func(t *testing.T) {
		one.do(t, "groups", call{"set", "k", "v", "g"}, call{"set", "k", "v", "h"})
		require.Equal(t, []any{"v", true, "v", false, "v"}, one.do(t, "groups", call{"get", "k", "g"},
			call{"elsewhere", "flush_group", "g"}, call{"get", "k", "g"}, call{"get", "k", "g", true}, call{"get", "k", "h"}))
		require.Equal(t, []any{false, "v"}, two.do(t, "groups", call{"get", "k", "g"}, call{"get", "k", "h"}))
	})
	t.Run("a flush is for one site and nothing else", func(t *testing.T) {
		c.redis.Command(t, "SET", "PHPREDIS_SESSION:visitor", "cart")
		one.do(t, "flushed", call{"set", "k", "v"}, call{"set", "k", "v", "g"})
		one.do(t, "flushed-not", call{"set", "k", "v"})
		require.Equal(t, []any{true}, two.do(t, "flushed", call{"flush"}))
		require.Equal(t, []any{false, false}, one.do(t, "flushed", call{"get", "k"}, call{"get", "k", "g"}))
		require.Equal(t, "v", one.get(t, "flushed-not", "k"))
		require.Equal(t, "cart", c.redis.Command(t, "GET", "PHPREDIS_SESSION:visitor"))
		for _, key := range c.keys(t, "flushed") {
			if !strings.HasSuffix(key, ":generations") {
				require.Positive(t, c.number(t, "TTL", key), "%s would stay for ever", key)
			}
		}
	})
	t.Run("a flush takes no longer for more keys", func(t *testing.T) {
		values := map[string]int{}
		for n := range 2000 {
			values["key "+strconv.Itoa(n)] = n
		}
		one.do(t, "many", call{"set_multiple", values, "g"})
		before := c.statistic(t, "total_commands_processed")
		require.Equal(t, []any{true, true}, one.do(t, "many", call{"flush_group", "g"}, call{"flush"}))
		require.Less(t, c.statistic(t, "total_commands_processed")-before, 20)
	})
	t.Run("a request that began before a flush leaves nothing old after it", func(t *testing.T) {
		// What it stores after the flush may be made of what it read before.
		one.do(t, "began", call{"set", "k", "old"}, call{"set", "n", 1})
		require.Equal(t, []any{"old", true, true}, one.do(t, "began", call{"get", "k"},
			call{"elsewhere", "flush"}, call{"set", "k", "made of old"}))
		require.Equal(t, false, one.get(t, "began", "k"))
		// What it deletes is also gone for those who stored it after the flush.
		require.Equal(t, []any{false, true, true, true}, one.do(t, "began", call{"get", "other"},
			call{"elsewhere", "flush"}, call{"elsewhere", "set", "k", "read too early"}, call{"delete", "k"}))
		require.Equal(t, false, one.get(t, "began", "k"))
		// A lock is one that everybody sees.
		require.Equal(t, []any{false, true, true, false}, one.do(t, "began", call{"get", "lock"},
			call{"elsewhere", "flush"}, call{"elsewhere", "add", "lock", 1}, call{"add", "lock", 1}))
	})
	t.Run("generations that are lost do not come again", func(t *testing.T) {
		one.do(t, "lost", call{"set", "k", "old"}, call{"flush_group", "g"})
		c.redis.Command(t, "DEL", "wp:database%3Alost%3Awp_:generations")
		require.Equal(t, false, one.get(t, "lost", "k"))
	})
	t.Run("calls of many keys are one round trip", func(t *testing.T) { testRoundTrips(t, c, one) })
	t.Run("a kind of page fetches what it used before", func(t *testing.T) { testFetchAhead(t, one) })
	t.Run("what cannot be stored is there for the request", func(t *testing.T) {
		require.Equal(t, []any{true, []any{true, "value"}}, one.do(t, "closure", call{"set", "k", "old"}, call{"closure", "k"}))
		require.Equal(t, false, one.get(t, "closure", "k"))
	})
	t.Run("a value that cannot be read is none", func(t *testing.T) {
		one.do(t, "broken", call{"set", "k", "v"})
		for _, key := range c.keys(t, "broken") {
			if strings.HasSuffix(key, ":k") {
				c.redis.Command(t, "SETRANGE", key, "4", "broken")
			}
		}
		require.Equal(t, []any{false, false}, one.do(t, "broken", call{"get", "k"}, call{"found", "k"}))
	})
	for _, p := range []*process{one, two} {
		require.NotContains(t, p.Logs(t), "Object cache:", "nothing failed")
	}
}

// testContract runs the cases of contract.php with WordPress's own cache and with the one in Redis.
func testContract(t *testing.T, c *caching, p *process) {
	t.Helper()
	for _, network := range []string{"", "1"} {
		run := func(environment ...string) map[string]any {
			var results map[string]any
			output := p.Must(t, append(append([]string{"env", "MULTISITE=" + network}, environment...),
				"php", cacheScripts+"contract.php")...)
			require.NoError(t, json.Unmarshal([]byte(output), &results), output)
			return results
		}
		own, name := run("CACHE=memory"), "contract"+network
		require.Greater(t, len(own), 80)
		for _, redis := range []map[string]any{
			run("WORDPRESS_DB_NAME=" + name), run("WORDPRESS_DB_NAME="+name, "KEEP_RUNTIME=1"),
		} {
			require.Len(t, redis, len(own))
			for name, want := range own {
				assert.Equal(t, want, redis[name], "%s, network %q", name, network)
			}
		}
		require.NotEmpty(t, c.keys(t, name), "the cache was in Redis")
	}
}

func testExpiry(t *testing.T, c *caching, p *process) {
	t.Helper()
	require.Equal(t, []any{true, true, map[string]any{"m": true}, "v", false, true}, p.do(t, "expiry",
		call{"set", "k", "v", "", 3}, call{"add", "l", "v", "", 3}, call{"set_multiple", map[string]any{"m": "v"}, "", 3},
		call{"get", "k"}, call{"add", "k", "w"}, call{"set", "stays", "v"}), "before their time")
	for _, key := range []string{"k", "l", "m"} {
		site.Eventually(t, func() bool { return p.get(t, "expiry", key) == false }, "%s ends", key)
	}
	require.Equal(t, "v", p.get(t, "expiry", "stays"))
	require.Equal(t, []any{true, nil, false, true}, p.do(t, "expiry", call{"set", "k", "v", "", 1},
		call{"sleep", 1.1}, call{"get", "k"}, call{"add", "k", "w"}), "in the same request")
	require.Equal(t, []any{true, true, false, false}, p.do(t, "expiry", call{"set", "over", "v"},
		call{"set", "over", "v", "", -1}, call{"get", "over"}, call{"get", "over", "", true}), "over at once")
	const week = 7 * 24 * 60 * 60
	for lifetime, want := range map[int]int{0: week, 100: 100, 10 * week: week} {
		key := "for-" + strconv.Itoa(lifetime)
		p.do(t, "expiry", call{"set", key, 1, "", lifetime}, call{"incr", key},
			call{"set", key + "-digits", "1", "", lifetime}, call{"incr", key + "-digits"})
		seen := 0
		for _, stored := range c.keys(t, "expiry") {
			if strings.HasSuffix(strings.TrimSuffix(stored, "-digits"), ":"+key) {
				seen++
				require.InDelta(t, want, c.number(t, "TTL", stored), 60, stored)
			}
		}
		require.Equal(t, 2, seen)
	}
}

func testRoundTrips(t *testing.T, c *caching, p *process) {
	t.Helper()
	values, keys := map[string]int{}, []string{}
	for n := range 100 {
		keys = append(keys, "key "+strconv.Itoa(n))
		values[keys[n]] = n
	}
	p.do(t, "trips", call{"get", "k"}) // the connection
	reads := c.statistic(t, "total_reads_processed")
	a, err := p.ask("trips", false, call{"get", "k"}, call{"set_multiple", values}, call{"flush_runtime"},
		call{"get_multiple", keys}, call{"get_multiple", keys}, call{"add_multiple", values}, call{"delete_multiple", keys})
	require.NoError(t, err)
	trips := []int{}
	for _, result := range a.Results {
		trips = append(trips, result.Trips)
	}
	require.Equal(t, []int{2, 1, 0, 1, 0, 1, 1}, trips, "the first one has the greeting")
	require.Less(t, c.statistic(t, "total_reads_processed")-reads, 30, "Redis was not asked 400 times")

	connections := c.statistic(t, "total_connections_received")
	for range 40 {
		p.do(t, "trips", call{"set", "k", "v"})
	}
	require.LessOrEqual(t, c.statistic(t, "total_connections_received")-connections, 4+1,
		"each of the four workers keeps its connection, and this question has one")
}

// testFetchAhead asks for the same page until its list is known.
func testFetchAhead(t *testing.T, p *process) {
	t.Helper()
	stored, page := []call{}, []call{{"get", "missing"}}
	for n := range 20 {
		key := "key " + strconv.Itoa(n)
		stored = append(stored, call{"set", key, n, "g"})
		page = append(page, call{"get", key, "g"})
	}
	p.do(t, "page", stored...)
	var a cacheAnswer
	site.Eventually(t, func() bool {
		var err error
		a, err = p.ask("page", true, page...)
		require.NoError(t, err)
		return a.Trips <= 3
	}, "a page of 21 keys needs three round trips")
	for n := range 20 {
		require.InDelta(t, n, a.Results[n+1].Value, 0)
	}
	require.Equal(t, false, a.Results[0].Value)
	// What other requests have changed since the list was made is what the page shows, and what is missing is
	// looked for again when it is asked for again.
	p.do(t, "page", call{"set", "key 3", "new", "g"}, call{"delete", "key 4", "g"})
	a, err := p.ask("page", true, call{"get", "key 3", "g"}, call{"get", "key 4", "g"}, call{"get", "missing"},
		call{"elsewhere", "set", "missing", "here"}, call{"get", "missing"}, call{"elsewhere", "set", "key 5", "forced", "g"},
		call{"get", "key 5", "g", true}, call{"delete", "key 6", "g"}, call{"get", "key 6", "g"})
	require.NoError(t, err)
	for n, want := range map[int]any{0: "new", 1: false, 2: false, 4: "here", 6: "forced", 8: false} {
		require.Equal(t, want, a.Results[n].Value, "result %d", n)
	}
}

// number is a number that Redis answers with.
func (c *caching) number(t *testing.T, words ...string) int {
	t.Helper()
	number, err := strconv.Atoi(c.redis.Command(t, words...))
	require.NoError(t, err)
	return number
}

// value is what a request with one call returns, or its error.
func value(p *process, name string, c call) any {
	a, err := p.ask(name, false, c)
	if err != nil {
		return err.Error()
	}
	return a.Results[0].Value
}

// together does several things at the same time, each a number of times.
func together(times int, work ...func()) {
	var all sync.WaitGroup
	for _, do := range work {
		for range times {
			all.Go(do)
		}
	}
	all.Wait()
}

// soon is far more than the second that Redis may take to answer, and far less than a second for each key.
const soon = 30 * time.Second
