// Package clock is the pace at which the emulated account waits. What AWS waits for only to let time pass
// (intervals between checks, deregistration delays, cooldowns, the boot of an instance) goes faster here.
// What limits real work (timeouts, start periods, stop timeouts, grace periods) takes its real time: PHP is
// not faster because the account is.
package clock

import (
	"context"
	"time"
)

// Default is how many times faster than AWS's the clock of an account is.
const Default = 10

// Clock is the clock of an account. The zero value is as slow as AWS's.
type Clock struct {
	speed float64
}

// New returns a clock that is speed times faster than AWS's; 0 means 1.
func New(speed float64) Clock { return Clock{speed: speed} }

// Of is how long a wait of AWS's takes here.
func (c Clock) Of(wait time.Duration) time.Duration {
	if c.speed <= 0 {
		return wait
	}
	return time.Duration(float64(wait) / c.speed)
}

// Seconds is Of for the numbers that AWS's settings are written in.
func (c Clock) Seconds(n float64) time.Duration {
	return c.Of(time.Duration(n * float64(time.Second)))
}

// Sleep waits for what a wait of AWS's takes here, or until the context ends.
func (c Clock) Sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(c.Of(wait))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
