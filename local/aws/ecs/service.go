package ecs

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/kind"
)

const (
	strategies = "capacityProviderStrategies"
	network    = "networkConfiguration"
)

func service() kind.Kind {
	return kind.Kind{
		Type: ServiceType, Title: "ECS Service", Args: ecs.ServiceArgs{}, State: ecs.Service{},
		Takes: serviceTakes(),
		API: kind.API{
			Service: "ecs", Create: "CreateService", Change: "UpdateService", Delete: "DeleteService",
			Members: map[string]string{
				"name": "serviceName", "iamRole": "role", "orderedPlacementStrategies": "placementStrategy",
				network:                           "networkConfiguration.awsvpcConfiguration",
				"deploymentMaximumPercent":        "deploymentConfiguration.maximumPercent",
				"deploymentMinimumHealthyPercent": "deploymentConfiguration.minimumHealthyPercent",
				"deploymentCircuitBreaker":        "deploymentConfiguration.deploymentCircuitBreaker",
				"alarms":                          "deploymentConfiguration.alarms",
			},
		},
		Source:    provider + "service.go",
		Name:      kind.Name{Property: "name"},
		Replace:   []string{"cluster", "deploymentController.type", "iamRole", "launchType", "name", "schedulingStrategy"},
		ReplaceIf: replaceStrategies,
		Sets: []string{
			"loadBalancers", strategies, "placementConstraints", network + ".subnets",
			network + ".securityGroups", "vpcLatticeConfigurations", "alarms.alarmNames",
		},
		Kept: []string{"triggers"},
		Text: map[string]func(string) string{"orderedPlacementStrategies.field": placementField},
		Defaults: account.Props{
			"availabilityZoneRebalancing": "DISABLED", "deploymentMaximumPercent": 200.0,
			"deploymentMinimumHealthyPercent": 100.0, "enableEcsManagedTags": false, "enableExecuteCommand": false,
			"schedulingStrategy": "REPLICA", "waitForSteadyState": false, "deploymentController.type": "ECS",
			network + ".assignPublicIp": false, "propagateTags": "NONE",
		},
		Rules: serviceRules(),
		Refs: []kind.Ref{
			{Path: "cluster", To: Cluster, By: "name", Value: clusterName},
			{Path: strategies + "[].capacityProvider", To: CapacityProvider, By: "name", Foreign: fargate},
			{Path: "loadBalancers[].targetGroupArn", To: elb.TargetGroup, By: "arn", Loose: true, Missing: kind.Fault{
				Code: invalid, Message: "The specified target group does not exist. %s",
			}},
			{Path: network + ".subnets[]", To: ec2.Subnet, Missing: kind.Fault{
				Code: invalid, Message: "Error retrieving subnet information for [%s]: The subnet ID '%s' does not exist",
			}},
			{Path: network + ".securityGroups[]", To: ec2.SecurityGroup, Missing: kind.Fault{
				Code: invalid, Message: "Error retrieving security group information for [%s]: The security group '%s' does not exist",
			}},
		},
		Guards:   serviceGuards(),
		NotFound: kind.Fault{Code: "ServiceNotFoundException", Message: "Service not found."},
		Create:   createService,
		Update:   noteRoles,
		Delete:   forgetRoles,
	}
}

// placementField is a field as the provider compares it: any case, and "host" is "instanceId".
func placementField(field string) string {
	if field = strings.ToLower(field); field == "host" {
		return "instanceid"
	}
	return field
}

// replaceStrategies makes a new service when its capacity provider strategy comes,
// goes, or changes without a forced deployment.
func replaceStrategies(before, after account.Props) []string {
	old, fresh := before.List(strategies), after.List(strategies)
	if after.Bool("forceNewDeployment") && len(old) > 0 && len(fresh) > 0 {
		return nil
	}
	return []string{strategies}
}

func createService(c *kind.Call) error {
	cluster := clusterName(c.In.String("cluster"))
	c.ID = serviceARN(c)
	if err := defaultStrategy(c, cluster); err != nil {
		return err
	}
	launchType := "EC2"
	if c.In.Has(strategies) {
		launchType = ""
	}
	c.Set(account.Props{
		"launchType": launchType, "desiredCount": 0.0, "platformVersion": "", "triggers": map[string]any{},
		"iamRole": "/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
	})
	if err := observe(c, cluster); err != nil {
		return err
	}
	return noteRoles(c)
}

func serviceARN(c *kind.Call) string {
	return c.ARN("ecs", "service/"+clusterName(c.In.String("cluster"))+"/"+c.Out.String("name"))
}

// defaultStrategy is what a service without a launch type and a strategy gets from its cluster. AWS answers it as the
// service's own: a program that does not have it, too, will see it as a difference.
func defaultStrategy(c *kind.Call, cluster string) error {
	if c.In.Has(strategies) || c.In.Has("launchType") {
		return nil
	}
	on, err := c.Find(ClusterProviders, "clusterName", cluster)
	if err != nil || on == nil || len(on.Outputs.List("defaultCapacityProviderStrategies")) == 0 {
		return err
	}
	c.In = c.In.Copy()
	c.In[strategies] = on.Outputs.List("defaultCapacityProviderStrategies")
	c.Out[strategies] = c.In[strategies]
	return nil
}
