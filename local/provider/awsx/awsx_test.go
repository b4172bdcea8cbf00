package awsx

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/provider"
)

// three are the specs of a network with three tiers.
func three() []any {
	return []any{
		map[string]any{"type": "Private", "cidrMask": 20}, map[string]any{"type": "Public", "cidrMask": 24},
		map[string]any{"type": "Isolated", "cidrMask": 26},
	}
}

func inputs(nat string) map[string]any {
	return map[string]any{
		"cidrBlock": "10.0.0.0/16", "numberOfAvailabilityZones": 3, "subnetStrategy": "Auto", "enableDnsHostnames": true,
		"subnetSpecs": three(), "natGateways": map[string]any{"strategy": nat}, "tags": map[string]any{"team": "web"},
	}
}

func TestTheChildrenAreThoseOfTheRealComponent(t *testing.T) {
	t.Parallel()
	for nat, want := range map[string]struct{ total, gateways, routes int }{
		"OnePerAz": {41, 3, 6}, "Single": {37, 1, 6}, "None": {32, 0, 3},
	} {
		t.Run(nat, func(t *testing.T) {
			t.Parallel()
			m, resp, err := build(t, inputs(nat))
			require.NoError(t, err)
			require.Equal(t, urnOf(vpcType, "net"), resp.GetUrn())
			require.Len(t, m.seen, want.total+1, "and the component itself")
			require.Len(t, m.ofType("NatGateway"), want.gateways)
			require.Len(t, m.ofType("Eip"), want.gateways)
			require.Len(t, m.ofType("Route"), want.routes)
			for _, typ := range []string{"Subnet", "RouteTable", "RouteTableAssociation"} {
				require.Len(t, m.ofType(typ), 9, typ)
			}
		})
	}
}

func TestChildrenHaveTheirParentsAndOptions(t *testing.T) {
	t.Parallel()
	m, _, err := build(t, inputs("OnePerAz"))
	require.NoError(t, err)
	vpc := m.ofType("Vpc")["net"]
	require.Equal(t, urnOf(vpcType, "net"), vpc.GetParent())
	require.True(t, vpc.GetObject().AsMap()["enableDnsHostnames"].(bool))
	for _, tc := range []struct{ typ, name, parentType, parent string }{
		{"InternetGateway", "net", "aws:ec2/vpc:Vpc", "net"},
		{"Subnet", "net-public-2", "aws:ec2/vpc:Vpc", "net"},
		{"RouteTable", "net-public-2", "aws:ec2/subnet:Subnet", "net-public-2"},
		{"RouteTableAssociation", "net-isolated-3", "aws:ec2/routeTable:RouteTable", "net-isolated-3"},
		{"Route", "net-private-1", "aws:ec2/routeTable:RouteTable", "net-private-1"},
		{"Eip", "net-2", "aws:ec2/subnet:Subnet", "net-public-2"},
		{"NatGateway", "net-3", "aws:ec2/subnet:Subnet", "net-public-3"},
	} {
		child := m.ofType(tc.typ)[tc.name]
		require.NotNil(t, child, tc)
		require.Equal(t, urnOf(tc.parentType, tc.parent), child.GetParent(), tc)
		require.Contains(t, child.GetDependencies(), urnOf(tc.parentType, tc.parent), tc)
		require.Equal(t, urnOf("pulumi:providers:aws", "mine")+"::provider-id", child.GetProvider(), tc)
		require.True(t, child.GetProtect(), tc)
	}
	subnet := m.ofType("Subnet")["net-public-2"].GetObject().AsMap()
	require.Equal(t, map[string]any{"Name": "net-public-2", "SubnetType": "Public", "team": "web"}, subnet["tags"])
	require.Equal(t, true, subnet["mapPublicIpOnLaunch"])
	require.Equal(t, "eu-west-1b", subnet["availabilityZone"])
	route := m.ofType("Route")
	require.Equal(t, "net-2-id", route["net-private-2"].GetObject().AsMap()["natGatewayId"])
	require.Equal(t, "net-id", route["net-public-2"].GetObject().AsMap()["gatewayId"])
	require.NotContains(t, route, "net-isolated-2")
	require.Equal(t, "eipalloc-net-1", m.ofType("NatGateway")["net-1"].GetObject().AsMap()["allocationId"])
}

func TestASingleGatewayServesAllZones(t *testing.T) {
	t.Parallel()
	m, _, err := build(t, inputs("Single"))
	require.NoError(t, err)
	for _, name := range []string{"net-private-1", "net-private-2", "net-private-3"} {
		require.Equal(t, "net-1-id", m.ofType("Route")[name].GetObject().AsMap()["natGatewayId"])
	}
}

func TestOutputs(t *testing.T) {
	t.Parallel()
	_, resp, err := build(t, inputs("Single"))
	require.NoError(t, err)
	state, err := provider.Unmarshal("state", resp.GetState())
	require.NoError(t, err)
	require.Equal(t, "net-id", state["vpcId"].StringValue())
	require.True(t, state["vpc"].IsResourceReference())
	for name, want := range map[string]int{
		"publicSubnetIds": 3, "privateSubnetIds": 3, "isolatedSubnetIds": 3, "subnets": 9, "routeTables": 9, "routes": 6,
		"natGateways": 1, "eips": 1, "vpcEndpoints": 0, "subnetLayout": 3, "routeTableAssociations": 9,
	} {
		for key, v := range state {
			if string(key) == name {
				require.Len(t, v.ArrayValue(), want, name)
			}
		}
		require.Contains(t, resp.GetState().GetFields(), name)
	}
	require.True(t, state["routeTables"].ArrayValue()[0].IsResourceReference())
	require.Equal(t, "net-private-1-id", state["privateSubnetIds"].ArrayValue()[0].StringValue())
}

func TestWhatTheComponentRefuses(t *testing.T) {
	t.Parallel()
	with := func(changes map[string]any) map[string]any {
		all := inputs("OnePerAz")
		for name, v := range changes {
			all[name] = v
			if v == nil {
				delete(all, name)
			}
		}
		return all
	}
	for name, tc := range map[string]struct {
		inputs map[string]any
		want   string
	}{
		"both zone inputs": {with(map[string]any{"availabilityZoneNames": []any{"eu-west-1a"}}), "Only one of [availabilityZoneNames]"},
		"too many zones":   {with(map[string]any{"numberOfAvailabilityZones": 4}), "does not have at least 4 Availability Zones"},
		"nothing public":   {with(map[string]any{"subnetSpecs": []any{map[string]any{"type": "Private"}}}), "both private and public subnets must be declared"},
		"addresses without gateways": {with(map[string]any{"natGateways": map[string]any{
			"strategy": "None", "elasticIpAllocationIds": []any{"eipalloc-1"},
		}}), "cannot be specified when NAT Gateway strategy is 'None'"},
		"too few addresses": {with(map[string]any{"natGateways": map[string]any{
			"strategy": "OnePerAz", "elasticIpAllocationIds": []any{"eipalloc-1"},
		}}), "must match the number of availability zones for the VPC (3)"},
		"subnets too large": {with(map[string]any{"cidrBlock": "10.0.0.0/20"}), "Subnets are too large for VPC. VPC has 1024 addresses"},
		"gaps":              {with(map[string]any{"subnetStrategy": "Exact"}), "There are gaps in the subnet ranges"},
		"legacy":            {with(map[string]any{"subnetStrategy": nil}), `not "Legacy"`},
		"no network":        {with(map[string]any{"cidrBlock": "10.0.0.0"}), `"10.0.0.0" is not an IPv4 network`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := build(t, tc.inputs)
			require.ErrorContains(t, err, tc.want)
		})
	}
}

func TestLayouts(t *testing.T) {
	t.Parallel()
	mask := func(n int) *int { return &n }
	zones := []string{"a", "b", "c"}
	for name, tc := range map[string]struct {
		specs []spec
		want  []string
	}{
		"even": {
			[]spec{{Type: "Public"}, {Type: "Private"}, {Type: "Isolated"}},
			[]string{
				"10.0.0.0/20", "10.0.16.0/20", "10.0.32.0/20", "10.0.64.0/20", "10.0.80.0/20", "10.0.96.0/20",
				"10.0.128.0/20", "10.0.144.0/20", "10.0.160.0/20",
			},
		},
		"masks, small before large": {
			[]spec{{Type: "Public", CidrMask: mask(24)}, {Type: "Private", CidrMask: mask(20)}, {Type: "Isolated", CidrMask: mask(26)}},
			[]string{
				"10.0.0.0/24", "10.0.16.0/20", "10.0.32.0/26", "10.0.64.0/24", "10.0.80.0/20", "10.0.96.0/26",
				"10.0.128.0/24", "10.0.144.0/20", "10.0.160.0/26",
			},
		},
		"default": {nil, []string{
			"10.0.0.0/19", "10.0.32.0/20", "10.0.64.0/19", "10.0.96.0/20", "10.0.128.0/19", "10.0.160.0/20",
		}},
	} {
		places, err := layOut("net", netip.MustParsePrefix("10.0.0.0/16"), zones, tc.specs, nil)
		require.NoError(t, err, name)
		var got []string
		for _, p := range places {
			got = append(got, p.cidr.String())
		}
		require.Equal(t, tc.want, got, name)
	}
}

func TestSpecsAreSettled(t *testing.T) {
	t.Parallel()
	number := func(n int) *int { return &n }
	for name, tc := range map[string]struct {
		specs []spec
		want  string
	}{
		"size and mask agree": {[]spec{{Type: "Public", Size: number(256), CidrMask: number(24)}}, ""},
		"size alone":          {[]spec{{Type: "Public", Size: number(4096)}}, ""},
		"size and mask":       {[]spec{{Type: "Public", Size: number(256), CidrMask: number(25)}}, "does not match the expected size for a /25 subnet (128)"},
		"odd size":            {[]spec{{Type: "Public", Size: number(100)}}, "subnet sizes are invalid: 100"},
		"some blocks":         {[]spec{{Type: "Public", CidrBlocks: []string{"10.0.0.0/24"}}, {Type: "Private"}}, "all subnets must have explicit cidrBlocks"},
		"too few blocks":      {[]spec{{Type: "Public", CidrBlocks: []string{}}}, "must match the number of availability zones (1)"},
		"block and mask":      {[]spec{{Type: "Public", CidrBlocks: []string{"10.0.0.0/24"}, CidrMask: number(25)}}, "must match all cidrBlocks"},
		"blocks":              {[]spec{{Type: "Public", CidrBlocks: []string{"10.0.0.0/24"}}}, ""},
	} {
		_, _, err := normalize(tc.specs, 1)
		if tc.want == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, tc.want, name)
	}
}
