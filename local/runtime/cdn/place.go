package cdn

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"

	"wordpress-ecs/local/account"
)

// The ports begin at firstPort, and firstSecurePort for HTTPS; the next free one of span is taken, or any.
const (
	firstPort       = 8880
	firstSecurePort = 9443
	span            = 101
)

// portClass and portID are those of the record of the ports.
const (
	portClass = "cdn-port"
	portID    = "edge"
)

// ports are where the edge listens on this machine.
type ports struct {
	Plain  int `json:"plain"`
	Secure int `json:"secure"`
}

// place is a port of 127.0.0.1 that is held.
type place struct {
	net.Listener

	port int
}

func hold(port int) (*place, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:"+strconv.Itoa(port))
	if err != nil {
		return nil, err
	}
	address, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return nil, errors.Join(fmt.Errorf("listening on %s", l.Addr()), l.Close())
	}
	return &place{l, address.Port}, nil
}

// holdAny takes the port that was used last, or the first free one. No address of a site depends on which it is.
func holdAny(last, first int) (*place, error) {
	if last != 0 {
		if p, err := hold(last); err == nil {
			return p, nil
		}
	}
	for port := first; port < first+span; port++ {
		if p, err := hold(port); err == nil {
			return p, nil
		}
	}
	return hold(0)
}

// listen begins to serve when there is a distribution, and ends it when there is none.
func (p *Part) listen(life context.Context, last ports, wanted bool) error {
	p.mu.Lock()
	s := p.server
	p.mu.Unlock()
	if wanted == (s != nil) {
		return nil
	}
	if !wanted {
		p.mu.Lock()
		p.server = nil
		p.mu.Unlock()
		s.close()
		return nil
	}
	plain, err := holdAny(last.Plain, p.port)
	if err != nil {
		return fmt.Errorf("a port of 127.0.0.1 for distributions: %w", err)
	}
	secure, err := holdAny(last.Secure, p.securePort)
	if err != nil {
		return errors.Join(fmt.Errorf("a port of 127.0.0.1 for distributions: %w", err), plain.Close())
	}
	s = p.newServer(life, plain, secure)
	p.mu.Lock()
	p.server = s
	p.mu.Unlock()
	now := ports{plain.port, secure.port}
	if now == last {
		return nil
	}
	err = p.env.Account.Update(func(tx *account.Tx) error { return tx.Keep(portClass, portID, now) })
	if err != nil {
		return fmt.Errorf("the ports of distributions: %w", err)
	}
	return nil
}

// Address is where a port of a distribution, 80 or 443, listens on this machine, by a name that it has.
func (p *Part) Address(host string, port int) (string, error) {
	if p.siteOf(host) == nil {
		return "", fmt.Errorf("no distribution has the name %s", host)
	}
	return p.address(port)
}

func (p *Part) address(port int) (string, error) {
	at := 0
	switch port {
	case 80:
		at = p.Port()
	case 443:
		at = p.Secure()
	default:
		return "", fmt.Errorf("distributions have the ports 80 and 443, not %d", port)
	}
	if at == 0 {
		return "", errNowhere
	}
	return "127.0.0.1:" + strconv.Itoa(at), nil
}
