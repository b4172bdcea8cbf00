package ecs

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/kind"
)

const invalid = "InvalidParameterException"

func service() kind.Kind {
	return kind.Kind{
		Type: ServiceType, Title: "ECS Service", Args: ecs.ServiceArgs{}, State: ecs.Service{},
		Name:      kind.Name{Property: "name"},
		Replace:   []string{"cluster", "deploymentController.type", "iamRole", "launchType", "name", "schedulingStrategy"},
		ReplaceIf: replaceStrategies,
		Sets: []string{
			"loadBalancers", "capacityProviderStrategies", "placementConstraints", "networkConfiguration.subnets",
			"networkConfiguration.securityGroups", "vpcLatticeConfigurations", "alarms.alarmNames",
		},
		Kept: []string{"triggers"},
		Defaults: account.Props{
			"availabilityZoneRebalancing": "DISABLED", "deploymentMaximumPercent": 200.0,
			"deploymentMinimumHealthyPercent": 100.0, "enableEcsManagedTags": false, "enableExecuteCommand": false,
			"schedulingStrategy": "REPLICA", "waitForSteadyState": false, "deploymentController.type": "ECS",
			"networkConfiguration.assignPublicIp": false,
		},
		Rules: serviceRules(),
		Refs: []kind.Ref{
			{Path: "cluster", To: Cluster, By: "name", Value: clusterName},
			{Path: "capacityProviderStrategies[].capacityProvider", To: CapacityProvider, By: "name", Foreign: fargate},
			{Path: "loadBalancers[].targetGroupArn", To: elb.TargetGroup, By: "arn", Loose: true, Missing: kind.Fault{
				Code: invalid, Message: "The specified target group does not exist. %s",
			}},
			{Path: "networkConfiguration.subnets[]", To: ec2.Subnet, Missing: kind.Fault{
				Code: invalid, Message: "Error retrieving subnet information for [%s]: The subnet ID '%s' does not exist",
			}},
			{Path: "networkConfiguration.securityGroups[]", To: ec2.SecurityGroup, Missing: kind.Fault{
				Code: invalid, Message: "Error retrieving security group information for [%s]: The security group '%s' does not exist",
			}},
		},
		NotFound: kind.Fault{Code: "ServiceNotFoundException", Message: "Service not found."},
		InUse:    kind.Fault{Code: invalid, Message: "The service cannot be stopped while it is in use."},
		Create:   createService,
		Update:   checkPlacement,
	}
}

// replaceStrategies makes a new service when its capacity provider strategy comes,
// goes, or changes without a forced deployment.
func replaceStrategies(before, after account.Props) []string {
	old, fresh := before.List("capacityProviderStrategies"), after.List("capacityProviderStrategies")
	if after.Bool("forceNewDeployment") && len(old) > 0 && len(fresh) > 0 {
		return nil
	}
	return []string{"capacityProviderStrategies"}
}

func serviceRules() []kind.Rule {
	rules := []kind.Rule{
		kind.Match("name", nameText, nameHint),
		kind.OneOf("launchType", "EC2", "FARGATE", "EXTERNAL"),
		kind.OneOf("schedulingStrategy", "REPLICA", "DAEMON"),
		kind.OneOf("propagateTags", "SERVICE", "TASK_DEFINITION", "NONE"),
		kind.OneOf("availabilityZoneRebalancing", "ENABLED", "DISABLED"),
		kind.OneOf("deploymentController.type", "ECS", "CODE_DEPLOY", "EXTERNAL"),
		kind.OneOf("orderedPlacementStrategies[].type", "binpack", "random", "spread"),
		kind.OneOf("placementConstraints[].type", "distinctInstance", "memberOf"),
		kind.Range("healthCheckGracePeriodSeconds", 0, 2147483647), kind.Range("desiredCount", 0, 5000),
		kind.Count("orderedPlacementStrategies", 0, 5), kind.Count("placementConstraints", 0, 10),
		kind.Conflict("capacityProviderStrategies", "launchType").API(invalid),
		kind.Whole(func(in account.Props) string {
			low, high := in.Number("deploymentMinimumHealthyPercent"), in.Number("deploymentMaximumPercent")
			if in.Has("deploymentMaximumPercent") && in.Has("deploymentMinimumHealthyPercent") && high <= low {
				return "maximumPercent must be greater than minimumHealthyPercent, or no task could be replaced"
			}
			return ""
		}, "deploymentMinimumHealthyPercent", "deploymentMaximumPercent").API(invalid),
		kind.Whole(func(in account.Props) string {
			if in.Bool("networkConfiguration.assignPublicIp") && in.String("launchType") != "FARGATE" {
				return "Assign public IP is not supported for this launch type."
			}
			return ""
		}, "networkConfiguration", "launchType").API(invalid),
	}
	return append(rules, strategyRules("capacityProviderStrategies")...)
}

func createService(c *kind.Call) error {
	if err := checkPlacement(c); err != nil {
		return err
	}
	name, cluster := c.Out.String("name"), clusterName(c.In.String("cluster"))
	c.ID = c.ARN("ecs", "service/"+cluster+"/"+name)
	other, err := c.Find(ServiceType, "id", c.ID)
	if err != nil {
		return err
	}
	if other != nil {
		return kind.Refuse(invalid, "Creation of service was not idempotent.")
	}
	launchType := "EC2"
	if c.In.Has("capacityProviderStrategies") {
		launchType = ""
	}
	c.Set(account.Props{
		"launchType": launchType, "desiredCount": 0.0, "platformVersion": "", "triggers": map[string]any{},
		"iamRole": "/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
	})
	return nil
}

// checkPlacement finds what ECS refuses because of other resources: the task
// definition, the target groups and the capacity providers of the cluster.
func checkPlacement(c *kind.Call) error {
	task, err := findTask(c)
	if err != nil {
		return err
	}
	if task.String("networkMode") == "awsvpc" {
		if !c.In.Has("networkConfiguration") {
			return kind.Refuse(invalid, "Network Configuration must be provided when networkMode 'awsvpc' is specified.")
		}
		if c.In.Has("iamRole") {
			return kind.Refuse(invalid, "You cannot specify an IAM role for services that require a service linked role.")
		}
	}
	if err := checkProviders(c); err != nil {
		return err
	}
	for _, balancer := range c.In.Objects("loadBalancers") {
		if err := checkTarget(c, balancer, task); err != nil {
			return err
		}
	}
	return nil
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
	if found == nil {
		return nil, kind.Refuse("ClientException", "TaskDefinition is inactive or not found: %q", wanted)
	}
	return found, nil
}

// checkProviders wants every provider of the strategy on the cluster.
func checkProviders(c *kind.Call) error {
	strategies := c.In.Objects("capacityProviderStrategies")
	if len(strategies) == 0 {
		return nil
	}
	on, err := c.Find(ClusterProviders, "clusterName", clusterName(c.In.String("cluster")))
	if err != nil {
		return err
	}
	for _, s := range strategies {
		name := s.String("capacityProvider")
		if on == nil || !slices.Contains(on.Outputs.Strings("capacityProviders"), name) {
			return kind.Refuse(invalid, "The specified capacity provider '%s' was not found. "+
				"It is not associated with the cluster.", name)
		}
	}
	return nil
}

func checkTarget(c *kind.Call, balancer, task account.Props) error {
	name, port := balancer.String("containerName"), balancer.Number("containerPort")
	containers := containersOf(task.String("containerDefinitions"))
	i := slices.IndexFunc(containers, func(p account.Props) bool { return p.String("name") == name })
	if i < 0 {
		return kind.Refuse(invalid, "The container %s does not exist in the task definition.", name)
	}
	if !slices.ContainsFunc(containers[i].Objects("portMappings"), func(p account.Props) bool {
		return p.Number("containerPort") == port
	}) {
		return kind.Refuse(invalid, "The container %s did not have a container port %v defined.", name, port)
	}
	arn := balancer.String("targetGroupArn")
	group, err := c.Find(elb.TargetGroup, "arn", arn)
	if err != nil || group == nil {
		return err
	}
	if kindOf := group.Outputs.String("targetType"); task.String("networkMode") == "awsvpc" && kindOf != "ip" {
		return kind.Refuse(invalid, "The provided target group %s has target type %s, which is incompatible with the "+
			"awsvpc network mode specified in the task definition.", arn, kindOf)
	}
	listened, err := elb.Forwards(c, arn)
	if err != nil {
		return err
	}
	if !listened {
		return kind.Refuse(invalid,
			"The target group with targetGroupArn %s does not have an associated load balancer.", arn)
	}
	return nil
}
