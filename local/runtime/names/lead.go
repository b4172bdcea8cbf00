package names

import (
	"context"
	"maps"
	"time"
)

// recall is an answer that may be used again, "" for none, and how often answers were forgotten up to now.
func (d *Directory) recall(q question) (address string, changes int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	known, ok := d.known[q]
	if !ok || time.Since(known.at) >= kept {
		return "", d.changes
	}
	d.led[lead{q, known.address}] = time.Now()
	return known.address, d.changes
}

// note keeps an answer that is about to be given, unless answers were forgotten while it was sought.
func (d *Directory) note(q question, address string, changes int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.changes != changes {
		return false
	}
	now := time.Now()
	if d.known == nil {
		d.known, d.led = map[question]found{}, map[lead]time.Time{}
	}
	maps.DeleteFunc(d.known, func(_ question, f found) bool { return now.Sub(f.at) >= kept })
	maps.DeleteFunc(d.led, func(_ lead, at time.Time) bool { return now.Sub(at) >= handover })
	d.known[q], d.led[lead{q, address}] = found{address, now}, now
	return true
}

// forget lets no answer of before be used again.
func (d *Directory) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.changes++
	clear(d.known)
}

// settle forgets, and blocks until who was led to where a name leads no more has had the time to get there and to ask: what
// listens there may be closed after that. Clients of DNS have no such grace: they may know an address for as long as its TTL.
func (d *Directory) settle(ctx context.Context) error {
	d.forget()
	d.mu.Lock()
	led := maps.Clone(d.led)
	d.mu.Unlock()
	var left time.Duration
	for l, at := range led {
		grace := handover - time.Since(at)
		if grace <= left {
			continue
		}
		if now, err := d.find(l.host, l.port); err != nil || now != l.address {
			left = grace
		}
	}
	if left == 0 {
		return nil
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// hide takes a record out that is about to leave the account, show brings back one that has come again.
func (d *Directory) hide(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.hidden == nil {
		d.hidden = map[string]time.Time{}
	}
	maps.DeleteFunc(d.hidden, func(_ string, at time.Time) bool { return time.Since(at) >= forgetting })
	d.hidden[id] = time.Now()
}

func (d *Directory) show(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.hidden, id)
}

func (d *Directory) isHidden(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	at, ok := d.hidden[id]
	return ok && time.Since(at) < forgetting
}
