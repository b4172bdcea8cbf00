// Package rds is Amazon Aurora MySQL: clusters, their instances, parameter groups
// and subnet groups.
package rds

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/kind"
)

// Tokens by which other services refer to what is declared here.
const (
	SubnetGroup    = "aws:rds/subnetGroup:SubnetGroup"
	ParameterGroup = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
	Cluster        = "aws:rds/cluster:Cluster"
	Instance       = "aws:rds/clusterInstance:ClusterInstance"
)

// Service declares the kinds of this package.
func Service() kind.Service {
	return kind.Service{Kinds: []kind.Kind{subnetGroup(), parameterGroup(), cluster(), instance()}}
}

func subnetGroup() kind.Kind {
	return kind.Kind{
		Type: SubnetGroup, Title: "RDS DB Subnet Group", Args: rds.SubnetGroupArgs{}, State: rds.SubnetGroup{},
		Required: []string{"subnetIds"},
		Name:     kind.Name{Property: "name", Prefix: "namePrefix", Lower: true},
		Replace:  []string{"name", "namePrefix"},
		Sets:     []string{"subnetIds"},
		Defaults: account.Props{"description": "Managed by Pulumi"},
		Rules: []kind.Rule{
			kind.Match("name", `^[ .0-9a-z_-]{1,255}$`, "only lower-case letters, numbers, hyphens, underscores, dots and spaces"),
			kind.Reject("name", `^default$`, "is not allowed as \"default\""),
		},
		Refs: []kind.Ref{{Path: "subnetIds[]", To: ec2.Subnet, Missing: kind.Fault{
			Code: "InvalidSubnet", Message: "Some input subnets in :[%s] are invalid.",
		}}},
		Unique: []kind.Unique{{Property: "name", Taken: kind.Fault{
			Code: "DBSubnetGroupAlreadyExists", Message: "The DB subnet group '%s' already exists.",
		}}},
		NotFound: kind.Fault{Code: "DBSubnetGroupNotFoundFault", Message: "DB subnet group '%s' does not exist."},
		InUse: kind.Fault{
			Code:    "InvalidDBSubnetGroupStateFault",
			Message: "Cannot delete the subnet group '%s' because at least one database is still using it.",
		},
		Create: func(c *kind.Call) error {
			c.ID = c.Out.String("name")
			c.Set(account.Props{"arn": c.ARN("rds", "subgrp:"+c.ID), "namePrefix": "", "supportedNetworkTypes": []any{"IPV4"}})
			return cover(c)
		},
		Update: cover,
	}
}

// cover wants the subnets of a group to be in one VPC and in two zones at least.
func cover(c *kind.Call) error {
	network, zones := "", []string{}
	for _, id := range c.In.Strings("subnetIds") {
		s, err := c.Find(ec2.Subnet, "id", id)
		if err != nil {
			return err
		}
		if network != "" && network != s.Outputs.String("vpcId") {
			return kind.Refuse("InvalidSubnet", "Subnets %s are not all in the same VPC", strings.Join(c.In.Strings("subnetIds"), ", "))
		}
		network = s.Outputs.String("vpcId")
		if zone := s.Outputs.String("availabilityZone"); !slices.Contains(zones, zone) {
			zones = append(zones, zone)
		}
	}
	if len(zones) < 2 {
		return kind.Refuse("DBSubnetGroupDoesNotCoverEnoughAZs", "The DB subnet group doesn't meet Availability Zone (AZ) "+
			"coverage requirement. Current AZ coverage: %s. Add subnets to cover at least 2 AZs.", strings.Join(zones, ", "))
	}
	c.Out["vpcId"] = network
	return nil
}

func parameterGroup() kind.Kind {
	return kind.Kind{
		Type: ParameterGroup, Title: "RDS Cluster Parameter Group",
		Args: rds.ClusterParameterGroupArgs{}, State: rds.ClusterParameterGroup{},
		Name:     kind.Name{Property: "name", Prefix: "namePrefix", Lower: true},
		Replace:  []string{"name", "namePrefix", "family", "description"},
		Sets:     []string{"parameters"},
		Defaults: account.Props{"description": "Managed by Pulumi", "parameters.applyMethod": "immediate"},
		Rules: []kind.Rule{
			kind.Match("name", `^[a-z]([a-z0-9.]|-[a-z0-9.]){0,254}$`,
				"must begin with a letter, be in lower case, and have no two hyphens in a row"),
			kind.OneOf("parameters[].applyMethod", "immediate", "pending-reboot"),
			kind.Match("family", `^(aurora-mysql(5\.7|8\.0)|aurora-postgresql\d+|mysql8\.0|postgres\d+)$`, "is no family").
				API("InvalidParameterValue"),
		},
		Unique: []kind.Unique{{Property: "name", Taken: kind.Fault{
			Code: "DBParameterGroupAlreadyExists", Message: "Parameter group %s already exists",
		}}},
		NotFound: kind.Fault{Code: "DBClusterParameterGroupNotFound", Message: "DBClusterParameterGroup not found: %s"},
		InUse: kind.Fault{
			Code:    "InvalidDBParameterGroupStateFault",
			Message: "One or more database instances are still members of this parameter group %s, so the group cannot be deleted",
		},
		Create: func(c *kind.Call) error {
			c.ID = c.Out.String("name")
			c.Set(account.Props{"arn": c.ARN("rds", "cluster-pg:"+c.ID), "namePrefix": ""})
			return nil
		},
	}
}
