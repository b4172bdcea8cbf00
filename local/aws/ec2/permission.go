package ec2

import (
	"fmt"
	"reflect"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/prefixlist"
)

// allProtocols is how AWS calls all of them.
const allProtocols = "-1"

// permission is one rule as AWS counts them: ports, and one peer.
type permission struct {
	protocol string
	from, to float64
	// class is which of the peers of a rule it is, peer its value.
	class, peer string
}

// peers are the inputs of a rule that say who is at the other end.
var peers = []string{"cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"}

// inlinePeer is the list of a group's own rule for each of the peers.
var inlinePeer = map[string]string{
	"cidrIpv4": "cidrBlocks", "cidrIpv6": "ipv6CidrBlocks", "prefixListId": "prefixListIds",
	"referencedSecurityGroupId": "securityGroups",
}

// self is the peer of a rule that names its own group.
const self = "self"

// permissionOf is a rule that is a resource of its own.
func permissionOf(r account.Props) permission {
	p := ported(r.String("ipProtocol"), r.Number("fromPort"), r.Number("toPort"))
	for _, name := range peers {
		if v := r.String(name); v != "" {
			p.class, p.peer = name, v
		}
	}
	if p.peer == r.String("securityGroupId") && p.peer != "" {
		p.peer = self
	}
	return p
}

// permissions are the rules in one of a group's own.
func permissions(r account.Props) []permission {
	var list []permission
	for _, class := range peers {
		for _, peer := range r.Strings(inlinePeer[class]) {
			p := ported(r.String("protocol"), r.Number("fromPort"), r.Number("toPort"))
			p.class, p.peer = class, peer
			list = append(list, p)
		}
	}
	if r.Bool(self) {
		p := ported(r.String("protocol"), r.Number("fromPort"), r.Number("toPort"))
		p.class, p.peer = "referencedSecurityGroupId", self
		list = append(list, p)
	}
	return list
}

func ported(name string, from, to float64) permission {
	p := permission{protocol: protocol(name), from: from, to: to}
	if p.protocol == allProtocols {
		p.from, p.to = 0, 0
	}
	return p
}

func (p permission) String() string {
	return fmt.Sprintf("%s %v %v %s %s", p.protocol, p.from, p.to, p.class, p.peer)
}

// duplicate is AWS's word on a rule that is there already.
func (p permission) duplicate() string {
	if p.protocol == allProtocols {
		return fmt.Sprintf("the specified rule \"peer: %s, ALL, ALLOW\" already exists", p.peer)
	}
	return fmt.Sprintf("the specified rule \"peer: %s, %s, from port: %v, to port: %v, ALLOW\" already exists",
		p.peer, strings.ToUpper(p.protocol), p.from, p.to)
}

// inline is the rule as a group shows it among its own.
func (p permission) inline(description string) map[string]any {
	entry := map[string]any{"protocol": p.protocol, "fromPort": p.from, "toPort": p.to}
	if description != "" {
		entry["description"] = description
	}
	if p.peer == self {
		entry[self] = true
	} else {
		entry[inlinePeer[p.class]] = []any{p.peer}
	}
	return entry
}

// counted is how many rules AWS counts: those for IPv4 or for IPv6, whichever are more. Groups and prefix lists are in
// both, and a list counts with its weight.
func counted(region string, all []permission) int {
	four, six := 0, 0
	for _, p := range all {
		n := 1
		if l, known := prefixlist.ByID(region, p.peer); known {
			n = l.Weight
		}
		if p.class != "cidrIpv6" {
			four += n
		}
		if p.class != "cidrIpv4" {
			six += n
		}
	}
	return max(four, six)
}

// shown are the rules that a group has in a direction, whoever made them.
func shown(c *kind.Call, groupID, direction string) ([]permission, error) {
	var all []permission
	for _, token := range []string{SecurityGroup, DefaultGroup} {
		group, err := c.Find(token, "id", groupID)
		if err != nil {
			return nil, err
		}
		if group == nil {
			continue
		}
		for _, r := range group.Outputs.Objects(direction) {
			all = append(all, permissions(r)...)
		}
	}
	return all, nil
}

// enter puts a rule among those that its group shows, and takes another one out; either may be nil.
func enter(c *kind.Call, groupID, direction string, in, out map[string]any) error {
	for _, token := range []string{SecurityGroup, DefaultGroup} {
		group, err := c.Tx.Get(token, c.Region, groupID)
		if err != nil {
			return err
		}
		if group == nil {
			continue
		}
		rules := []any{}
		for _, r := range group.Outputs.List(direction) {
			if out != nil && reflect.DeepEqual(r, out) {
				out = nil
				continue
			}
			rules = append(rules, r)
		}
		if in != nil {
			rules = append(rules, in)
		}
		show(group, direction, rules)
		if err := c.Tx.Put(*group); err != nil {
			return err
		}
	}
	return nil
}

// protocol is the name of a protocol that may be given by number.
func protocol(p string) string {
	switch p = strings.ToLower(p); p {
	case "6":
		return "tcp"
	case "17":
		return "udp"
	case "1":
		return "icmp"
	case "58":
		return "icmpv6"
	case "all":
		return allProtocols
	default:
		return p
	}
}
