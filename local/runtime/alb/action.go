package alb

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"wordpress-ecs/local/account"
)

// action is what a load balancer does with a request: one of the fields is set. None is an action that does not
// work here.
type action struct {
	forward  *forward
	redirect *redirect
	fixed    *fixed
}

// forward sends a request to a target of one of several groups.
type forward struct {
	groups []weighted
	total  int
	// stick is how long a client stays with a group; 0 if it does not.
	stick time.Duration
}

type weighted struct {
	arn    string
	weight int
}

// redirect is where a client is sent; its parts have placeholders such as #{host}.
type redirect struct {
	status                            int
	protocol, host, port, path, query string
}

type fixed struct {
	status            int
	contentType, body string
}

// action reads the list of actions of a listener or a rule.
func (w *wanted) action(b balancerSettings, list []account.Props) action {
	slices.SortStableFunc(list, func(x, y account.Props) int { return cmp.Compare(x.Number("order"), y.Number("order")) })
	for _, a := range list {
		switch typ := a.String("type"); typ {
		case "forward":
			f := newForward(a)
			for _, g := range f.groups {
				w.use(b, g.arn)
			}
			return action{forward: f}
		case "redirect":
			return action{redirect: newRedirect(a.Object("redirect"))}
		case "fixed-response":
			status, _ := strconv.Atoi(a.String("fixedResponse.statusCode"))
			if status == 0 {
				status = http.StatusOK
			}
			return action{fixed: &fixed{status, a.String("fixedResponse.contentType"), a.String("fixedResponse.messageBody")}}
		default:
			w.unable = append(w.unable, fmt.Sprintf(
				"load balancer %s: nobody can sign in by %s here: such requests are answered with an error", b.name, typ))
			return action{}
		}
	}
	return action{}
}

func newForward(a account.Props) *forward {
	if arn := a.String("targetGroupArn"); arn != "" {
		return &forward{groups: []weighted{{arn, 1}}, total: 1}
	}
	f := &forward{}
	for _, g := range a.Objects("forward.targetGroups") {
		weight := 1
		if g.Has("weight") {
			weight = g.Int("weight")
		}
		f.groups = append(f.groups, weighted{g.String("arn"), weight})
		f.total += weight
	}
	if a.Bool("forward.stickiness.enabled") {
		f.stick = seconds(a.Object("forward.stickiness"), "duration", 86400)
	}
	return f
}

// group picks a target group by weight; the cookie of the client may have decided already.
func (f *forward) group(r *http.Request) string {
	if f.stick > 0 {
		for _, g := range f.groups {
			if g.weight > 0 && sticks(r, groupCookie, g.arn) {
				return g.arn
			}
		}
	}
	if len(f.groups) == 1 && f.total > 0 {
		return f.groups[0].arn
	}
	if f.total == 0 {
		return ""
	}
	n := rand.IntN(f.total) //nolint:gosec // weights, not secrets
	for _, g := range f.groups {
		if n -= g.weight; n < 0 {
			return g.arn
		}
	}
	return ""
}

func newRedirect(p account.Props) *redirect {
	or := func(name, otherwise string) string {
		if p.Has(name) {
			return p.String(name)
		}
		return otherwise
	}
	r := &redirect{
		status: http.StatusFound, protocol: or("protocol", "#{protocol}"), host: or("host", "#{host}"),
		port: or("port", "#{port}"), path: or("path", "/#{path}"), query: or("query", "#{query}"),
	}
	if p.String("statusCode") == "HTTP_301" {
		r.status = http.StatusMovedPermanently
	}
	return r
}

// location is where a request is sent. Port is the one that the client came to; local tells it of another listener by the
// port that AWS knows it by.
func (d *redirect) location(r *http.Request, scheme string, port int, local func(port int) int) string {
	fill := strings.NewReplacer("#{protocol}", scheme, "#{host}", hostname(r.Host), "#{port}", strconv.Itoa(port),
		"#{path}", strings.TrimPrefix(r.URL.EscapedPath(), "/"), "#{query}", r.URL.RawQuery)
	target := port
	if n, err := strconv.Atoi(d.port); err == nil {
		target = local(n)
	}
	location := strings.ToLower(fill.Replace(d.protocol)) + "://" + fill.Replace(d.host) + ":" + strconv.Itoa(target) + fill.Replace(d.path)
	if query := fill.Replace(d.query); query != "" {
		location += "?" + query
	}
	return location
}
