package alb

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync/atomic"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/hold"
)

// Load balancers and their HTTP listeners begin at firstPort, HTTPS listeners at firstSecurePort; further ones take the next
// free port.
const (
	firstPort       = 8080
	firstSecurePort = 8443
)

// settling is how long the transaction that makes a load balancer may take.
const settling = 10 * time.Second

// portClass is the class of the records of ports. The port in the name of a load balancer needs none: it serves
// its listener of port 80, or the one with the lowest port.
const portClass = "alb-port"

// portRecord is where a further listener listens.
type portRecord struct {
	LoadBalancer string `json:"loadBalancer"`
	// Listener is its port as AWS knows it, Port the one of this machine.
	Listener int `json:"listener"`
	Port     int `json:"port"`
}

func (r portRecord) key() string { return r.LoadBalancer + " " + strconv.Itoa(r.Listener) }

// place is a port of 127.0.0.1 that is held.
type place struct {
	port     int
	listener net.Listener
	// front gets the connections; without one they are closed at once.
	front atomic.Pointer[front]
}

// opening is a place for a load balancer that the account may have in a moment.
type opening struct {
	place *place
	at    time.Time
}

// takePort takes a port, newPlace what was taken.
func takePort(number int) (*place, error) { return newPlace(hold.Port(number)) }

func newPlace(held *hold.Held, err error) (*place, error) {
	if err != nil {
		return nil, err
	}
	p := &place{port: held.Number, listener: held}
	go p.accept()
	return p, nil
}

func (p *place) accept() {
	const pause = 20 * time.Millisecond
	for {
		conn, err := p.listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // too many open files, say: it passes
			time.Sleep(pause)
		default:
			p.hand(conn)
		}
	}
}

// hand gives a connection to the front; one that is just being replaced does not take it.
func (p *place) hand(conn net.Conn) {
	for {
		f := p.front.Load()
		if f == nil {
			_ = conn.Close() // nobody is there to hear of it
			return
		}
		if f.take(conn) {
			return
		}
		if p.front.Load() == f { // it goes, and nothing comes after it
			_ = conn.Close()
			return
		}
	}
}

func (p *place) close() { _ = p.listener.Close() } // a port that is given back

// Open takes a port of 127.0.0.1 for a load balancer that is being made, within its transaction, and keeps it.
func (p *Part) Open(balancer string) (int, error) {
	promised, err := p.promised()
	if err != nil {
		return 0, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if o := p.opened[balancer]; o != nil {
		return o.place.port, nil
	}
	held, err := newPlace(hold.Free(p.ports, promised))
	if err != nil {
		return 0, fmt.Errorf("a port of 127.0.0.1 for load balancer %s: %w", balancer, err)
	}
	p.opened[balancer] = &opening{held, time.Now()}
	return held.port, nil
}

// promised are the ports that names and records of the account have, whoever listens there now.
func (p *Part) promised() (map[int]bool, error) {
	w, err := p.read()
	if err != nil {
		return nil, err
	}
	ports := map[int]bool{}
	for _, b := range w.balancers {
		ports[b.port] = true
	}
	for _, r := range w.ports {
		ports[r.Port] = true
	}
	return ports, nil
}

// record keeps the ports of further listeners, and drops those of listeners that are gone.
func (p *Part) record(w *wanted, fresh []portRecord) error {
	wanted := map[string]bool{}
	for _, b := range w.balancers {
		for _, l := range b.listeners {
			wanted[portRecord{LoadBalancer: b.arn, Listener: l.port}.key()] = true
		}
	}
	var stale []string
	for key := range w.ports {
		if !wanted[key] {
			stale = append(stale, key)
		}
	}
	if len(fresh)+len(stale) == 0 {
		return nil
	}
	return p.env.Account.Update(func(tx *account.Tx) error {
		for _, r := range fresh {
			if err := tx.Keep(portClass, r.key(), r); err != nil {
				return err
			}
		}
		for _, key := range stale {
			if err := tx.Drop(portClass, key); err != nil {
				return err
			}
		}
		return nil
	})
}

// dropPorts forgets the ports of a load balancer.
func (p *Part) dropPorts(balancer string) error {
	return p.env.Account.Update(func(tx *account.Tx) error {
		records, err := account.AllKept[portRecord](tx, portClass)
		if err != nil {
			return err
		}
		for _, r := range records {
			if r.LoadBalancer != balancer {
				continue
			}
			if err := tx.Drop(portClass, r.key()); err != nil {
				return err
			}
		}
		return nil
	})
}
