// Package ecs is Amazon ECS: clusters, capacity providers, task definitions and
// services. A service is stable as soon as it is made; nothing runs yet.
package ecs

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Tokens by which other services refer to what is declared here.
const (
	Cluster          = "aws:ecs/cluster:Cluster"
	CapacityProvider = "aws:ecs/capacityProvider:CapacityProvider"
	ClusterProviders = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
	TaskDefinition   = "aws:ecs/taskDefinition:TaskDefinition"
	ServiceType      = "aws:ecs/service:Service"
)

// nameText is what names of clusters, services and families may consist of.
const nameText = `^[A-Za-z0-9_-]{1,255}$`

const nameHint = "must be 1 to 255 letters, numbers, underscores and hyphens"

// Service declares the kinds and functions of this package.
func Service() kind.Service {
	return kind.Service{
		Kinds: []kind.Kind{cluster(), capacityProvider(), clusterProviders(), taskDefinition(), service()},
		Functions: []kind.Function{{
			Name: "aws:ecs/getService:getService", Args: []string{"clusterArn", "serviceName", "tags"}, Run: getService,
		}},
	}
}

func cluster() kind.Kind {
	return kind.Kind{
		Type: Cluster, Title: "ECS Cluster", Args: ecs.ClusterArgs{}, State: ecs.Cluster{},
		Name:    kind.Name{Property: "name"},
		Replace: []string{"name"},
		Sets:    []string{"settings"},
		Kept:    []string{"settings"},
		Rules: []kind.Rule{
			kind.Match("name", nameText, nameHint),
			kind.OneOf("settings[].name", "containerInsights"),
			kind.OneOf("settings[].value", "enabled", "enhanced", "disabled"),
		},
		Unique: []kind.Unique{{Property: "name", Taken: kind.Fault{
			Code:    "InvalidParameterException",
			Message: "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
		}}},
		NotFound: kind.Fault{Code: "ClusterNotFoundException", Message: "Cluster not found."},
		InUse: kind.Fault{
			Code: "ClusterContainsServicesException", Message: "The Cluster cannot be deleted while Services are active.",
		},
		Create: func(c *kind.Call) error {
			c.ID = c.ARN("ecs", "cluster/"+c.Out.String("name"))
			c.Set(account.Props{
				"arn":      c.ID,
				"settings": []any{map[string]any{"name": "containerInsights", "value": "disabled"}},
			})
			return nil
		},
	}
}

// clusterName is the name in what may be the name or the ARN of a cluster.
func clusterName(value string) string {
	if _, name, ok := strings.Cut(value, ":cluster/"); ok {
		return name
	}
	return value
}

func getService(c *kind.Call) (account.Props, error) {
	name := c.In.String("serviceName")
	all, err := c.All(ServiceType)
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		sameCluster := clusterName(s.Outputs.String("cluster")) == clusterName(c.In.String("clusterArn"))
		if !sameCluster || (s.Name != name && s.ID != name) {
			continue
		}
		home, err := c.Find(Cluster, "name", clusterName(c.In.String("clusterArn")))
		if err != nil || home == nil {
			return nil, err
		}
		tags := s.Outputs.Object("tagsAll")
		if tags == nil {
			tags = account.Props{}
		}
		return account.Props{
			"arn": s.ID, "id": s.ID, "clusterArn": home.ID, "serviceName": s.Name,
			"desiredCount": s.Outputs.Number("desiredCount"), "launchType": s.Outputs.String("launchType"),
			"schedulingStrategy":          s.Outputs.String("schedulingStrategy"),
			"taskDefinition":              s.Outputs.String("taskDefinition"),
			"availabilityZoneRebalancing": s.Outputs.String("availabilityZoneRebalancing"),
			"tags":                        map[string]any(tags),
		}, nil
	}
	return nil, kind.Refuse("ServiceNotFoundException", "Service not found: %s", name)
}
