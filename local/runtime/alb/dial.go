package alb

import (
	"context"
	"net"

	"wordpress-ecs/local/runtime/reach"
)

// dialing makes a connection.
type dialing func(ctx context.Context, network, address string) (net.Conn, error)

// dial makes connections to a target. When security groups are in the way nobody answers, as on AWS.
func (g *group) dial(t *target) dialing {
	dialer := &net.Dialer{Timeout: dialTimeout}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if g.open(t.Target) {
			return dialer.DialContext(ctx, network, address)
		}
		ctx, cancel := context.WithTimeout(ctx, dialTimeout)
		defer cancel()
		<-ctx.Done()
		return nil, &net.OpError{Op: "dial", Net: network, Err: ctx.Err()}
	}
}

// open tells whether the security groups of a load balancer and of a target let requests through.
func (g *group) open(t Target) bool {
	s := g.settings.Load()
	if s == nil || s.network == nil || len(s.from) == 0 || !s.network.Exists(t.Subnet) {
		return true
	}
	to := reach.Interface{Subnet: t.Subnet, Groups: t.Groups, IP: t.IP}
	for _, from := range s.from {
		if s.network.Between(from, to, t.Port) == nil {
			return true
		}
	}
	return false
}
