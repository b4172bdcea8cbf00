package alb

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"wordpress-ecs/local/runtime/hold"
)

// balancer is a load balancer that listens.
type balancer struct {
	part *Part
	life context.Context // of Run

	mu       sync.Mutex
	settings balancerSettings
	// main is the port in its name; further are the others, by the port that AWS knows their listener by.
	main    *place
	further map[int]*place
	fronts  map[string]*front // by listener
	missing map[string]error  // why a listener does not listen
}

// look compares what listens with what the account says, and mends the difference. It is complete when every
// listener listens. Before Run and after it, it only reads.
func (p *Part) look() (complete bool, err error) {
	p.looking.Lock()
	defer p.looking.Unlock()
	w, err := p.read()
	if err != nil {
		return false, err
	}
	p.mu.Lock()
	life := p.life
	p.mu.Unlock()
	if life == nil {
		return true, nil
	}
	for _, line := range w.unable {
		p.tell(line)
	}
	p.setGroups(w)
	complete = p.settle(w)
	var fresh []portRecord
	for _, arn := range slices.Sorted(maps.Keys(w.balancers)) {
		b := p.balancer(arn)
		made := b.set(w.balancers[arn], w.ports)
		fresh = append(fresh, made...)
		if err := b.trouble(); err != nil {
			complete = false
			p.tell(err.Error())
		}
	}
	if err := p.record(w, fresh); err != nil {
		return false, fmt.Errorf("load balancers: %w", err)
	}
	return complete, nil
}

func (p *Part) balancer(arn string) *balancer {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.balancers[arn]
	if b == nil {
		b = &balancer{part: p, life: p.life, further: map[int]*place{}, fronts: map[string]*front{}, missing: map[string]error{}}
		if o := p.opened[arn]; o != nil {
			b.main = o.place
			delete(p.opened, arn)
		}
		p.balancers[arn] = b
	}
	return b
}

// settle closes the load balancers that are gone, and gives back the ports of those that never came. It tells
// whether there are none that may still come.
func (p *Part) settle(w *wanted) bool {
	var closing []*balancer
	p.mu.Lock()
	for arn, b := range p.balancers {
		if _, ok := w.balancers[arn]; !ok {
			closing = append(closing, b)
			delete(p.balancers, arn)
		}
	}
	for arn, o := range p.opened {
		if _, came := w.balancers[arn]; !came && time.Since(o.at) > settling {
			o.place.close()
			delete(p.opened, arn)
		}
	}
	settled := true
	for arn := range p.opened {
		if _, came := w.balancers[arn]; !came {
			settled = false
		}
	}
	p.mu.Unlock()
	var done sync.WaitGroup
	for _, b := range closing {
		done.Go(b.close)
	}
	done.Wait()
	return settled
}

// set makes a load balancer listen as its settings say, and returns what ports that took.
func (b *balancer) set(s balancerSettings, ports map[string]portRecord) []portRecord {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settings = s
	clear(b.missing)
	var fresh []portRecord
	places := map[string]*place{}
	first := s.first()
	if b.main == nil && s.port != 0 {
		var err error
		if b.main, err = takePort(s.port); err != nil {
			b.missing[""] = s.taken(s.port, err)
		}
	}
	for i, l := range s.listeners {
		if i == first && s.port != 0 {
			if b.main == nil {
				b.missing[l.arn] = b.missing[""]
				continue
			}
			places[l.arn] = b.main
			continue
		}
		at, record, err := b.place(l, ports)
		if err != nil {
			b.missing[l.arn] = err
			continue
		}
		if record != nil {
			fresh = append(fresh, *record)
		}
		places[l.arn] = at
	}
	b.serve(places)
	b.leave(places)
	return fresh
}

// first is the listener that the port in the name serves: that of port 80, or the one with the lowest port.
func (s balancerSettings) first() int {
	i := slices.IndexFunc(s.listeners, func(l listenerSettings) bool { return l.port == 80 })
	return max(i, 0)
}

// place is where a further listener listens; a record is what is new about it.
func (b *balancer) place(l listenerSettings, ports map[string]portRecord) (*place, *portRecord, error) {
	if at := b.further[l.port]; at != nil {
		return at, nil, nil
	}
	record := portRecord{LoadBalancer: b.settings.arn, Listener: l.port}
	if known, ok := ports[record.key()]; ok {
		at, err := takePort(known.Port)
		if err != nil {
			return nil, nil, b.settings.taken(known.Port, err)
		}
		b.further[l.port] = at
		return at, nil, nil
	}
	promised, err := b.part.promised()
	if err != nil {
		return nil, nil, err
	}
	begin := b.part.ports
	if l.secure() {
		begin = b.part.securePorts
	}
	at, err := newPlace(hold.Free(begin, promised))
	if err != nil {
		return nil, nil, fmt.Errorf("a port of 127.0.0.1 for load balancer %s: %w", b.settings.name, err)
	}
	b.further[l.port] = at
	record.Port = at.port
	return at, &record, nil
}

func (s balancerSettings) taken(port int, err error) error {
	return fmt.Errorf("load balancer %s cannot listen on port %d of 127.0.0.1 (%w): end the program that has it "+
		"(`ss -ltnp 'sport = :%d'` names it); it is tried again every %v", s.name, port, err, port, hurry)
}

// serve puts fronts behind the places of listeners. A listener whose server can stay keeps it.
func (b *balancer) serve(places map[string]*place) {
	for _, l := range b.settings.listeners {
		at := places[l.arn]
		if at == nil {
			continue
		}
		f := b.fronts[l.arn]
		if f != nil && f.place == at && f.fits(b.settings, l) {
			f.set(b.settings, l)
		} else {
			fresh, err := newFront(b, at, b.settings, l)
			if err != nil {
				b.missing[l.arn] = err
				continue
			}
			b.fronts[l.arn] = fresh
			at.front.Store(fresh) // before the old one stops to take connections
			if f != nil {
				f.place.front.CompareAndSwap(f, nil)
				go f.retire(b.life)
			}
			continue
		}
		at.front.Store(f)
	}
}

// leave closes the fronts of listeners that are gone, and gives their ports back.
func (b *balancer) leave(places map[string]*place) {
	for arn, f := range b.fronts {
		if places[arn] == nil {
			f.place.front.CompareAndSwap(f, nil)
			delete(b.fronts, arn)
			go f.close()
		}
	}
	for port, at := range b.further {
		used := false
		for _, p := range places {
			used = used || p == at
		}
		if !used {
			at.close()
			delete(b.further, port)
		}
	}
}

// close ends everything, after a moment for what is in flight.
func (b *balancer) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	var done sync.WaitGroup
	for _, f := range b.fronts {
		f.place.front.CompareAndSwap(f, nil)
		f.place.close()
		done.Go(f.close)
	}
	for _, at := range b.further {
		at.close()
	}
	if b.main != nil {
		b.main.close()
	}
	done.Wait()
	b.main, b.further, b.fronts = nil, map[int]*place{}, map[string]*front{}
}

// trouble is why one of the listeners does not listen, nil if all do.
func (b *balancer) trouble() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, err := range b.missing {
		return err
	}
	return nil
}

// local is where the listener of a port really listens; the port itself if there is none.
func (b *balancer) local(port int) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.fronts {
		if f.port == port {
			return f.place.port
		}
	}
	return port
}

// serving are the fronts, by the port of their listener.
func (b *balancer) serving() []*front {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.SortedFunc(maps.Values(b.fronts), func(x, y *front) int { return x.port - y.port })
}

// missing is why a listener does not listen, nil if it does or nothing runs.
func (p *Part) missing(listener string) error {
	p.mu.Lock()
	balancers := slices.Collect(maps.Values(p.balancers))
	p.mu.Unlock()
	for _, b := range balancers {
		b.mu.Lock()
		err := b.missing[listener]
		b.mu.Unlock()
		if err != nil {
			return err
		}
	}
	return nil
}
