package pace_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/aws"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/pace"
)

const (
	vpcType    = "aws:ec2/vpc:Vpc"
	subnetType = "aws:ec2/subnet:Subnet"
	gateType   = "aws:ec2/internetGateway:InternetGateway"
	natType    = "aws:ec2/natGateway:NatGateway"
)

func with(r row, inputs map[string]any) row {
	r["inputs"], r["outputs"] = inputs, inputs
	return r
}

// network is a state in which nothing depends on anything, so that all order is AWS's.
func network(t *testing.T) pace.Stack {
	t.Helper()
	return stack(t, one(vpcType, "v"),
		with(one(subnetType, "s"), map[string]any{"vpcId": "v", "cidrBlock": "10.0.0.0/24"}),
		with(one(gateType, "g"), map[string]any{"vpcId": "v"}),
		with(one(natType, "n"), map[string]any{"subnetId": "s"}))
}

func TestTheLimitIsWhatAWSForces(t *testing.T) {
	t.Parallel()
	catalog, err := aws.Catalog()
	require.NoError(t, err)
	work := takes(map[string]time.Duration{vpcType: minute, subnetType: minute, gateType: 3 * minute, natType: 2 * minute})
	up, err := pace.Run(pace.Limit(catalog, network(t), kind.Making, work), pace.Workers)
	require.NoError(t, err)
	require.Equal(t, []string{vpcType + " v", gateType + " g", natType + " n"}, labels(up), "a NAT gateway needs the internet gateway")
	down, err := pace.Run(pace.Limit(catalog, network(t), kind.Deleting, work), pace.Workers)
	require.NoError(t, err)
	require.Equal(t, []string{natType + " n", gateType + " g", vpcType + " v"}, labels(down))
}

func TestTheFiguresAreThoseOfTheKinds(t *testing.T) {
	t.Parallel()
	catalog, err := aws.Catalog()
	require.NoError(t, err)
	const groupType, serviceType = "aws:lb/targetGroup:TargetGroup", "aws:ecs/service:Service"
	s := stack(t, component("site:index:Site", "c"), one("random:index/randomPassword:RandomPassword", "r"),
		with(one(vpcType, "v"), map[string]any{"enableDnsHostnames": true}),
		with(one(groupType, "g"), map[string]any{
			"arn": "g", "deregistrationDelay": 30, "healthCheck": map[string]any{"interval": 15, "healthyThreshold": 2},
		}),
		with(one(serviceType, "s"), map[string]any{
			"waitForSteadyState": true, "loadBalancers": []any{map[string]any{"targetGroupArn": "g"}},
		}))
	figures := pace.For(catalog, s)
	var made, deleted []time.Duration
	for _, r := range s {
		made, deleted = append(made, figures.Create(r)), append(deleted, figures.Delete(r))
	}
	require.Equal(t, []time.Duration{0, 0, 12 * time.Second, time.Second, 160 * time.Second}, made)
	require.Equal(t, []time.Duration{0, 0, time.Second, time.Second, 50 * time.Second}, deleted)
}
