package data_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/data"
	"wordpress-ecs/policy"
)

const fileSystem = "aws:efs/fileSystem:FileSystem"

func TestFileSystem(t *testing.T) {
	t.Parallel()
	g := registered(t, protected)
	r := g.Only(t, fileSystem)
	require.Equal(t, true, r.At("encrypted"))
	require.Equal(t, "elastic", r.At("throughputMode"))
	require.True(t, r.Protect)
	require.False(t, registered(t).Only(t, fileSystem).Protect)
	require.Contains(t, r.List("lifecyclePolicies"), map[string]any{"transitionToIa": "AFTER_30_DAYS"})
	require.Contains(t, r.List("lifecyclePolicies"), map[string]any{"transitionToPrimaryStorageClass": "AFTER_1_ACCESS"})
}

func TestFilesAreBackedUpWhenProtected(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*data.Args){"ENABLED": protected, "DISABLED": func(*data.Args) {}} {
		g := registered(t, change)
		r := g.Only(t, "aws:efs/backupPolicy:BackupPolicy")
		require.Equal(t, want, r.At("backupPolicy.status"))
		require.Equal(t, g.Only(t, fileSystem).ID, r.At("fileSystemId"))
	}
}

func TestAMountTargetInEveryZone(t *testing.T) {
	t.Parallel()
	g := registered(t)
	found := []any{}
	for _, r := range g.OfType("aws:efs/mountTarget:MountTarget") {
		require.Equal(t, g.Only(t, fileSystem).ID, r.At("fileSystemId"))
		require.Equal(t, []any{"sg-files"}, r.At("securityGroups"))
		found = append(found, r.At("subnetId"))
	}
	require.Equal(t, subnets(), found)
}

// The root directory belongs to the user that tasks become, or WordPress cannot write uploads.
func TestAccessPoint(t *testing.T) {
	t.Parallel()
	g := registered(t)
	r := g.Only(t, "aws:efs/accessPoint:AccessPoint")
	require.Equal(t, g.Only(t, fileSystem).ID, r.At("fileSystemId"))
	require.Equal(t, map[string]any{"uid": 33, "gid": 33}, r.At("posixUser"))
	require.Equal(t, "/wordpress", r.At("rootDirectory.path"))
	require.Equal(t, map[string]any{"ownerUid": 33, "ownerGid": 33, "permissions": "0755"}, r.At("rootDirectory.creationInfo"))
}

func TestFilesTakeNoAnonymousOrPlainTraffic(t *testing.T) {
	t.Parallel()
	g := registered(t)
	r := g.Only(t, "aws:efs/fileSystemPolicy:FileSystemPolicy")
	require.Equal(t, g.Only(t, fileSystem).ID, r.At("fileSystemId"))
	require.Equal(t, map[string]policy.Statement{"TLSOnly": {
		Sid: "TLSOnly", Effect: policy.Deny, Principal: policy.Principal{"AWS": "*"}, Action: []string{"*"},
		Resource:  []string{g.Only(t, fileSystem).Computed("arn").(string)},
		Condition: policy.Condition{"Bool": {"aws:SecureTransport": "false"}},
	}}, r.Statements(t, "policy"), "any statement that allows lets clients in without a role")
}
