// Package data holds what a site must not lose: Aurora MySQL, EFS, ElastiCache and the secrets to reach them.
package data

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"wordpress-ecs/settings"
)

const token = "wordpress:index:Data"

// Args are the inputs of Data.
type Args struct {
	// SubnetIDs are the isolated subnets, one in each zone; the count must be known at plan time.
	SubnetIDs []pulumi.StringInput
	// DatabaseGroupID, CacheGroupID and FilesGroupID are the security groups of the three stores.
	DatabaseGroupID, CacheGroupID, FilesGroupID pulumi.StringInput

	// DatabaseInstanceClass is the class of every Aurora instance, such as db.t4g.medium.
	DatabaseInstanceClass string
	// DatabaseReaders always run beside the writer, 0 to 15; where it is Protected, scaling may go up to
	// DatabaseReadersMax.
	DatabaseReaders, DatabaseReadersMax int
	// DatabaseBackupDays is how long automated backups are kept, 1 to 35.
	DatabaseBackupDays int

	// CacheEngine is valkey or redis.
	CacheEngine settings.CacheEngine
	// CacheNodeType is the type of each of the CacheNodes nodes, 1 to 6.
	CacheNodeType string
	CacheNodes    int

	// AdminUser is the name of the site's first administrator.
	AdminUser string

	// LogRetentionDays is how long the database's logs are kept.
	LogRetentionDays int
	// Protected guards everything here against deletion and keeps a last snapshot when it goes.
	Protected bool
}

func (a *Args) validate() error {
	switch {
	case a == nil:
		return errors.New("args are required")
	case len(a.SubnetIDs) < 2:
		return fmt.Errorf("SubnetIDs: %d given; want at least two, each in a zone of its own", len(a.SubnetIDs))
	case a.DatabaseGroupID == nil || a.CacheGroupID == nil || a.FilesGroupID == nil:
		return errors.New("DatabaseGroupID, CacheGroupID and FilesGroupID are required")
	case a.DatabaseReaders < 0 || a.DatabaseReaders > maxReaders:
		return fmt.Errorf("DatabaseReaders: %d is outside 0..%d", a.DatabaseReaders, maxReaders)
	case a.DatabaseReadersMax < a.DatabaseReaders || a.DatabaseReadersMax > maxReaders:
		return fmt.Errorf("DatabaseReadersMax: %d is outside DatabaseReaders..%d", a.DatabaseReadersMax, maxReaders)
	case a.CacheNodes < 1:
		return fmt.Errorf("CacheNodes: %d; want at least one", a.CacheNodes)
	case a.AdminUser == "":
		return errors.New("AdminUser is required")
	}
	if _, ok := cacheEngines[a.CacheEngine]; !ok {
		return fmt.Errorf("CacheEngine: %q is not one of valkey, redis", a.CacheEngine)
	}
	return nil
}

// Data is the database, the shared files, the cache and their secrets.
type Data struct {
	pulumi.ResourceState

	DatabaseEndpoint       pulumi.StringOutput `pulumi:"databaseEndpoint"`
	DatabaseReaderEndpoint pulumi.StringOutput `pulumi:"databaseReaderEndpoint"`
	CacheEndpoint          pulumi.StringOutput `pulumi:"cacheEndpoint"`
	FileSystemID           pulumi.StringOutput `pulumi:"fileSystemId"`

	// Secrets hold the credentials, by what they open.
	Secrets Secrets
	// FileSystemARN and AccessPoint are what a task mounts.
	FileSystemARN, AccessPointID, AccessPointARN pulumi.StringOutput
	// DatabaseLogGroups are the names of the groups that Aurora exports its logs to.
	DatabaseLogGroups []pulumi.StringOutput
	// Ready is what a task waits for before it starts: instances, mount targets, nodes and secret values.
	Ready []pulumi.Resource
}

// New registers a Data.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Data, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("data %q: %w", name, err)
	}
	d := &Data{}
	if err := ctx.RegisterComponentResource(token, name, d, opts...); err != nil {
		return nil, fmt.Errorf("data %q: %w", name, err)
	}
	// Names that must be known before a resource exists, or must never come twice, take this suffix: the
	// database's log groups, and the final snapshots, which outlive a stack and would block the next one.
	suffix, err := random.NewRandomId(ctx, name+"-data", &random.RandomIdArgs{
		ByteLength: pulumi.Int(4),
	}, pulumi.Parent(d))
	if err != nil {
		return nil, fmt.Errorf("data %q: %w", name, err)
	}
	b := &builder{ctx: ctx, data: d, args: args, name: name, suffix: suffix.Hex}
	for _, step := range []func() error{b.database, b.files, b.cache, b.keys, b.admin} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("data %q: %w", name, err)
		}
	}
	return d, ctx.RegisterResourceOutputs(d, pulumi.Map{
		"databaseEndpoint":       d.DatabaseEndpoint,
		"databaseReaderEndpoint": d.DatabaseReaderEndpoint,
		"cacheEndpoint":          d.CacheEndpoint,
		"fileSystemId":           d.FileSystemID,
	})
}

// builder carries what every part of the component needs while it is put together.
type builder struct {
	ctx    *pulumi.Context
	data   *Data
	args   *Args
	name   string
	suffix pulumi.StringOutput

	// subnetGroup is the database's.
	subnetGroup pulumi.Resource
}

// unique is a physical name that holds the stack and the suffix, in lower case as RDS keeps names.
func (b *builder) unique(part string) pulumi.StringOutput {
	return pulumi.Sprintf("%s-%s-%s-%s", b.name, part, b.ctx.Stack(), b.suffix)
}

func (b *builder) subnets() pulumi.StringArray {
	ids := make(pulumi.StringArray, len(b.args.SubnetIDs))
	copy(ids, b.args.SubnetIDs)
	return ids
}
