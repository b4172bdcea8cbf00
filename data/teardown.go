package data

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// A destroy goes through the stack layer by layer. Pulumi counts for each resource how long the longest chain of
// dependencies below it is, deletes what has the longest, and begins with the next layer when the slowest of the layer
// before is gone. So slow deletions are put into the same layer, and wait for each other once instead of one after the
// other:
//
//	the layer of            also holds                                      because of
//	the Auto Scaling group  database instances, cache nodes, mount targets  besideGroup
//	the NAT gateways        database cluster, file system                   besideGateways
//
// What they come after for that is made in a second or two, so an update does not take longer. The NAT gateways come
// after the default security group for the same reason. `make bench` computes what a destroy takes.

// besideGateways is what comes after the database's subnet group, which comes after the subnets.
func (b *builder) besideGateways() pulumi.ResourceOption {
	return pulumi.DependsOn([]pulumi.Resource{b.subnetGroup})
}

// besideGroup is what comes after the database's secret, which comes after the cluster, whose address it holds.
func (b *builder) besideGroup() pulumi.ResourceOption {
	return pulumi.DependsOn([]pulumi.Resource{b.data.Secrets.Database.version})
}
