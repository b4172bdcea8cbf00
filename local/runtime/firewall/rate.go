package firewall

import (
	"fmt"
	"net/netip"
	"sync"
	"time"

	"wordpress-ecs/local/account"
)

// slots is into how many parts a window is divided: how exactly it slides.
const slots = 30

// mostVisitors is of how many addresses a rule counts the requests at a time, as WAF has it.
const mostVisitors = 10000

// rate reads a rate limit. WAF looks at the rate every few seconds, and lets some requests more pass; here every request is
// counted at once, which is stricter. The window is one of the account's clock, as a limit is something that passes with time;
// requests come in real time, so at ten times AWS's pace a limit is ten times as many requests for who sends without an end.
func (c *compiler) rate(p account.Props) (statement, error) {
	window := 300.0
	if p.Has("evaluationWindowSec") {
		window = p.Number("evaluationWindowSec")
	}
	var narrow statement
	if scope := p.Object("scopeDownStatement"); len(scope) > 0 {
		narrow = c.statement(scope)
	}
	var from source
	switch by := p.String("aggregateKeyType"); by {
	case "IP", "":
		from = newSource(nil)
	case "FORWARDED_IP":
		from = newSource(p.Object("forwardedIpConfig"))
	case "CONSTANT":
		from = func(*exchange) ([]netip.Addr, truth) { return []netip.Addr{{}}, no }
	default:
		return nil, fmt.Errorf("aggregateKeyType %s", by)
	}
	counts := &counter{slot: max(1, c.env.Clock.Seconds(window)/slots), limit: p.Int("limit"), visitors: map[netip.Addr]*visitor{}}
	return func(x *exchange) truth {
		if narrow != nil && narrow(x) != yes {
			return no
		}
		addresses, fallback := from(x)
		if len(addresses) == 0 {
			return fallback
		}
		return so(counts.exceeds(addresses[0], x.now))
	}, nil
}

// counter counts the requests of visitors in a window that slides.
type counter struct {
	slot  time.Duration
	limit int

	mu       sync.Mutex
	visitors map[netip.Addr]*visitor
}

// visitor is what one address has sent: how much in each slot up to the last one that it sent in.
type visitor struct {
	last  int64
	total int
	sent  [slots]int
}

// exceeds counts a request, and tells whether it is one too many.
func (c *counter) exceeds(who netip.Addr, now time.Time) bool {
	at := now.UnixNano() / int64(c.slot)
	c.mu.Lock()
	defer c.mu.Unlock()
	v := c.visitors[who]
	if v == nil {
		if len(c.visitors) >= mostVisitors {
			c.forget(at)
		}
		v = &visitor{last: at}
		c.visitors[who] = v
	}
	v.slide(at)
	v.sent[at%slots]++
	v.total++
	return v.total > c.limit
}

// slide lets go of what was sent before the window.
func (v *visitor) slide(at int64) {
	for passed := min(at-v.last, slots); passed > 0; passed-- {
		slot := &v.sent[(at-passed+1)%slots]
		v.total -= *slot
		*slot = 0
	}
	v.last = max(v.last, at)
}

// forget lets go of visitors that have sent nothing in the window, and of any until a tenth of the room is free: it is not to
// begin again with the next one.
func (c *counter) forget(at int64) {
	for who, v := range c.visitors {
		if at-v.last >= slots {
			delete(c.visitors, who)
		}
	}
	for who := range c.visitors {
		if len(c.visitors) <= mostVisitors*9/10 {
			return
		}
		delete(c.visitors, who)
	}
}
