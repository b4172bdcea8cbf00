// Package ecs is Amazon ECS: clusters, capacity providers, task definitions and
// services. A service is stable as soon as it is made; nothing runs yet.
package ecs

import (
	"strings"

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

// Codes of ECS's refusals.
const (
	invalid = "InvalidParameterException"
	client  = "ClientException"
	inUse   = "ResourceInUseException"
)

// Where rules are from.
const (
	reference = "ECS API reference, "
	provider  = "terraform-provider-aws internal/service/ecs/"
	guide     = "ECS developer guide, "
)

// nameText is what names of clusters, services and families may consist of.
const nameText = `^[A-Za-z0-9_-]{1,255}$`

const nameHint = "must be 1 to 255 letters, numbers, underscores and hyphens"

const enabled = "ENABLED"

// Service declares the kinds and functions of this package.
func Service() kind.Service {
	return kind.Service{
		Kinds: []kind.Kind{cluster(), capacityProvider(), clusterProviders(), taskDefinition(), service()},
		Functions: []kind.Function{{
			Name: "aws:ecs/getService:getService", Args: []string{"clusterArn", "serviceName", "tags"}, Run: getService,
		}},
	}
}

// clusterName is the name in what may be the name or the ARN of a cluster.
func clusterName(value string) string {
	if _, name, ok := strings.Cut(value, ":cluster/"); ok {
		return name
	}
	return value
}

// fargate tells the capacity providers that AWS itself has.
func fargate(name string) bool { return name == "FARGATE" || name == "FARGATE_SPOT" }
