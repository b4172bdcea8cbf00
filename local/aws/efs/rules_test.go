package efs_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/efs"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/kind/cases"
)

type (
	list   = []any
	object = map[string]any
)

func usual() cases.Usual {
	ofSystem := func(more account.Props) func(w *cases.World) account.Props {
		return func(w *cases.World) account.Props {
			in := more.Copy()
			in["fileSystemId"] = w.Usual(efs.FileSystem).ID
			return in
		}
	}
	return cases.Usual{
		ec2.Vpc: func(*cases.World) account.Props { return account.Props{"cidrBlock": "10.0.0.0/16"} },
		ec2.Subnet: func(w *cases.World) account.Props {
			return account.Props{"vpcId": w.Usual(ec2.Vpc).ID, "cidrBlock": "10.0.0.0/24", "availabilityZone": "eu-central-1a"}
		},
		ec2.SecurityGroup: func(w *cases.World) account.Props { return account.Props{"vpcId": w.Usual(ec2.Vpc).ID} },
		efs.FileSystem: func(*cases.World) account.Props {
			return account.Props{
				"creationToken": account.NewHex(8), "encrypted": true, "kmsKeyId": "arn:aws:kms:eu-central-1:123456789012:key/1",
				"performanceMode": "generalPurpose", "throughputMode": "provisioned", "provisionedThroughputInMibps": 100.0,
				"protection": object{"replicationOverwrite": "ENABLED"}, "lifecyclePolicies": list{
					object{"transitionToIa": "AFTER_30_DAYS"}, object{"transitionToArchive": "AFTER_90_DAYS"},
					object{"transitionToPrimaryStorageClass": "AFTER_1_ACCESS"},
				},
			}
		},
		efs.MountTarget: func(w *cases.World) account.Props {
			return account.Props{
				"fileSystemId": w.Usual(efs.FileSystem).ID, "subnetId": w.Usual(ec2.Subnet).ID, "securityGroups": list{w.Usual(ec2.SecurityGroup).ID},
			}
		},
		efs.AccessPoint: ofSystem(account.Props{
			"posixUser": object{"uid": 33.0, "gid": 33.0}, "rootDirectory": object{
				"path": "/site", "creationInfo": object{"ownerUid": 33.0, "ownerGid": 33.0, "permissions": "0755"},
			},
		}),
		efs.BackupPolicy: ofSystem(account.Props{"backupPolicy": object{"status": "ENABLED"}}),
		efs.Policy:       ofSystem(account.Props{"policy": policy("elasticfilesystem:ClientMount", "*", "")}),
	}
}

// policy denies everybody an action on a resource.
func policy(action, resource, condition string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},"Action":%q,"Resource":%q%s}]}`,
		action, resource, condition)
}

func suite(t *testing.T) cases.Suite {
	t.Helper()
	catalog, err := kind.NewCatalog(efs.Service(), ec2.Service(), iam.Service())
	require.NoError(t, err)
	return cases.Suite{Catalog: catalog, Usual: usual()}
}

func TestRules(t *testing.T) {
	t.Parallel()
	s := suite(t)
	s.Types = []string{efs.FileSystem, efs.MountTarget, efs.AccessPoint, efs.BackupPolicy, efs.Policy}
	s.Cases = append(append(systemCases(), targetCases()...), doorCases()...)
	s.Run(t)
}

func systemCases() []cases.Case {
	const typ = efs.FileSystem
	elastic := account.Props{"throughputMode": "elastic", "provisionedThroughputInMibps": nil}
	return []cases.Case{
		cases.After(typ, "count of lifecyclePolicies", "supports 3 item maximum", func(*cases.World) account.Props {
			one := object{"transitionToIa": "AFTER_1_DAY"}
			return account.Props{"lifecyclePolicies": list{one, one, one, one}}
		}),
		cases.Refused(typ, "one transition in each policy", "only a single transition", account.Props{"lifecyclePolicies": list{
			object{"transitionToIa": "AFTER_30_DAYS", "transitionToPrimaryStorageClass": "AFTER_1_ACCESS"},
		}}),
		{Type: typ, Rule: "throughput exactly when provisioned", Says: "exactly when throughputMode", Accepted: cases.Make(elastic),
			Refused: cases.Make(account.Props{"throughputMode": "elastic"})},
		cases.Refused(typ, "much I/O without elastic throughput", "not supported with the elastic throughput mode", account.Props{
			"performanceMode": "maxIO", "throughputMode": "elastic", "provisionedThroughputInMibps": nil,
		}),
		cases.Refused(typ, "one zone without much I/O", "not supported on One Zone", account.Props{
			"performanceMode": "maxIO", "availabilityZoneName": "eu-central-1a",
		}),
		cases.Refused(typ, "a key needs encryption", "encrypted must be set to true", account.Props{"encrypted": false}),
		{Type: typ, Rule: "file systems per region", Says: "FileSystemLimitExceeded", Refused: cases.Full(1000, nil)},
		cases.Refused(typ, "the zone exists", "UnsupportedAvailabilityZone", account.Props{"availabilityZoneName": "eu-west-1a"}),
		{Type: typ, Rule: "nothing uses it", Says: "FileSystemInUse", Accepted: cases.Delete(nil),
			Refused: cases.Delete(func(w *cases.World, _ account.Resource) { w.Usual(efs.MountTarget) })},
	}
}

func targetCases() []cases.Case {
	const typ = efs.MountTarget
	subnet := func(w *cases.World, changes account.Props) account.Props {
		return account.Props{"subnetId": w.Need(ec2.Subnet, changes).ID, "securityGroups": nil}
	}
	elsewhere := func(w *cases.World) account.Props {
		return subnet(w, account.Props{"vpcId": w.Need(ec2.Vpc, nil).ID, "availabilityZone": "eu-central-1b"})
	}
	return []cases.Case{
		cases.After(typ, "count of securityGroups", "SecurityGroupLimitExceeded", func(w *cases.World) account.Props {
			groups := list{}
			for range 6 {
				groups = append(groups, w.Need(ec2.SecurityGroup, nil).ID)
			}
			return account.Props{"securityGroups": groups}
		}),
		cases.After(typ, "one mount target in a zone", "MountTargetConflict: mount target already exists in this AZ", func(w *cases.World) account.Props {
			w.Usual(typ)
			return subnet(w, account.Props{"cidrBlock": "10.0.1.0/24"})
		}),
		cases.After(typ, "mount targets in one VPC", "not in the same VPC as existing mount targets", func(w *cases.World) account.Props {
			w.Usual(typ)
			return elsewhere(w)
		}),
		cases.After(typ, "the zone of a One Zone file system", "AvailabilityZonesMismatch", func(w *cases.World) account.Props {
			return account.Props{"fileSystemId": w.Need(efs.FileSystem, account.Props{"availabilityZoneName": "eu-central-1b"}).ID}
		}),
		cases.After(typ, "security groups in the VPC of the subnet", "SecurityGroupNotFound", func(w *cases.World) account.Props {
			in := elsewhere(w)
			in["securityGroups"] = list{w.Usual(ec2.SecurityGroup).ID}
			return in
		}),
		cases.Refused(typ, "the address is in the subnet", "does not fall within the subnet's address range", account.Props{"ipAddress": "10.1.0.9"}),
		{Type: typ, Rule: "the address is free", Says: "IpAddressInUse", Accepted: cases.Make(account.Props{"ipAddress": "10.0.0.9"}),
			Refused: func(w *cases.World, typ string) error {
				w.Need(typ, account.Props{"ipAddress": "10.0.0.9"})
				other := w.Need(efs.FileSystem, nil)
				return cases.Make(account.Props{"ipAddress": "10.0.0.9", "fileSystemId": other.ID})(w, typ)
			}},
	}
}

func doorCases() []cases.Case {
	const point, rules = efs.AccessPoint, efs.Policy
	bypassed := account.Props{"policy": policy("*", "*", ""), "bypassPolicyLockoutSafetyCheck": true}
	return []cases.Case{
		cases.Refused(point, "form of rootDirectory.path", "up to four directories", account.Props{"rootDirectory.path": "/a/b/c/d/e"}),
		cases.Refused(point, "a directory is created or is the root", "rootDirectory.creationInfo is required", account.Props{"rootDirectory.creationInfo": nil}),
		{Type: point, Rule: "access points per file system", Says: "AccessPointLimitExceeded", Refused: cases.Full(10000, nil)},
		cases.Refused(efs.BackupPolicy, "not allowed in backupPolicy.status", "ValidationException", account.Props{"backupPolicy.status": "ENABLING"}),
		cases.Refused(rules, "policy policy", "InvalidPolicyException", account.Props{"policy": `{"Version":"2012-10-17","Statement":[]}`}), //nolint:dupword // the rule "policy" about the property "policy"
		{Type: rules, Rule: "the owner stays in", Says: "This policy would prevent future FileSystemPolicy updates", Accepted: cases.Make(bypassed),
			Refused: cases.Make(account.Props{"policy": policy("*", "*", "")})},
		cases.Refused(rules, "statements are about the file system", "The policy names the resource", account.Props{
			"policy": policy("elasticfilesystem:ClientMount", "arn:aws:elasticfilesystem:eu-central-1:123456789012:file-system/fs-1", ""),
		}),
	}
}

// TestAPolicyWithAConditionLocksNobodyOut: TLS for all, which is what most programs want.
func TestAPolicyWithAConditionLocksNobodyOut(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		w.Need(efs.Policy, account.Props{"policy": policy("*", "*", `,"Condition":{"Bool":{"aws:SecureTransport":"false"}}`)})
	})
}

// TestAFileSystemCountsItsMountTargets: the number is read back with the file system.
func TestAFileSystemCountsItsMountTargets(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		targets := func() float64 {
			fs, err := w.Call().Find(efs.FileSystem, "id", w.Usual(efs.FileSystem).ID)
			require.NoError(t, err)
			return fs.Outputs.Number("numberOfMountTargets")
		}
		target := w.Usual(efs.MountTarget)
		require.InDelta(t, 1, targets(), 0)
		require.NoError(t, w.Delete(target))
		require.InDelta(t, 0, targets(), 0)
	})
}
