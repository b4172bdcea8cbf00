package data

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/efs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"wordpress-ecs/image"
	"wordpress-ecs/policy"
)

const (
	// filesRoot is the directory that tasks see as their root. The access point makes it.
	filesRoot            = "/wordpress"
	filesRootPermissions = "0755"
)

// files registers the file system with a mount target in every zone, and the access point that tasks use.
func (b *builder) files() error {
	fs, err := efs.NewFileSystem(b.ctx, b.name+"-files", &efs.FileSystemArgs{
		Encrypted:      pulumi.Bool(true),
		ThroughputMode: pulumi.String("elastic"),
		LifecyclePolicies: efs.FileSystemLifecyclePolicyArray{
			efs.FileSystemLifecyclePolicyArgs{TransitionToIa: pulumi.String("AFTER_30_DAYS")},
			efs.FileSystemLifecyclePolicyArgs{TransitionToPrimaryStorageClass: pulumi.String("AFTER_1_ACCESS")},
		},
		Tags: pulumi.StringMap{"Name": pulumi.String(b.name + "-files")},
	}, pulumi.Parent(b.data), pulumi.Protect(b.args.Protected), b.besideGateways())
	if err != nil {
		return fmt.Errorf("file system: %w", err)
	}
	backup := "DISABLED"
	if b.args.Protected {
		backup = "ENABLED"
	}
	if _, err := efs.NewBackupPolicy(b.ctx, b.name+"-files", &efs.BackupPolicyArgs{
		FileSystemId: fs.ID(),
		BackupPolicy: efs.BackupPolicyBackupPolicyArgs{Status: pulumi.String(backup)},
	}, pulumi.Parent(b.data)); err != nil {
		return fmt.Errorf("backup policy: %w", err)
	}
	if err := b.filesAccess(fs); err != nil {
		return err
	}
	for i, subnet := range b.args.SubnetIDs {
		target, err := efs.NewMountTarget(b.ctx, fmt.Sprintf("%s-files-%d", b.name, i+1), &efs.MountTargetArgs{
			FileSystemId:   fs.ID(),
			SubnetId:       subnet,
			SecurityGroups: pulumi.StringArray{b.args.FilesGroupID},
		}, pulumi.Parent(b.data), b.besideGroup())
		if err != nil {
			return fmt.Errorf("mount target %d: %w", i+1, err)
		}
		b.data.Ready = append(b.data.Ready, target)
	}
	b.data.FileSystemID = fs.ID().ToStringOutput()
	b.data.FileSystemARN = fs.Arn
	return nil
}

// filesAccess makes the access point the only door: a policy on the file system ends the anonymous access
// that EFS grants without one, so a client needs a role that allows it, and TLS.
func (b *builder) filesAccess(fs *efs.FileSystem) error {
	point, err := efs.NewAccessPoint(b.ctx, b.name+"-files", &efs.AccessPointArgs{
		FileSystemId: fs.ID(),
		PosixUser:    efs.AccessPointPosixUserArgs{Uid: pulumi.Int(image.Owner), Gid: pulumi.Int(image.Owner)},
		RootDirectory: efs.AccessPointRootDirectoryArgs{
			Path: pulumi.String(filesRoot),
			CreationInfo: efs.AccessPointRootDirectoryCreationInfoArgs{
				OwnerUid: pulumi.Int(image.Owner), OwnerGid: pulumi.Int(image.Owner),
				Permissions: pulumi.String(filesRootPermissions),
			},
		},
		Tags: pulumi.StringMap{"Name": pulumi.String(b.name + "-files")},
	}, pulumi.Parent(b.data), pulumi.Protect(b.args.Protected))
	if err != nil {
		return fmt.Errorf("access point: %w", err)
	}
	rules, err := efs.NewFileSystemPolicy(b.ctx, b.name+"-files", &efs.FileSystemPolicyArgs{
		FileSystemId: fs.ID(),
		Policy: policy.Of(func(arns []string) []policy.Statement {
			return []policy.Statement{{
				Sid:       "TLSOnly",
				Effect:    policy.Deny,
				Principal: policy.Principal{"AWS": "*"},
				Action:    []string{"*"},
				Resource:  arns,
				Condition: policy.Condition{"Bool": {"aws:SecureTransport": "false"}},
			}}
		}, fs.Arn),
	}, pulumi.Parent(b.data))
	if err != nil {
		return fmt.Errorf("file system policy: %w", err)
	}
	b.data.AccessPointID = point.ID().ToStringOutput()
	b.data.AccessPointARN = point.Arn
	b.data.Ready = append(b.data.Ready, point, rules)
	return nil
}
