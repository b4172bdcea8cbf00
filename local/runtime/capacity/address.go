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
	last := firstHost - 1
	if ip, known := p.last[s.id]; known {
		last = max(s.number(ip), reservedFirst-1) // the block may be another one by now
	}
	for n := range room {
		host := reservedFirst + (last+1-reservedFirst+n)%room
		ip := s.host(host)
		if host == peerHost || taken[ip.String()] {
			continue
		}
		p.last[s.id] = ip
		return ip.String(), true
	}
	return "", false
}

// passed notes an address that was given out before this process.
func (p *Part) passed(at Place) {
	ip, err := netip.ParseAddr(at.IP)
	if err != nil || !ip.Is4() {
		return
	}
	if last, known := p.last[at.Subnet]; !known || last.Less(ip) {
		p.last[at.Subnet] = ip
	}
}

// host is the nth address of a subnet.
func (s subnet) host(n int) netip.Addr {
	first := s.block.Masked().Addr().As4()
	var ip [4]byte
	binary.BigEndian.PutUint32(ip[:], binary.BigEndian.Uint32(first[:])+uint32(n)) //nolint:gosec // within the subnet
	return netip.AddrFrom4(ip)
}

// number is which address of a subnet an address is.
func (s subnet) number(ip netip.Addr) int {
	first, own := s.block.Masked().Addr().As4(), ip.As4()
	return int(binary.BigEndian.Uint32(own[:])) - int(binary.BigEndian.Uint32(first[:]))
}
