package aws

import (
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/aws/autoscaling"
	"wordpress-ecs/local/aws/cloudwatch"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/ecs"
	"wordpress-ecs/local/aws/elasticache"
	"wordpress-ecs/local/aws/rds"
	"wordpress-ecs/local/aws/secretsmanager"
)

func TestAResourceHasTheOutputsOfAWS(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	s := c.site()
	for name, tc := range map[string]struct{ value, want string }{
		"vpc id":          {s.vpc.id, `^vpc-0[0-9a-f]{16}$`},
		"vpc arn":         {s.vpc.text("arn"), `^arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-0`},
		"zone id":         {s.a.text("availabilityZoneId"), `^euw1-az1$`},
		"role id":         {s.role.id, `^site-[0-9a-f]{7}$`},
		"role arn":        {s.role.text("arn"), `^arn:aws:iam::123456789012:role/site-`},
		"host name":       {s.balancer.text("dnsName"), `^site-[0-9a-f]{7}-\d{10}\.eu-west-1\.elb\.localhost:8080$`},
		"balancer suffix": {s.balancer.text("arnSuffix"), `^app/site-[0-9a-f]{7}/[0-9a-f]{16}$`},
		"target suffix":   {s.target.text("arnSuffix"), `^targetgroup/site-[0-9a-f]{7}/[0-9a-f]{16}$`},
		"task":            {s.task.text("arn"), `:task-definition/site:1$`},
		"service":         {s.up.id, `^arn:aws:ecs:eu-west-1:123456789012:service/site-[0-9a-f]{7}/site-[0-9a-f]{7}$`},
	} {
		require.Regexp(t, tc.want, tc.value, name)
	}
	require.InDelta(t, 1, s.template.outputs["latestVersion"].NumberValue(), 0)
}

func TestTagsAreMergedWithTheDefaultTags(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	vpc := c.make(ec2.Vpc, props{"cidrBlock": "10.0.0.0/16", "tags": props{"Name": "site", "Stack": "mine"}})
	require.Equal(t, map[string]any{"Project": "site", "Stack": "mine", "Name": "site"}, vpc.outputs["tagsAll"].Mappable())
	require.Equal(t, map[string]any{"Stack": "mine", "Name": "site"}, vpc.outputs["tags"].Mappable())
	list, err := c.acct.List()
	require.NoError(t, err)
	require.Equal(t, "site", list[0].Name)
}

func TestSecretsStaySecret(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	s := c.make(secretsmanager.Secret, props{"name": "site"})
	v := c.make(secretsmanager.Version, props{"secretId": s.id, "secretString": secret{"hunter2"}})
	require.True(t, v.outputs["secretString"].IsSecret())
	group := c.make(cloudwatch.LogGroup, props{"name": "/site", "tags": props{"owner": secret{"hunter2"}}})
	require.True(t, group.outputs["tags"].IsSecret())
	require.True(t, group.outputs["tagsAll"].IsSecret())

	read, err := c.client.Read(t.Context(), &pulumirpc.ReadRequest{
		Id: v.id, Urn: urn(secretsmanager.Version, "site"), Properties: v.state, Inputs: v.inputs,
	})
	require.NoError(t, err)
	require.True(t, c.read(read.GetProperties())["secretString"].IsSecret())
	require.Equal(t, c.read(v.inputs), c.read(read.GetInputs()), "a refresh finds no difference")

	list, err := c.acct.List()
	require.NoError(t, err)
	for _, r := range list {
		require.NotContains(t, resource.NewPropertyValue(map[string]any(r.Outputs)).String(), "hunter2")
	}
}

func TestAPreviewKnowsWhatIsKnown(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	checked, failures := c.check(ec2.Subnet, props{"vpcId": unknown{}, "cidrBlock": "10.0.0.0/24"})
	require.Empty(t, failures)
	resp, err := c.client.Create(t.Context(), &pulumirpc.CreateRequest{
		Urn: urn(ec2.Subnet, "site"), Type: ec2.Subnet, Properties: checked, Preview: true,
	})
	require.NoError(t, err)
	out := c.read(resp.GetProperties())
	require.Equal(t, "10.0.0.0/24", out["cidrBlock"].StringValue())
	for _, name := range []resource.PropertyKey{"arn", "vpcId", "availabilityZone"} {
		require.True(t, out[name].IsComputed(), name)
	}
	list, err := c.acct.List()
	require.NoError(t, err)
	require.Empty(t, list, "a preview makes nothing")
}

func TestAPreviewOfAnUpdateKeepsWhatDoesNotChange(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	template := c.make(ec2.LaunchTemplate, props{"instanceType": "t4g.small"})
	preview := func(inputs props) resource.PropertyMap {
		resp, err := c.client.Update(t.Context(), &pulumirpc.UpdateRequest{
			Id: template.id, Urn: urn(ec2.LaunchTemplate, "site"), Type: ec2.LaunchTemplate, Preview: true,
			Olds: template.state, OldInputs: template.inputs, News: c.recheck(ec2.LaunchTemplate, template, inputs),
		})
		require.NoError(t, err)
		return c.read(resp.GetProperties())
	}
	tagged := preview(props{"instanceType": "t4g.small", "tags": props{"a": "b"}})
	require.InDelta(t, 1, tagged["latestVersion"].NumberValue(), 0, "tags make no new version")
	resized := preview(props{"instanceType": "t4g.large"})
	require.True(t, resized["latestVersion"].IsComputed())
	require.Equal(t, template.text("arn"), resized["arn"].StringValue())
}

func TestUpdatesKeepTheIDAndMoveTheVersion(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	template := c.make(ec2.LaunchTemplate, props{"instanceType": "t4g.small", "keyName": "old"})
	again := c.change(ec2.LaunchTemplate, template, props{"instanceType": "t4g.large"})
	require.Equal(t, template.text("name"), again.text("name"), "the name was made once")
	require.InDelta(t, 2, again.outputs["latestVersion"].NumberValue(), 0)
	require.NotContains(t, again.outputs, resource.PropertyKey("keyName"))
}

func TestRevisionsNeverComeBack(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	s := c.site()
	second := c.make(ecs.TaskDefinition, with(taskInputs(s), props{"cpu": "256"}))
	require.InDelta(t, 2, second.outputs["revision"].NumberValue(), 0)
	require.NoError(t, c.delete(ecs.TaskDefinition, second))
	third := c.make(ecs.TaskDefinition, taskInputs(s))
	require.InDelta(t, 3, third.outputs["revision"].NumberValue(), 0)
}

func TestReadFindsWhatIsGone(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	vpc := c.make(ec2.Vpc, props{"cidrBlock": "10.0.0.0/16"})
	require.NoError(t, c.delete(ec2.Vpc, vpc))
	read, err := c.client.Read(t.Context(), &pulumirpc.ReadRequest{
		Id: vpc.id, Urn: urn(ec2.Vpc, "site"), Properties: vpc.state, Inputs: vpc.inputs,
	})
	require.NoError(t, err)
	require.Empty(t, read.GetId())
	require.NoError(t, c.delete(ec2.Vpc, vpc), "deleting it again is no error")
}

func TestAnImportHasInputsThatMakeNoDifference(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	vpc := c.make(ec2.Vpc, props{"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": true})
	read, err := c.client.Read(t.Context(), &pulumirpc.ReadRequest{Id: vpc.id, Urn: urn(ec2.Vpc, "site")})
	require.NoError(t, err)
	require.Equal(t, vpc.id, read.GetId())
	require.Equal(t, "10.0.0.0/16", c.read(read.GetInputs())["cidrBlock"].StringValue())
	checked, err := c.client.Check(t.Context(), &pulumirpc.CheckRequest{
		Urn: urn(ec2.Vpc, "site"), Type: ec2.Vpc, News: read.GetInputs(),
	})
	require.NoError(t, err)
	require.Empty(t, checked.GetFailures(), "the engine checks what was read")
}

func TestARefreshSeesWhatAWSChangedByItself(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	s := c.site()
	c.make(scalingTarget, c.scaling(s, 3, 6))
	for name, tc := range map[string]struct {
		typ  string
		made made
		find func(resource.PropertyMap) bool
	}{
		"tasks are lifted to the least": {ecs.ServiceType, s.up, func(m resource.PropertyMap) bool {
			return m["desiredCount"].NumberValue() == 3
		}},
		"ECS tags the group": {autoscaling.Group, s.group, func(m resource.PropertyMap) bool {
			return m["tags"].IsArray() && len(m["tags"].ArrayValue()) == 1
		}},
	} {
		read, err := c.client.Read(t.Context(), &pulumirpc.ReadRequest{
			Id: tc.made.id, Urn: urn(tc.typ, "site"), Properties: tc.made.state, Inputs: tc.made.inputs,
		})
		require.NoError(t, err)
		require.True(t, tc.find(c.read(read.GetInputs())), name)
	}
}

// The program leaves the count to scaling, so the engine hands on what it was at first.
func TestAnUpdateLeavesWhatAWSChangedByItself(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	s := c.site()
	c.make(scalingTarget, c.scaling(s, 3, 6))
	inputs := serviceInputs(s)
	inputs["healthCheckGracePeriodSeconds"] = 7
	changed := c.change(ecs.ServiceType, s.up, inputs)
	require.InDelta(t, 3, changed.outputs["desiredCount"].NumberValue(), 0, "scaling has lifted it")
	inputs["desiredCount"] = 4
	changed = c.change(ecs.ServiceType, changed, inputs)
	require.InDelta(t, 4, changed.outputs["desiredCount"].NumberValue(), 0, "this is asked for")
}

func TestAChangeWaitsForWhatIsInItsWay(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	c.within(time.Minute)
	n := c.network()
	lb := c.make("aws:lb/loadBalancer:LoadBalancer", props{"subnets": n.subnets()})
	done := make(chan error, 1)
	go func() { done <- c.delete(ec2.Gateway, n.gateway) }()
	require.NoError(t, c.delete("aws:lb/loadBalancer:LoadBalancer", lb))
	require.NoError(t, <-done, "the gateway goes once the load balancer is gone")
}

func TestRegionsAreApart(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	c.make(cloudwatch.LogGroup, props{"name": "/site"})
	c.within(0)
	c.configure(props{"region": "us-east-1"})
	abroad := c.make(cloudwatch.LogGroup, props{"name": "/site"})
	require.Contains(t, abroad.text("arn"), ":us-east-1:")
}

func TestSecretsAreInNoMessage(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	for name, tc := range map[string]struct {
		typ    string
		inputs props
		want   string
	}{
		"always secret, by the provider": {elasticache.ReplicationGroup, props{"description": "site", "authToken": "hunter2"}, "16 to 128"},
		"always secret, by AWS": {rds.Cluster, props{
			"engine": "aurora-mysql", "masterUsername": "site", "masterPassword": "hunter2",
		}, "printable ASCII"},
		"marked by the program": {cloudwatch.LogGroup, props{"name": secret{"hunter2 \\"}}, "must contain only letters"},
	} {
		err := c.try(tc.typ, tc.inputs)
		require.ErrorContains(t, err, tc.want, name)
		require.NotContains(t, err.Error(), "hunter2", name)
	}
}
