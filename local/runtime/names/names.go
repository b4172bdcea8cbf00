// Package names lets browsers and other clients of this machine find an account by its real domain names. DNS is not
// touched: a proxy on 127.0.0.1 takes their requests and leads them where the account's records say, and to no place
// outside this machine.
package names

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/hold"
	"wordpress-ecs/local/runtime/part"
)

const (
	// glance is how often the account is looked at without a reason.
	glance = 10 * time.Second
	// The proxy listens on the first free port from firstPort on, or on any.
	firstPort = 9080

	portClass = "names-port"
	portID    = "proxy"
)

// Kind is the kind of the row in which the status tells where the proxy listens.
const Kind = "names"

// Env is what the proxy needs.
type Env struct {
	Account   *account.Account
	Directory *Directory
}

// Part is the proxy. It listens while the account has records of Route 53 or distributions.
type Part struct {
	env  Env
	port int // the first that is tried

	// looking lets one look at the account happen at a time.
	looking sync.Mutex

	mu    sync.Mutex
	life  context.Context // of Run; nil when it does not run
	proxy *proxy
}

var _ part.Part = (*Part)(nil)

// New returns the proxy of an account.
func New(env Env) *Part { return &Part{env: env, port: firstPort} }

// Types are those of what has names.
func (p *Part) Types() []string { return []string{recordType} }

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
	open := p.proxy
	p.life, p.proxy = nil, nil
	p.mu.Unlock()
	if open != nil {
		open.close()
	}
}

// look opens the proxy when there are names, and closes it when there are none.
func (p *Part) look() error {
	p.looking.Lock()
	defer p.looking.Unlock()
	p.env.Directory.forget()
	p.mu.Lock()
	life, open := p.life, p.proxy
	p.mu.Unlock()
	if life == nil {
		return nil
	}
	z, err := p.env.Directory.read()
	if err != nil {
		return err
	}
	wanted := len(z.records)+len(z.distributions) > 0
	switch {
	case wanted == (open != nil):
		return nil
	case !wanted:
		p.set(nil)
		open.close()
		return nil
	}
	last := 0
	err = p.env.Account.View(func(tx *account.Tx) error {
		_, err := tx.Kept(portClass, portID, &last)
		return err
	})
	if err != nil {
		return fmt.Errorf("the port of the proxy: %w", err)
	}
	l, err := hold.Again(last, p.port)
	if err != nil {
		return fmt.Errorf("a port of 127.0.0.1 for the proxy: %w", err)
	}
	open = newProxy(life, p.env.Directory, l)
	p.set(open)
	if open.port == last {
		return nil
	}
	err = p.env.Account.Update(func(tx *account.Tx) error { return tx.Keep(portClass, portID, open.port) })
	if err != nil {
		return fmt.Errorf("the port of the proxy: %w", err)
	}
	return nil
}

func (p *Part) set(open *proxy) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.proxy = open
}

// Await is over when a name that was made or changed can be asked for, and nobody is on the way to where it led before.
func (p *Part) Await(ctx context.Context, r account.Resource, _ part.Say) error {
	p.env.Directory.show(r.ID)
	if err := p.look(); err != nil {
		return err
	}
	return p.env.Directory.settle(ctx)
}

// Release is over when the name is not found any more, and nobody is on the way to where it led.
func (p *Part) Release(ctx context.Context, r account.Resource, _ part.Say) error {
	p.env.Directory.hide(r.ID)
	return p.env.Directory.settle(ctx)
}

// Suspend has nothing to stop. The port stays recorded.
func (p *Part) Suspend(context.Context, part.Say) error { return nil }

// Status tells where the proxy listens, and for which names.
func (p *Part) Status(context.Context) ([]part.Row, error) {
	z, err := p.env.Directory.read()
	if err != nil {
		return nil, err
	}
	address := p.Address()
	if address == "" {
		return nil, nil
	}
	hosts := z.hosts()
	slices.Sort(hosts)
	row := part.Row{Kind: Kind, Name: "Route 53", State: "active", Address: address}
	row.Detail = "a proxy for " + strings.Join(append(slices.Compact(hosts), "the names of load balancers and distributions"), ", ")
	return []part.Row{row}, nil
}

// Address is the proxy's, such as "http://127.0.0.1:9080"; empty while nothing listens.
func (p *Part) Address() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.proxy == nil {
		return ""
	}
	return "http://127.0.0.1:" + strconv.Itoa(p.proxy.port)
}

// errPort is what comes of a port that nothing has.
var errPort = errors.New("sites have the ports 80 and 443")
