package reach_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/prefixlist"
	"wordpress-ecs/local/runtime/reach"
)

const region = "eu-west-1"

type world map[string]account.Resource

func (w world) put(typ, id string, o account.Props) {
	w[id] = account.Resource{Type: typ, ID: id, Region: region, Outputs: o}
}

// network is a VPC with a public subnet, a private one behind a NAT gateway, and an isolated one. The group "out"
// lets everything out, "web" lets port 443 out, "data" lets port 3306 in from "web", which lets that out.
func network() world {
	w := world{}
	w.put("aws:ec2/vpc:Vpc", "vpc-1", account.Props{
		"mainRouteTableId": "rtb-main", "defaultSecurityGroupId": "sg-default", "enableDnsSupport": true, "enableDnsHostnames": true,
	})
	w.put("aws:ec2/internetGateway:InternetGateway", "igw-1", account.Props{"vpcId": "vpc-1"})
	for id, block := range map[string]string{"public": "10.0.0.0/24", "private": "10.0.1.0/24", "isolated": "10.0.2.0/24"} {
		w.put("aws:ec2/subnet:Subnet", id, account.Props{"vpcId": "vpc-1", "cidrBlock": block})
		w.put("aws:ec2/routeTable:RouteTable", "rtb-"+id, account.Props{"vpcId": "vpc-1"})
		w.put("aws:ec2/routeTableAssociation:RouteTableAssociation", "assoc-"+id, account.Props{"subnetId": id, "routeTableId": "rtb-" + id})
	}
	w.route("public", "gatewayId", "igw-1")
	w.route("private", "natGatewayId", "nat-1")
	w.put("aws:ec2/natGateway:NatGateway", "nat-1", account.Props{"subnetId": "public"})
	for _, id := range []string{"out", "web", "data"} {
		w.put("aws:ec2/securityGroup:SecurityGroup", id, account.Props{"vpcId": "vpc-1"})
	}
	w.rule(true, "out-all", account.Props{"securityGroupId": "out", "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"})
	w.rule(true, "web-https", tcp("web", 443, "cidrIpv4", "0.0.0.0/0"))
	w.rule(true, "web-data", tcp("web", 3306, "referencedSecurityGroupId", "data"))
	w.rule(false, "data-web", tcp("data", 3306, "referencedSecurityGroupId", "web"))
	return w
}

func (w world) route(subnet, target, id string) {
	w.put("aws:ec2/route:Route", "r-"+subnet, account.Props{
		"routeTableId": "rtb-" + subnet, "destinationCidrBlock": "0.0.0.0/0", target: id,
	})
}

func (w world) rule(egress bool, id string, o account.Props) {
	typ := "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	if egress {
		typ = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	}
	w.put(typ, id, o)
}

func tcp(group string, port float64, peer, id string) account.Props {
	return account.Props{"securityGroupId": group, "ipProtocol": "tcp", "fromPort": port, "toPort": port, peer: id}
}

func (w world) endpoint(service string, o account.Props) {
	all := account.Props{
		"serviceName": "com.amazonaws." + region + "." + service, "vpcId": "vpc-1", "vpcEndpointType": "Interface",
		"privateDnsEnabled": true, "subnetIds": []any{"isolated"}, "securityGroupIds": []any{"data"}, "state": "available",
	}
	for name, value := range o {
		all[name] = value
	}
	w.put("aws:ec2/vpcEndpoint:VpcEndpoint", "vpce-"+service, all)
}

func (w world) read(t *testing.T) *reach.Network {
	t.Helper()
	acct, err := account.Open(t.TempDir() + "/account.db")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, acct.Close()) })
	var n *reach.Network
	require.NoError(t, acct.Update(func(tx *account.Tx) error {
		for _, r := range w {
			if err := tx.Put(r); err != nil {
				return err
			}
		}
		n, err = reach.Read(tx)
		return err
	}))
	return n
}

func at(subnet string, groups ...string) reach.Interface {
	return reach.Interface{Subnet: subnet, Groups: groups}
}

func TestWhoReachesTheAPIs(t *testing.T) {
	t.Parallel()
	public := at("public", "web")
	public.Public = true
	for name, c := range map[string]struct {
		from   reach.Interface
		change func(w world)
		reason string // nothing: it is reached
	}{
		"a NAT gateway":    {from: at("private", "web")},
		"a public address": {from: public},
		"no public address": {
			from: at("public", "web"), reason: "its route to 0.0.0.0/0 leads to igw-1, and it has no public address",
		},
		"no route":      {from: at("isolated", "web"), reason: "isolated has no route to 0.0.0.0/0"},
		"no way out":    {from: at("private", "data"), reason: "its security groups let nothing out to 0.0.0.0/0 on port 443"},
		"no subnet":     {from: at("gone", "web"), reason: `subnet "gone" does not exist`},
		"default group": {from: at("private")},
		"default group without rules": {
			from: at("private"), reason: "let nothing out",
			change: func(w world) {
				w.put("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "sg-default", account.Props{"vpcId": "vpc-1"})
			},
		},
		"a gateway that is gone": {
			from: at("private", "web"), reason: "leads to nat-1, which is not there", change: func(w world) { delete(w, "nat-1") },
		},
		"a gateway that is not ready": {
			from: at("private", "web"), reason: "leads to nat-1, which is not there or not ready", change: func(w world) {
				nat := w["nat-1"]
				nat.Ready = time.Now().Add(time.Hour)
				w["nat-1"] = nat
			},
		},
		"a gateway in a private subnet": {
			from: at("private", "web"), reason: "nat-1 is in isolated, which has no route to an internet gateway",
			change: func(w world) { w["nat-1"].Outputs["subnetId"] = "isolated" },
		},
		"no internet gateway": {
			from: public, reason: "leads to igw-1, which is not attached to vpc-1", change: func(w world) { delete(w, "igw-1") },
		},
		"the main table": {
			from: at("private", "web"), reason: "private has no route to 0.0.0.0/0", change: func(w world) { delete(w, "assoc-private") },
		},
		"a route in the table": {
			from: at("isolated", "web"), change: func(w world) {
				w["rtb-isolated"].Outputs["routes"] = []any{map[string]any{"cidrBlock": "0.0.0.0/0", "natGatewayId": "nat-1"}}
			},
		},
		"no names": {
			from: at("private", "web"), reason: "vpc-1 resolves no names (enableDnsSupport)",
			change: func(w world) { w["vpc-1"].Outputs["enableDnsSupport"] = false },
		},
		"an endpoint": {
			from: at("isolated", "web"), change: func(w world) {
				w.rule(false, "data-https", tcp("data", 443, "cidrIpv4", "10.0.0.0/16"))
				w.endpoint("ecs", nil)
			},
		},
		"an endpoint that is closed, in spite of a NAT gateway": {
			from: at("private", "web"), reason: "security group data lets nothing in from security group web on port 443",
			change: func(w world) { w.endpoint("ecs", nil) },
		},
		"an endpoint without a name": {
			from: at("isolated", "web"), reason: "isolated has no route",
			change: func(w world) { w.endpoint("ecs", account.Props{"privateDnsEnabled": false}) },
		},
		"the endpoint of another service": {
			from: at("isolated", "web"), reason: "isolated has no route", change: func(w world) { w.endpoint("logs", nil) },
		},
		"inline rules": {
			from: at("private", "inline"), change: func(w world) {
				w.put("aws:ec2/securityGroup:SecurityGroup", "inline", account.Props{"egress": []any{
					map[string]any{"protocol": "tcp", "fromPort": 0.0, "toPort": 65535.0, "cidrBlocks": []any{"0.0.0.0/0"}},
				}})
			},
		},
		"UDP": {
			from: at("private", "udp"), reason: "let nothing out", change: func(w world) {
				r := tcp("udp", 443, "cidrIpv4", "0.0.0.0/0")
				r["ipProtocol"] = "udp"
				w.rule(true, "udp-https", r)
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := network()
			if c.change != nil {
				c.change(w)
			}
			err := w.read(t).API(c.from, "ecs")
			if c.reason == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.reason)
		})
	}
}

// Layers of images come from S3, for which there is a gateway endpoint.
func TestS3IsReachedByAGatewayEndpoint(t *testing.T) {
	t.Parallel()
	w := network()
	w.endpoint("s3", account.Props{"vpcEndpointType": "Gateway", "routeTableIds": []any{"rtb-isolated"}, "prefixListId": "pl-1"})
	w.rule(true, "list-s3", tcp("list", 443, "prefixListId", "pl-1"))
	n := w.read(t)
	require.NoError(t, n.API(at("isolated", "web"), "s3"))
	require.NoError(t, n.API(at("isolated", "list"), "s3"))
	require.ErrorContains(t, n.API(at("isolated", "data"), "s3"), "let nothing out on port 443 to pl-1")
	require.ErrorContains(t, n.API(at("isolated", "web"), "ecr.api"), "isolated has no route")
	require.NoError(t, n.API(at("private", "web"), "s3"), "by the NAT gateway")
}

func TestWhoReachesWhom(t *testing.T) {
	t.Parallel()
	w := network()
	w.rule(false, "block-in", tcp("block", 80, "cidrIpv4", "10.0.0.0/24"))
	n := w.read(t)
	require.NoError(t, n.Between(at("private", "web"), at("isolated", "data"), 3306))
	require.EqualError(t, n.Between(at("private", "web"), at("isolated", "data"), 3307),
		"security group web lets nothing out to security group data on port 3307")
	require.EqualError(t, n.Between(at("private", "out"), at("isolated", "data"), 3306),
		"security group data lets nothing in from security group out on port 3306")
	require.NoError(t, n.Between(at("private", "web", "out"), at("isolated", "out", "data"), 3306), "all groups of both count")
	require.NoError(t, n.Between(at("public", "out"), at("private", "block"), 80))
	require.Error(t, n.Between(at("private", "out"), at("private", "block"), 80), "another block")
	one := at("public", "out")
	one.IP = "10.0.0.7"
	require.NoError(t, n.Between(one, at("private", "block"), 80))
	one.IP = "10.0.1.7"
	require.Error(t, n.Between(one, at("private", "block"), 80))
	require.NoError(t, n.Between(at("private"), at("public"), 9), "the default group is open to itself")
}

// TestS3IsReachedByItsPrefixList: a rule for the list lets requests out to the NAT gateway, too, and to nothing else.
func TestS3IsReachedByItsPrefixList(t *testing.T) {
	t.Parallel()
	w := network()
	w.rule(true, "list-s3", tcp("list", 443, "prefixListId", prefixlist.ID(region, "com.amazonaws."+region+".s3")))
	n := w.read(t)
	require.NoError(t, n.API(at("private", "list"), "s3"))
	require.ErrorContains(t, n.API(at("private", "list"), "ecr.api"), "its security groups let nothing out")
}
