package data

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/elasticache"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"wordpress-ecs/network"
	"wordpress-ecs/settings"
)

const (
	// The two windows must not overlap. Both are UTC.
	cacheSnapshotHours    = "02:00-03:00"
	cacheMaintenanceHours = "sun:03:30-sun:04:30"

	protectedSnapshotDays  = 7
	disposableSnapshotDays = 1
)

// cacheEngines pairs an engine with its version and parameter group family. From version 7 on ElastiCache
// wants major.minor.
var cacheEngines = map[settings.CacheEngine]struct{ version, family string }{
	settings.Valkey: {"8.0", "valkey8"},
	settings.Redis:  {"7.1", "redis7"},
}

// cache registers the replication group for the object cache and PHP sessions, and its secret.
func (b *builder) cache() error {
	auth, err := random.NewRandomPassword(b.ctx, b.name+"-cache", &random.RandomPasswordArgs{
		Length: pulumi.Int(64),
		// ElastiCache takes few special characters in a token; letters and digits need no thought.
		Special: pulumi.Bool(false),
	}, pulumi.Parent(b.data))
	if err != nil {
		return fmt.Errorf("cache token: %w", err)
	}
	group, err := b.replicationGroup(auth.Result)
	if err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	b.data.CacheEndpoint = group.PrimaryEndpointAddress
	b.data.Ready = append(b.data.Ready, group)
	b.data.Secrets.Cache, err = b.secret("cache", pulumi.StringMap{"token": auth.Result})
	return err
}

func (b *builder) replicationGroup(token pulumi.StringOutput) (*elasticache.ReplicationGroup, error) {
	subnetGroup, err := elasticache.NewSubnetGroup(b.ctx, b.name+"-cache", &elasticache.SubnetGroupArgs{
		Description: pulumi.String("Isolated subnets of the site's cache"),
		SubnetIds:   b.subnets(),
	}, pulumi.Parent(b.data))
	if err != nil {
		return nil, fmt.Errorf("subnet group: %w", err)
	}
	engine := cacheEngines[b.args.CacheEngine]
	// The family is part of the name: a change of engine replaces the group while the old one is in use.
	parameterGroup, err := elasticache.NewParameterGroup(b.ctx, b.name+"-cache-"+engine.family, &elasticache.ParameterGroupArgs{
		Family:      pulumi.String(engine.family),
		Description: pulumi.String("Object cache and sessions of the site"),
		Parameters: elasticache.ParameterGroupParameterArray{
			// When memory is full the least used entries go, instead of writes being refused.
			elasticache.ParameterGroupParameterArgs{
				Name: pulumi.String("maxmemory-policy"), Value: pulumi.String("allkeys-lfu"),
			},
		},
	}, pulumi.Parent(b.data))
	if err != nil {
		return nil, fmt.Errorf("parameter group: %w", err)
	}
	several := b.args.CacheNodes > 1
	args := &elasticache.ReplicationGroupArgs{
		Description:              pulumi.String("Object cache and sessions of the site"),
		Engine:                   pulumi.String(string(b.args.CacheEngine)),
		EngineVersion:            pulumi.String(engine.version),
		ParameterGroupName:       parameterGroup.Name,
		NodeType:                 pulumi.String(b.args.CacheNodeType),
		NumCacheClusters:         pulumi.Int(b.args.CacheNodes),
		AutomaticFailoverEnabled: pulumi.Bool(several),
		MultiAzEnabled:           pulumi.Bool(several),
		SubnetGroupName:          subnetGroup.Name,
		SecurityGroupIds:         pulumi.StringArray{b.args.CacheGroupID},
		Port:                     pulumi.Int(network.CachePort),
		AtRestEncryptionEnabled:  pulumi.Bool(true),
		TransitEncryptionEnabled: pulumi.Bool(true),
		AuthToken:                token,
		AutoMinorVersionUpgrade:  pulumi.Bool(true),
		ApplyImmediately:         pulumi.Bool(true),
		SnapshotWindow:           pulumi.String(cacheSnapshotHours),
		MaintenanceWindow:        pulumi.String(cacheMaintenanceHours),
		SnapshotRetentionLimit:   pulumi.Int(disposableSnapshotDays),
	}
	if b.args.Protected {
		args.SnapshotRetentionLimit = pulumi.Int(protectedSnapshotDays)
		args.FinalSnapshotIdentifier = b.unique("cache-final")
	}
	return elasticache.NewReplicationGroup(b.ctx, b.name+"-cache", args,
		pulumi.Parent(b.data), pulumi.Protect(b.args.Protected), b.besideGroup())
}
