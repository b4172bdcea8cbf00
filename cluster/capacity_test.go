package cluster_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/cluster"
	"wordpress-ecs/policy"
	"wordpress-ecs/settings"
	"wordpress-ecs/tests/graph"
)

const (
	template   = "aws:ec2/launchTemplate:LaunchTemplate"
	group      = "aws:autoscaling/group:Group"
	provider   = "aws:ecs/capacityProvider:CapacityProvider"
	attachment = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
)

func TestLaunchTemplate(t *testing.T) {
	t.Parallel()
	g := registered(t)
	r := g.Only(t, template)
	require.Equal(t, "t3.medium", r.At("instanceType"))
	require.Nil(t, r.At("keyName"), "Session Manager is the way in")
	require.Nil(t, r.At("vpcSecurityGroupIds"), "the network interface carries the group")
	require.Equal(t, []any{map[string]any{
		"associatePublicIpAddress": "false", "deleteOnTermination": "true", "securityGroups": []any{"sg-instances"},
	}}, r.At("networkInterfaces"))
	require.Equal(t, g.Only(t, "aws:iam/instanceProfile:InstanceProfile").Computed("arn"), r.At("iamInstanceProfile.arn"))
}

// Nothing but the instance itself reaches its metadata, and with it its role.
func TestMetadataIsForTheInstanceAlone(t *testing.T) {
	t.Parallel()
	r := registered(t).Only(t, template)
	require.Equal(t, map[string]any{
		"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1,
	}, r.At("metadataOptions"))
	require.Contains(t, agentConfig(t, r), "ECS_AWSVPC_BLOCK_IMDS=true")
}

// agentConfig is what user data writes for the ECS agent, by line.
func agentConfig(t *testing.T, r *graph.Resource) []string {
	t.Helper()
	script, err := base64.StdEncoding.DecodeString(r.Text(t, "userData"))
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(script), "#!"), "cloud-init runs what begins with #!")
	require.Contains(t, string(script), "/etc/ecs/ecs.config")
	return strings.Split(string(script), "\n")
}

func TestInstancesJoinTheCluster(t *testing.T) {
	t.Parallel()
	g := registered(t)
	require.Contains(t, agentConfig(t, g.Only(t, template)), "ECS_CLUSTER="+g.Only(t, ecsCluster).ID)
}

// Any other behaviour than "once" either pulls for every task or never removes an old image from the disk.
func TestImagesArePulledOnceAndCleanedUp(t *testing.T) {
	t.Parallel()
	require.Contains(t, agentConfig(t, registered(t).Only(t, template)), "ECS_IMAGE_PULL_BEHAVIOR=once")
}

func TestDisksAreEncrypted(t *testing.T) {
	t.Parallel()
	r := registered(t).Only(t, template)
	require.Len(t, r.List("blockDeviceMappings"), 1)
	require.Equal(t, "/dev/xvda", r.At("blockDeviceMappings[0].deviceName"), "the root device of the machine image")
	require.Equal(t, "true", r.At("blockDeviceMappings[0].ebs.encrypted"))
	require.GreaterOrEqual(t, r.At("blockDeviceMappings[0].ebs.volumeSize"), 30, "the size of the machine image")
	require.Equal(t, "volume", r.At("tagSpecifications[0].resourceType"))
	require.Equal(t, "test", r.At("tagSpecifications[0].tags.Stack"))
}

// The image is looked up when an instance starts, so that a newer one is no difference in a preview.
func TestMachineImages(t *testing.T) {
	t.Parallel()
	for architecture, path := range map[settings.Architecture]string{
		settings.X86: "amazon-linux-2023/recommended/image_id", settings.ARM: "amazon-linux-2023/arm64/recommended/image_id",
	} {
		r := registered(t, func(a *cluster.Args) { a.Architecture = architecture }).Only(t, template)
		require.Equal(t, "resolve:ssm:/aws/service/ecs/optimized-ami/"+path, r.At("imageId"))
	}
}

func TestPublicAddresses(t *testing.T) {
	t.Parallel()
	r := registered(t, func(a *cluster.Args) { a.PublicAddresses = true }).Only(t, template)
	require.Equal(t, "true", r.At("networkInterfaces[0].associatePublicIpAddress"))
}

func TestInstanceRole(t *testing.T) {
	t.Parallel()
	g := registered(t)
	role := g.Only(t, "aws:iam/role:Role")
	require.Equal(t, map[string]policy.Statement{"": {
		Effect: policy.Allow, Action: []string{"sts:AssumeRole"}, Principal: policy.Principal{"Service": "ec2.amazonaws.com"},
	}}, role.Statements(t, "assumeRolePolicy"))
	require.Equal(t, role.ID, g.Only(t, "aws:iam/instanceProfile:InstanceProfile").At("role"))
	attached := []any{}
	for _, r := range g.OfType(attachment) {
		require.Equal(t, role.ID, r.At("role"))
		attached = append(attached, r.At("policyArn"))
	}
	require.ElementsMatch(t, []any{
		"arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role",
		"arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
	}, attached, "join the cluster, and Session Manager in the place of SSH")
	require.Empty(t, g.OfType("aws:iam/rolePolicy:RolePolicy"))
}

func TestGroup(t *testing.T) {
	t.Parallel()
	g := registered(t)
	r := g.Only(t, group)
	require.Equal(t, 1, r.At("minSize"))
	require.Equal(t, 3, r.At("maxSize"))
	require.Nil(t, r.At("desiredCapacity"), "it belongs to managed scaling")
	require.Equal(t, "0", r.At("waitForCapacityTimeout"), "the number of instances belongs to managed scaling, too")
	require.Equal(t, g.Only(t, template).ID, r.At("launchTemplate.id"))
	require.Equal(t, "3", r.At("launchTemplate.version"), "$Latest never looks changed")
	require.Equal(t, "Rolling", r.At("instanceRefresh.strategy"))
	require.Equal(t, "Refresh", r.At("instanceRefresh.preferences.scaleInProtectedInstances"),
		"a refresh would wait for protected instances for ever")
	require.Len(t, r.List("vpcZoneIdentifiers"), 3)
}

// The lifecycle hook of managed draining outlives the capacity provider that answers it: a delete that waits
// for instances to drain waits for an hour.
func TestGroupIsDeletedWithItsInstances(t *testing.T) {
	t.Parallel()
	require.Equal(t, true, registered(t).Only(t, group).At("forceDelete"))
	require.Equal(t, false, registered(t, protected).Only(t, group).At("forceDelete"))
}

func TestInstancesBootWhenTheyCanRegister(t *testing.T) {
	t.Parallel()
	g := registered(t)
	require.Len(t, g.StandIns(), 1)
	g.Only(t, group).RequireAfter(t, slices.Concat(g.StandIns(), g.OfType(attachment))...)
	require.Len(t, g.OfType(attachment), 2)
}

func TestGroupTags(t *testing.T) {
	t.Parallel()
	tags := map[any]any{}
	for _, tag := range registered(t).Only(t, group).List("tags") {
		fields := tag.(map[string]any)
		require.Equal(t, true, fields["propagateAtLaunch"])
		tags[fields["key"]] = fields["value"]
	}
	require.Equal(t, map[any]any{
		"AmazonECSManaged": "", "ManagedBy": "Pulumi", "Name": "site", "Project": "wordpress", "Stack": "test",
	}, tags)
}

// Three switches must agree: ECS changes the group's scale-in protection by itself otherwise.
func TestCapacityProvider(t *testing.T) {
	t.Parallel()
	for on, change := range map[bool]func(*cluster.Args){true: protected, false: func(*cluster.Args) {}} {
		g := registered(t, change)
		r := g.Only(t, provider)
		const p = "autoScalingGroupProvider."
		require.Equal(t, g.Only(t, group).Computed("arn"), r.At(p+"autoScalingGroupArn"))
		require.Equal(t, "ENABLED", r.At(p+"managedScaling.status"))
		require.Equal(t, 90, r.At(p+"managedScaling.targetCapacity"))
		require.Equal(t, "ENABLED", r.At(p+"managedDraining"))
		require.Equal(t, map[bool]string{true: "ENABLED", false: "DISABLED"}[on], r.At(p+"managedTerminationProtection"))
		require.Equal(t, on, g.Only(t, group).At("protectFromScaleIn"))
	}
}

// The association is a resource of its own: inside the cluster it would hold the group it is waiting for.
func TestAssociation(t *testing.T) {
	t.Parallel()
	g := registered(t)
	r := g.Only(t, "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders")
	require.Equal(t, g.Only(t, ecsCluster).ID, r.At("clusterName"))
	require.Equal(t, []any{g.Only(t, provider).ID}, r.At("capacityProviders"))
	require.Equal(t, g.Only(t, provider).ID, r.At("defaultCapacityProviderStrategies[0].capacityProvider"))
	require.Nil(t, g.Only(t, ecsCluster).At("capacityProviders"))
}
