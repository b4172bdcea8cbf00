// Package ec2 is Amazon EC2 and VPC as far as a service on ECS needs it: networks,
// gateways, security groups, endpoints and launch templates.
package ec2

import (
	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Tokens by which other services refer to what is declared here.
const (
	Vpc            = "aws:ec2/vpc:Vpc"
	Subnet         = "aws:ec2/subnet:Subnet"
	Gateway        = "aws:ec2/internetGateway:InternetGateway"
	Nat            = "aws:ec2/natGateway:NatGateway"
	Eip            = "aws:ec2/eip:Eip"
	RouteTable     = "aws:ec2/routeTable:RouteTable"
	Association    = "aws:ec2/routeTableAssociation:RouteTableAssociation"
	Route          = "aws:ec2/route:Route"
	Endpoint       = "aws:ec2/vpcEndpoint:VpcEndpoint"
	SecurityGroup  = "aws:ec2/securityGroup:SecurityGroup"
	DefaultGroup   = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
	Ingress        = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	Egress         = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	LaunchTemplate = "aws:ec2/launchTemplate:LaunchTemplate"
)

// Where rules are from. AWS's codes are in the list of error codes; its words are those that people report.
const (
	errorCodes = "docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"
	vpcQuotas  = "docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html"
	sdk        = "pulumi-aws sdk v6.83.2 go/aws/"
	terraform  = "terraform-provider-aws internal/service/ec2/"
)

// Service declares the kinds and functions of this package.
func Service() kind.Service {
	return kind.Service{
		Kinds: []kind.Kind{
			vpc(), subnet(), internetGateway(), natGateway(), eip(),
			routeTable(), association(), route(), endpoint(),
			securityGroup(), defaultSecurityGroup(), ingress(), egress(),
			launchTemplate(),
		},
		Functions: []kind.Function{{
			Name: "aws:ec2/getManagedPrefixList:getManagedPrefixList", Args: []string{"filters", "id", "name", "tags"}, Run: getManagedPrefixList,
		}},
	}
}

// tags are the rules of tags in EC2.
func tags() []kind.Rule { return kind.Tags("TagLimitExceeded", "InvalidParameterValue") }

// inVpc filters the subnets, by id, that are in a VPC.
func inVpc(c *kind.Call, vpcID string) (map[string]bool, error) {
	subnets, err := c.All(Subnet)
	ids := map[string]bool{}
	for _, s := range subnets {
		if s.Outputs.String("vpcId") == vpcID {
			ids[s.ID] = true
		}
	}
	return ids, err
}

// network is the VPC of a resource; "" when there is no such resource.
func network(c *kind.Call, token, id string) (string, error) {
	r, err := c.Find(token, "id", id)
	if err != nil || r == nil {
		return "", err
	}
	return r.Outputs.String("vpcId"), nil
}

// drop deletes what goes with the resource that is being deleted: those of a kind whose property is its id.
func drop(c *kind.Call, token, property string) error {
	all, err := c.All(token)
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.Outputs.String(property) != c.ID {
			continue
		}
		if err := c.Tx.Delete(token, r.Region, r.ID); err != nil {
			return err
		}
	}
	return nil
}

// owned are the outputs that nearly everything in EC2 has.
func owned(c *kind.Call, class string) account.Props {
	return account.Props{"arn": c.ARN("ec2", class+"/"+c.ID), "ownerId": account.ID}
}
