package ec2_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/kind/cases"
)

func TestEveryRule(t *testing.T) {
	t.Parallel()
	catalog, err := kind.NewCatalog(ec2.Service(), elb.Service(), iam.Service())
	require.NoError(t, err)
	var types []string
	for _, k := range ec2.Service().Kinds {
		types = append(types, k.Type)
	}
	all := [][]cases.Case{vpcCases(), subnetCases(), gatewayCases(), natCases(), routeCases(), endpointCases(), groupCases(), templateCases()}
	suite := cases.Suite{Catalog: catalog, Types: types, Usual: usual()}
	for _, some := range all {
		suite.Cases = append(suite.Cases, some...)
	}
	suite.Run(t)
}

// labels are the usual tags.
func labels() map[string]any { return map[string]any{"team": "web"} }

func usual() cases.Usual {
	return cases.Usual{
		ec2.Vpc: func(*cases.World) account.Props {
			return account.Props{"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": true, "instanceTenancy": "default", "tags": labels()}
		},
		ec2.Subnet: func(w *cases.World) account.Props {
			return account.Props{
				"vpcId": w.Usual(ec2.Vpc).ID, "cidrBlock": "10.0.0.0/24", "availabilityZone": "eu-central-1a",
				"privateDnsHostnameTypeOnLaunch": "ip-name", "tags": labels(),
			}
		},
		ec2.Gateway: func(w *cases.World) account.Props {
			return account.Props{"vpcId": w.Usual(ec2.Vpc).ID, "tags": labels()}
		},
		ec2.Eip: func(*cases.World) account.Props { return account.Props{"domain": "vpc", "tags": labels()} },
		ec2.Nat: func(w *cases.World) account.Props {
			w.Usual(ec2.Gateway)
			return account.Props{
				"subnetId": w.Usual(ec2.Subnet).ID, "allocationId": w.Usual(ec2.Eip).ID, "connectivityType": "public",
				"privateIp": "10.0.0.10", "tags": labels(), "secondaryAllocationIds": []any{w.Need(ec2.Eip, nil).ID},
			}
		},
		ec2.RouteTable: func(w *cases.World) account.Props {
			return account.Props{
				"vpcId": w.Usual(ec2.Vpc).ID, "tags": labels(), "routes": []any{
					map[string]any{"cidrBlock": "192.168.0.0/16", "gatewayId": w.Usual(ec2.Gateway).ID},
					map[string]any{"cidrBlock": "172.16.0.0/12", "natGatewayId": w.Usual(ec2.Nat).ID},
				},
			}
		},
		ec2.Association: func(w *cases.World) account.Props {
			return account.Props{"routeTableId": w.Usual(ec2.RouteTable).ID, "subnetId": w.Usual(ec2.Subnet).ID}
		},
		ec2.Route: func(w *cases.World) account.Props {
			return account.Props{
				"routeTableId": w.Usual(ec2.RouteTable).ID, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": w.Usual(ec2.Gateway).ID,
			}
		},
		ec2.Endpoint: func(w *cases.World) account.Props {
			return account.Props{
				"vpcId": w.Usual(ec2.Vpc).ID, "serviceName": "com.amazonaws.eu-central-1.ecr.api", "vpcEndpointType": "Interface",
				"subnetIds": []any{w.Usual(ec2.Subnet).ID}, "securityGroupIds": []any{w.Usual(ec2.SecurityGroup).ID},
				"privateDnsEnabled": true, "policy": "{}", "ipAddressType": "ipv4", "tags": labels(),
				"dnsOptions": map[string]any{"dnsRecordIpType": "ipv4"},
			}
		},
		ec2.SecurityGroup: func(w *cases.World) account.Props {
			rule := func(port float64) []any {
				return []any{map[string]any{
					"protocol": "tcp", "fromPort": port, "toPort": port, "cidrBlocks": []any{"10.0.0.0/8"}, "description": "web",
				}}
			}
			return account.Props{
				"vpcId": w.Usual(ec2.Vpc).ID, "name": "usual-" + account.NewHex(6), "description": "usual", "ingress": rule(80),
				"egress": rule(443), "tags": labels(),
			}
		},
		ec2.DefaultGroup: func(w *cases.World) account.Props {
			rule := []any{map[string]any{
				"protocol": "tcp", "fromPort": 80.0, "toPort": 80.0, "description": "web", "cidrBlocks": []any{"10.0.0.0/8"},
				"securityGroups": []any{w.Usual(ec2.SecurityGroup).ID},
			}}
			return account.Props{"vpcId": w.Usual(ec2.Vpc).ID, "ingress": rule, "egress": rule, "tags": labels()}
		},
		ec2.Ingress: groupRule,
		ec2.Egress:  groupRule,
		ec2.LaunchTemplate: func(w *cases.World) account.Props {
			return account.Props{
				"name": "usual-" + account.NewHex(6), "description": "usual", "instanceType": "t4g.small",
				"imageId": "resolve:ssm:/aws/service/ecs", "ebsOptimized": "true", "instanceInitiatedShutdownBehavior": "terminate",
				"instanceMarketOptions": map[string]any{"marketType": "spot"}, "creditSpecification": map[string]any{"cpuCredits": "standard"},
				"metadataOptions": map[string]any{
					"httpTokens": "required", "httpEndpoint": "enabled", "httpPutResponseHopLimit": 2.0, "httpProtocolIpv6": "disabled",
					"instanceMetadataTags": "disabled",
				},
				"networkInterfaces": []any{map[string]any{
					"associatePublicIpAddress": "false", "deleteOnTermination": "true", "subnetId": w.Usual(ec2.Subnet).ID,
					"securityGroups": []any{w.Usual(ec2.SecurityGroup).ID},
				}},
				"tagSpecifications":   []any{map[string]any{"resourceType": "instance", "tags": labels()}},
				"blockDeviceMappings": []any{map[string]any{"deviceName": "/dev/xvda", "ebs": disk()}},
				"userData":            "IyEvYmluL3No", "vpcSecurityGroupIds": []any{w.Usual(ec2.SecurityGroup).ID},
				"iamInstanceProfile": map[string]any{"name": w.Usual(iam.InstanceProfile).Outputs["name"]}, "tags": labels(),
			}
		},
		iam.InstanceProfile: func(*cases.World) account.Props { return account.Props{} },
		elb.LoadBalancer: func(w *cases.World) account.Props {
			w.Usual(ec2.Gateway)
			other := w.Need(ec2.Subnet, account.Props{"cidrBlock": "10.0.1.0/24", "availabilityZone": "eu-central-1b"})
			return account.Props{"subnets": []any{w.Usual(ec2.Subnet).ID, other.ID}}
		},
	}
}

func groupRule(w *cases.World) account.Props {
	return account.Props{
		"securityGroupId": w.Usual(ec2.SecurityGroup).ID, "ipProtocol": "tcp", "fromPort": 8080.0, "toPort": 8080.0,
		"cidrIpv4": "10.1.0.0/16", "description": "web", "tags": labels(),
	}
}

func disk() map[string]any {
	return map[string]any{
		"volumeType": "gp3", "volumeSize": 30.0, "iops": 3000.0, "throughput": 125.0, "encrypted": "true", "deleteOnTermination": "true",
	}
}

// elsewhere is another VPC with a subnet, a gateway, a group and a table of its own.
func elsewhere(w *cases.World) (subnet, gateway, group, table string) {
	vpc := w.Need(ec2.Vpc, account.Props{"cidrBlock": "10.9.0.0/16"}).ID
	subnet = w.Need(ec2.Subnet, account.Props{"vpcId": vpc, "cidrBlock": "10.9.0.0/24"}).ID
	gateway = w.Need(ec2.Gateway, account.Props{"vpcId": vpc}).ID
	group = w.Need(ec2.SecurityGroup, account.Props{"vpcId": vpc}).ID
	table = w.Need(ec2.RouteTable, account.Props{"vpcId": vpc, "routes": nil}).ID
	return subnet, gateway, group, table
}
