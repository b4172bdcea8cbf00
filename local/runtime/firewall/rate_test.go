package firewall

import (
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func limit(n float64, more props) props {
	body := props{"aggregateKeyType": "IP", "limit": n}
	for name, v := range more {
		body[name] = v
	}
	return when("rateBasedStatement", body)
}

// sent is how many of n requests pass, one a second of the clock of AWS, which is a tenth of one here.
func (w *wall) sent(n int, next func() *http.Request) (passed int) {
	w.t.Helper()
	for range n {
		if w.passes(next()) {
			passed++
		}
		w.time = w.time.Add(100 * time.Millisecond)
	}
	return passed
}

func get(changes ...func(*http.Request)) func() *http.Request {
	return func() *http.Request { return request("GET", "/", "", changes...) }
}

func TestAnAddressMaySendSoMuchInAWindow(t *testing.T) {
	t.Parallel()
	w := newWall(t, limit(20, nil))
	require.Equal(t, 20, w.sent(100, get()))
	require.Equal(t, 20, w.sent(30, get(of("2001:db8::1"))), "every address has its own")
	w.time = w.time.Add(20 * time.Second) // 200 of AWS's 300
	require.Equal(t, 0, w.sent(5, get()), "what is blocked counts, too")
	w.time = w.time.Add(31 * time.Second)
	require.Equal(t, 20, w.sent(21, get()))
}

func TestTheWindowSlides(t *testing.T) {
	t.Parallel()
	w := newWall(t, limit(10, props{"evaluationWindowSec": 60.0}))
	require.Equal(t, 5, w.sent(5, get()))
	w.time = w.time.Add(4 * time.Second) // 40 of 60
	require.Equal(t, 5, w.sent(5, get()))
	require.Equal(t, 0, w.sent(1, get()))
	w.time = w.time.Add(1300 * time.Millisecond) // the first 5 are out, not the next 6
	require.Equal(t, 4, w.sent(5, get()))
}

func TestWhatIsCounted(t *testing.T) {
	t.Parallel()
	w := newWall(t, limit(10, props{"scopeDownStatement": path("/wp-login.php")}))
	require.Equal(t, 50, w.sent(50, get()))
	login := func() *http.Request { return request("POST", "/wp-login.php", "") }
	require.Equal(t, 10, w.sent(15, login))
	require.Equal(t, 5, w.sent(5, get()), "all else goes on")

	forwarded := props{"aggregateKeyType": "FORWARDED_IP", "forwardedIpConfig": props{"headerName": "X-Forwarded-For", "fallbackBehavior": "NO_MATCH"}}
	w = newWall(t, limit(10, forwarded))
	require.Equal(t, 10, w.sent(15, get(header("X-Forwarded-For", "192.0.2.1, 10.0.0.1"))))
	require.Equal(t, 10, w.sent(15, get(header("X-Forwarded-For", "192.0.2.2, 10.0.0.1"))))
	require.Equal(t, 15, w.sent(15, get()))
	require.Equal(t, 15, w.sent(15, get(header("X-Forwarded-For", "nobody"))))

	w = newWall(t, limit(10, props{"aggregateKeyType": "CONSTANT", "scopeDownStatement": path("/")}))
	require.Equal(t, 8, w.sent(8, get()))
	require.Equal(t, 2, w.sent(8, get(of("192.0.2.9"))))
}

func TestAChangeOfAnotherRuleLeavesTheCounts(t *testing.T) {
	t.Parallel()
	w := newWall(t, limit(10, nil))
	require.Equal(t, 8, w.sent(8, get()))
	w.set(nil, limit(10, nil), props{"statement": path("/x"), "action": does("block")})
	require.Equal(t, 2, w.sent(8, get()))
	w.set(nil, limit(12, nil))
	require.Equal(t, 8, w.sent(8, get()), "a change of the limit begins anew, as on AWS")
}

func TestVisitorsAreForgotten(t *testing.T) {
	t.Parallel()
	c := &counter{slot: time.Second, limit: 10, visitors: map[netip.Addr]*visitor{}}
	now := time.Unix(1_800_000_000, 0)
	for i := range 3 * mostVisitors {
		c.exceeds(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), now.Add(time.Duration(i)*time.Millisecond))
	}
	require.LessOrEqual(t, len(c.visitors), mostVisitors)
}
