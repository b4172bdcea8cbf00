package awsx

import (
	"errors"
	"fmt"
	"math/bits"
	"net/netip"
	"slices"
	"strings"
)

// spec is one subnet that every zone gets.
type spec struct {
	CidrBlocks []string          `pulumi:"cidrBlocks"`
	CidrMask   *int              `pulumi:"cidrMask"`
	Name       *string           `pulumi:"name"`
	Size       *int              `pulumi:"size"`
	Tags       map[string]string `pulumi:"tags"`
	Type       string            `pulumi:"type"`
}

// place is one subnet of one zone.
type place struct {
	spec
	zone string
	name string
	cidr netip.Prefix
}

// The types of subnets, in the order in which a zone's are made.
const (
	public   = "public"
	private  = "private"
	isolated = "isolated"
	unused   = "unused"
)

func (s spec) kind() string { return strings.ToLower(s.Type) }

// normalize settles masks and sizes, and refuses specs that contradict themselves.
// The second result tells that the specs give all blocks themselves.
func normalize(specs []spec, zones int) ([]spec, bool, error) {
	explicit := slices.ContainsFunc(specs, func(s spec) bool { return s.CidrBlocks != nil })
	settled := slices.Clone(specs)
	var issues []string
	for i := range settled {
		issue := ""
		if explicit {
			issue = checkBlocks(settled[i], i, zones)
		} else {
			issue = settleMask(&settled[i])
		}
		if issue != "" {
			issues = append(issues, issue)
		}
	}
	if len(issues) > 0 {
		return nil, false, fmt.Errorf("Invalid subnet specifications:\n - %s",
			strings.Join(issues, "\n - "))
	}
	return settled, explicit, nil
}

// settleMask derives the mask from the size, or the other way round.
func settleMask(s *spec) string {
	if s.Size != nil && (*s.Size < 4 || bits.OnesCount(uint(*s.Size)) != 1) {
		return fmt.Sprintf("The following subnet sizes are invalid: %d. Valid sizes are powers of two from 4.", *s.Size)
	}
	if s.CidrMask == nil && s.Size != nil {
		mask := 32 - bits.TrailingZeros(uint(*s.Size))
		s.CidrMask = &mask
	}
	if s.CidrMask == nil {
		return ""
	}
	size := 1 << (32 - *s.CidrMask)
	if s.Size != nil && *s.Size != size {
		return fmt.Sprintf("Subnet size %d does not match the expected size for a /%d subnet (%d).", *s.Size, *s.CidrMask, size)
	}
	s.Size = &size
	return ""
}

func checkBlocks(s spec, index, zones int) string {
	switch {
	case s.CidrBlocks == nil:
		return "If any subnet spec has explicit cidrBlocks, all subnets must have explicit cidrBlocks."
	case len(s.CidrBlocks) != zones:
		return fmt.Sprintf("The number of CIDR blocks in subnetSpecs[%d] must match the number of availability zones (%d).",
			index, zones)
	}
	for _, block := range s.CidrBlocks {
		network, err := netip.ParsePrefix(block)
		switch {
		case err != nil:
			return fmt.Sprintf("%q in subnetSpecs[%d] is not a CIDR block.", block, index)
		case s.CidrMask != nil && *s.CidrMask != network.Bits():
			return fmt.Sprintf("The cidrMask in subnetSpecs[%d] must match all cidrBlocks or be left undefined.", index)
		case s.Size != nil && *s.Size != 1<<(32-network.Bits()):
			return fmt.Sprintf("The size in subnetSpecs[%d] must match all cidrBlocks or be left undefined.", index)
		}
	}
	return ""
}

// layOut gives every zone its block of the VPC, and every spec its subnet in it, in
// the order of the specs.
func layOut(vpcName string, vpc netip.Prefix, zones []string, specs []spec, zoneMask *int) ([]place, error) {
	zoneBits := vpc.Bits() + bits.Len(uint(len(zones)-1))
	if zoneMask != nil {
		zoneBits = *zoneMask
	}
	if specs == nil {
		var err error
		if specs, err = defaultSpecs(zoneBits); err != nil {
			return nil, err
		}
	}
	if len(specs) == 0 {
		return nil, errors.New("No subnets specified")
	}
	masks := make([]int, len(specs))
	total := 0
	for i, s := range specs {
		masks[i] = zoneBits + bits.Len(uint(len(specs)-1))
		if s.CidrMask != nil {
			masks[i] = *s.CidrMask
		}
		if masks[i] < 0 || masks[i] > 32 {
			return nil, fmt.Errorf("the mask /%d of subnet %d does not exist", masks[i], i)
		}
		total += 1 << (32 - masks[i])
	}
	if size := 1 << (32 - zoneBits); total > size {
		return nil, fmt.Errorf("Subnets are too large for VPC. VPC has %d addresses, but subnets require %d addresses.",
			size, total)
	}
	var places []place
	for z, zone := range zones {
		at := number(vpc.Masked().Addr()) + uint64(z)<<(32-zoneBits)
		for i, s := range specs {
			step := uint64(1) << (32 - masks[i])
			at = (at + step - 1) / step * step // the next block of this size
			places = append(places, place{s, zone, subnetName(vpcName, s, z+1), netip.PrefixFrom(address(at), masks[i])})
			at += step
		}
	}
	return places, nil
}

// explicitly uses the blocks that the specs give.
func explicitly(vpcName string, zones []string, specs []spec) []place {
	var places []place
	for z, zone := range zones {
		for _, s := range specs {
			block, _ := netip.ParsePrefix(s.CidrBlocks[z]) // parsed before, by checkBlocks
			places = append(places, place{s, zone, subnetName(vpcName, s, z+1), block})
		}
	}
	return places
}

// defaultSpecs are a wide private and a smaller public subnet.
func defaultSpecs(zoneBits int) ([]spec, error) {
	const least = 26
	if zoneBits > least {
		return nil, fmt.Errorf("Automatic subnet creation requires a VPC with at least /26 available per AZ, but only /%d "+
			"is available.If you do need very small subnets, please specify them explicitly.", zoneBits)
	}
	base := max(zoneBits, 16)
	wide, narrow := base+1, base+2
	return []spec{{Type: "Private", CidrMask: &wide}, {Type: "Public", CidrMask: &narrow}}, nil
}

func subnetName(vpcName string, s spec, zone int) string {
	name := s.kind()
	if s.Name != nil {
		name = *s.Name
	}
	return fmt.Sprintf("%s-%s-%d", vpcName, name, zone)
}

func number(a netip.Addr) uint64 {
	b := a.As4()
	return uint64(b[0])<<24 | uint64(b[1])<<16 | uint64(b[2])<<8 | uint64(b[3])
}

func address(n uint64) netip.Addr {
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}) //nolint:gosec // the four bytes of it
}

// verify refuses layouts that overlap, have gaps though they must not, or lack the
// subnets that NAT gateways need.
func verify(places []place, vpc netip.Prefix, strategy, nat string) error {
	var overlapping []string
	for i, p := range places {
		for j, q := range places {
			if i != j && p.cidr.Overlaps(q.cidr) {
				overlapping = append(overlapping, fmt.Sprintf("%d. %s: %s", len(overlapping)+1, p.name, p.cidr))
				break
			}
		}
	}
	if len(overlapping) > 0 {
		return fmt.Errorf("The following subnets overlap with at least one other subnet. Make the CIDR for the VPC larger, "+
			"reduce the size of the subnets per AZ, or use less Availability Zones:\n\n%s", strings.Join(overlapping, "\n"))
	}
	if strings.EqualFold(strategy, "Exact") {
		if err := noGaps(places, vpc); err != nil {
			return err
		}
	}
	has := func(kind string) bool {
		return slices.ContainsFunc(places, func(p place) bool { return p.kind() == kind })
	}
	if nat != natNone && (!has(public) || !has(private)) {
		return errors.New("If NAT Gateway strategy is 'OnePerAz' or 'Single', both private and public subnets must be declared. " +
			"The private subnet creates the need for a NAT Gateway, and the public subnet is required to host the NAT Gateway resource.")
	}
	return nil
}

func noGaps(places []place, vpc netip.Prefix) error {
	var gaps []string
	next := number(vpc.Masked().Addr())
	for _, p := range places {
		if start := number(p.cidr.Addr()); start != next {
			gaps = append(gaps, fmt.Sprintf("%s (%s) does not start at %s", p.name, p.cidr, address(next)))
		}
		next = number(p.cidr.Addr()) + 1<<(32-p.cidr.Bits())
	}
	if end := number(vpc.Masked().Addr()) + 1<<(32-vpc.Bits()); next != end {
		gaps = append(gaps, fmt.Sprintf("%s ends before VPC ends (at %s)", places[len(places)-1].name, address(end-1)))
	}
	if len(gaps) == 0 {
		return nil
	}
	return fmt.Errorf("There are gaps in the subnet ranges. Please fix the following gaps: %s", strings.Join(gaps, ", "))
}
