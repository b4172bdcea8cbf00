package efs

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/efs"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/region"
)

func fileSystem() kind.Kind {
	return kind.Kind{
		Type: FileSystem, Title: "EFS file system", Args: efs.FileSystemArgs{}, State: efs.FileSystem{},
		Takes: fileSystemTakes(),
		API: kind.API{
			Service: "efs", Create: "CreateFileSystem", Change: "UpdateFileSystem", Delete: "DeleteFileSystem",
			More: []string{"PutLifecycleConfiguration"},
		},
		Source:   "EFS CreateFileSystem",
		Replace:  []string{"availabilityZoneName", "creationToken", "encrypted", "kmsKeyId", "performanceMode"},
		Sets:     []string{"lifecyclePolicies"},
		Defaults: account.Props{"throughputMode": "bursting"},
		Rules:    fileSystemRules(),
		Guards: []kind.Guard{
			kind.Quota("file systems per region", 1000, kind.Fault{
				Code: "FileSystemLimitExceeded", Message: "You have reached the maximum number of file systems for your account: 1000",
			}, kind.Alike(FileSystem)).From(quotas),
			{Name: "the zone exists", On: kind.Making, Check: zoneExists},
		},
		Unique: []kind.Unique{{Property: "creationToken", Taken: kind.Fault{
			Code: "FileSystemAlreadyExists", Message: "File system with creation token %s already exists",
		}}},
		NotFound: kind.Fault{Code: "FileSystemNotFound", Message: "File system '%s' does not exist."},
		InUse: kind.Fault{
			Code: "FileSystemInUse", Message: "Cannot delete file system %s because it has mount targets.",
		},
		Create: createSystem,
	}
}

func fileSystemRules() []kind.Rule {
	const lifecycle = "EFS PutLifecycleConfiguration"
	return []kind.Rule{
		kind.Length("creationToken", 0, 64).From(provider),
		kind.OneOf("performanceMode", "generalPurpose", "maxIO").From(provider),
		kind.OneOf("throughputMode", "bursting", "provisioned", "elastic").From(provider),
		kind.OneOf("protection.replicationOverwrite", "ENABLED", "DISABLED").From(provider),
		kind.Range("provisionedThroughputInMibps", 1, 3414).API("ThroughputLimitExceeded").From(quotas),
		kind.OneOf("lifecyclePolicies[].transitionToIa", periods()...).From(provider),
		kind.OneOf("lifecyclePolicies[].transitionToArchive", periods()...).From(provider),
		kind.OneOf("lifecyclePolicies[].transitionToPrimaryStorageClass", "AFTER_1_ACCESS").From(provider),
		kind.Count("lifecyclePolicies", 0, 3).From(provider),
		kind.ARN("kmsKeyId").From(provider),
		kind.Whole("one transition in each policy", func(in account.Props) string {
			for _, p := range in.Objects("lifecyclePolicies") {
				if len(p) != 1 {
					return "Each LifecyclePolicy object can have only a single transition."
				}
			}
			return ""
		}, "lifecyclePolicies").API("BadRequest").From(lifecycle),
		kind.Whole("throughput exactly when provisioned", func(in account.Props) string {
			if (in.String("throughputMode") == "provisioned") != in.Has("provisionedThroughputInMibps") {
				return "provisionedThroughputInMibps must be set exactly when throughputMode is \"provisioned\""
			}
			return ""
		}, "throughputMode", "provisionedThroughputInMibps").From(provider),
		kind.Whole("much I/O without elastic throughput", func(in account.Props) string {
			if in.String("performanceMode") == "maxIO" && in.String("throughputMode") == "elastic" {
				return "The maxIO performance mode is not supported with the elastic throughput mode."
			}
			return ""
		}, "performanceMode", "throughputMode").API("BadRequest"),
		kind.Whole("one zone without much I/O", func(in account.Props) string {
			if in.Has("availabilityZoneName") && in.String("performanceMode") == "maxIO" {
				return "The maxIO performance mode is not supported on One Zone file systems."
			}
			return ""
		}, "performanceMode", "availabilityZoneName").API("BadRequest"),
		kind.Whole("a key needs encryption", func(in account.Props) string {
			if in.Has("kmsKeyId") && !in.Bool("encrypted") {
				return "encrypted must be set to true when kmsKeyId is specified"
			}
			return ""
		}, "encrypted", "kmsKeyId").From(provider),
	}
}

func periods() []string {
	return []string{
		"AFTER_1_DAY", "AFTER_7_DAYS", "AFTER_14_DAYS", "AFTER_30_DAYS", "AFTER_60_DAYS", "AFTER_90_DAYS",
		"AFTER_180_DAYS", "AFTER_270_DAYS", "AFTER_365_DAYS",
	}
}

func zoneExists(c *kind.Call) error {
	zone := c.In.String("availabilityZoneName")
	here, _ := region.Find(c.Region)
	if zone != "" && here.ZoneID(zone) == "" {
		return kind.Refuse("UnsupportedAvailabilityZone", "The Availability Zone %s does not exist in %s.", zone, c.Region)
	}
	return nil
}

func createSystem(c *kind.Call) error {
	c.ID = account.NewID("fs")
	here, _ := region.Find(c.Region)
	c.Set(account.Props{
		"arn": c.ARN("elasticfilesystem", "file-system/"+c.ID), "ownerId": account.ID,
		"dnsName":       c.ID + ".efs." + c.Region + ".amazonaws.com",
		"creationToken": "terraform-" + c.Now.UTC().Format("20060102150405") + account.NewHex(12),
		"encrypted":     false, "kmsKeyId": "", "performanceMode": "generalPurpose", "numberOfMountTargets": 0.0,
		"availabilityZoneId": here.ZoneID(c.In.String("availabilityZoneName")), "availabilityZoneName": "",
		"name":        c.In.Object("tagsAll").String("Name"),
		"protection":  map[string]any{"replicationOverwrite": "ENABLED"},
		"sizeInBytes": []any{map[string]any{"value": 6144.0, "valueInIa": 0.0, "valueInStandard": 6144.0}},
	})
	if c.In.Bool("encrypted") && !c.In.Has("kmsKeyId") {
		c.Out["kmsKeyId"] = c.ARN("kms", "key/"+account.NewUUID())
	}
	return nil
}
