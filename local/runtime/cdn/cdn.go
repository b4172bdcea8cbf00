// Package cdn stands for CloudFront: one edge location on 127.0.0.1 that serves the distributions of an account. What an
// edge does is done as CloudFront's developer guide has it; what is not done here is said where it would be: HTTP/3,
// WebSockets, Brotli (what the origin compressed with it goes through), ranges of what is not in the cache (they go
// through and are not kept), and all that needs to know where a viewer is.
package cdn

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/cloudfront"
	"wordpress-ecs/local/runtime/authority"
	"wordpress-ecs/local/runtime/part"
)

const (
	// glance is how often the account is looked at without a reason.
	glance = 10 * time.Second
	// moment is what requests have left when everything ends.
	moment = 2 * time.Second
	// forgetting is how long what was released stays so, should it not leave the account. AWS takes minutes to delete a
	// distribution.
	forgetting = 10 * time.Minute
)

// Origins finds the servers that origins are.
type Origins interface {
	// Address is where a port of a host listens on this machine, such as "127.0.0.1:8080". An error says why it does
	// not: what the account does not have is not reached.
	Address(host string, port int) (string, error)
}

// Objects reads the objects of buckets.
type Objects interface {
	// Get answers a request for an object as S3 does: with the object, with what the conditions and ranges among the
	// headers make of it, or with an error in S3's form. Distribution is the ARN of the one that asks and signs; it is
	// empty for an origin without an access control, whose requests are nobody's.
	Get(ctx context.Context, bucket, key, distribution string, header http.Header) (*http.Response, error)
}

// Firewall decides about requests before anything else does.
type Firewall interface {
	// Check is nil for a request that a web ACL lets pass, to which it may add headers, or else the answer to it, without
	// a body for the usual page. Body is the beginning of the request's body.
	Check(acl string, r *http.Request, body []byte) *http.Response
}

// Env is what the edge needs.
type Env struct {
	Account   *account.Account
	Authority *authority.Authority
	Origins   Origins
	// Objects is nil where no bucket answers: S3 denies access.
	Objects Objects
	// Firewall is nil where everything passes.
	Firewall Firewall
	Say      part.Say
}

// Part is the edge of an account.
type Part struct {
	env   Env
	store *store
	// now is the time. TTLs are seconds of it: browsers keep to them, too.
	now func() time.Time
	// port and securePort are the first that are tried.
	port, securePort int

	// looking lets one look at the account happen at a time.
	looking sync.Mutex

	mu    sync.Mutex
	life  context.Context // of Run; nil when it does not run
	sites map[string]*site
	// wrong is why distributions are not served as the account says.
	wrong  map[string]error
	server *server
	said   part.Once
	// released distributions are about to leave the account.
	released map[string]time.Time
	certificates
}

var _ part.Part = (*Part)(nil)

// New returns the edge of an account.
func New(env Env) *Part {
	return &Part{
		env: env, store: newStore(mostKept), now: time.Now, port: firstPort, securePort: firstSecurePort,
		sites: map[string]*site{}, released: map[string]time.Time{},
	}
}

// Types are those of distributions and of what changes how they serve.
func (p *Part) Types() []string {
	return []string{
		cloudfront.Distribution, cloudfront.CachePolicy, cloudfront.OriginRequestPolicy, cloudfront.ResponseHeadersPolicy,
		cloudfront.Function, cloudfront.OriginAccessControl,
	}
}

// Run serves until the context ends.
func (p *Part) Run(ctx context.Context, wake <-chan struct{}) error {
	p.mu.Lock()
	p.life = ctx
	p.mu.Unlock()
	defer p.end()
	return part.Keep(ctx, wake, glance, p.look)
}

func (p *Part) end() {
	p.looking.Lock()
	defer p.looking.Unlock()
	p.mu.Lock()
	s, sites := p.server, p.sites
	p.life, p.server, p.sites = nil, nil, map[string]*site{}
	p.mu.Unlock()
	if s != nil {
		s.close()
	}
	for _, site := range sites {
		site.current.Load().retire(nil)
	}
}

// look compares what is served with what the account says, and mends the difference. Before Run and after it, it does
// nothing.
func (p *Part) look() error {
	p.looking.Lock()
	defer p.looking.Unlock()
	p.mu.Lock()
	life := p.life
	p.mu.Unlock()
	if life == nil {
		return nil
	}
	w, err := p.read()
	if err != nil {
		return err
	}
	for _, line := range w.unable {
		p.tell(line)
	}
	p.mu.Lock()
	for id, s := range p.sites {
		if _, ok := w.deliveries[id]; !ok && w.wrong[id] == nil { // else it is served as before
			s.current.Load().retire(nil)
			delete(p.sites, id)
			p.store.forget(id)
		}
	}
	for id, d := range w.deliveries {
		s := p.sites[id]
		if s == nil {
			s = &site{id: id, flights: map[string]*flight{}}
			p.sites[id] = s
		}
		before := s.current.Load()
		after := p.newSettings(d.Delivery, d.stack, d.certified, before)
		s.current.Store(after)
		if before != nil && before != after {
			before.retire(after)
		}
	}
	p.wrong = w.wrong
	serving := len(p.sites) > 0
	p.mu.Unlock()
	return p.listen(life, w.ports, serving)
}

func (p *Part) site(id string) *site {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sites[id]
}

// siteOf is the distribution that a host name means; nil if none does.
func (p *Part) siteOf(host string) *site {
	p.mu.Lock()
	defer p.mu.Unlock()
	var found *site
	best := 0
	for _, s := range p.sites {
		if n := s.current.Load().named(host); n > best {
			found, best = s, n
		}
	}
	return found
}

// Await is over when what was made or changed is what is served.
func (p *Part) Await(_ context.Context, r account.Resource, _ part.Say) error {
	if err := p.look(); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.wrong[r.ID]
}

// Release ends the serving of a distribution, and forgets what was kept of it.
func (p *Part) Release(_ context.Context, r account.Resource, _ part.Say) error {
	if r.Type != cloudfront.Distribution {
		return nil
	}
	p.mu.Lock()
	maps.DeleteFunc(p.released, func(_ string, at time.Time) bool { return time.Since(at) > forgetting })
	p.released[r.ID] = time.Now()
	p.mu.Unlock()
	p.store.forget(r.ID)
	return p.look()
}

// Suspend has nothing to stop: distributions are served only while Run works. Ports stay recorded.
func (p *Part) Suspend(context.Context, part.Say) error { return nil }

// Status lists the distributions, and what they have served since the background process began.
func (p *Part) Status(context.Context) ([]part.Row, error) {
	w, err := p.read()
	if err != nil {
		return nil, err
	}
	var rows []part.Row
	for _, id := range slices.Sorted(maps.Keys(w.deliveries)) {
		d := w.deliveries[id]
		row := part.Row{Kind: "distribution", Name: id, State: "stopped", Stack: d.stack}
		details := slices.Clone(d.Aliases)
		if s, at := p.site(id), p.Secure(); s != nil && at != 0 {
			row.State = "Deployed"
			row.Address = fmt.Sprintf("https://%s:%d", localName(d.Domain), at)
			requests, hits := s.requests.Load(), s.hits.Load()
			details = append(details, fmt.Sprintf("%d requests, %d hits", requests, hits))
		}
		if !d.Enabled {
			row.State = "disabled"
		}
		row.Detail = strings.Join(details, ", ")
		rows = append(rows, row)
	}
	return rows, nil
}

// Counts are the requests for a distribution since this process began, and how many of them were hits.
func (p *Part) Counts(distribution string) (requests, hits int64) {
	if s := p.site(distribution); s != nil {
		return s.requests.Load(), s.hits.Load()
	}
	return 0, 0
}

func (p *Part) say(line string) {
	if p.env.Say != nil {
		p.env.Say(line)
	}
}

// tell says a line once.
func (p *Part) tell(line string) { p.said.Tell(p.env.Say, line) }

// errNowhere is that nothing listens.
var errNowhere = errors.New("the distributions of the account are not served at the moment")

// Port is where HTTP is served, Secure where HTTPS is; 0 if nothing is.
func (p *Part) Port() int   { return p.listens(func(s *server) int { return s.plain.Number }) }
func (p *Part) Secure() int { return p.listens(func(s *server) int { return s.secure.Number }) } //nolint:revive // said above

func (p *Part) listens(port func(s *server) int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.server == nil {
		return 0
	}
	return port(p.server)
}
