// Package firewall does what AWS WAF does with requests, for the web ACLs of an account: rules in the order of their priority,
// with the statements, text transformations, labels, rate limits and actions that the AWS WAF Developer Guide describes.
//
// What WAF knows and nobody else is stood for. The managed rule groups are in package managed, with what their documentation
// says, and with patterns that are our own. They tell whether the exceptions of a web ACL leave an editor's work possible;
// they do not tell what WAF would find in an attack. Nothing is in a country or has a bad reputation unless Env says so.
//
// Not done here, and said in a line where it is asked for: CAPTCHA and challenges, rule groups that are not AWS's or not
// among those of package managed, JA3 and JA4 fingerprints, autonomous systems, rates by custom keys. Logs and sampled
// requests are not written.
package firewall

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/wafv2"
	"wordpress-ecs/local/runtime/clock"
	"wordpress-ecs/local/runtime/firewall/inspect"
	"wordpress-ecs/local/runtime/part"
)

// glance is how often the account is looked at without a reason.
const glance = 10 * time.Second

// Env is what a firewall needs.
type Env struct {
	Account *account.Account
	Clock   clock.Clock
	Say     part.Say
	// Countries say in which country networks are, by ISO 3166 code; of all others it is unknown. Tests put networks for
	// documentation here.
	Countries map[netip.Prefix]string
	// Reputation are the networks on Amazon's list of IP reputation; none unless said.
	Reputation []netip.Prefix
}

// Part is the web ACLs of an account.
type Part struct {
	env Env
	now func() time.Time

	// looking lets one look at the account happen at a time.
	looking sync.Mutex

	mu sync.Mutex
	// acls are by ARN; nil before the first look.
	acls map[string]*webACL
	// protected are the web ACLs of resources, both by ARN.
	protected map[string]string
	said      part.Once
	// blocking is what was said of blocked requests lately, by web ACL and rule.
	blocking map[string]*lately
}

var _ part.Part = (*Part)(nil)

// New returns the web ACLs of an account.
func New(env Env) *Part {
	return &Part{env: env, now: time.Now, blocking: map[string]*lately{}}
}

// Types are those of web ACLs, of the sets in them, and of what they protect.
func (p *Part) Types() []string {
	return []string{wafv2.WebACL, wafv2.IPSet, wafv2.RegexPatternSet, wafv2.Association}
}

// Run follows the account until the context ends.
func (p *Part) Run(ctx context.Context, wake <-chan struct{}) error {
	return part.Keep(ctx, wake, glance, p.look)
}

// look reads the web ACLs that the account has.
func (p *Part) look() error {
	p.looking.Lock()
	defer p.looking.Unlock()
	p.mu.Lock()
	before := p.acls
	p.mu.Unlock()
	acls, protected, lines, err := p.read(before)
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.acls, p.protected = acls, protected
	p.mu.Unlock()
	for _, line := range lines {
		p.tell(line)
	}
	return nil
}

// current are the web ACLs, and what they protect. A request may come before Run has looked.
func (p *Part) current() (acls map[string]*webACL, protected map[string]string) {
	for {
		p.mu.Lock()
		acls, protected = p.acls, p.protected
		p.mu.Unlock()
		if acls != nil {
			return acls, protected
		}
		if err := p.look(); err != nil {
			return nil, nil // the account is closed: nothing is served any more
		}
	}
}

// Await is over when requests are judged by what was made or changed. On AWS that takes some seconds more.
func (p *Part) Await(context.Context, account.Resource, part.Say) error { return p.look() }

// Release has nothing to end.
func (p *Part) Release(context.Context, account.Resource, part.Say) error { return nil }

// Suspend has nothing to stop.
func (p *Part) Suspend(context.Context, part.Say) error { return nil }

// Status lists the web ACLs, and what they have done since the background process began.
func (p *Part) Status(context.Context) ([]part.Row, error) {
	acls, _ := p.current()
	var rows []part.Row
	for _, arn := range slices.Sorted(maps.Keys(acls)) {
		w := acls[arn]
		rows = append(rows, part.Row{
			Kind: "firewall", Name: w.name, State: "active", Stack: w.stack,
			Detail: fmt.Sprintf("%d allowed, %d blocked, %d counted", w.allowed.Load(), w.blocked.Load(), w.counted.Load()),
		})
	}
	return rows, nil
}

// Guard judges a request that came to a resource, such as a load balancer, and takes as much of its body as its web ACL looks
// at; the request keeps all of it. It returns nil for a request that passes, to which headers may have been added, or the
// answer to it. An error is why the body could not be read.
func (p *Part) Guard(resource string, r *http.Request) (*http.Response, error) {
	acls, protected := p.current()
	arn := protected[resource]
	w := acls[arn]
	if w == nil {
		return nil, nil
	}
	body, err := peek(r, w.limit+1)
	if err != nil {
		return nil, err
	}
	return p.Check(arn, r, body), nil
}

// peek reads the beginning of a body and leaves the whole to be read.
func peek(r *http.Request, most int) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	body := make([]byte, most)
	n, err := io.ReadFull(r.Body, body)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	body = body[:n]
	if err != nil && r.ContentLength > int64(n) {
		return nil, io.ErrUnexpectedEOF // the client has gone
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(strings.NewReader(string(body)), r.Body), r.Body}
	return body, nil
}

// Check judges a request by a web ACL. It returns nil for one that passes, to which headers may have been added, or the answer
// to it; the usual page is left to who asks: then the answer has no body. Body is the beginning of the request's body.
func (p *Part) Check(acl string, r *http.Request, body []byte) *http.Response {
	acls, _ := p.current()
	w := acls[acl]
	if w == nil {
		return nil
	}
	q := inspect.New(r, body, w.limit)
	v := w.decide(q, p.now())
	if len(v.counted) > 0 {
		w.counted.Add(1)
	}
	if v.action.effect == block {
		w.blocked.Add(1)
		p.blocked(w, q, v)
		return w.answer(v.action)
	}
	w.allowed.Add(1)
	for _, h := range v.headers {
		r.Header.Set(insertedPrefix+h.Name, h.Value)
	}
	return nil
}
