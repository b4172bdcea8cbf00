package aws

import (
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/aws/appautoscaling"
	"wordpress-ecs/local/aws/autoscaling"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/ecr"
	"wordpress-ecs/local/aws/ecs"
	"wordpress-ecs/local/aws/efs"
	"wordpress-ecs/local/aws/elasticache"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/rds"
	"wordpress-ecs/local/aws/secretsmanager"
)

// What a change does.
const (
	same         = "same"
	update       = "update"
	replace      = "replace"
	replaceFirst = "delete, then replace"
)

func (c *cloud) diff(typ string, before, after props) *pulumirpc.DiffResponse {
	c.t.Helper()
	resp, err := c.client.Diff(c.t.Context(), &pulumirpc.DiffRequest{
		Id: "id", Urn: urn(typ, "site"), Type: typ, OldInputs: c.wire(before), News: c.wire(after),
	})
	require.NoError(c.t, err)
	return resp
}

func outcome(resp *pulumirpc.DiffResponse) string {
	switch {
	case resp.GetChanges() == pulumirpc.DiffResponse_DIFF_NONE:
		return same
	case len(resp.GetReplaces()) == 0:
		return update
	case resp.GetDeleteBeforeReplace():
		return replaceFirst
	default:
		return replace
	}
}

func TestWhatChangesDo(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	auto := []any{"name"}
	for name, tc := range map[string]struct {
		typ           string
		before, after props
		want          string
	}{
		"tags":                    {ec2.Vpc, props{"tags": props{"a": "1"}}, props{"tags": props{"a": "2"}}, update},
		"vpc block":               {ec2.Vpc, props{"cidrBlock": "10.0.0.0/16"}, props{"cidrBlock": "10.1.0.0/16"}, replace},
		"dns names":               {ec2.Vpc, props{}, props{"enableDnsHostnames": true}, update},
		"default spelled out":     {ec2.Vpc, props{}, props{"enableDnsSupport": true}, same},
		"default left":            {ec2.Vpc, props{"instanceTenancy": "default"}, props{}, same},
		"not yet known":           {ec2.Subnet, props{"vpcId": "vpc-1"}, props{"vpcId": unknown{}}, replace},
		"subnet zone":             {ec2.Subnet, props{"availabilityZone": "a"}, props{"availabilityZone": "b"}, replace},
		"subnet public":           {ec2.Subnet, props{}, props{"mapPublicIpOnLaunch": true}, update},
		"route target":            {ec2.Route, props{"natGatewayId": "nat-1"}, props{"natGatewayId": "nat-2"}, update},
		"route destination":       {ec2.Route, props{"destinationCidrBlock": "0.0.0.0/0"}, props{"destinationCidrBlock": "10.0.0.0/8"}, replace},
		"association table":       {ec2.Association, props{"routeTableId": "a"}, props{"routeTableId": "b"}, update},
		"association subnet":      {ec2.Association, props{"subnetId": "a"}, props{"subnetId": "b"}, replace},
		"group description":       {ec2.SecurityGroup, props{"name": "x", "description": "a", "__defaults": auto}, props{"name": "x", "description": "b", "__defaults": auto}, replace},
		"named group description": {ec2.SecurityGroup, props{"name": "x", "description": "a"}, props{"name": "x", "description": "b"}, replaceFirst},
		"rule port":               {ec2.Ingress, props{"fromPort": 1}, props{"fromPort": 2}, update},
		"rule protocol by number": {ec2.Ingress, props{"ipProtocol": "tcp"}, props{"ipProtocol": "6"}, same},
		"template size":           {ec2.LaunchTemplate, props{"instanceType": "a"}, props{"instanceType": "b"}, update},
		"group order of subnets":  {autoscaling.Group, props{"vpcZoneIdentifiers": []any{"a", "b"}}, props{"vpcZoneIdentifiers": []any{"b", "a"}}, same},
		"group template version":  {autoscaling.Group, props{"launchTemplate": props{"id": "lt-1", "version": "1"}}, props{"launchTemplate": props{"id": "lt-1", "version": "2"}}, update},
		"group desired left":      {autoscaling.Group, props{"desiredCapacity": 2}, props{}, same},
		"role trust respaced":     {iam.Role, props{"assumeRolePolicy": trust("a")}, props{"assumeRolePolicy": " " + trust("a")}, same},
		"role trust":              {iam.Role, props{"assumeRolePolicy": trust("a")}, props{"assumeRolePolicy": trust("b")}, update},
		"role path":               {iam.Role, props{"path": "/"}, props{"path": "/x/"}, replace},
		"policy of one action":    {iam.RolePolicy, props{"policy": `{"Statement":[{"Action":["a:b"]}]}`}, props{"policy": `{"Statement":{"Action":"a:b"}}`}, same},
		"policy order":            {iam.RolePolicy, props{"policy": `{"Statement":[{"Action":["a:b","a:c"]}]}`}, props{"policy": `{"Statement":[{"Action":["a:c","a:b"]}]}`}, same},
		"attachment":              {iam.Attachment, props{"policyArn": "a"}, props{"policyArn": "b"}, replace},
		"insights":                {ecs.Cluster, props{}, props{"settings": []any{props{"name": "containerInsights", "value": "enabled"}}}, update},
		"provider capacity":       {ecs.CapacityProvider, props{"autoScalingGroupProvider": props{"managedScaling": props{"targetCapacity": 90}}}, props{"autoScalingGroupProvider": props{"managedScaling": props{"targetCapacity": 80}}}, update},
		"provider group":          {ecs.CapacityProvider, props{"autoScalingGroupProvider": props{"autoScalingGroupArn": "a"}}, props{"autoScalingGroupProvider": props{"autoScalingGroupArn": "b"}}, replace},
		"task image":              {ecs.TaskDefinition, props{"containerDefinitions": containers("a")}, props{"containerDefinitions": containers("b")}, replace},
		"task tags":               {ecs.TaskDefinition, props{}, props{"tags": props{"a": "b"}}, update},
		"task defaults":           {ecs.TaskDefinition, props{"containerDefinitions": `[{"name":"a","image":"b"}]`}, props{"containerDefinitions": `[{"image":"b","name":"a","essential":true,"environment":[],"cpu":0}]`}, same},
		"task writable root":      {ecs.TaskDefinition, props{"containerDefinitions": `[{"name":"a","readonlyRootFilesystem":true}]`}, props{"containerDefinitions": `[{"name":"a"}]`}, replace},
		"task tmpfs":              {ecs.TaskDefinition, props{"containerDefinitions": `[{"name":"a","linuxParameters":{"tmpfs":[{"containerPath":"/tmp","size":1}]}}]`}, props{"containerDefinitions": `[{"name":"a","linuxParameters":{"tmpfs":[{"containerPath":"/tmp","size":2}]}}]`}, replace},
		"task order":              {ecs.TaskDefinition, props{"containerDefinitions": `[{"name":"a"},{"name":"b"}]`}, props{"containerDefinitions": `[{"name":"b"},{"name":"a"}]`}, same},
		"service task":            {ecs.ServiceType, props{"taskDefinition": "a:1"}, props{"taskDefinition": "a:2"}, update},
		"service count":           {ecs.ServiceType, props{"desiredCount": 1}, props{"desiredCount": 2}, update},
		"service cluster":         {ecs.ServiceType, props{"cluster": "a"}, props{"cluster": "b"}, replace},
		"service subnets":         {ecs.ServiceType, props{"networkConfiguration": props{"subnets": []any{"a", "b"}}}, props{"networkConfiguration": props{"subnets": []any{"b", "a"}}}, same},
		"service strategy":        {ecs.ServiceType, props{"capacityProviderStrategies": []any{props{"capacityProvider": "a"}}}, props{"capacityProviderStrategies": []any{props{"capacityProvider": "b"}}}, replace},
		"forced strategy":         {ecs.ServiceType, props{"capacityProviderStrategies": []any{props{"capacityProvider": "a"}}}, props{"forceNewDeployment": true, "capacityProviderStrategies": []any{props{"capacityProvider": "b"}}}, update},
		"new strategy":            {ecs.ServiceType, props{"forceNewDeployment": true}, props{"forceNewDeployment": true, "capacityProviderStrategies": []any{props{"capacityProvider": "b"}}}, replace},
		"repository mutability":   {ecr.Repository, props{}, props{"imageTagMutability": "IMMUTABLE"}, update},
		"lifecycle":               {ecr.LifecyclePolicy, props{"policy": "{}"}, props{"policy": `{"a":1}`}, replaceFirst},
		"lifecycle respaced":      {ecr.LifecyclePolicy, props{"policy": "{}"}, props{"policy": "{ }"}, same},
		"database class":          {rds.Instance, props{"instanceClass": "a"}, props{"instanceClass": "b"}, update},
		"database user":           {rds.Cluster, props{"masterUsername": "a"}, props{"masterUsername": "b"}, replace},
		"database password":       {rds.Cluster, props{"masterPassword": secret{"a"}}, props{"masterPassword": secret{"b"}}, update},
		"secret or not":           {rds.Cluster, props{"masterPassword": secret{"a"}}, props{"masterPassword": "a"}, same},
		"database version left":   {rds.Cluster, props{"engineVersion": "8.0"}, props{}, same},
		"database zones left":     {rds.Cluster, props{"availabilityZones": []any{"a"}}, props{}, same},
		"database protection":     {rds.Cluster, props{"deletionProtection": true}, props{"deletionProtection": false}, update},
		"window in capitals":      {rds.Cluster, props{"preferredMaintenanceWindow": "Mon:03:00-Mon:04:00"}, props{"preferredMaintenanceWindow": "mon:03:00-mon:04:00"}, same},
		"database encryption":     {rds.Cluster, props{}, props{"storageEncrypted": true}, replace},
		"parameter":               {rds.ParameterGroup, props{"parameters": []any{props{"name": "a", "value": "1"}}}, props{"parameters": []any{props{"name": "a", "value": "2"}}}, update},
		"parameter method":        {rds.ParameterGroup, props{"parameters": []any{props{"name": "a", "value": "1"}}}, props{"parameters": []any{props{"name": "a", "value": "1", "applyMethod": "immediate"}}}, same},
		"cache nodes":             {elasticache.ReplicationGroup, props{"numCacheClusters": 2}, props{"numCacheClusters": 3}, update},
		"cache at rest":           {elasticache.ReplicationGroup, props{"atRestEncryptionEnabled": false}, props{"atRestEncryptionEnabled": true}, replace},
		"cache upgrade":           {elasticache.ReplicationGroup, props{"engineVersion": "7.2"}, props{"engineVersion": "8.0"}, update},
		"cache downgrade":         {elasticache.ReplicationGroup, props{"engineVersion": "8.0"}, props{"engineVersion": "7.2"}, replace},
		"cache to valkey":         {elasticache.ReplicationGroup, props{"engine": "redis"}, props{"engine": "valkey"}, update},
		"cache back to redis":     {elasticache.ReplicationGroup, props{"engine": "valkey"}, props{"engine": "redis"}, replace},
		"files throughput":        {efs.FileSystem, props{}, props{"throughputMode": "elastic"}, update},
		"files encryption":        {efs.FileSystem, props{}, props{"encrypted": true}, replace},
		"access point owner":      {efs.AccessPoint, props{"rootDirectory": props{"creationInfo": props{"ownerUid": 1}}}, props{"rootDirectory": props{"creationInfo": props{"ownerUid": 2}}}, replace},
		"secret value":            {secretsmanager.Version, props{"secretString": secret{"a"}}, props{"secretString": secret{"b"}}, replace},
		"secret window":           {secretsmanager.Secret, props{"recoveryWindowInDays": 0}, props{"recoveryWindowInDays": 30}, update},
		"balancer protection":     {elb.LoadBalancer, props{}, props{"enableDeletionProtection": true}, update},
		"balancer inside":         {elb.LoadBalancer, props{}, props{"internal": true}, replace},
		"target port":             {elb.TargetGroup, props{"port": 80}, props{"port": 81}, replace},
		"target check":            {elb.TargetGroup, props{"healthCheck": props{"path": "/"}}, props{"healthCheck": props{"path": "/up"}}, update},
		"listener action":         {elb.Listener, props{"defaultActions": []any{props{"type": "forward"}}}, props{"defaultActions": []any{props{"type": "redirect"}}}, update},
		"scaling bounds":          {appautoscaling.Target, props{"maxCapacity": 2}, props{"maxCapacity": 3}, update},
		"scaling resource":        {appautoscaling.Target, props{"resourceId": "a"}, props{"resourceId": "b"}, replace},
	} {
		require.Equal(t, tc.want, outcome(c.diff(tc.typ, tc.before, tc.after)), name)
	}
}

func TestADiffNamesThePropertiesThatChange(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	resp := c.diff(elb.LoadBalancer,
		props{"internal": true, "tags": props{"a.b": "1", "c": "2"}, "subnets": []any{"x", "y"}},
		props{"internal": false, "tags": props{"a.b": "2"}, "subnets": []any{"y", "x", "z"}, "idleTimeout": 30})
	kinds := map[string]pulumirpc.PropertyDiff_Kind{}
	for path, d := range resp.GetDetailedDiff() {
		kinds[path] = d.GetKind()
	}
	require.Equal(t, map[string]pulumirpc.PropertyDiff_Kind{
		"internal":    pulumirpc.PropertyDiff_UPDATE_REPLACE,
		`tags["a.b"]`: pulumirpc.PropertyDiff_UPDATE,
		"tags.c":      pulumirpc.PropertyDiff_DELETE,
		"subnets[2]":  pulumirpc.PropertyDiff_ADD,
		"idleTimeout": pulumirpc.PropertyDiff_UPDATE,
	}, kinds)
	require.Equal(t, []string{"internal"}, resp.GetReplaces())
}
