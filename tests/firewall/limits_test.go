package firewall_test

import (
	"net/http"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/settings"
)

func limited(f *settings.Firewall) { f.LoginLimit, f.WriteLimit, f.RequestLimit = 10, 20, 40 }

// many sends a request so often, and returns how many pass and what blocks the others.
func (g *gate) many(n int, name string, changes ...func(*http.Request)) (passed int, rule string) {
	g.t.Helper()
	for range n {
		if blocked := g.blocks(sample(g.t, name, changes...)); blocked != "" {
			rule = blocked
			continue
		}
		passed++
	}
	return passed, rule
}

func TestLimits(t *testing.T) {
	t.Parallel()
	for _, at := range places() {
		t.Run(at.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, at, limited)
			for _, c := range []struct {
				sample string
				passed int
				rule   string
			}{{"login", 10, "logins"}, {"comment", 20, "writes"}, {"search", 40, "requests"}} {
				g := s.open()
				passed, rule := g.many(50, c.sample)
				require.Equal(t, c.passed, passed, c.sample)
				require.Equal(t, c.rule, rule)
				passed, _ = g.many(5, c.sample, from("198.51.100.2"))
				require.Equal(t, 5, passed, "others go on")
			}
			g := s.open()
			g.many(50, "login")
			passed, _ := g.many(5, "comment")
			require.Equal(t, 5, passed, "what is blocked as a login is not counted on")
		})
	}
}

func TestWhoIsAllowedMayEverything(t *testing.T) {
	t.Parallel()
	for _, at := range places() {
		t.Run(at.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, at, limited, func(f *settings.Firewall) {
				f.Allowed = []netip.Prefix{netip.MustParsePrefix("203.0.113.0/28"), netip.MustParsePrefix("2001:db8:7::/48")}
				f.Countries = []string{"DE"}
			})
			for _, address := range []string{"203.0.113.15", "2001:db8:7::1"} {
				g := s.open()
				passed, _ := g.many(60, "login", from(address))
				require.Equal(t, 60, passed)
				require.Empty(t, g.blocks(sample(t, "attack-script", from(address))))
			}
			require.Equal(t, "bodies", s.open().blocks(sample(t, "attack-script", from("203.0.113.16"))))
			forwarded := func(r *http.Request) { r.Header.Set("X-Forwarded-For", "203.0.113.15") }
			require.Equal(t, "bodies", s.open().blocks(sample(t, "attack-script", forwarded)), "a header is not believed")
		})
	}
}

func TestCountriesAndReputation(t *testing.T) {
	t.Parallel()
	s := newSite(t, places()[0], func(f *settings.Firewall) { f.Countries = []string{"DE", "AT"} })
	s.env.Countries = map[netip.Prefix]string{
		netip.MustParsePrefix("192.0.2.0/25"): "DE", netip.MustParsePrefix("192.0.2.128/25"): "FR", netip.MustParsePrefix("203.0.113.0/24"): "DE",
	}
	s.env.Reputation = []netip.Prefix{netip.MustParsePrefix("203.0.113.66/32")}
	require.Empty(t, s.open().blocks(sample(t, "search", from("192.0.2.1"))))
	require.Equal(t, "countries", s.open().blocks(sample(t, "search", from("192.0.2.129"))))
	require.Empty(t, s.open().blocks(sample(t, "search", from("127.0.0.1"))), "nobody knows where that is")
	require.Equal(t, "reputation: AWSManagedIPReputationList", s.open().blocks(sample(t, "search", from("203.0.113.66"))))
}
