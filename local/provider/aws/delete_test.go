package aws

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/aws/autoscaling"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/ecr"
	"wordpress-ecs/local/aws/ecs"
	"wordpress-ecs/local/aws/efs"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/rds"
	"wordpress-ecs/local/aws/s3"
	"wordpress-ecs/local/aws/secretsmanager"
	"wordpress-ecs/local/objects"
)

// What others hold is refused, and a destroy in the right order empties the account.
func TestDeletesInAndOutOfOrder(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	s := c.site()
	for name, tc := range map[string]struct {
		typ  string
		made made
		want string
	}{
		"vpc":               {ec2.Vpc, s.vpc, "DependencyViolation: The vpc '" + s.vpc.id + "' has dependencies"},
		"subnet":            {ec2.Subnet, s.a, "DependencyViolation: The subnet"},
		"security group":    {ec2.SecurityGroup, s.network.group, "has a dependent object"},
		"gateway":           {ec2.Gateway, s.gateway, "has some mapped public address(es)"},
		"target group":      {elb.TargetGroup, s.target, "is currently in use by a listener or a rule"},
		"cluster":           {ecs.Cluster, s.cluster, "ClusterContainsServicesException"},
		"capacity provider": {ecs.CapacityProvider, s.capacity, "ResourceInUseException"},
		"association":       {ecs.ClusterProviders, s.providers, "ResourceInUseException"},
	} {
		require.ErrorContains(t, c.delete(tc.typ, tc.made), tc.want, name)
	}
	for _, step := range []struct {
		typ  string
		made made
	}{
		{ecs.ServiceType, s.up}, {ecs.TaskDefinition, s.task}, {ecs.ClusterProviders, s.providers},
		{ecs.CapacityProvider, s.capacity}, {ecs.Cluster, s.cluster}, {autoscaling.Group, s.group},
		{ec2.LaunchTemplate, s.template}, {elb.Listener, s.listener}, {elb.TargetGroup, s.target},
		{elb.LoadBalancer, s.balancer}, {iam.Role, s.role}, {ec2.SecurityGroup, s.network.group},
		{ec2.Subnet, s.a}, {ec2.Subnet, s.b}, {ec2.Gateway, s.gateway}, {ec2.Vpc, s.vpc},
	} {
		require.NoError(t, c.delete(step.typ, step.made), step.typ)
	}
	list, err := c.acct.List()
	require.NoError(t, err)
	require.Empty(t, list)
}

func TestRulesOfOtherGroupsHoldAGroupAndItsOwnGoWithIt(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	n := c.network()
	other := c.make(ec2.SecurityGroup, props{"vpcId": n.vpc.id, "name": "other"})
	rule := c.make(ec2.Ingress, props{
		"securityGroupId": other.id, "referencedSecurityGroupId": n.group.id, "ipProtocol": "tcp", "fromPort": 1, "toPort": 1,
	})
	require.ErrorContains(t, c.delete(ec2.SecurityGroup, n.group), "DependencyViolation")
	require.NoError(t, c.delete(ec2.SecurityGroup, other))
	require.NoError(t, c.delete(ec2.Ingress, rule), "it went with its group")
	require.NoError(t, c.delete(ec2.SecurityGroup, n.group))
}

func TestRolesInUse(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	role := c.make(iam.Role, props{"assumeRolePolicy": trust("ec2.amazonaws.com")})
	profile := c.make(iam.InstanceProfile, props{"role": role.id})
	require.ErrorContains(t, c.delete(iam.Role, role), "DeleteConflict")
	require.NoError(t, c.delete(iam.InstanceProfile, profile))
	require.NoError(t, c.delete(iam.Role, role))
}

func TestProtectionIsTakenOffFirst(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	n := c.network()
	inputs := props{"subnets": n.subnets(), "enableDeletionProtection": true}
	balancer := c.make(elb.LoadBalancer, inputs)
	require.ErrorContains(t, c.delete(elb.LoadBalancer, balancer), "deletion protection is enabled")
	balancer = c.change(elb.LoadBalancer, balancer, with(inputs, props{"enableDeletionProtection": false}))
	require.NoError(t, c.delete(elb.LoadBalancer, balancer))
}

func TestFinalSnapshots(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	n := c.network()
	group := c.make(rds.SubnetGroup, props{"subnetIds": n.subnets()})
	inputs := props{
		"engine": "aurora-mysql", "masterUsername": "site", "masterPassword": secret{"sufficient"},
		"dbSubnetGroupName": group.id, "deletionProtection": true, "clusterIdentifier": "site",
	}
	cluster := c.make(rds.Cluster, inputs)
	writer := c.make(rds.Instance, props{"clusterIdentifier": "site", "engine": "aurora-mysql", "instanceClass": "db.t4g.medium"})
	require.ErrorContains(t, c.delete(rds.Cluster, cluster), "disable deletion protection")

	unprotected := with(inputs, props{"deletionProtection": false})
	cluster = c.change(rds.Cluster, cluster, unprotected)
	require.ErrorContains(t, c.delete(rds.Cluster, cluster), "FinalSnapshotIdentifier is required")

	named := with(unprotected, props{"finalSnapshotIdentifier": "last"})
	cluster = c.change(rds.Cluster, cluster, named)
	require.ErrorContains(t, c.delete(rds.Cluster, cluster), "it still contains DB instances")
	require.ErrorContains(t, c.delete(rds.SubnetGroup, group), "InvalidDBSubnetGroupStateFault")
	require.NoError(t, c.delete(rds.Instance, writer))
	require.NoError(t, c.delete(rds.Cluster, cluster))

	again := c.make(rds.Cluster, named)
	require.ErrorContains(t, c.delete(rds.Cluster, again), "DBClusterSnapshotAlreadyExistsFault")
	again = c.change(rds.Cluster, again, with(named, props{"skipFinalSnapshot": true}))
	require.NoError(t, c.delete(rds.Cluster, again))
	list, err := c.acct.List()
	require.NoError(t, err)
	for _, r := range list {
		require.NotContains(t, r.Type, "rds/cluster", "snapshots are no resources of the stack")
	}
}

func TestTheWriterIsElected(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	n := c.network()
	group := c.make(rds.SubnetGroup, props{"subnetIds": n.subnets()})
	c.make(rds.Cluster, props{
		"engine": "aurora-mysql", "masterUsername": "site", "masterPassword": "sufficient", "clusterIdentifier": "site",
		"dbSubnetGroupName": group.id,
	})
	member := props{"clusterIdentifier": "site", "engine": "aurora-mysql", "instanceClass": "db.t4g.medium"}
	writer := c.make(rds.Instance, with(member, props{"identifier": "one"}))
	require.True(t, writer.outputs["writer"].BoolValue())
	reader := c.make(rds.Instance, with(member, props{"identifier": "two"}))
	require.False(t, reader.outputs["writer"].BoolValue())
	require.NoError(t, c.delete(rds.Instance, writer))
	list, err := c.acct.List()
	require.NoError(t, err)
	for _, r := range list {
		switch r.Type {
		case rds.Instance:
			require.True(t, r.Outputs.Bool("writer"))
		case rds.Cluster:
			require.Equal(t, []string{"two"}, r.Outputs.Strings("clusterMembers"))
		}
	}
}

func TestDeletedSecretsKeepTheirNames(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	kept := c.make(secretsmanager.Secret, props{"name": "kept"})
	require.NoError(t, c.delete(secretsmanager.Secret, kept))
	require.ErrorContains(t, c.try(secretsmanager.Secret, props{"name": "kept"}), "already scheduled for deletion")

	gone := c.make(secretsmanager.Secret, props{"name": "gone", "recoveryWindowInDays": 0})
	require.NoError(t, c.delete(secretsmanager.Secret, gone))
	c.make(secretsmanager.Secret, props{"name": "gone", "recoveryWindowInDays": 0})
	list, err := c.acct.List()
	require.NoError(t, err)
	require.Len(t, list, 1)
}

// images is a registry that holds an image in every repository.
type images struct{ removed *[]string }

func (i images) Digests(string) ([]string, error) { return []string{"sha256:1"}, nil }

func (i images) Remove(repository string) error {
	*i.removed = append(*i.removed, repository)
	return nil
}

func TestRepositoriesWithImages(t *testing.T) {
	t.Parallel()
	removed := []string{}
	c := newCloud(t, images{&removed})
	repository := c.make(ecr.Repository, props{"name": "site"})
	require.Equal(t, "123456789012.dkr.ecr.eu-west-1.amazonaws.com/site", repository.text("repositoryUrl"))
	require.ErrorContains(t, c.delete(ecr.Repository, repository), "RepositoryNotEmptyException")
	require.Empty(t, removed)
	repository = c.change(ecr.Repository, repository, props{"name": "site", "forceDelete": true})
	require.NoError(t, c.delete(ecr.Repository, repository))
	require.Equal(t, []string{"site"}, removed)
}

func TestBucketsWithObjects(t *testing.T) {
	t.Parallel()
	store, err := objects.Open(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	c := newCloud(t, noImages{})
	c.client = c.connect(newFactory(c.acct, noImages{}, nil, Options{Objects: store}, 0))
	c.configure(props{"region": "eu-west-1"})
	bucket := c.make(s3.Bucket, props{"bucket": "site-media"})
	_, err = store.Put(bucket.id, "key", nil, strings.NewReader("x"), func(objects.Received, *objects.Info) error { return nil })
	require.NoError(t, err)
	require.ErrorContains(t, c.delete(s3.Bucket, bucket), "BucketNotEmpty")
	bucket = c.change(s3.Bucket, bucket, props{"bucket": "site-media", "forceDestroy": true})
	require.NoError(t, c.delete(s3.Bucket, bucket))
	held, err := store.Holds("site-media")
	require.NoError(t, err)
	require.False(t, held)
}

func TestFileSystemsWithMountTargets(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	n := c.network()
	fs := c.make(efs.FileSystem, props{"encrypted": true})
	require.Regexp(t, `^fs-0[0-9a-f]{16}\.efs\.eu-west-1\.amazonaws\.com$`, fs.text("dnsName"))
	target := c.make(efs.MountTarget, props{"fileSystemId": fs.id, "subnetId": n.a.id})
	require.ErrorContains(t, c.delete(efs.FileSystem, fs), "FileSystemInUse")
	require.NoError(t, c.delete(efs.MountTarget, target))
	require.NoError(t, c.delete(efs.FileSystem, fs))
}
