package ec2

import (
	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Subnets are the subnets with some ids, in their order. Those that do not exist are left out.
func Subnets(c *kind.Call, ids []string) ([]account.Resource, error) {
	var list []account.Resource
	for _, id := range ids {
		subnet, err := c.Find(Subnet, "id", id)
		if err != nil {
			return nil, err
		}
		if subnet != nil {
			list = append(list, *subnet)
		}
	}
	return list, nil
}

// GroupElsewhere is the first of some security groups that is not in a VPC; nil if all are, or do not exist.
func GroupElsewhere(c *kind.Call, ids []string, vpcID string) (*account.Resource, error) {
	for _, id := range ids {
		group, err := c.Find(SecurityGroup, "id", id)
		if err != nil {
			return nil, err
		}
		if group != nil && group.Outputs.String("vpcId") != vpcID {
			return group, nil
		}
	}
	return nil, nil
}
