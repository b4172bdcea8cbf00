// Package efs is Amazon EFS: file systems, their mount targets, access points and
// policies.
package efs

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/efs"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
)

// Tokens by which other services refer to what is declared here.
const (
	FileSystem   = "aws:efs/fileSystem:FileSystem"
	MountTarget  = "aws:efs/mountTarget:MountTarget"
	AccessPoint  = "aws:efs/accessPoint:AccessPoint"
	BackupPolicy = "aws:efs/backupPolicy:BackupPolicy"
	Policy       = "aws:efs/fileSystemPolicy:FileSystemPolicy"
)

// Service declares the kinds of this package.
func Service() kind.Service {
	return kind.Service{Kinds: []kind.Kind{fileSystem(), mountTarget(), accessPoint(), backupPolicy(), fileSystemPolicy()}}
}

func fileSystem() kind.Kind {
	return kind.Kind{
		Type: FileSystem, Title: "EFS file system", Args: efs.FileSystemArgs{}, State: efs.FileSystem{},
		Replace:  []string{"availabilityZoneName", "creationToken", "encrypted", "kmsKeyId", "performanceMode"},
		Sets:     []string{"lifecyclePolicies"},
		Defaults: account.Props{"throughputMode": "bursting"},
		Rules: []kind.Rule{
			kind.Length("creationToken", 0, 64),
			kind.OneOf("performanceMode", "generalPurpose", "maxIO"),
			kind.OneOf("throughputMode", "bursting", "provisioned", "elastic"),
			kind.Range("provisionedThroughputInMibps", 1, 3414),
			kind.OneOf("lifecyclePolicies[].transitionToIa", periods()...),
			kind.OneOf("lifecyclePolicies[].transitionToArchive", periods()...),
			kind.OneOf("lifecyclePolicies[].transitionToPrimaryStorageClass", "AFTER_1_ACCESS"),
			kind.Whole(func(in account.Props) string {
				if (in.String("throughputMode") == "provisioned") != in.Has("provisionedThroughputInMibps") {
					return "provisionedThroughputInMibps must be set exactly when throughputMode is \"provisioned\""
				}
				return ""
			}, "throughputMode", "provisionedThroughputInMibps"),
			kind.Whole(func(in account.Props) string {
				if in.Has("kmsKeyId") && !in.Bool("encrypted") {
					return "encrypted must be set to true when kmsKeyId is specified"
				}
				return ""
			}, "encrypted", "kmsKeyId"),
		},
		Unique: []kind.Unique{{Property: "creationToken", Taken: kind.Fault{
			Code: "FileSystemAlreadyExists", Message: "File system with creation token %s already exists",
		}}},
		NotFound: kind.Fault{Code: "FileSystemNotFound", Message: "File system '%s' does not exist."},
		InUse: kind.Fault{
			Code: "FileSystemInUse", Message: "Cannot delete file system %s because it has mount targets.",
		},
		Create: func(c *kind.Call) error {
			c.ID = account.NewID("fs")
			c.Set(account.Props{
				"arn": c.ARN("elasticfilesystem", "file-system/"+c.ID), "ownerId": account.ID,
				"dnsName":       c.ID + ".efs." + c.Region + ".amazonaws.com",
				"creationToken": "terraform-" + c.Now.UTC().Format("20060102150405") + account.NewHex(12),
				"encrypted":     false, "kmsKeyId": "", "performanceMode": "generalPurpose", "numberOfMountTargets": 0.0,
				"availabilityZoneId": "", "availabilityZoneName": "", "name": c.In.Object("tagsAll").String("Name"),
				"protection":  map[string]any{"replicationOverwrite": "ENABLED"},
				"sizeInBytes": []any{map[string]any{"value": 6144.0, "valueInIa": 0.0, "valueInStandard": 6144.0}},
			})
			if c.In.Bool("encrypted") && !c.In.Has("kmsKeyId") {
				c.Out["kmsKeyId"] = c.ARN("kms", "key/"+account.NewUUID())
			}
			return nil
		},
	}
}

func periods() []string {
	return []string{
		"AFTER_1_DAY", "AFTER_7_DAYS", "AFTER_14_DAYS", "AFTER_30_DAYS", "AFTER_60_DAYS", "AFTER_90_DAYS",
		"AFTER_180_DAYS", "AFTER_270_DAYS", "AFTER_365_DAYS",
	}
}

func mountTarget() kind.Kind {
	return kind.Kind{
		Type: MountTarget, Title: "EFS Mount Target", Args: efs.MountTargetArgs{}, State: efs.MountTarget{},
		Replace: []string{"fileSystemId", "ipAddress", "subnetId"},
		Sets:    []string{"securityGroups"},
		Kept:    []string{"securityGroups"},
		Rules:   []kind.Rule{kind.Count("securityGroups", 0, 5)},
		Refs: []kind.Ref{
			{Path: "fileSystemId", To: FileSystem},
			{Path: "subnetId", To: ec2.Subnet, Missing: kind.Fault{
				Code: "SubnetNotFound", Message: "The subnet ID '%s' does not exist",
			}},
			{Path: "securityGroups[]", To: ec2.SecurityGroup, Missing: kind.Fault{
				Code: "SecurityGroupNotFound", Message: "The security group '%s' does not exist",
			}},
		},
		NotFound: kind.Fault{Code: "MountTargetNotFound", Message: "Mount target %s does not exist."},
		Create:   createTarget,
	}
}

// createTarget keeps to one mount target in a zone, and all of them in one VPC.
func createTarget(c *kind.Call) error {
	place, err := c.Find(ec2.Subnet, "id", c.In.String("subnetId"))
	if err != nil {
		return err
	}
	others, err := c.All(MountTarget)
	if err != nil {
		return err
	}
	fs, zone := c.In.String("fileSystemId"), place.Outputs.String("availabilityZone")
	for _, t := range others {
		if t.Outputs.String("fileSystemId") != fs {
			continue
		}
		if t.Outputs.String("availabilityZoneName") == zone {
			return kind.Refuse("MountTargetConflict", "mount target already exists in this AZ")
		}
		other, err := c.Find(ec2.Subnet, "id", t.Outputs.String("subnetId"))
		if err == nil && other != nil && other.Outputs.String("vpcId") != place.Outputs.String("vpcId") {
			return kind.Refuse("MountTargetConflict", "requested subnet for new mount target is not in the same VPC as existing mount targets")
		}
	}
	c.ID = "fsmt-0" + account.NewHex(16)
	host := fs + ".efs." + c.Region + ".amazonaws.com"
	c.Set(account.Props{
		"availabilityZoneName": zone, "availabilityZoneId": place.Outputs.String("availabilityZoneId"),
		"dnsName": host, "mountTargetDnsName": zone + "." + host, "ownerId": account.ID,
		"fileSystemArn": c.ARN("elasticfilesystem", "file-system/"+fs), "networkInterfaceId": account.NewID("eni"),
		"ipAddress": ec2.PrivateAddress(place.Outputs.String("cidrBlock")), "securityGroups": []any{},
	})
	return nil
}

func accessPoint() kind.Kind {
	return kind.Kind{
		Type: AccessPoint, Title: "EFS Access Point", Args: efs.AccessPointArgs{}, State: efs.AccessPoint{},
		Replace: []string{"fileSystemId", "posixUser", "rootDirectory"},
		Sets:    []string{"posixUser.secondaryGids"},
		Rules: []kind.Rule{
			kind.Range("posixUser.uid", 0, 4294967295), kind.Range("posixUser.gid", 0, 4294967295),
			kind.Range("rootDirectory.creationInfo.ownerUid", 0, 4294967295),
			kind.Range("rootDirectory.creationInfo.ownerGid", 0, 4294967295),
			kind.Match("rootDirectory.creationInfo.permissions", `^[0-7]{3,4}$`, "must be an octal number of 3 or 4 digits").
				API("ValidationException"),
			kind.Match("rootDirectory.path", `^(/|(/[^/$#<>;`+"`"+`|&?{}^*'"\t\n]+){1,4})$`,
				"must be a path of up to four directories").API("BadRequest"),
			kind.Whole(func(in account.Props) string {
				path := in.String("rootDirectory.path")
				if path != "" && path != "/" && !in.Has("rootDirectory.creationInfo") {
					return "rootDirectory.creationInfo is required, or the directory does not exist and every mount fails"
				}
				return ""
			}, "rootDirectory").API("BadRequest"),
		},
		// Access points go with their file system.
		Refs:     []kind.Ref{{Path: "fileSystemId", To: FileSystem, Loose: true}},
		NotFound: kind.Fault{Code: "AccessPointNotFound", Message: "Access point %s does not exist."},
		Create: func(c *kind.Call) error {
			c.ID = account.NewID("fsap")
			c.Set(account.Props{
				"arn":           c.ARN("elasticfilesystem", "access-point/"+c.ID),
				"fileSystemArn": c.ARN("elasticfilesystem", "file-system/"+c.In.String("fileSystemId")),
				"ownerId":       account.ID, "rootDirectory": map[string]any{"path": "/"},
			})
			return nil
		},
	}
}

func backupPolicy() kind.Kind {
	return kind.Kind{
		Type: BackupPolicy, Title: "EFS Backup Policy", Args: efs.BackupPolicyArgs{}, State: efs.BackupPolicy{},
		Replace: []string{"fileSystemId"},
		Rules:   []kind.Rule{kind.OneOf("backupPolicy.status", "ENABLED", "DISABLED", "ENABLING", "DISABLING")},
		Refs:    []kind.Ref{{Path: "fileSystemId", To: FileSystem, Loose: true}},
		Create:  namedBySystem,
	}
}

func fileSystemPolicy() kind.Kind {
	return kind.Kind{
		Type: Policy, Title: "EFS File System Policy", Args: efs.FileSystemPolicyArgs{}, State: efs.FileSystemPolicy{},
		Replace: []string{"fileSystemId"},
		Text:    map[string]func(string) string{"policy": kind.CanonicalPolicy},
		Rules:   []kind.Rule{kind.JSON("policy"), iam.ResourcePolicy("policy", "InvalidPolicyException")},
		Refs:    []kind.Ref{{Path: "fileSystemId", To: FileSystem, Loose: true}},
		Create:  namedBySystem,
	}
}

// namedBySystem is for what a file system has one of: it is known by its id.
func namedBySystem(c *kind.Call) error {
	c.ID = c.In.String("fileSystemId")
	return nil
}
