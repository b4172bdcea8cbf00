package tests

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/cloud"
)

// change is what a person does to a running stack, and what it must do to the resources.
type change struct {
	name string
	make func(c *cloud.Cloud)
	// want are operations by "type name", or by type alone where several resources share it. Other
	// changes are not allowed.
	want map[string]string
}

func setting(key, value string) func(*cloud.Cloud) {
	return func(c *cloud.Cloud) { c.Set("prod", key, value) }
}

func mailServer(c *cloud.Cloud) {
	c.Set("prod", "smtpHost", "smtp.example.com")
	c.Set("prod", "mailFrom", "site@example.com")
	c.Set("prod", "smtpSecret", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:smtp-AbCdEf")
}

func sourceFile(c *cloud.Cloud) {
	c.Write("image/rootfs/etc/nginx/nginx.conf", c.Read("image/rootfs/etc/nginx/nginx.conf")+"\n# changed\n")
}

const (
	group       = "aws:autoscaling/group:Group wordpress"
	template    = "aws:ec2/launchTemplate:LaunchTemplate wordpress"
	definition  = "aws:ecs/taskDefinition:TaskDefinition wordpress"
	ecsService  = "aws:ecs/service:Service wordpress"
	dockerImage = "docker:index/image:Image wordpress"
	taskTarget  = "aws:appautoscaling/target:Target wordpress-tasks"
	readers     = "aws:appautoscaling/target:Target wordpress-database-readers"
	instance    = "aws:rds/clusterInstance:ClusterInstance wordpress-database-"
	cacheGroup  = "aws:elasticache/replicationGroup:ReplicationGroup wordpress-cache"
)

var changes = []change{
	{"task count limits", setting("tasksMax", "12"), map[string]string{taskTarget: "update"}},
	{"task size", setting("taskMemory", "4096"), map[string]string{definition: "replace", ecsService: "update"}},
	{"code from the image alone", setting("fileChanges", "false"), map[string]string{definition: "replace", ecsService: "update"}},
	{"mail", mailServer, map[string]string{
		definition: "replace", ecsService: "update",
		"aws:iam/rolePolicy:RolePolicy wordpress-execution":                                       "update",
		"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule wordpress-tasks-to-internet-587": "create",
	}},
	{"another source of WordPress", setting("wordpressMirror", "https://mirror.example.com"), map[string]string{
		dockerImage: "update", definition: "replace", ecsService: "update",
	}},
	{"instance type", setting("instanceType", "m7i.xlarge"), map[string]string{template: "update", group: "update"}},
	{"processor architecture", setting("instanceType", "m7g.large"), map[string]string{
		template: "update", group: "update", dockerImage: "update", definition: "replace", ecsService: "update",
	}},
	{"one NAT gateway", setting("natGateways", "single"), map[string]string{
		"aws:ec2/natGateway:NatGateway wordpress-nat-2": "delete",
		"aws:ec2/natGateway:NatGateway wordpress-nat-3": "delete",
		"aws:ec2/eip:Eip wordpress-nat-2":               "delete",
		"aws:ec2/eip:Eip wordpress-nat-3":               "delete",
		"aws:ec2/route:Route wordpress-nat-2":           "update",
		"aws:ec2/route:Route wordpress-nat-3":           "update",
	}},
	{"a new image", sourceFile, map[string]string{
		dockerImage: "update", definition: "replace", ecsService: "update",
	}},
	{"another reader", setting("databaseReaders", "2"), map[string]string{
		instance + "3": "create", readers: "update",
	}},
	{"no more readers than always, without protection", setting("databaseReadersMax", "2"), nil},
	{"database class", setting("databaseInstanceClass", "db.r7g.xlarge"), map[string]string{
		instance + "1": "update", instance + "2": "update", instance + "3": "update",
	}},
	{"another cache node", setting("cacheNodes", "3"), map[string]string{cacheGroup: "update"}},
	{"log retention", setting("logRetentionDays", "30"), map[string]string{
		"aws:cloudwatch/logGroup:LogGroup": "update", "aws:glue/catalogTable:CatalogTable": "update",
		"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": "update",
	}},
	{"backups", setting("databaseBackupDays", "21"), map[string]string{"aws:rds/cluster:Cluster wordpress-database": "update"}},
}

// Each change updates or replaces what it should, nothing else, and leaves nothing to do. The changes come
// one after the other on one stack, as they do in life.
func TestChanges(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.Set("prod", "protected", "false")
	c.Up("prod")
	for _, change := range changes {
		change.make(c)
		requireChanges(t, change, c.Changes("prod"))
		c.Up("prod")
		c.Unchanged("prod")
	}
	destroy(t, c, "prod")
}

func requireChanges(t *testing.T, change change, got map[string]string) {
	t.Helper()
	found := map[string]bool{}
	for key, op := range got {
		kind, _, _ := strings.Cut(key, " ")
		switch {
		case change.want[key] != "":
			require.Equal(t, change.want[key], op, "%s: %s", change.name, key)
			found[key] = true
		case change.want[kind] != "":
			require.Equal(t, change.want[kind], op, "%s: %s", change.name, key)
			found[kind] = true
		default:
			require.Failf(t, "a change that nobody asked for", "%s: %s %s", change.name, op, key)
		}
	}
	for key := range change.want {
		require.True(t, found[key], "%s: %s stays as it is, got %v", change.name, key, got)
	}
}
