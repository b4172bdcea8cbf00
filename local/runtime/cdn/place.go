package cdn

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/hold"
)

// The ports begin at firstPort, and firstSecurePort for HTTPS. No address of a site depends on which they are.
const (
	firstPort       = 8880
	firstSecurePort = 9443
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
	plain, err := hold.Again(last.Plain, p.port)
	if err != nil {
		return fmt.Errorf("a port of 127.0.0.1 for distributions: %w", err)
	}
	secure, err := hold.Again(last.Secure, p.securePort)
	if err != nil {
		return errors.Join(fmt.Errorf("a port of 127.0.0.1 for distributions: %w", err), plain.Close())
	}
	s = p.newServer(life, plain, secure)
	p.mu.Lock()
	p.server = s
	p.mu.Unlock()
	now := ports{plain.Number, secure.Number}
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
