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

// loadBalancer is the kind whose public addresses keep an internet gateway attached.
const loadBalancer = "aws:lb/loadBalancer:LoadBalancer"

// Service declares the kinds of this package.
func Service() kind.Service {
	return kind.Service{Kinds: []kind.Kind{
		vpc(), subnet(), internetGateway(), natGateway(), eip(),
		routeTable(), association(), route(), endpoint(),
		securityGroup(), defaultSecurityGroup(), ingress(), egress(),
		launchTemplate(),
	}}
}

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

// owned are the outputs that nearly everything in EC2 has.
func owned(c *kind.Call, class string) account.Props {
	return account.Props{"arn": c.ARN("ec2", class+"/"+c.ID), "ownerId": account.ID}
}
