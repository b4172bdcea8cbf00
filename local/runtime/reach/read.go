package reach

import (
	"cmp"
	"net/netip"
	"time"

	"wordpress-ecs/local/account"
)

const (
	vpcType         = "aws:ec2/vpc:Vpc"
	subnetType      = "aws:ec2/subnet:Subnet"
	gatewayType     = "aws:ec2/internetGateway:InternetGateway"
	natType         = "aws:ec2/natGateway:NatGateway"
	tableType       = "aws:ec2/routeTable:RouteTable"
	associationType = "aws:ec2/routeTableAssociation:RouteTableAssociation"
	routeType       = "aws:ec2/route:Route"
	endpointType    = "aws:ec2/vpcEndpoint:VpcEndpoint"
	groupType       = "aws:ec2/securityGroup:SecurityGroup"
	defaultType     = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
	ingressType     = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	egressType      = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
)

// Read reads the networks of the account.
func Read(tx *account.Tx) (*Network, error) {
	n := &Network{
		vpcs: map[string]vpc{}, subnets: map[string]subnet{}, tables: map[string]*table{}, nats: map[string]account.Props{},
		gateways: map[string]string{},
	}
	adopted := map[string]bool{}
	// What others refer to comes before them.
	for _, step := range []struct {
		typ string
		add func(r account.Resource)
	}{
		{vpcType, n.addVPC},
		{subnetType, n.addSubnet},
		{gatewayType, func(r account.Resource) { n.gateways[r.ID] = r.Outputs.String("vpcId") }},
		{natType, func(r account.Resource) {
			if r.Available(time.Now()) {
				n.nats[r.ID] = r.Outputs
			}
		}},
		{tableType, n.addTable},
		{associationType, n.associate},
		{routeType, func(r account.Resource) { n.addRoute(r.Outputs.String("routeTableId"), r.Outputs) }},
		{endpointType, n.addEndpoint},
		{groupType, func(r account.Resource) { n.rules = append(n.rules, inline(r)...) }},
		{defaultType, func(r account.Resource) {
			adopted[r.ID] = true
			n.rules = append(n.rules, inline(r)...)
		}},
		{ingressType, func(r account.Resource) { n.rules = append(n.rules, single(r, false)) }},
		{egressType, func(r account.Resource) { n.rules = append(n.rules, single(r, true)) }},
	} {
		all, err := tx.ByType(step.typ)
		if err != nil {
			return nil, err
		}
		for _, r := range all {
			step.add(r)
		}
	}
	for _, v := range n.vpcs {
		if !adopted[v.group] {
			// As AWS makes it: open to itself, and to the outside.
			n.rules = append(n.rules,
				rule{group: v.group, all: true, peer: v.group},
				rule{group: v.group, egress: true, all: true, block: netip.MustParsePrefix(anywhere)})
		}
	}
	return n, nil
}

func (n *Network) addVPC(r account.Resource) {
	o := r.Outputs
	n.vpcs[r.ID] = vpc{
		table: o.String("mainRouteTableId"), group: o.String("defaultSecurityGroupId"),
		names: !o.Has("enableDnsSupport") || o.Bool("enableDnsSupport"), hosts: o.Bool("enableDnsHostnames"),
	}
}

func (n *Network) addSubnet(r account.Resource) {
	s := subnet{vpc: r.Outputs.String("vpcId"), region: r.Region}
	s.block, _ = netip.ParsePrefix(r.Outputs.String("cidrBlock")) // one without IPv4 is nobody's peer here
	n.subnets[r.ID] = s
}

func (n *Network) addTable(r account.Resource) {
	for _, route := range r.Outputs.Objects("routes") {
		n.addRoute(r.ID, route)
	}
}

func (n *Network) associate(r account.Resource) {
	id := r.Outputs.String("subnetId")
	if s, ok := n.subnets[id]; ok {
		s.table = r.Outputs.String("routeTableId")
		n.subnets[id] = s
	}
}

func (n *Network) addRoute(to string, o account.Props) {
	if cmp.Or(o.String("destinationCidrBlock"), o.String("cidrBlock")) != anywhere {
		return
	}
	if n.tables[to] == nil {
		n.tables[to] = &table{}
	}
	for _, target := range []string{
		"gatewayId", "natGatewayId", "networkInterfaceId", "transitGatewayId", "vpcEndpointId", "vpcPeeringConnectionId",
	} {
		if way := o.String(target); way != "" {
			n.tables[to].ways = append(n.tables[to].ways, way)
		}
	}
}

func (n *Network) addEndpoint(r account.Resource) {
	o := r.Outputs
	if state := o.String("state"); state != "" && state != "available" || !r.Available(time.Now()) {
		return
	}
	typ := o.String("vpcEndpointType")
	if typ != "Interface" && typ != "Gateway" && typ != "" {
		return
	}
	n.endpoints = append(n.endpoints, endpoint{
		service: o.String("serviceName"), vpc: o.String("vpcId"), list: o.String("prefixListId"),
		private: o.Bool("privateDnsEnabled"), gateway: typ != "Interface",
		subnets: o.Strings("subnetIds"), groups: o.Strings("securityGroupIds"), tables: o.Strings("routeTableIds"),
	})
}
