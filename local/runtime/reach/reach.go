// Package reach tells who reaches whom in the account: it follows route tables and security groups as a VPC does.
//
// Not looked at: network ACLs and IPv6 (the account has neither), policies of endpoints, peering, and whether a group lets in
// who comes from outside of the VPC, such as a browser or the CDN. An API of AWS has no known addresses: only a rule to
// 0.0.0.0/0, to the prefix list of its service, or to the security group or the addresses of an interface endpoint, lets
// requests to it out.
package reach

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/prefixlist"
)

// anywhere is where a way to the internet leads.
const anywhere = "0.0.0.0/0"

// https is the port of AWS's APIs.
const https = 443

// Interface is a network interface.
type Interface struct {
	// Subnet is where it is.
	Subnet string
	// Groups are its security groups; without any it has the default one of its VPC.
	Groups []string
	// Public is set when it has a public address.
	Public bool
	// IP is its address in the VPC; empty for any address of the subnet.
	IP string
}

// Network is what the account says about networks at one moment.
type Network struct {
	vpcs      map[string]vpc
	subnets   map[string]subnet
	tables    map[string]*table
	nats      map[string]account.Props
	gateways  map[string]string // the VPC that each is attached to
	endpoints []endpoint
	rules     []rule
}

type vpc struct {
	table, group string
	names, hosts bool // enableDnsSupport, enableDnsHostnames
}

type subnet struct {
	vpc, region, table string
	block              netip.Prefix
}

// table is a route table; ways are the targets of its routes to 0.0.0.0/0.
type table struct{ ways []string }

type endpoint struct {
	service, vpc, list      string
	private, gateway        bool
	subnets, groups, tables []string
}

// Exists tells whether there is a subnet of that id.
func (n *Network) Exists(subnet string) bool {
	_, ok := n.subnets[subnet]
	return ok
}

// Names tells whether names are resolved in the VPC of a subnet: those of AWS, and, with hosts, those that AWS
// gives to what is in the VPC.
func (n *Network) Names(subnet string) (names, hosts bool) {
	v := n.vpcs[n.subnets[subnet].vpc]
	return v.names, v.names && v.hosts
}

// API tells why an interface does not reach an API of AWS in its region, such as "ecs" or "ecr.api", by HTTPS; nil
// when it does.
func (n *Network) API(from Interface, service string) error {
	s, ok := n.subnets[from.Subnet]
	if !ok {
		return fmt.Errorf("subnet %q does not exist", from.Subnet)
	}
	v := n.vpcs[s.vpc]
	if !v.names {
		return fmt.Errorf("%s resolves no names (enableDnsSupport)", s.vpc)
	}
	for _, e := range n.endpoints {
		if e.vpc != s.vpc || e.service != "com.amazonaws."+s.region+"."+service {
			continue
		}
		switch {
		case e.gateway && slices.Contains(e.tables, n.tableOf(s)):
			if !n.out(from, https, func(r rule) bool { return r.list == e.list || r.block.Bits() == 0 && r.block.IsValid() }) {
				return fmt.Errorf("its security groups let nothing out on port %d to %s or to %s", https, e.list, anywhere)
			}
			return nil
		case !e.gateway && e.private && v.hosts: // its name leads to the endpoint, whether or not there is another way
			return n.toEndpoint(from, e)
		}
	}
	return n.internet(from, prefixlist.ID(s.region, "com.amazonaws."+s.region+"."+service))
}

func (n *Network) toEndpoint(from Interface, e endpoint) error {
	err := fmt.Errorf("the endpoint of %s is in no subnet", e.service)
	for _, id := range e.subnets {
		if err = n.Between(from, Interface{Subnet: id, Groups: e.groups}, https); err == nil {
			return nil
		}
	}
	return fmt.Errorf("endpoint of %s: %w", e.service, err)
}

// internet tells why there is no way from an interface to the internet, to a service with a prefix list there.
func (n *Network) internet(from Interface, list string) error {
	if !n.out(from, https, func(r rule) bool { return r.list == list || r.block.IsValid() && r.block.Bits() == 0 }) {
		return fmt.Errorf("its security groups let nothing out to %s on port %d", anywhere, https)
	}
	s := n.subnets[from.Subnet]
	ways := n.ways(s)
	if len(ways) == 0 {
		return fmt.Errorf("%s has no route to %s", from.Subnet, anywhere)
	}
	var reason error
	for _, way := range ways {
		if reason = n.leads(way, s, from.Public); reason == nil {
			return nil
		}
	}
	return reason
}

// leads tells why a target of a route does not lead to the internet.
func (n *Network) leads(way string, s subnet, public bool) error {
	switch {
	case strings.HasPrefix(way, "igw-"):
		if n.gateways[way] != s.vpc {
			return fmt.Errorf("its route to %s leads to %s, which is not attached to %s", anywhere, way, s.vpc)
		}
		if !public {
			return fmt.Errorf("its route to %s leads to %s, and it has no public address", anywhere, way)
		}
		return nil
	case strings.HasPrefix(way, "nat-"):
		nat, ok := n.nats[way]
		if !ok {
			return fmt.Errorf("its route to %s leads to %s, which is not there or not ready", anywhere, way)
		}
		if nat.String("connectivityType") == "private" {
			return fmt.Errorf("its route to %s leads to %s, which is a private one", anywhere, way)
		}
		home := n.subnets[nat.String("subnetId")]
		for _, next := range n.ways(home) {
			if strings.HasPrefix(next, "igw-") && n.gateways[next] == home.vpc && home.vpc != "" {
				return nil
			}
		}
		return fmt.Errorf("%s is in %s, which has no route to an internet gateway", way, nat.String("subnetId"))
	}
	return fmt.Errorf("its route to %s leads to %s, which is not followed here", anywhere, way)
}

func (n *Network) tableOf(s subnet) string { return cmp.Or(s.table, n.vpcs[s.vpc].table) }

func (n *Network) ways(s subnet) []string {
	if t := n.tables[n.tableOf(s)]; t != nil {
		return t.ways
	}
	return nil
}

// Between tells why an interface does not reach another of its VPC on a TCP port; nil when it does.
func (n *Network) Between(from, to Interface, port int) error {
	if !n.out(from, port, func(r rule) bool { return n.isPeer(r, to) }) {
		return fmt.Errorf("%s lets nothing out to %s on port %d", n.named(from), n.named(to), port)
	}
	if !n.in(to, port, func(r rule) bool { return n.isPeer(r, from) }) {
		return fmt.Errorf("%s lets nothing in from %s on port %d", n.named(to), n.named(from), port)
	}
	return nil
}

// named are the security groups of an interface in words.
func (n *Network) named(i Interface) string {
	return "security group " + strings.Join(n.groups(i), " or ")
}
