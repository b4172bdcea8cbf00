package reach

import (
	"net/netip"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
)

// rule is a rule of a security group, for one peer.
type rule struct {
	group   string
	egress  bool
	all     bool // every protocol and port
	low, up int
	// One of these is the peer.
	block      netip.Prefix
	peer, list string
}

func (r rule) covers(port int) bool { return r.all || r.low <= port && port <= r.up }

// groups are the security groups of an interface.
func (n *Network) groups(i Interface) []string {
	if len(i.Groups) > 0 {
		return i.Groups
	}
	return []string{n.vpcs[n.subnets[i.Subnet].vpc].group}
}

func (n *Network) out(i Interface, port int, peer func(rule) bool) bool {
	return n.lets(i, true, port, peer)
}
func (n *Network) in(i Interface, port int, peer func(rule) bool) bool {
	return n.lets(i, false, port, peer)
}

func (n *Network) lets(i Interface, egress bool, port int, peer func(rule) bool) bool {
	groups := n.groups(i)
	return slices.ContainsFunc(n.rules, func(r rule) bool {
		return r.egress == egress && slices.Contains(groups, r.group) && r.covers(port) && peer(r)
	})
}

// isPeer tells whether an interface is the peer of a rule: by its group, or by its address.
func (n *Network) isPeer(r rule, i Interface) bool {
	if r.peer != "" {
		return slices.Contains(n.groups(i), r.peer)
	}
	if !r.block.IsValid() {
		return false
	}
	if ip, err := netip.ParseAddr(i.IP); err == nil {
		return r.block.Contains(ip)
	}
	block := n.subnets[i.Subnet].block
	return r.block.Bits() == 0 || block.IsValid() && r.block.Bits() <= block.Bits() && r.block.Contains(block.Addr())
}

// single reads a rule that is a resource of its own.
func single(r account.Resource, egress bool) rule {
	o := r.Outputs
	made := rule{
		group: o.String("securityGroupId"), egress: egress, peer: o.String("referencedSecurityGroupId"), list: o.String("prefixListId"),
	}
	made.ports(o.String("ipProtocol"), o)
	made.block, _ = netip.ParsePrefix(o.String("cidrIpv4")) // another kind of peer otherwise
	// A group of another VPC may be named with its account before it.
	made.peer = made.peer[strings.LastIndex(made.peer, "/")+1:]
	return made
}

// inline reads the rules in the properties of a security group.
func inline(r account.Resource) []rule {
	var list []rule
	for _, direction := range []string{"ingress", "egress"} {
		for _, o := range r.Outputs.Objects(direction) {
			base := rule{group: r.ID, egress: direction == "egress"}
			base.ports(o.String("protocol"), o)
			for _, text := range o.Strings("cidrBlocks") {
				made := base
				made.block, _ = netip.ParsePrefix(text) // what is none lets nothing through
				list = append(list, made)
			}
			peers := o.Strings("securityGroups")
			if o.Bool("self") {
				peers = append(peers, r.ID)
			}
			for _, peer := range peers {
				made := base
				made.peer = peer
				list = append(list, made)
			}
			for _, id := range o.Strings("prefixListIds") {
				made := base
				made.list = id
				list = append(list, made)
			}
		}
	}
	return list
}

// ports reads what a rule is about. Other protocols than TCP let nothing through that is asked for here.
func (r *rule) ports(protocol string, o account.Props) {
	switch strings.ToLower(protocol) {
	case "-1", "all":
		r.all = true
	case "tcp", "6":
		r.low, r.up = o.Int("fromPort"), o.Int("toPort")
	default:
		r.low, r.up = -1, -1
	}
}
