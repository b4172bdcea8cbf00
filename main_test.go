package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/image"
	"wordpress-ecs/settings"
	"wordpress-ecs/tests/graph"
	"wordpress-ecs/tests/stackfile"
)

// program is the program with the settings of a stack file and changes to them, under the stack's name.
func program(t *testing.T, file string, changes map[string]string) pulumi.RunFunc {
	t.Helper()
	config, err := stackfile.Config(".", file)
	require.NoError(t, err)
	for key, value := range changes {
		config["wordpress:"+key] = value
	}
	return func(ctx *pulumi.Context) error {
		s, err := settings.Load(ctx.Project(), ctx.Stack(), config)
		if err != nil {
			return err
		}
		return deploy(ctx, s)
	}
}

// mail are the settings of a mail server that asks for a password.
var mail = map[string]string{
	"smtpHost": "smtp.example.com", "smtpPort": "465", "mailFrom": "site@example.com",
	"smtpSecret": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:smtp-AbCdEf",
}

func deployed(t *testing.T, stack string, changes map[string]string) *graph.Graph {
	t.Helper()
	return graph.Run{Stack: stack}.Of(t, program(t, stack, changes))
}

// Both stacks, and the settings that change which resources there are, in an update and in a preview.
func TestEveryGraphHolds(t *testing.T) {
	t.Parallel()
	prebuilt := "registry.example.com/wordpress@" + graph.Digest
	for _, stack := range []string{"dev", "prod"} {
		for name, changes := range map[string]map[string]string{
			"as committed": nil,
			"no NAT":       {"natGateways": "none"},
			"prebuilt":     {"image": prebuilt},
			"arm":          {"instanceType": "m7g.large"},
			"redis":        {"cacheEngine": "redis"},
			"mail":         mail,
			"domain":       inDomain,
			"CDN":          behindCDN,
			"password":     {"basicAuthUser": "guest"},
			"maintenance":  {"maintenance": "true", "adminAddresses": "203.0.113.7"},
			"everything":   everything,
		} {
			for mode, run := range graph.Modes() {
				t.Run(stack+"/"+name+"/"+mode, func(t *testing.T) {
					t.Parallel()
					run.Stack = stack
					g := run.Of(t, program(t, stack, changes))
					require.NotEmpty(t, g.OfType("aws:ecs/service:Service"))
					g.Check(t)
				})
			}
		}
	}
}

// A preview shows every resource of the update that follows it, under the same URNs and with the same options.
func TestPreviewAndUpdateRegisterTheSame(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		stack   string
		changes map[string]string
	}{"dev": {"dev", nil}, "prod": {"prod", nil}, "everything": {"prod", everything}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			update := graph.Run{Stack: tc.stack}.Of(t, program(t, tc.stack, tc.changes))
			preview := graph.Run{Stack: tc.stack, Preview: true}.Of(t, program(t, tc.stack, tc.changes))
			require.Len(t, preview.All(), len(update.All()))
			for _, r := range update.All() {
				shown := preview.Named(t, r.Type, r.Name)
				require.Equal(t, r.URN, shown.URN)
				require.Equal(t, r.Protect, shown.Protect, r.URN)
				require.Equal(t, r.IgnoreChanges, shown.IgnoreChanges, r.URN)
				require.Equal(t, r.ReplaceOnChanges, shown.ReplaceOnChanges, r.URN)
				require.ElementsMatch(t, r.Dependencies, shown.Dependencies, r.URN)
			}
		})
	}
}

func TestOutputs(t *testing.T) {
	t.Parallel()
	always := []string{
		"adminSecret", "cacheEndpoint", "cacheSecret", "cluster", "databaseEndpoint", "databaseReaderEndpoint", "databaseSecret",
		"fileSystem", "image", "keysSecret", "loadBalancer", "logGroups", "repository", "service", "taskDefinition", "url",
	}
	for name, tc := range map[string]struct {
		stack   string
		changes map[string]string
		more    []string
		url     string
	}{
		"dev":        {"dev", nil, nil, `^http://wordpress-alb-.*\.elb\.amazonaws\.com$`},
		"prod":       {"prod", nil, []string{"accessLogBucket", "accessLogWorkgroup"}, `^http://wordpress-alb-.*\.elb\.amazonaws\.com$`},
		"domain":     {"dev", inDomain, nil, `^https://example\.com$`},
		"CDN":        {"dev", behindCDN, []string{"distribution"}, `^https://example\.com$`},
		"everything": {"dev", everything, []string{"accessLogBucket", "accessLogWorkgroup", "basicAuthSecret", "distribution", "mediaBucket"}, `^https://example\.com$`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			exports := deployed(t, tc.stack, tc.changes).Exports()
			require.ElementsMatch(t, slices.Concat(always, tc.more), slices.Collect(maps.Keys(exports)))
			for key, export := range exports {
				require.True(t, export.Known, key)
				require.False(t, export.Secret, "%s is for people to read", key)
				require.NotEmpty(t, export.Value, key)
			}
			require.Regexp(t, tc.url, exports["url"].Value)
			require.Regexp(t, `@sha256:[0-9a-f]{64}$`, exports["image"].Value)
			require.Regexp(t, `task-definition/wordpress-`+tc.stack+`:7$`, exports["taskDefinition"].Value)
			groups := fmt.Sprint(exports["logGroups"].Value)
			for _, part := range []string{"exec", "nginx", "php-fpm", "audit", "error", "slowquery"} {
				require.Contains(t, groups, part)
			}
		})
	}
}

// What Pulumi refuses to delete: the stores, the secrets, the repository and the site's address.
func TestProtectedDrivesEveryGuard(t *testing.T) {
	t.Parallel()
	for stack, protected := range map[string]bool{"dev": false, "prod": true} {
		g := deployed(t, stack, nil)
		found := []string{}
		for _, r := range g.All() {
			if r.Protect {
				found = append(found, r.Type+" "+r.Name)
			}
		}
		slices.Sort(found)
		want := []string{}
		if protected {
			want = []string{
				"aws:ecr/repository:Repository wordpress",
				"aws:ecs/service:Service wordpress",
				"aws:efs/accessPoint:AccessPoint wordpress-files",
				"aws:efs/fileSystem:FileSystem wordpress-files",
				"aws:elasticache/replicationGroup:ReplicationGroup wordpress-cache",
				"aws:lb/loadBalancer:LoadBalancer wordpress-alb",
				"aws:rds/cluster:Cluster wordpress-database",
				"aws:rds/clusterInstance:ClusterInstance wordpress-database-1",
				"aws:s3/bucketV2:BucketV2 aws-waf-logs-wordpress",
				"aws:secretsmanager/secret:Secret wordpress-admin",
				"aws:secretsmanager/secret:Secret wordpress-cache",
				"aws:secretsmanager/secret:Secret wordpress-database",
				"aws:secretsmanager/secret:Secret wordpress-keys",
			}
		}
		require.Equal(t, want, found, stack)
		onOff := map[bool]string{true: "ENABLED", false: "DISABLED"}[protected]
		database := g.Only(t, "aws:rds/cluster:Cluster")
		require.Equal(t, protected, database.At("deletionProtection"))
		require.Equal(t, !protected, database.At("skipFinalSnapshot"))
		require.Equal(t, protected, g.Only(t, "aws:lb/loadBalancer:LoadBalancer").At("enableDeletionProtection"))
		require.Equal(t, protected, g.Only(t, "aws:autoscaling/group:Group").At("protectFromScaleIn"))
		require.Equal(t, !protected, g.Only(t, "aws:ecr/repository:Repository").At("forceDelete"))
		require.Equal(t, onOff, g.Only(t, "aws:ecs/capacityProvider:CapacityProvider").
			At("autoScalingGroupProvider.managedTerminationProtection"))
		require.Equal(t, onOff, g.Only(t, "aws:efs/backupPolicy:BackupPolicy").At("backupPolicy.status"))
		require.Equal(t, protected, g.Only(t, "aws:elasticache/replicationGroup:ReplicationGroup").At("finalSnapshotIdentifier") != nil)
		for _, secret := range g.OfType("aws:secretsmanager/secret:Secret") {
			require.Equal(t, protected, secret.At("recoveryWindowInDays") != 0, secret.Name)
		}
	}
}

func TestDevIsSmallAndProdIsSized(t *testing.T) {
	t.Parallel()
	dev, prod := deployed(t, "dev", nil), deployed(t, "prod", nil)
	for _, tc := range []struct {
		typ, name, path string
		dev, prod       any
	}{
		{"aws:ec2/launchTemplate:LaunchTemplate", "wordpress", "instanceType", "t3.medium", "m7i.large"},
		{"aws:autoscaling/group:Group", "wordpress", "minSize", 1, 2},
		{"aws:autoscaling/group:Group", "wordpress", "maxSize", 3, 8},
		{"aws:ecs/capacityProvider:CapacityProvider", "wordpress", "autoScalingGroupProvider.managedScaling.targetCapacity", 90, 80},
		{"aws:ecs/taskDefinition:TaskDefinition", "wordpress", "cpu", "512", "1024"},
		{"aws:ecs/taskDefinition:TaskDefinition", "wordpress", "memory", "1024", "3072"},
		{"aws:appautoscaling/target:Target", "wordpress-tasks", "minCapacity", 1, 2},
		{"aws:appautoscaling/target:Target", "wordpress-tasks", "maxCapacity", 2, 10},
		{"aws:rds/clusterInstance:ClusterInstance", "wordpress-database-1", "instanceClass", "db.t4g.medium", "db.r7g.large"},
		{"aws:rds/cluster:Cluster", "wordpress-database", "backupRetentionPeriod", 1, 14},
		{"aws:elasticache/replicationGroup:ReplicationGroup", "wordpress-cache", "nodeType", "cache.t4g.micro", "cache.t4g.medium"},
		{"aws:elasticache/replicationGroup:ReplicationGroup", "wordpress-cache", "numCacheClusters", 1, 2},
		{"aws:elasticache/replicationGroup:ReplicationGroup", "wordpress-cache", "multiAzEnabled", false, true},
	} {
		require.Equal(t, tc.dev, dev.Named(t, tc.typ, tc.name).At(tc.path), tc.path)
		require.Equal(t, tc.prod, prod.Named(t, tc.typ, tc.name).At(tc.path), tc.path)
	}
	const instances, scaling = "aws:rds/clusterInstance:ClusterInstance", "aws:appautoscaling/policy:Policy"
	require.Equal(t, []string{"wordpress-database-1"}, dev.Names(instances))
	require.Equal(t, []string{"wordpress-database-1", "wordpress-database-2"}, prod.Names(instances))
	require.Len(t, dev.OfType("aws:ec2/natGateway:NatGateway"), 1)
	require.Len(t, prod.OfType("aws:ec2/natGateway:NatGateway"), 3)
	require.Len(t, dev.OfType(scaling), 2)
	require.Len(t, prod.OfType(scaling), 4)
	for g, days := range map[*graph.Graph]int{dev: 7, prod: 90} {
		groups := g.OfType("aws:cloudwatch/logGroup:LogGroup")
		require.Len(t, groups, 6)
		for _, group := range groups {
			require.Equal(t, days, group.At("retentionInDays"), group.Name)
		}
	}
}

// The processor architecture is that of the instances, for the machine image, the build and the tasks alike.
func TestArchitectureIsTheSameEverywhere(t *testing.T) {
	t.Parallel()
	for instance, want := range map[string]struct{ machine, platform, task string }{
		"m7i.large": {"amazon-linux-2023/recommended", "linux/amd64", "X86_64"},
		"m7g.large": {"amazon-linux-2023/arm64/recommended", "linux/arm64", "ARM64"},
	} {
		g := deployed(t, "dev", map[string]string{"instanceType": instance})
		require.Contains(t, g.Only(t, "aws:ec2/launchTemplate:LaunchTemplate").At("imageId"), want.machine)
		require.Equal(t, want.platform, g.Only(t, "docker:index/image:Image").At("build.platform"))
		require.Equal(t, want.task, g.Only(t, "aws:ecs/taskDefinition:TaskDefinition").At("runtimePlatform.cpuArchitecture"))
	}
}

// The settings in which the stacks do not differ reach their resources too.
func TestOtherSettingsReachTheirResources(t *testing.T) {
	t.Parallel()
	const tracked = "targetTrackingScalingPolicyConfiguration.targetValue"
	prebuilt := "registry.example.com/wordpress@" + graph.Digest
	g := deployed(t, "dev", map[string]string{
		"vpcCidr": "10.1.0.0/18", "tasksCpuTarget": "42", "tasksRequestsTarget": "777", "cacheEngine": "redis", "image": prebuilt,
	})
	require.Equal(t, "10.1.0.0/18", g.Only(t, "awsx:ec2:Vpc").At("cidrBlock"))
	require.Equal(t, 42, g.Named(t, "aws:appautoscaling/policy:Policy", "wordpress-tasks-cpu").At(tracked))
	require.Equal(t, 777, g.Named(t, "aws:appautoscaling/policy:Policy", "wordpress-tasks-requests").At(tracked))
	require.Equal(t, "redis", g.Only(t, "aws:elasticache/replicationGroup:ReplicationGroup").At("engine"))
	require.Contains(t, g.Only(t, "aws:ecs/taskDefinition:TaskDefinition").At("containerDefinitions"), prebuilt)
	require.Empty(t, g.OfType("docker:index/image:Image"))
	require.Empty(t, g.OfType("aws:ecr/repository:Repository"))
}

// What a site is told about itself comes from the settings.
func TestSiteSettingsReachTheContainers(t *testing.T) {
	t.Parallel()
	g := deployed(t, "dev", mail)
	definitions := g.Only(t, "aws:ecs/taskDefinition:TaskDefinition").Text(t, "containerDefinitions")
	for _, part := range []string{
		`{"name":"WORDPRESS_TRUSTED_PROXIES","value":"10.0.0.0/16"}`, `{"name":"WORDPRESS_TITLE","value":"WordPress"}`,
		`{"name":"WORDPRESS_ADMIN_USER","value":"admin"}`, `{"name":"WORDPRESS_ADMIN_EMAIL","value":"admin@example.com"}`,
		`{"name":"WORDPRESS_FILE_CHANGES","value":"allow"}`, `{"name":"WORDPRESS_XMLRPC","value":"deny"}`,
		`{"name":"WORDPRESS_SMTP_PORT","value":"465"}`, mail["smtpSecret"] + ":password::",
		g.Named(t, "aws:secretsmanager/secret:Secret", "wordpress-admin").Computed("arn").(string) + ":password::",
	} {
		require.Contains(t, definitions, part)
	}
	execution := g.Named(t, "aws:iam/rolePolicy:RolePolicy", "wordpress-execution").Text(t, "policy")
	require.Contains(t, execution, mail["smtpSecret"])
	const egress = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	require.Equal(t, 465, g.Named(t, egress, "wordpress-tasks-to-internet-465").At("toPort"))
	require.Len(t, deployed(t, "dev", nil).OfType(egress), len(g.OfType(egress))-1, "no mail, no way out for it")

	g = deployed(t, "dev", map[string]string{
		"siteTitle": "Ours", "adminUser": "boss", "adminEmail": "boss@example.org", "fileChanges": "false", "xmlrpc": "true",
		"vpcCidr": "10.9.0.0/18", "wordpressMirror": "https://mirror.example.com",
	})
	definitions = g.Only(t, "aws:ecs/taskDefinition:TaskDefinition").Text(t, "containerDefinitions")
	for _, part := range []string{`"10.9.0.0/18"`, `"Ours"`, `"boss"`, `"boss@example.org"`,
		`{"name":"WORDPRESS_FILE_CHANGES","value":"deny"}`, `{"name":"WORDPRESS_XMLRPC","value":"allow"}`} {
		require.Contains(t, definitions, part)
	}
	secret := g.Named(t, "aws:secretsmanager/secretVersion:SecretVersion", "wordpress-admin")
	require.Contains(t, secret.Text(t, "secretString"), `"boss"`)
	require.Equal(t, "https://mirror.example.com", g.Only(t, "docker:index/image:Image").At("build.args.WORDPRESS_MIRROR"))
}

// The smallest task that a setting allows is one that a service accepts.
func TestTheSmallestTask(t *testing.T) {
	t.Parallel()
	require.Equal(t, settings.TaskMemoryMin, image.NginxMemory+image.CronMemory+image.PHPMemoryMin)
	g := deployed(t, "dev", map[string]string{"taskMemory": strconv.Itoa(settings.TaskMemoryMin)})
	require.Equal(t, strconv.Itoa(settings.TaskMemoryMin), g.Only(t, "aws:ecs/taskDefinition:TaskDefinition").At("memory"))
}

// The parts meet: what one component makes is what the next one uses.
func TestComponentsAreWired(t *testing.T) {
	t.Parallel()
	g := deployed(t, "prod", nil)
	group := func(name string) string {
		return g.Named(t, "aws:ec2/securityGroup:SecurityGroup", "wordpress-"+name).ID
	}
	service := g.Only(t, "aws:ecs/service:Service")
	require.Equal(t, list(graph.SubnetIDs("private")), service.At("networkConfiguration.subnets"))
	require.Equal(t, []any{group("tasks")}, service.At("networkConfiguration.securityGroups"))
	balancer := g.Only(t, "aws:lb/loadBalancer:LoadBalancer")
	require.Equal(t, list(graph.SubnetIDs("public")), balancer.At("subnets"))
	require.Equal(t, []any{group("alb")}, balancer.At("securityGroups"))
	require.Equal(t, list(graph.SubnetIDs("private")), g.Only(t, "aws:autoscaling/group:Group").At("vpcZoneIdentifiers"))
	require.Equal(t, []any{group("instances")},
		g.Only(t, "aws:ec2/launchTemplate:LaunchTemplate").At("networkInterfaces[0].securityGroups"))
	require.Equal(t, []any{group("database")}, g.Only(t, "aws:rds/cluster:Cluster").At("vpcSecurityGroupIds"))
	require.Equal(t, list(graph.SubnetIDs("isolated")), g.Only(t, "aws:rds/subnetGroup:SubnetGroup").At("subnetIds"))
	require.Equal(t, []any{group("cache")}, g.Only(t, "aws:elasticache/replicationGroup:ReplicationGroup").At("securityGroupIds"))
	require.Equal(t, list(graph.SubnetIDs("isolated")), g.Only(t, "aws:elasticache/subnetGroup:SubnetGroup").At("subnetIds"))
	for i, target := range g.OfType("aws:efs/mountTarget:MountTarget") {
		require.Equal(t, []any{group("files")}, target.At("securityGroups"))
		require.Equal(t, graph.SubnetIDs("isolated")[i], target.At("subnetId"))
	}
}

// Everything of AWS is in the region of the settings; Pulumi.yaml turns the default provider, which would have
// neither region nor tags, off.
func TestProvider(t *testing.T) {
	t.Parallel()
	g := deployed(t, "prod", nil)
	cloud := g.Only(t, "pulumi:providers:aws")
	require.Equal(t, "eu-central-1", cloud.At("region"))
	require.Equal(t, map[string]any{"Project": "wordpress", "Stack": "prod", "ManagedBy": "Pulumi"}, cloud.At("defaultTags.tags"))
	project, err := stackfile.ReadProject(".")
	require.NoError(t, err)
	require.Equal(t, []any{"aws"}, project.Config["pulumi:disable-default-providers"].Value)
}

// Without NAT, instances are in public subnets with addresses of their own: they must reach ECS.
func TestWithoutNATInstancesArePublic(t *testing.T) {
	t.Parallel()
	g := deployed(t, "dev", map[string]string{"natGateways": "none"})
	require.Equal(t, list(graph.SubnetIDs("public")), g.Only(t, "aws:autoscaling/group:Group").At("vpcZoneIdentifiers"))
	require.Equal(t, "true", g.Only(t, "aws:ec2/launchTemplate:LaunchTemplate").At("networkInterfaces[0].associatePublicIpAddress"))
	g = deployed(t, "dev", nil)
	require.Equal(t, "false", g.Only(t, "aws:ec2/launchTemplate:LaunchTemplate").At("networkInterfaces[0].associatePublicIpAddress"))
}

// Nothing that needs egress, a store or capacity starts before it.
func TestOrder(t *testing.T) {
	t.Parallel()
	g := deployed(t, "prod", nil)
	routes := slices.Concat(
		g.OfType("awsx:ec2:Vpc"), g.OfType("aws:ec2/route:Route"), g.OfType("aws:ec2/vpcEndpoint:VpcEndpoint"),
		g.OfType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"),
		g.OfType("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"),
	)
	require.Len(t, routes, 17)
	g.Only(t, "aws:autoscaling/group:Group").RequireAfter(t, routes...)
	g.Only(t, "aws:lb/loadBalancer:LoadBalancer").RequireAfter(t, routes...)
	service := g.Only(t, "aws:ecs/service:Service")
	service.RequireAfter(t, routes...)
	for _, typ := range []string{
		"aws:rds/clusterInstance:ClusterInstance", "aws:efs/mountTarget:MountTarget", "aws:efs/accessPoint:AccessPoint",
		"aws:efs/fileSystemPolicy:FileSystemPolicy", "aws:elasticache/replicationGroup:ReplicationGroup",
		"aws:secretsmanager/secretVersion:SecretVersion", "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
		"aws:lb/listener:Listener", "aws:iam/rolePolicy:RolePolicy",
	} {
		require.NotEmpty(t, g.OfType(typ))
		service.RequireAfter(t, g.OfType(typ)...)
	}
}

func list(texts []string) []any {
	values := make([]any, len(texts))
	for i, text := range texts {
		values[i] = text
	}
	return values
}
