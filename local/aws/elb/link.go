package elb

import (
	"fmt"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const mostTargetGroupsOfBalancer = 100

// reach is which load balancers send requests to a target group, by the group's ARN.
type reach map[string][]string

func (r reach) add(group, balancer string) {
	if balancer != "" && !slices.Contains(r[group], balancer) {
		r[group] = append(r[group], balancer)
		slices.Sort(r[group])
	}
}

// reached is what leads where, without what the listener or rule of the call does.
func reached(c *kind.Call) (reach, error) {
	r, balancers := reach{}, map[string]string{}
	listeners, err := c.All(Listener)
	if err != nil {
		return nil, err
	}
	for _, l := range listeners {
		balancers[l.ID] = l.Outputs.String("loadBalancerArn")
		if l.ID == c.ID {
			continue
		}
		for _, group := range forwarded(l.Outputs, "defaultActions") {
			r.add(group, balancers[l.ID])
		}
	}
	rules, err := c.All(ListenerRule)
	for _, rule := range rules {
		if rule.ID == c.ID {
			continue
		}
		for _, group := range forwarded(rule.Outputs, "actions") {
			r.add(group, balancers[rule.Outputs.String("listenerArn")])
		}
	}
	return r, err
}

// relink notes on all target groups which load balancers reach them, now that the call's actions lead to groups.
func relink(c *kind.Call, groups ...string) error {
	r, balancer, err := linked(c)
	if err != nil {
		return err
	}
	for _, group := range groups {
		r.add(group, balancer)
	}
	all, err := c.All(TargetGroup)
	if err != nil {
		return err
	}
	for _, group := range all {
		if slices.Equal(group.Outputs.Strings("loadBalancerArns"), r[group.ID]) {
			continue
		}
		list := []any{}
		for _, arn := range r[group.ID] {
			list = append(list, arn)
		}
		group.Outputs["loadBalancerArns"] = list
		if err := c.Tx.Put(group); err != nil {
			return err
		}
	}
	return nil
}

// balancerOf is the load balancer of a listener or a rule.
func balancerOf(c *kind.Call, props account.Props) (string, error) {
	if arn := props.String("loadBalancerArn"); arn != "" {
		return arn, nil
	}
	l, err := c.Find(Listener, "arn", props.String("listenerArn"))
	if err != nil || l == nil {
		return "", err
	}
	return l.Outputs.String("loadBalancerArn"), nil
}

// linked is what leads where beside the listener or rule of the call, and the load balancer of that.
func linked(c *kind.Call) (reach, string, error) {
	r, err := reached(c)
	if err != nil {
		return nil, "", err
	}
	balancer, err := balancerOf(c, c.Out)
	return r, balancer, err
}

// targetGuards are about the target groups that actions lead to.
func targetGuards(path string) []kind.Guard {
	const on = kind.Making | kind.Changing
	return []kind.Guard{
		{Name: "target groups are in the same VPC", On: on, Source: model + "InvalidConfigurationRequestException",
			Check: func(c *kind.Call) error { return eachTarget(c, path, sameVpc) }},
		{Name: "target groups speak the protocol", On: on, Source: model + "IncompatibleProtocolsException",
			Check: func(c *kind.Call) error { return eachTarget(c, path, compatible) }},
		{Name: "one load balancer per target group", On: on, Source: "hashicorp/terraform-provider-aws#22005",
			Check: func(c *kind.Call) error { return unshared(c, path) }},
		{Name: "target groups per load balancer", On: on, Source: quotas,
			Check: func(c *kind.Call) error { return fewTargets(c, path) }},
	}
}

// eachTarget asks about the load balancer and each of the target groups.
func eachTarget(c *kind.Call, path string, ask func(balancer, group account.Resource) error) error {
	arn, err := balancerOf(c, c.Out)
	if err != nil {
		return err
	}
	balancer, err := c.Find(LoadBalancer, "arn", arn)
	if err != nil || balancer == nil {
		return err
	}
	for _, arn := range forwarded(c.In, path) {
		group, err := c.Find(TargetGroup, "arn", arn)
		if err != nil || group == nil {
			return err
		}
		if err := ask(*balancer, *group); err != nil {
			return err
		}
	}
	return nil
}

func sameVpc(balancer, group account.Resource) error {
	if vpc := group.Outputs.String("vpcId"); vpc == "" || vpc == balancer.Outputs.String("vpcId") {
		return nil
	}
	return kind.Refuse("InvalidConfigurationRequest", "The following target groups are not in the same VPC as the load balancer '%s': %s",
		balancer.ID, group.ID)
}

func compatible(balancer, group account.Resource) error {
	protocol := group.Outputs.String("protocol")
	lambda := group.Outputs.String("targetType") == "lambda"
	if balancer.Outputs.String("loadBalancerType") != application || lambda || strings.HasPrefix(protocol, "HTTP") {
		return nil
	}
	return kind.Refuse("IncompatibleProtocols", "The listener and the following target groups have incompatible protocols: %s", group.ID)
}

// unshared refuses target groups that another load balancer has.
func unshared(c *kind.Call, path string) error {
	r, balancer, err := linked(c)
	if err != nil {
		return err
	}
	for _, group := range forwarded(c.In, path) {
		for _, other := range r[group] {
			if other != balancer {
				return kind.Refuse("TargetGroupAssociationLimit",
					"The following target groups cannot be associated with more than one load balancer: %s", group)
			}
		}
	}
	return nil
}

func fewTargets(c *kind.Call, path string) error {
	r, balancer, err := linked(c)
	if err != nil {
		return err
	}
	for _, group := range forwarded(c.In, path) {
		r.add(group, balancer)
	}
	count := 0
	for _, balancers := range r {
		if slices.Contains(balancers, balancer) {
			count++
		}
	}
	if count <= mostTargetGroupsOfBalancer {
		return nil
	}
	return kind.Refuse("TooManyUniqueTargetGroupsPerLoadBalancer", "%s", fmt.Sprintf("You have reached the maximum number of unique target "+
		"groups that you can associate with a load balancer of type '%s': [%d]", application, mostTargetGroupsOfBalancer))
}
