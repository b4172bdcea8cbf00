package alb

import (
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/runtime/metrics"
)

// moody is a target whose health check answers with a code, or not at all while that is 0.
func moody(t *testing.T, ip string, code *atomic.Int32) *server {
	t.Helper()
	return serve(t, ip, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthy" {
			_, _ = io.WriteString(w, ip)
			return
		}
		if r.UserAgent() != "ELB-HealthChecker/2.0" || r.Host != ip+":8080" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		if n := int(code.Load()); n != 0 {
			w.WriteHeader(n)
			return
		}
		<-r.Context().Done()
	})
}

func TestHealth(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	var changes atomic.Int32
	c.Watch(func() { changes.Add(1) })
	balancer, _ := c.balancer()
	group := c.group(props{"healthCheck": map[string]any{
		"path": "/healthy", "matcher": "200,301-302", "interval": 5.0, "timeout": 0.2, "healthyThreshold": 3.0, "unhealthyThreshold": 2.0,
	}})
	var code atomic.Int32
	code.Store(302)
	s := moody(t, "10.0.0.1", &code)
	c.Register(group, s.Target)
	require.Equal(t, Health{
		s.Target, Unused, "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer",
	}, c.state(group, s.IP))

	begun := time.Now()
	l := c.listener(balancer, 80, forwardTo(group))
	c.becomes(group, s.IP, Healthy)
	require.Less(t, time.Since(begun), 400*time.Millisecond, "the first check comes at once, and one is enough")
	require.Equal(t, Health{Target: s.Target, State: Healthy}, c.state(group, s.IP))

	code.Store(502)
	c.becomes(group, s.IP, Unhealthy)
	require.Equal(t, Health{
		s.Target, Unhealthy, "Target.ResponseCodeMismatch", "Health checks failed with these codes: [502]",
	}, c.state(group, s.IP))
	code.Store(0)
	require.Eventually(t, func() bool {
		h := c.state(group, s.IP)
		return h.Reason == "Target.Timeout" && h.Description == "Request timed out"
	}, time.Minute, time.Millisecond)
	begun = time.Now()
	code.Store(200)
	c.becomes(group, s.IP, Healthy)
	require.Greater(t, time.Since(begun), 2*shortest, "three checks in a row")
	s.Close()
	c.becomes(group, s.IP, Unhealthy)
	require.Equal(t, Health{s.Target, Unhealthy, "Target.FailedHealthChecks", "Health checks failed"}, c.state(group, s.IP))
	require.Positive(t, changes.Load())

	c.remove(listenerType, l)
	c.becomes(group, s.IP, Unused)
}

// A target that never was healthy is initial until it has failed often enough.
func TestInitialHealth(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	group, url := c.site()
	var code atomic.Int32
	code.Store(500)
	s := moody(t, "10.0.0.1", &code)
	c.Register(group, s.Target)
	require.Contains(t, []string{"Elb.RegistrationInProgress", "Elb.InitialHealthChecking"}, c.state(group, s.IP).Reason)
	require.Equal(t, Initial, c.state(group, s.IP).State)
	require.Equal(t, "10.0.0.1", c.get(url).body, "there is no other")
	c.becomes(group, s.IP, Unhealthy)

	healthy := named(t, "10.0.0.2")
	c.register(group, healthy)
	for range 10 {
		require.Equal(t, "10.0.0.2", c.get(url).body)
	}
	code.Store(200)
	c.becomes(group, s.IP, Healthy)
	require.ElementsMatch(t, []string{"10.0.0.1", "10.0.0.2"}, []string{c.get(url).body, c.get(url).body}, "by turns")
}

func TestFailover(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	group, url := c.site()
	var one, two atomic.Int32
	one.Store(200)
	two.Store(200)
	a, b := moody(t, "10.0.0.1", &one), moody(t, "10.0.0.2", &two)
	c.register(group, a)
	c.register(group, b)
	one.Store(503)
	c.becomes(group, a.IP, Unhealthy)
	for range 10 {
		require.Equal(t, b.IP, c.get(url).body)
	}
	two.Store(503)
	c.becomes(group, b.IP, Unhealthy)
	require.ElementsMatch(t, []string{a.IP, b.IP}, []string{c.get(url).body, c.get(url).body}, "it fails open")
}

// A rolling update under load loses no request: those in flight when a target is drained end there, however fast
// the clock runs, and no new one comes.
func TestDrainingLosesNothing(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100) // 30 seconds are 0.3 here
	group, url := c.site()
	var late atomic.Int32
	rolling := func(ip string) *server {
		var retired atomic.Bool
		s := serve(t, ip, func(w http.ResponseWriter, r *http.Request) {
			if retired.Load() && r.URL.Path != "/healthy" {
				late.Add(1)
			}
			if r.URL.Path == "/slow" {
				time.Sleep(700 * time.Millisecond)
			}
			_, _ = io.WriteString(w, ip)
		})
		c.Watch(func() {
			if c.state(group, ip).State == Draining {
				time.AfterFunc(100*time.Millisecond, func() { retired.Store(true) })
			}
		})
		return s
	}
	old := rolling("10.0.0.1")
	c.register(group, old)

	var sent, lost atomic.Int32
	over := make(chan struct{})
	var clients sync.WaitGroup
	client := c.client()
	for i := range 8 {
		clients.Go(func() {
			path := []string{"/", "/slow"}[i%2]
			for {
				select {
				case <-over:
					return
				default:
				}
				req, err := http.NewRequest([]string{http.MethodGet, http.MethodPost}[i/4], url+path, http.NoBody)
				if err != nil {
					return
				}
				sent.Add(1)
				res, err := client.Do(req)
				if err != nil {
					lost.Add(1)
					continue
				}
				_, err = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
				if err != nil || res.StatusCode != http.StatusOK {
					lost.Add(1)
				}
			}
		})
	}
	for _, ip := range []string{"10.0.0.2", "10.0.0.3", "10.0.0.4"} {
		next := rolling(ip)
		c.register(group, next)
		c.Deregister(group, old.IP, old.Port)
		begun := time.Now()
		require.Equal(t, Health{old.Target, Draining, "Target.DeregistrationInProgress", "Target deregistration is in progress"},
			c.state(group, old.IP))
		require.Eventually(t, func() bool { return c.state(group, old.IP).State == "" }, time.Minute, time.Millisecond)
		require.GreaterOrEqual(t, time.Since(begun), 300*time.Millisecond, "the whole delay")
		old.Close() // as the task stops then
		old = next
	}
	close(over)
	clients.Wait()
	t.Logf("%d requests, %d lost", sent.Load(), lost.Load())
	require.Greater(t, sent.Load(), int32(100))
	require.Zero(t, lost.Load())
	require.Zero(t, late.Load(), "a draining target gets nothing new")
}

// Without requests in flight a target drains for the whole delay; with one that does not end, for AWS's own.
func TestDrainingEnds(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 10)
	balancer, url := c.balancer()
	group := c.group(props{"deregistrationDelay": 2.0})
	c.listener(balancer, 80, forwardTo(group))
	stuck := serve(t, "10.0.0.1", func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthy" {
			<-r.Context().Done()
		}
	})
	c.register(group, stuck)
	status := make(chan int, 1)
	go func() { status <- c.get(url).StatusCode }()
	g := c.knownGroup(group)
	require.Eventually(t, func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		return g.targets[0].inFlight == 1
	}, time.Minute, time.Millisecond)
	begun := time.Now()
	c.Deregister(group, stuck.IP, stuck.Port)
	require.Equal(t, http.StatusServiceUnavailable, c.get(url).StatusCode, "it takes no other")
	require.Equal(t, http.StatusBadGateway, <-status)
	require.GreaterOrEqual(t, time.Since(begun), 2*time.Second)
	require.Eventually(t, func() bool { return len(c.Health(group)) == 0 }, time.Minute, time.Millisecond)
}

// A target that comes back while it drains is used again; one that listens elsewhere is asked there.
func TestRegisteringAgain(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 1)
	group, url := c.site()
	a := named(t, "10.0.0.1")
	c.register(group, a)
	c.Deregister(group, a.IP, a.Port)
	require.Equal(t, http.StatusServiceUnavailable, c.get(url).StatusCode)
	c.register(group, a)
	require.Equal(t, "10.0.0.1", c.get(url).body)
	require.Len(t, c.Health(group), 1)

	moved := serve(t, a.IP, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "moved") })
	c.register(group, moved)
	require.Equal(t, "moved", c.get(url).body)
	c.Deregister(group, "10.0.0.9", 80)
	c.Deregister("arn:none", "10.0.0.9", 80)
	require.Len(t, c.Health(group), 1)
	require.Empty(t, c.Health("arn:none"))
}

func TestLeastOutstandingRequests(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	balancer, url := c.balancer()
	group := c.group(props{"loadBalancingAlgorithmType": "least_outstanding_requests"})
	c.listener(balancer, 80, forwardTo(group))
	release := make(chan struct{})
	busy := serve(t, "10.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthy" {
			<-release
		}
		_, _ = io.WriteString(w, "busy")
	})
	c.register(group, busy)
	// More than one: the next target may still be ending a request when another arrives.
	const waiting = 3
	first := make(chan string, waiting)
	for range waiting {
		go func() { first <- c.get(url).body }()
	}
	g := c.knownGroup(group)
	require.Eventually(t, func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		return g.targets[0].inFlight == waiting
	}, time.Minute, time.Millisecond)
	c.register(group, named(t, "10.0.0.2"))
	for range 10 {
		require.Equal(t, "10.0.0.2", c.get(url).body)
	}
	close(release)
	for range waiting {
		require.Equal(t, "busy", <-first)
	}
}

func TestStickiness(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	for _, tc := range []struct {
		stickiness map[string]any
		sticks     bool
	}{
		{map[string]any{"type": "lb_cookie", "cookieDuration": 60.0}, true},
		{map[string]any{"type": "lb_cookie", "enabled": false}, false},
		{nil, false},
	} {
		balancer, url := c.balancer()
		group := c.group(props{"stickiness": tc.stickiness})
		c.listener(balancer, 80, forwardTo(group))
		a, b := named(t, "10.0.0.1"), named(t, "10.0.0.2")
		c.register(group, a)
		c.register(group, b)
		res := c.get(url)
		if !tc.sticks {
			require.Empty(t, res.Cookies())
			continue
		}
		require.Len(t, res.Cookies(), 2)
		cookie := res.Cookies()[0]
		require.Equal(t, "AWSALB", cookie.Name)
		require.WithinDuration(t, time.Now().Add(time.Minute), cookie.Expires, 5*time.Second)
		for range 10 {
			require.Equal(t, res.body, c.get(url, "Cookie: x=y; AWSALB="+cookie.Value).body)
		}
		c.Deregister(group, res.body, 8080)
		require.NotEqual(t, res.body, c.get(url, "Cookie: AWSALB="+cookie.Value).body)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	group, url := c.site()
	c.get(url)
	c.register(group, serve(t, "10.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/missing":
			w.WriteHeader(http.StatusNotFound)
		case "/broken":
			panic(http.ErrAbortHandler)
		case "/slow":
			time.Sleep(200 * time.Millisecond)
		}
	}))
	begun := time.Now()
	for _, path := range []string{"/", "/", "/slow", "/missing", "/broken"} {
		c.get(url + path)
	}
	took := time.Since(begun)
	sum := func(dimension, name string) metrics.Summary {
		now := time.Now()
		return c.env.Metrics.Between(metrics.Metric{Namespace: "AWS/ApplicationELB", Name: name, Dimension: dimension},
			now.Add(-time.Minute), now.Add(time.Minute))
	}
	const balancer, targets = "app/site1/0", "targetgroup/web2/0"
	for _, tc := range []struct {
		dimension, name string
		want            float64
	}{
		{balancer, "RequestCount", 5}, {targets, "RequestCount", 5}, {targets, "RequestCountPerTarget", 5},
		{targets, "HTTPCode_Target_2XX_Count", 3}, {balancer, "HTTPCode_Target_4XX_Count", 1}, {balancer, "HTTPCode_ELB_5XX_Count", 2},
	} {
		require.InDelta(t, tc.want, sum(tc.dimension, tc.name).Sum, 0, tc.name)
	}
	longest := sum(targets, "TargetResponseTime").Maximum
	require.GreaterOrEqual(t, longest, 0.2)
	require.Less(t, longest, took.Seconds())
	require.Eventually(t, func() bool { return sum(targets, "HealthyHostCount").Maximum == 1 }, time.Minute, 10*time.Millisecond)
}
