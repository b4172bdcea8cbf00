package ecs

import "time"

// Step looks once, as Run does again and again, and tells when it would look next.
func (p *Part) Step() (time.Time, error) {
	p.runs(true)
	return p.step()
}

// Halt is the end of Run.
func (p *Part) Halt() { p.runs(false) }
