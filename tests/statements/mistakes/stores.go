package main

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appautoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/efs"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/elasticache"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"wordpress-ecs/policy"
)

func storePrograms() map[string]program {
	return map[string]program{
		"database": database, "tier": tier, "snapshot": snapshot, "rotation": rotation, "readers": readers, "host": host,
		"secret": secret, "token": token, "cache scaling": cacheScaling, "backups": backups, "web root": webRoot,
	}
}

// cluster is a database with a writer and as many readers as asked for.
func (p *place) cluster(instances int, change func(*rds.ClusterArgs)) (*rds.Cluster, []pulumi.Resource) {
	group := must(rds.NewSubnetGroup(p.ctx, "database", &rds.SubnetGroupArgs{SubnetIds: p.subnetIDs()}))
	password := must(random.NewRandomPassword(p.ctx, "database", &random.RandomPasswordArgs{
		Length: pulumi.Int(32), Special: pulumi.Bool(false),
	}))
	args := &rds.ClusterArgs{
		Engine: pulumi.String("aurora-mysql"), EngineVersion: pulumi.String("8.0"), DbSubnetGroupName: group.Name,
		MasterUsername: pulumi.String("wordpress"), MasterPassword: password.Result,
		BackupRetentionPeriod: pulumi.Int(14), SkipFinalSnapshot: pulumi.Bool(true),
	}
	if change != nil {
		change(args)
	}
	c := must(rds.NewCluster(p.ctx, "database", args))
	list := []pulumi.Resource{}
	for i := range instances {
		list = append(list, must(rds.NewClusterInstance(p.ctx, fmt.Sprintf("database-%d", i+1), &rds.ClusterInstanceArgs{
			ClusterIdentifier: c.ID(), Engine: rds.EngineType("aurora-mysql"), InstanceClass: pulumi.String("db.t4g.medium"),
		}, after(list...))))
	}
	return c, list
}

// database keeps all copies of the data in one zone, or none of yesterday's.
func database(ctx *pulumi.Context, mistake string) error {
	instances, days := 2, 14
	switch mistake {
	case "one zone":
		instances = 1
	case "one day":
		days = 1
	case "no backups":
		days = 0
	}
	newPlace(ctx).cluster(instances, func(args *rds.ClusterArgs) { args.BackupRetentionPeriod = pulumi.Int(days) })
	return nil
}

// host sends what WordPress writes, and what it reads right after, to the readers.
func host(ctx *pulumi.Context, mistake string) error {
	c, _ := newPlace(ctx).cluster(2, nil)
	endpoint := c.Endpoint
	if mistake != "" {
		endpoint = c.ReaderEndpoint
	}
	own := must(secretsmanager.NewSecret(ctx, "database", &secretsmanager.SecretArgs{RecoveryWindowInDays: pulumi.Int(0)}))
	must(secretsmanager.NewSecretVersion(ctx, "database", &secretsmanager.SecretVersionArgs{
		SecretId: own.Arn, SecretString: pulumi.JSONMarshal(pulumi.StringMap{"host": endpoint}),
	}))
	return nil
}

// tier puts the database where tasks and instances are, or where the internet is.
func tier(ctx *pulumi.Context, mistake string) error {
	p := newPlace(ctx)
	data := &place{ctx: ctx, vpc: p.vpc}
	switch mistake {
	case "with tasks":
		data = p
	default:
		data.subnet("data-1", "eu-central-1a", 10)
		data.subnet("data-2", "eu-central-1b", 11)
	}
	if mistake == "way out" {
		data.table(p.wayOut())
	}
	data.cluster(1, nil)
	p.service(onInstances(ctx), nil)
	return nil
}

// snapshot wants a last snapshot and gives it no name, or one that is taken the second time.
func snapshot(ctx *pulumi.Context, mistake string) error {
	suffix := must(random.NewRandomId(ctx, "final", &random.RandomIdArgs{ByteLength: pulumi.Int(4)}))
	newPlace(ctx).cluster(0, func(args *rds.ClusterArgs) {
		args.SkipFinalSnapshot = pulumi.Bool(false)
		switch mistake {
		case "no name":
		case "one name":
			args.FinalSnapshotIdentifier = pulumi.String("the-last")
		default:
			args.FinalSnapshotIdentifier = pulumi.Sprintf("the-last-%s", suffix.Hex)
		}
	})
	return nil
}

// rotation gives tasks a password that AWS changes after a week.
func rotation(ctx *pulumi.Context, mistake string) error {
	c, _ := newPlace(ctx).cluster(0, func(args *rds.ClusterArgs) {
		if mistake != "" {
			args.MasterPassword, args.ManageMasterUserPassword = nil, pulumi.Bool(true)
		}
	})
	own := must(secretsmanager.NewSecret(ctx, "database", &secretsmanager.SecretArgs{RecoveryWindowInDays: pulumi.Int(0)}))
	from := own.Arn
	if mistake == "task" {
		from = c.MasterUserSecrets.Index(pulumi.Int(0)).SecretArn().Elem()
	}
	role, _ := tasksRole(ctx, "execution", policy.Statement{
		Effect: policy.Allow, Action: []string{"secretsmanager:GetSecretValue"}, Resource: []string{"*"},
	})
	task(ctx, func(args *ecs.TaskDefinitionArgs) { args.ExecutionRoleArn = role.Arn }, container(pulumi.Map{
		"secrets": pulumi.Array{pulumi.Map{
			"name": pulumi.String("PASSWORD"), "valueFrom": pulumi.Sprintf("%s:password::", from),
		}},
	}))
	return nil
}

// readers lets scaling add readers that Pulumi does not know.
func readers(ctx *pulumi.Context, mistake string) error {
	most := 1
	if mistake != "" {
		most = 3
	}
	c, instances := newPlace(ctx).cluster(2, nil)
	must(appautoscaling.NewTarget(ctx, "readers", &appautoscaling.TargetArgs{
		ServiceNamespace: pulumi.String("rds"), ScalableDimension: pulumi.String("rds:cluster:ReadReplicaCount"),
		ResourceId: pulumi.Sprintf("cluster:%s", c.ID()), MinCapacity: pulumi.Int(1), MaxCapacity: pulumi.Int(most),
	}, after(instances...)))
	return nil
}

// secret has a name that AWS keeps for a month after it was deleted.
func secret(ctx *pulumi.Context, mistake string) error {
	args := &secretsmanager.SecretArgs{Name: pulumi.String("the-password")}
	if mistake == "" {
		args.RecoveryWindowInDays = pulumi.Int(0)
	}
	must(secretsmanager.NewSecret(ctx, "password", args))
	return nil
}

// cache is a replication group of two nodes.
func (p *place) cache(change func(*elasticache.ReplicationGroupArgs)) *elasticache.ReplicationGroup {
	group := must(elasticache.NewSubnetGroup(p.ctx, "cache", &elasticache.SubnetGroupArgs{SubnetIds: p.subnetIDs()}))
	args := &elasticache.ReplicationGroupArgs{
		Description: pulumi.String("Sessions"), Engine: pulumi.String("valkey"), EngineVersion: pulumi.String("8.0"),
		NodeType: pulumi.String("cache.m7g.large"), SubnetGroupName: group.Name, AutomaticFailoverEnabled: pulumi.Bool(true),
		NumCacheClusters: pulumi.Int(2), TransitEncryptionEnabled: pulumi.Bool(true),
	}
	change(args)
	return must(elasticache.NewReplicationGroup(p.ctx, "cache", args))
}

// token sends a password over a connection that everybody reads.
func token(ctx *pulumi.Context, mistake string) error {
	password := must(random.NewRandomPassword(ctx, "cache", &random.RandomPasswordArgs{
		Length: pulumi.Int(64), Special: pulumi.Bool(false),
	}))
	newPlace(ctx).cache(func(args *elasticache.ReplicationGroupArgs) {
		args.AuthToken = password.Result
		args.TransitEncryptionEnabled = pulumi.Bool(mistake == "")
	})
	return nil
}

// cacheScaling scales a cache that AWS does not scale.
func cacheScaling(ctx *pulumi.Context, mistake string) error {
	group := newPlace(ctx).cache(func(args *elasticache.ReplicationGroupArgs) {
		if mistake != "not sharded" {
			args.NumCacheClusters = nil
			args.NumNodeGroups, args.ReplicasPerNodeGroup = pulumi.Int(1), pulumi.Int(1)
			args.ParameterGroupName = pulumi.String("default.valkey8.cluster.on")
		}
		if mistake == "small" {
			args.NodeType = pulumi.String("cache.t4g.micro")
		}
	})
	must(appautoscaling.NewTarget(ctx, "replicas", &appautoscaling.TargetArgs{
		ServiceNamespace: pulumi.String("elasticache"), ScalableDimension: pulumi.String("elasticache:replication-group:Replicas"),
		ResourceId: pulumi.Sprintf("replication-group/%s", group.ID()), MinCapacity: pulumi.Int(1), MaxCapacity: pulumi.Int(3),
	}))
	return nil
}

// backups relies on copies of the files that nobody makes.
func backups(ctx *pulumi.Context, mistake string) error {
	system, _ := share(ctx, worker)
	if mistake == "none" {
		return nil
	}
	status := "ENABLED"
	if mistake != "" {
		status = "DISABLED"
	}
	must(efs.NewBackupPolicy(ctx, "share", &efs.BackupPolicyArgs{
		FileSystemId: system.ID(), BackupPolicy: efs.BackupPolicyBackupPolicyArgs{Status: pulumi.String(status)},
	}))
	return nil
}

// webRoot has every file of the site on the network.
func webRoot(ctx *pulumi.Context, mistake string) error {
	path := "/var/www/html/wp-content"
	if mistake == "everything" {
		path = "/var/www/html"
	}
	system, point := share(ctx, worker)
	if mistake == "bursting" {
		system = must(efs.NewFileSystem(ctx, "slow", &efs.FileSystemArgs{Encrypted: pulumi.Bool(true)}))
		point = must(efs.NewAccessPoint(ctx, "slow", &efs.AccessPointArgs{FileSystemId: system.ID()}))
	}
	mounted(ctx, system, point, path)
	return nil
}
