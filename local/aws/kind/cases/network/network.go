// Package network gives trials a load balancer, and the network that it stands in.
package network

import (
	"maps"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/kind/cases"
)

// With are some usual inputs, and those of a load balancer and of what it needs.
func With(more cases.Usual) cases.Usual {
	all := cases.Usual{
		ec2.Vpc:     func(*cases.World) account.Props { return account.Props{"cidrBlock": "10.0.0.0/16"} },
		ec2.Gateway: func(w *cases.World) account.Props { return account.Props{"vpcId": w.Usual(ec2.Vpc).ID} },
		ec2.Subnet: func(w *cases.World) account.Props {
			return account.Props{"vpcId": w.Usual(ec2.Vpc).ID, "cidrBlock": "10.0.0.0/24", "availabilityZone": "eu-central-1a"}
		},
		elb.LoadBalancer: func(w *cases.World) account.Props {
			w.Usual(ec2.Gateway)
			return account.Props{"subnets": []any{w.Usual(ec2.Subnet).ID, second(w).ID}}
		},
	}
	maps.Copy(all, more)
	return all
}

// second is a subnet in another zone, which all load balancers share.
func second(w *cases.World) account.Resource {
	const cidr = "10.0.1.0/24"
	if there, err := w.Call().Find(ec2.Subnet, "cidrBlock", cidr); err == nil && there != nil {
		return *there
	}
	return w.Need(ec2.Subnet, account.Props{"cidrBlock": cidr, "availabilityZone": "eu-central-1b"})
}
