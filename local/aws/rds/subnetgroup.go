package rds

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/kind"
)

func subnetGroup() kind.Kind {
	return kind.Kind{
		Type: SubnetGroup, Title: "RDS DB Subnet Group", Args: rds.SubnetGroupArgs{}, State: rds.SubnetGroup{},
		API: kind.API{
			Service: "rds", Create: "CreateDBSubnetGroup", Change: "ModifyDBSubnetGroup", Delete: "DeleteDBSubnetGroup",
			Members: map[string]string{"name": "DBSubnetGroupName", "description": "DBSubnetGroupDescription"},
		},
		Source:   "RDS CreateDBSubnetGroup",
		Required: []string{"subnetIds"},
		Name:     kind.Name{Property: "name", Prefix: "namePrefix", Lower: true},
		Replace:  []string{"name", "namePrefix"},
		Sets:     []string{"subnetIds"},
		Defaults: account.Props{"description": "Managed by Pulumi"},
		Rules: []kind.Rule{
			kind.Match("name", `^[ .0-9a-z_-]{1,255}$`, "only lower-case letters, numbers, hyphens, underscores, dots and spaces").From(provider),
			kind.Reject("name", `^default$`, "is not allowed as \"default\"").From(provider),
			kind.Conflict("name", "namePrefix").From(provider),
			kind.Count("subnetIds", 0, 20).API("DBSubnetQuotaExceededFault").From(guideQuotas),
		},
		Refs: []kind.Ref{{Path: "subnetIds[]", To: ec2.Subnet, Missing: kind.Fault{
			Code: "InvalidSubnet", Message: "Some input subnets in :[%s] are invalid.",
		}}},
		Guards: []kind.Guard{
			kind.Quota("groups per region", 50, kind.Fault{
				Code: "DBSubnetGroupQuotaExceeded", Message: "Cannot create more than 50 DB subnet groups",
			}, kind.Alike(SubnetGroup)).From(guideQuotas),
			{Name: "one VPC", On: kind.Making | kind.Changing, Check: oneNetwork},
			{Name: "two zones", On: kind.Making | kind.Changing, Check: twoZones},
			{Name: "the VPC stays", Source: "RDS ModifyDBSubnetGroup", On: kind.Changing, Check: sameNetworkAsBefore},
			{Name: "subnets of instances stay", Source: "RDS ModifyDBSubnetGroup", On: kind.Changing, Check: subnetsInUse},
		},
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
			return networkOf(c)
		},
		Update: networkOf,
	}
}

// zonesOf are the zones of subnets, each once.
func zonesOf(subnets []account.Resource) []string {
	var zones []string
	for _, s := range subnets {
		if zone := s.Outputs.String("availabilityZone"); !slices.Contains(zones, zone) {
			zones = append(zones, zone)
		}
	}
	return zones
}

func networkOf(c *kind.Call) error {
	subnets, err := ec2.Subnets(c, c.In.Strings("subnetIds"))
	if err == nil && len(subnets) > 0 {
		c.Out["vpcId"] = subnets[0].Outputs.String("vpcId")
	}
	return err
}

func oneNetwork(c *kind.Call) error {
	subnets, err := ec2.Subnets(c, c.In.Strings("subnetIds"))
	if err != nil {
		return err
	}
	for _, s := range subnets {
		if s.Outputs.String("vpcId") != subnets[0].Outputs.String("vpcId") {
			return kind.Refuse("InvalidSubnet", "Subnets %s are not all in the same VPC", strings.Join(c.In.Strings("subnetIds"), ", "))
		}
	}
	return nil
}

func twoZones(c *kind.Call) error {
	subnets, err := ec2.Subnets(c, c.In.Strings("subnetIds"))
	if err != nil {
		return err
	}
	if zones := zonesOf(subnets); len(zones) < 2 {
		return kind.Refuse("DBSubnetGroupDoesNotCoverEnoughAZs", "The DB subnet group doesn't meet Availability Zone (AZ) "+
			"coverage requirement. Current AZ coverage: %s. Add subnets to cover at least 2 AZs.", strings.Join(zones, ", "))
	}
	return nil
}

func sameNetworkAsBefore(c *kind.Call) error {
	subnets, err := ec2.Subnets(c, c.In.Strings("subnetIds"))
	if err != nil || len(subnets) == 0 || subnets[0].Outputs.String("vpcId") == c.Old.String("vpcId") {
		return err
	}
	return kind.Refuse(value, "The new Subnets are not in the same Vpc as the existing subnet group")
}

// subnetsInUse keeps a subnet in each zone in which an instance of the group runs.
func subnetsInUse(c *kind.Call) error {
	subnets, err := ec2.Subnets(c, c.In.Strings("subnetIds"))
	if err != nil {
		return err
	}
	instances, err := c.All(Instance)
	if err != nil {
		return err
	}
	zones := zonesOf(subnets)
	for _, i := range instances {
		zone := i.Outputs.String("availabilityZone")
		if i.Outputs.String("dbSubnetGroupName") == c.ID && !slices.Contains(zones, zone) {
			return kind.Refuse("SubnetAlreadyInUse", "The DB subnet is already in use in the Availability Zone %s.", zone)
		}
	}
	return nil
}
