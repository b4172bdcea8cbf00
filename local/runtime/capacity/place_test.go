package capacity

import (
	"net/netip"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
)

// count tells how often each value occurs.
func count(places []Place, value func(p Place) string) map[string]int {
	n := map[string]int{}
	for _, p := range places {
		n[value(p)]++
	}
	return n
}

func zoneOf(p Place) string     { return p.Zone }
func instanceOf(p Place) string { return p.Instance }

func TestTasksAreSpread(t *testing.T) {
	t.Parallel()
	c := open(t, func(g, _ account.Props) { g["minSize"] = 4.0 })
	c.pass(time.Minute)
	places := c.place("1", "2", "3", "4")
	require.Equal(t, map[string]int{"eu-west-1a": 2, "eu-west-1b": 2}, count(places, zoneOf))
	require.Len(t, count(places, instanceOf), 4)
	for _, p := range places {
		require.Equal(t, "vpc-1", p.VPC)
		require.Equal(t, "subnet-"+p.Zone[len(p.Zone)-1:], p.Subnet)
	}
	// A task that goes makes its place the one with the fewest.
	c.tasks.Release("2")
	require.Equal(t, places[1].Instance, c.place("5")[0].Instance)
}

func TestBinpackFillsAnInstanceFirst(t *testing.T) {
	t.Parallel()
	for _, field := range []string{"cpu", "MEMORY"} {
		c := open(t)
		c.pass(time.Minute)
		var places []Place
		for n := range 4 {
			w := want(strconv.Itoa(n))
			w.Strategies = []Strategy{{"binpack", field}}
			p, _, ok := c.tasks.Place(w)
			require.True(t, ok)
			places = append(places, p)
		}
		require.Equal(t, places[0].Instance, places[1].Instance, field)
		require.NotEqual(t, places[1].Instance, places[2].Instance, field)
	}
}

func TestWithoutStrategiesTasksAreSpreadOverZones(t *testing.T) {
	t.Parallel()
	c := open(t, func(g, _ account.Props) { g["minSize"] = 4.0 })
	c.pass(time.Minute)
	var places []Place
	for n := range 4 {
		w := want(strconv.Itoa(n))
		w.Strategies = nil
		p, _, _ := c.tasks.Place(w)
		places = append(places, p)
	}
	require.Equal(t, map[string]int{"eu-west-1a": 2, "eu-west-1b": 2}, count(places, zoneOf))
}

func TestWhatDoesNotFitWaitsWithECSsReason(t *testing.T) {
	t.Parallel()
	const closest = `^The closest matching container-instance [0-9a-f]{32} `
	for name, tc := range map[string]struct {
		change func(w *Want)
		reason string
	}{
		"cpu":    {func(w *Want) { w.CPU = 2049 }, closest + `has insufficient CPU units available\.$`},
		"memory": {func(w *Want) { w.Memory = 7786 }, closest + `has insufficient memory available\.$`},
		"zone": {
			func(w *Want) { w.Subnets = []string{"subnet-c"} }, closest + `is missing an attribute required by your task\.$`,
		},
		"provider": {
			func(w *Want) { w.Provider = "other" }, `^Reason: No Container Instances were found in your capacity provider\.$`,
		},
		"cluster": {
			func(w *Want) { w.Cluster, w.Provider = "other", "" }, `^Reason: No Container Instances were found in your cluster\.$`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := open(t)
			c.put(subnetOf("subnet-c", "c", "10.0.2.0/24"))
			c.pass(time.Minute)
			w := want("1")
			tc.change(&w)
			_, reason, ok := c.tasks.Place(w)
			require.False(t, ok)
			require.Regexp(t, tc.reason, reason)
		})
	}
}

// M7i.large has three network interfaces: two tasks, however small they are.
func TestNetworkInterfacesLimitTheTasks(t *testing.T) {
	t.Parallel()
	c := open(t)
	_, reason, ok := c.tasks.Place(want("early"))
	require.False(t, ok)
	require.Equal(t, "Reason: No Container Instances were found in your capacity provider.", reason, "none has booted")
	c.pass(time.Minute)
	place := func(name string) (string, bool) {
		w := want(name)
		w.CPU, w.Memory = 1, 1
		_, reason, ok := c.tasks.Place(w)
		return reason, ok
	}
	for n := range 4 {
		_, ok := place(strconv.Itoa(n))
		require.True(t, ok, n)
	}
	reason, ok = place("5")
	require.False(t, ok)
	require.Regexp(t, `^The closest matching container-instance [0-9a-f]{32} encountered error "RESOURCE:ENI"\.$`, reason)
	before := c.changes
	c.tasks.Release("0")
	require.Greater(t, c.changes, before, "the scheduler hears of room")
	_, ok = place("5")
	require.True(t, ok)
}

func TestAskingTwiceTakesOnePlace(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.pass(time.Minute)
	first := c.place("1")
	require.Equal(t, first, c.place("1"))
	c.place("2", "3", "4")
}

func TestHeldTasksKeepTheirRoomAndAddress(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.pass(time.Minute)
	places := c.place("1", "2", "3", "4")
	c.restart()
	for n, p := range places {
		c.tasks.Held(strconv.Itoa(n+1), want(""), p)
	}
	_, _, ok := c.tasks.Place(want("5"))
	require.False(t, ok)
	c.tasks.Release("4")
	for _, p := range c.place("5") {
		require.NotContains(t, count(places[:3], func(p Place) string { return p.IP }), p.IP)
		require.NotEqual(t, places[3].IP, p.IP, "the target group still drains the old one")
	}
}

func TestAddressesAreOfTheSubnetAndFree(t *testing.T) {
	t.Parallel()
	p := New(Env{})
	s := subnet{id: "subnet-s", block: netip.MustParsePrefix("10.0.0.32/28")}
	seen := map[string]bool{}
	for n := range 10 { // 16, without the 5 that AWS keeps and the load balancer's
		ip, ok := p.address(s)
		require.True(t, ok, n)
		p.holds[ip] = hold{place: Place{IP: ip}}
		host := netip.MustParseAddr(ip).As4()[3] - 32
		require.True(t, host >= 4 && host < 15 && host != peerHost, ip)
		require.False(t, seen[ip], ip)
		seen[ip] = true
	}
	_, ok := p.address(s)
	require.False(t, ok)
	delete(p.holds, "10.0.0.36")
	ip, ok := p.address(s)
	require.True(t, ok)
	require.Equal(t, "10.0.0.36", ip)
}

func TestAnAddressComesBackLate(t *testing.T) {
	t.Parallel()
	p := New(Env{})
	s := subnet{id: "subnet-s", block: netip.MustParsePrefix("10.0.0.0/24")}
	first, _ := p.address(s)
	second, _ := p.address(s)
	require.NotEqual(t, first, second, "nobody holds the first one any more")
}
