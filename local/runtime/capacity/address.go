package capacity

import (
	"encoding/binary"
	"net/netip"
)

const (
	// reservedFirst and reservedLast count the addresses at the ends of a subnet that AWS keeps for itself.
	reservedFirst, reservedLast = 4, 1
	// peerHost is the tenth address, which stands for the load balancer in its subnet.
	peerHost = 10
	// firstHost is the first address that a task gets in a new subnet.
	firstHost = 16
)

// address takes a free address of a subnet. It goes round: one that was in use comes back as late as possible,
// because target groups still know it while they drain.
func (p *Part) address(s subnet) (string, bool) {
	if !s.block.IsValid() || !s.block.Addr().Is4() {
		return "", false
	}
	room := 1<<(32-s.block.Bits()) - reservedFirst - reservedLast
	taken := map[string]bool{}
	for _, h := range p.holds {
		taken[h.place.IP] = true
	}
	last, known := p.last[s.id]
	if !known {
		last = firstHost - 1
	}
	for n := range room {
		host := reservedFirst + (last+1-reservedFirst+n)%room
		ip := s.host(host)
		if host == peerHost || taken[ip] {
			continue
		}
		p.last[s.id] = host
		return ip, true
	}
	return "", false
}

// host is the nth address of a subnet.
func (s subnet) host(n int) string {
	first := s.block.Masked().Addr().As4()
	var ip [4]byte
	binary.BigEndian.PutUint32(ip[:], binary.BigEndian.Uint32(first[:])+uint32(n)) //nolint:gosec // within the subnet
	return netip.AddrFrom4(ip).String()
}
