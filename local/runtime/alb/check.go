package alb

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"wordpress-ecs/local/account"
)

// shortest is the least time between two checks of a target, however fast the account's clock is.
const shortest = 500 * time.Millisecond

// checkSettings are how the health of targets is checked.
type checkSettings struct {
	disabled           bool
	path               string
	secure             bool
	codes              []codeRange
	interval, timeout  time.Duration
	healthy, unhealthy int
}

// codeRange is a range of codes, both ends included.
type codeRange struct{ low, high int }

func readCheck(p account.Props) checkSettings {
	count := func(name string, otherwise int) int {
		if n := p.Int(name); n > 0 {
			return n
		}
		return otherwise
	}
	c := checkSettings{
		disabled: p.Has("enabled") && !p.Bool("enabled"), path: p.String("path"), secure: p.String("protocol") == secureProtocol,
		codes: readCodes(p.String("matcher")), interval: seconds(p, "interval", 30), timeout: seconds(p, "timeout", 5),
		healthy: count("healthyThreshold", 5), unhealthy: count("unhealthyThreshold", 2),
	}
	if c.path == "" {
		c.path = "/"
	}
	return c
}

// readCodes reads a matcher such as "200,301-302".
func readCodes(matcher string) []codeRange {
	var list []codeRange
	for part := range strings.SplitSeq(matcher, ",") {
		low, high, ranged := strings.Cut(part, "-")
		if !ranged {
			high = low
		}
		from, err := strconv.Atoi(low)
		to, err2 := strconv.Atoi(high)
		if err == nil && err2 == nil {
			list = append(list, codeRange{from, to})
		}
	}
	if list == nil {
		list = []codeRange{{http.StatusOK, http.StatusOK}}
	}
	return list
}

// outcome is what a check found; without a reason, health.
type outcome struct{ reason, words string }

// checks asks a target again and again, the first time at once.
func (g *group) checks(ctx context.Context, t *target) {
	client := &http.Client{
		Transport: &http.Transport{
			DialContext: g.dial(t), DisableKeepAlives: true, DisableCompression: true,
			//nolint:gosec // load balancers take whatever certificate a target shows
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	for {
		wait := time.Hour // until it is kicked
		if s := g.settings.Load(); s != nil && s.used {
			begun := time.Now()
			g.note(t, nil, s.check)
			found := outcome{}
			if !s.check.disabled {
				found = s.check.ask(ctx, client, t.Target)
			}
			if ctx.Err() != nil {
				return
			}
			g.note(t, &found, s.check)
			wait = max(g.clock.Of(s.check.interval), shortest) - time.Since(begun)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-t.kick:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// ask makes one check.
func (c checkSettings) ask(ctx context.Context, client *http.Client, t Target) outcome {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	scheme := "http://"
	if c.secure {
		scheme = "https://"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+t.Address+c.path, http.NoBody)
	if err != nil {
		return outcome{reasonFailed, descriptions[reasonFailed]}
	}
	req.Host = t.IP + ":" + strconv.Itoa(t.Port)
	req.Header.Set("User-Agent", "ELB-HealthChecker/2.0")
	res, err := client.Do(req)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			return outcome{reasonTimeout, descriptions[reasonTimeout]}
		}
		return outcome{reasonFailed, descriptions[reasonFailed]}
	}
	defer res.Body.Close()
	// A target that can still send its answer logs no broken connection.
	_, _ = io.CopyN(io.Discard, res.Body, bufferSize)
	for _, s := range c.codes {
		if res.StatusCode >= s.low && res.StatusCode <= s.high {
			return outcome{}
		}
	}
	return outcome{reasonMismatch, fmt.Sprintf("Health checks failed with these codes: [%d]", res.StatusCode)}
}

// note takes the outcome of a check; nil is that the first one begins. One success is enough for a target that was just
// registered; after that, the thresholds count.
func (g *group) note(t *target, found *outcome, c checkSettings) {
	g.mu.Lock()
	before, reason, words := t.state, t.reason, t.words
	switch {
	case t.state == Draining || t.state == Unused:
	case found == nil:
		if t.state == Initial && t.reason == reasonRegistering {
			t.is(Initial, reasonInitial)
		}
	case found.reason == "":
		t.good, t.bad = t.good+1, 0
		if t.state == Initial || t.good >= c.healthy {
			t.is(Healthy, "")
		}
	default:
		t.good, t.bad = 0, t.bad+1
		if t.state == Unhealthy || t.bad >= c.unhealthy {
			t.state, t.reason, t.words = Unhealthy, found.reason, found.words
		}
	}
	changed := before != t.state || reason != t.reason || words != t.words
	g.mu.Unlock()
	if changed {
		g.changed()
	}
}
