package ecs

import (
	"slices"
	"strings"

	"wordpress-ecs/local/access"
	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
)

// serviceGuards are the rules about what a service is put together from, and about its end.
func serviceGuards() []kind.Guard {
	const (
		on     = kind.Making | kind.Changing
		create = reference + "CreateService"
	)
	return []kind.Guard{
		{Name: "name is free in the cluster", Source: create + "; hashicorp/terraform-provider-aws#2283", On: kind.Making, Check: nameFree},
		{Name: "task definition is active", Source: create, On: on, Check: func(c *kind.Call) error {
			_, err := findTask(c)
			return err
		}},
		{Name: "network as the task definition wants it", Source: create, On: on, Check: withTask(checkNetwork)},
		{Name: "subnets of one VPC", Source: reference + "AwsVpcConfiguration", On: on, Check: checkSubnets},
		{Name: "security groups of the VPC", Source: reference + "AwsVpcConfiguration", On: on, Check: checkSecurityGroups},
		{Name: "providers of the cluster", Source: reference + "CapacityProviderStrategyItem", On: on, Check: checkProviders},
		{Name: "container of the load balancer", Source: "hashicorp/terraform#2888", On: on, Check: withTask(eachTarget(checkContainer))},
		{Name: "port of the load balancer", Source: reference + "LoadBalancer", On: on, Check: withTask(eachTarget(checkPort))},
		{
			Name: "target type of awsvpc", Source: "hashicorp/terraform-provider-aws#11723", On: on,
			Check: withTask(eachTarget(checkTargetType)),
		},
		{
			Name: "target group of a load balancer", Source: "hashicorp/terraform#32908", On: on,
			Check: withTask(eachTarget(checkListener)),
		},
		{Name: "role that ECS may assume", Source: "Shippable/support#5044", On: kind.Making, Check: checkServiceRole},
		{
			Name: "roles keep their policies", Source: provider + "service.go; hashicorp/terraform-provider-aws#3414", On: kind.Deleting,
			Check: checkRoles,
		},
		{Name: "ends in time", Source: provider + "service.go, waitServiceInactive", On: kind.Deleting, Check: checkEnd},
	}
}

func nameFree(c *kind.Call) error {
	other, err := c.Find(ServiceType, "id", serviceARN(c))
	switch {
	case err != nil || other == nil:
		return err
	case !other.Gone.IsZero():
		return kind.RefuseForNow(invalid, "Unable to Start a service that is still Draining.")
	}
	return kind.Refuse(invalid, "Creation of service was not idempotent.")
}

// withTask is a check that looks at the task definition, too. That there is one is another rule's.
func withTask(check func(c *kind.Call, task account.Props) error) func(c *kind.Call) error {
	return func(c *kind.Call) error {
		task, err := findTask(c)
		if err != nil {
			return err
		}
		return check(c, task)
	}
}

// findTask returns the task definition that a service names by its ARN, its family
// or its family and revision.
func findTask(c *kind.Call) (account.Props, error) {
	wanted := c.In.String("taskDefinition")
	if _, rest, ok := strings.Cut(wanted, ":task-definition/"); ok {
		wanted = rest
	}
	all, err := c.All(TaskDefinition)
	if err != nil {
		return nil, err
	}
	var found account.Props
	for _, t := range all {
		newer := found == nil || t.Outputs.Number("revision") > found.Number("revision")
		if t.ID == wanted || (t.Outputs.String("family") == wanted && newer) {
			found = t.Outputs
		}
	}
	if found != nil {
		return found, nil
	}
	was, err := c.Tx.Reserved(inactive, c.Region, wanted, c.Now)
	if err != nil {
		return nil, err
	}
	if was {
		return nil, kind.Refuse(client, "TaskDefinition is inactive")
	}
	return nil, kind.Refuse(client, "TaskDefinition not found.")
}

func checkNetwork(c *kind.Call, task account.Props) error {
	switch awsvpc := task.String("networkMode") == "awsvpc"; {
	case awsvpc && !c.In.Has(network):
		return kind.Refuse(invalid, "Network Configuration must be provided when networkMode 'awsvpc' is specified.")
	case !awsvpc && c.In.Has(network):
		return kind.Refuse(invalid, "Network Configuration is not valid for the given networkMode of this task definition.")
	case awsvpc && c.In.Has("iamRole"):
		return kind.Refuse(invalid, "You cannot specify an IAM role for services that require a service linked role.")
	}
	return nil
}

// vpcOf is the VPC of the first subnet of a service.
func vpcOf(c *kind.Call) (string, error) {
	for _, id := range c.In.Strings(network + ".subnets") {
		s, err := c.Find(ec2.Subnet, "id", id)
		if err != nil || s != nil {
			return s.Outputs.String("vpcId"), err
		}
	}
	return "", nil
}

func checkSubnets(c *kind.Call) error {
	vpc, err := vpcOf(c)
	if err != nil {
		return err
	}
	for _, id := range c.In.Strings(network + ".subnets") {
		s, err := c.Find(ec2.Subnet, "id", id)
		if err != nil {
			return err
		}
		if s != nil && s.Outputs.String("vpcId") != vpc {
			return kind.Refuse(invalid, "Subnets must be from the same VPC: %s is not in %s.", id, vpc)
		}
	}
	return nil
}

func checkSecurityGroups(c *kind.Call) error {
	vpc, err := vpcOf(c)
	if err != nil || vpc == "" {
		return err
	}
	other, err := ec2.GroupElsewhere(c, c.In.Strings(network+".securityGroups"), vpc)
	if err != nil {
		return err
	}
	if other != nil {
		return kind.Refuse(invalid, "Security group %s does not appear to belong to the same VPC as the input subnets.", other.ID)
	}
	return nil
}

// checkProviders wants every provider of the strategy on the cluster.
func checkProviders(c *kind.Call) error {
	list := c.In.Objects(strategies)
	if len(list) == 0 {
		return nil
	}
	on, err := c.Find(ClusterProviders, "clusterName", clusterName(c.In.String("cluster")))
	if err != nil {
		return err
	}
	for _, s := range list {
		if on == nil || !slices.Contains(on.Outputs.Strings("capacityProviders"), s.String("capacityProvider")) {
			return kind.Refuse(invalid, "The specified capacity provider strategy cannot contain a capacity provider that is not "+
				"associated with the cluster. Associate the capacity provider with the cluster and try again.")
		}
	}
	return nil
}

// eachTarget applies a check to the load balancers of a service.
func eachTarget(check func(c *kind.Call, balancer, task account.Props) error) func(c *kind.Call, task account.Props) error {
	return func(c *kind.Call, task account.Props) error {
		for _, balancer := range c.In.Objects("loadBalancers") {
			if err := check(c, balancer, task); err != nil {
				return err
			}
		}
		return nil
	}
}

// containerOf is the container that a load balancer names; nil if there is none.
func containerOf(balancer, task account.Props) account.Props {
	for _, container := range containersOf(task.String("containerDefinitions")) {
		if container.String("name") == balancer.String("containerName") {
			return container
		}
	}
	return nil
}

func checkContainer(_ *kind.Call, balancer, task account.Props) error {
	if containerOf(balancer, task) == nil {
		return kind.Refuse(invalid, "The container %s does not exist in the task definition.", balancer.String("containerName"))
	}
	return nil
}

func checkPort(_ *kind.Call, balancer, task account.Props) error {
	port := balancer.Number("containerPort")
	if slices.ContainsFunc(containerOf(balancer, task).Objects("portMappings"), func(p account.Props) bool {
		return p.Number("containerPort") == port
	}) {
		return nil
	}
	return kind.Refuse(invalid, "The container %s did not have a container port %v defined.", balancer.String("containerName"), port)
}

func checkTargetType(c *kind.Call, balancer, task account.Props) error {
	arn := balancer.String("targetGroupArn")
	group, err := c.Find(elb.TargetGroup, "arn", arn)
	if err != nil || group == nil {
		return err
	}
	if kindOf := group.Outputs.String("targetType"); task.String("networkMode") == "awsvpc" && kindOf != "ip" {
		return kind.Refuse(invalid, "The provided target group %s has target type %s, which is incompatible with the "+
			"awsvpc network mode specified in the task definition.", arn, kindOf)
	}
	return nil
}

func checkListener(c *kind.Call, balancer, _ account.Props) error {
	arn := balancer.String("targetGroupArn")
	if arn == "" {
		return nil
	}
	listened, err := elb.Forwards(c, arn)
	if err == nil && !listened {
		err = kind.Refuse(invalid, "The target group with targetGroupArn %s does not have an associated load balancer.", arn)
	}
	return err
}

// checkServiceRole wants a role of the service's own to trust ECS.
func checkServiceRole(c *kind.Call) error {
	role := c.In.String("iamRole")
	if role == "" || len(c.In.List("loadBalancers")) == 0 {
		return nil
	}
	holder, err := c.Find(iam.Role, "name", roleName(role))
	if err != nil {
		return err
	}
	var answer access.Answer
	if holder != nil {
		answer, err = access.Assume(c.Tx, holder.Outputs.String("arn"), "ecs.amazonaws.com", nil)
	}
	if err == nil && !answer.Allowed {
		err = kind.RefuseForNow(invalid, "Unable to assume role and validate the specified targetGroupArn. Please verify that the "+
			"ECS service role being passed has the proper permissions.")
	}
	return err
}

// roleName is the name in what may be the name or the ARN of a role.
func roleName(role string) string { return role[strings.LastIndex(role, "/")+1:] }
