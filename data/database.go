package data

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appautoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	// DatabaseName is the schema that WordPress lives in.
	DatabaseName = "wordpress"
	// DatabaseUser is the schema's owner.
	DatabaseUser = "wordpress"

	databaseEngine = "aurora-mysql"
	// databaseVersion leaves the minor version to AWS, which also upgrades it: an exact one would drift.
	databaseVersion = "8.0"
	databaseFamily  = "aurora-mysql8.0"

	// The two windows must not overlap. Both are UTC.
	databaseBackupHours      = "02:00-03:00"
	databaseMaintenanceHours = "sun:03:30-sun:04:30"

	// maxReaders is Aurora's limit beside the writer.
	maxReaders = 15
	// Targets of reader scaling, in percent of CPU and in connections per reader.
	readerCPUTarget         = 70
	readerConnectionsTarget = 700
	scalingCooldownSeconds  = 300
)

var databaseLogs = []string{"audit", "error", "slowquery"}

var databaseParameters = []struct{ name, value string }{
	{"require_secure_transport", "ON"},
	{"server_audit_logging", "1"},
	{"server_audit_events", "CONNECT"},
	{"slow_query_log", "1"},
	{"long_query_time", "1"},
}

// database registers the Aurora cluster, its instances, the scaling of its readers and its secret.
func (b *builder) database() error {
	password, err := random.NewRandomPassword(b.ctx, b.name+"-database", &random.RandomPasswordArgs{
		Length: pulumi.Int(32),
		// Letters and digits alone: Aurora refuses / " @ and spaces.
		Special: pulumi.Bool(false),
	}, pulumi.Parent(b.data))
	if err != nil {
		return fmt.Errorf("database password: %w", err)
	}
	cluster, err := b.databaseCluster(password.Result)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	b.data.Secrets.Database, err = b.secret("database", pulumi.StringMap{
		"username": pulumi.String(DatabaseUser),
		"password": password.Result,
		"host":     cluster.Endpoint,
		"port":     pulumi.Sprintf("%d", cluster.Port),
		"dbname":   pulumi.String(DatabaseName),
	})
	if err != nil {
		return err
	}
	instances, err := b.databaseInstances(cluster)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	if b.args.DatabaseReaders > 0 {
		if err := b.readerScaling(cluster, instances); err != nil {
			return fmt.Errorf("database readers: %w", err)
		}
	}
	b.data.DatabaseEndpoint = cluster.Endpoint
	b.data.DatabaseReaderEndpoint = cluster.ReaderEndpoint
	b.data.Ready = append(b.data.Ready, instances...)
	return nil
}

func (b *builder) databaseCluster(password pulumi.StringOutput) (*rds.Cluster, error) {
	subnetGroup, err := rds.NewSubnetGroup(b.ctx, b.name+"-database", &rds.SubnetGroupArgs{
		Description: pulumi.String("Isolated subnets of the site's database"),
		SubnetIds:   b.subnets(),
	}, pulumi.Parent(b.data))
	if err != nil {
		return nil, fmt.Errorf("subnet group: %w", err)
	}
	b.subnetGroup = subnetGroup
	parameters := rds.ClusterParameterGroupParameterArray{}
	for _, p := range databaseParameters {
		parameters = append(parameters, rds.ClusterParameterGroupParameterArgs{
			Name: pulumi.String(p.name), Value: pulumi.String(p.value),
		})
	}
	parameterGroup, err := rds.NewClusterParameterGroup(b.ctx, b.name+"-database", &rds.ClusterParameterGroupArgs{
		Family:      pulumi.String(databaseFamily),
		Description: pulumi.String("TLS required, connections audited, slow queries logged"),
		Parameters:  parameters,
	}, pulumi.Parent(b.data))
	if err != nil {
		return nil, fmt.Errorf("parameter group: %w", err)
	}
	identifier := b.unique("db")
	logGroups, err := b.databaseLogGroups(identifier)
	if err != nil {
		return nil, fmt.Errorf("log group: %w", err)
	}
	return rds.NewCluster(b.ctx, b.name+"-database", &rds.ClusterArgs{
		ClusterIdentifier:            identifier,
		Engine:                       pulumi.String(databaseEngine),
		EngineVersion:                pulumi.String(databaseVersion),
		DatabaseName:                 pulumi.String(DatabaseName),
		MasterUsername:               pulumi.String(DatabaseUser),
		MasterPassword:               password,
		DbSubnetGroupName:            subnetGroup.Name,
		DbClusterParameterGroupName:  parameterGroup.Name,
		VpcSecurityGroupIds:          pulumi.StringArray{b.args.DatabaseGroupID},
		StorageEncrypted:             pulumi.Bool(true),
		BackupRetentionPeriod:        pulumi.Int(b.args.DatabaseBackupDays),
		PreferredBackupWindow:        pulumi.String(databaseBackupHours),
		PreferredMaintenanceWindow:   pulumi.String(databaseMaintenanceHours),
		EnabledCloudwatchLogsExports: pulumi.ToStringArray(databaseLogs),
		CopyTagsToSnapshot:           pulumi.Bool(true),
		// Otherwise a change waits for the maintenance window and the update looks done when it is not.
		ApplyImmediately:        pulumi.Bool(true),
		DeletionProtection:      pulumi.Bool(b.args.Protected),
		DeleteAutomatedBackups:  pulumi.Bool(!b.args.Protected),
		SkipFinalSnapshot:       pulumi.Bool(!b.args.Protected),
		FinalSnapshotIdentifier: b.unique("db-final"),
	}, pulumi.Parent(b.data), pulumi.Protect(b.args.Protected), pulumi.DependsOn(logGroups))
}

// databaseLogGroups come before the cluster, whose identifier is settled for that reason: groups that RDS
// makes by itself are kept for ever and collide with ours.
func (b *builder) databaseLogGroups(identifier pulumi.StringOutput) ([]pulumi.Resource, error) {
	groups := make([]pulumi.Resource, 0, len(databaseLogs))
	for _, log := range databaseLogs {
		group, err := cloudwatch.NewLogGroup(b.ctx, b.name+"-database-"+log, &cloudwatch.LogGroupArgs{
			Name:            pulumi.Sprintf("/aws/rds/cluster/%s/%s", identifier, log),
			RetentionInDays: pulumi.Int(b.args.LogRetentionDays),
		}, pulumi.Parent(b.data))
		if err != nil {
			return nil, err
		}
		groups = append(groups, group)
		b.data.DatabaseLogGroups = append(b.data.DatabaseLogGroups, group.Name)
	}
	return groups, nil
}

// databaseInstances registers the writer and the readers that always run. Aurora makes the instance that is there first
// the writer, and another one after a failover, so they are alike and come up side by side. It places each in a zone of
// its own.
func (b *builder) databaseInstances(cluster *rds.Cluster) ([]pulumi.Resource, error) {
	instances := make([]pulumi.Resource, 0, 1+b.args.DatabaseReaders)
	for i := range 1 + b.args.DatabaseReaders {
		name := fmt.Sprintf("%s-database-%d", b.name, i+1)
		instance, err := rds.NewClusterInstance(b.ctx, name, &rds.ClusterInstanceArgs{
			ClusterIdentifier:       cluster.ID(),
			Engine:                  rds.EngineType(databaseEngine),
			InstanceClass:           pulumi.String(b.args.DatabaseInstanceClass),
			DbSubnetGroupName:       cluster.DbSubnetGroupName,
			PubliclyAccessible:      pulumi.Bool(false),
			AutoMinorVersionUpgrade: pulumi.Bool(true),
			CopyTagsToSnapshot:      pulumi.Bool(true),
			ApplyImmediately:        pulumi.Bool(true),
			PromotionTier:           pulumi.Int(i),
		}, pulumi.Parent(b.data), pulumi.Protect(b.args.Protected && i == 0), b.besideGroup())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		instances = append(instances, instance)
	}
	return instances, nil
}

// readerScaling adds and removes readers by CPU and by connections. Readers that it made are not in
// Pulumi's state, AWS keeps them when the target goes, and refuses to delete a cluster that has them. A lower
// maximum does take them away. So a stack that is not protected, which can be destroyed at any moment, has none: the
// update that lifts the protection takes them away, and the target stays for as long as there is a reader.
func (b *builder) readerScaling(cluster *rds.Cluster, instances []pulumi.Resource) error {
	most := b.args.DatabaseReaders
	if b.args.Protected {
		most = b.args.DatabaseReadersMax
	}
	target, err := appautoscaling.NewTarget(b.ctx, b.name+"-database-readers", &appautoscaling.TargetArgs{
		ServiceNamespace:  pulumi.String("rds"),
		ScalableDimension: pulumi.String("rds:cluster:ReadReplicaCount"),
		ResourceId:        pulumi.Sprintf("cluster:%s", cluster.ID()),
		MinCapacity:       pulumi.Int(b.args.DatabaseReaders),
		MaxCapacity:       pulumi.Int(most),
	}, pulumi.Parent(b.data), pulumi.DependsOn(instances))
	if err != nil {
		return err
	}
	for _, p := range []struct {
		name, metric string
		value        float64
	}{
		{"cpu", "RDSReaderAverageCPUUtilization", readerCPUTarget},
		{"connections", "RDSReaderAverageDatabaseConnections", readerConnectionsTarget},
	} {
		_, err := appautoscaling.NewPolicy(b.ctx, b.name+"-database-readers-"+p.name, &appautoscaling.PolicyArgs{
			PolicyType:        pulumi.String("TargetTrackingScaling"),
			ServiceNamespace:  target.ServiceNamespace,
			ScalableDimension: target.ScalableDimension,
			ResourceId:        target.ResourceId,
			TargetTrackingScalingPolicyConfiguration: appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs{
				TargetValue:      pulumi.Float64(p.value),
				ScaleInCooldown:  pulumi.Int(scalingCooldownSeconds),
				ScaleOutCooldown: pulumi.Int(scalingCooldownSeconds),
				PredefinedMetricSpecification: appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs{
					PredefinedMetricType: pulumi.String(p.metric),
				},
			},
		}, pulumi.Parent(b.data))
		if err != nil {
			return fmt.Errorf("policy %s: %w", p.name, err)
		}
	}
	return nil
}
