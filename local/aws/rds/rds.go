// Package rds is Amazon Aurora MySQL: clusters, their instances, parameter groups
// and subnet groups.
package rds

import (
	"strings"

	"wordpress-ecs/local/aws/kind"
)

// Tokens by which other services refer to what is declared here.
const (
	SubnetGroup    = "aws:rds/subnetGroup:SubnetGroup"
	ParameterGroup = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
	Cluster        = "aws:rds/cluster:Cluster"
	Instance       = "aws:rds/clusterInstance:ClusterInstance"
)

// Codes that RDS uses for most of what it does not like.
const (
	combination = "InvalidParameterCombination"
	value       = "InvalidParameterValue"
)

// Where rules are from.
const (
	guideQuotas   = "Aurora user guide, Quotas and constraints"
	guideVersions = "Aurora MySQL release notes, document history"
	guideClasses  = "Aurora user guide, Supported DB engines for DB instance classes"
	provider      = "terraform-provider-aws internal/service/rds"
)

// Service declares the kinds of this package.
func Service() kind.Service {
	return kind.Service{Kinds: []kind.Kind{subnetGroup(), parameterGroup(), cluster(), instance()}}
}

// ofAWS tells the groups that exist in every account.
func ofAWS(name string) bool { return strings.HasPrefix(name, "default.") }
