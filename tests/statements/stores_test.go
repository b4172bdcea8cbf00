package statements_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// P-14: the database survives the loss of a zone, and mistakes of the last two weeks.
func TestP14DatabaseSurvives(t *testing.T) {
	t.Parallel()
	refused(t, try(t, "database", "no backups"), "backupRetentionPeriod", "(1 - 35)")
	requireStatement(t, func(s state) []string {
		problems := none(s.ofType(database), "database")
		for _, d := range s.ofType(database) {
			zones := map[string]bool{}
			for _, i := range s.ofType(instance) {
				if i.Inputs.String("clusterIdentifier") == d.ID {
					zones[i.Outputs.String("availabilityZone")] = true
				}
			}
			if len(zones) < 2 {
				problems = append(problems, fmt.Sprintf("%s runs in %d zone", d.name(), len(zones)))
			}
			if days := d.Inputs.Number("backupRetentionPeriod"); days < 14 {
				problems = append(problems, fmt.Sprintf("%s keeps backups for %v days", d.name(), days))
			}
		}
		return problems
	}, "database", "one zone", "one day")
}

// W-01: an update after a destroy does not meet a secret that is scheduled for deletion.
func TestW01SecretsComeBack(t *testing.T) {
	t.Parallel()
	c := try(t, "secret", "kept")
	c.Up(stack)
	c.Destroy(stack)
	refused(t, c, "InvalidRequestException", "already scheduled for deletion")

	c = try(t, "secret", "")
	for range 2 {
		c.Up(stack)
		c.Destroy(stack)
	}
	// A protected stack keeps its secrets for a month, so the next one must have others: none has a fixed name.
	for _, s := range ours(t).ofType("aws:secretsmanager/secret:Secret") {
		require.NotEqual(t, s.name(), s.Outputs.String("name"))
		require.Contains(t, s.Outputs.String("name"), s.name()+"-")
	}
}

// W-02: a destroy finds a free name for its final snapshot, the second time, too.
func TestW02FinalSnapshots(t *testing.T) {
	t.Parallel()
	c := try(t, "snapshot", "no name")
	c.Up(stack)
	requireRefused(t, destroy(c), "RDS Cluster FinalSnapshotIdentifier is required when a final snapshot is required")

	c = try(t, "snapshot", "one name")
	c.Up(stack)
	c.Destroy(stack)
	c.Up(stack)
	requireRefused(t, destroy(c), "DBClusterSnapshotAlreadyExistsFault", "the-last already exists")

	c = try(t, "snapshot", "")
	for range 2 {
		c.Up(stack)
		c.Destroy(stack)
	}
	for _, d := range ours(t).ofType(database) {
		require.Regexp(t, `-[0-9a-f]{8}$`, d.Inputs.String("finalSnapshotIdentifier"))
	}
}

// W-05: the cache has a password and TLS, together.
func TestW05TokenNeedsTLS(t *testing.T) {
	t.Parallel()
	c := try(t, "token", "in plain text")
	refused(t, c, "InvalidParameterCombination", "encryption-in-transit is enabled")
	change(c, "token", "")
	c.Up(stack)
	for _, g := range ours(t).ofType("aws:elasticache/replicationGroup:ReplicationGroup") {
		require.True(t, g.Inputs.Has("authToken") && g.Inputs.Bool("transitEncryptionEnabled"), g.name())
	}
}

// W-06: a cache whose replicas scale is one that AWS scales. Ours has no scaling.
func TestW06CachesThatScale(t *testing.T) {
	t.Parallel()
	refused(t, try(t, "cache scaling", "not sharded"), "ValidationException", "cluster mode enabled")
	refused(t, try(t, "cache scaling", "small"), "ValidationException", "cache.t4g.micro")
	try(t, "cache scaling", "").Up(stack)
	for _, target := range ours(t).ofType(scalingTarget) {
		require.NotEqual(t, "elasticache", target.Inputs.String("serviceNamespace"), target.name())
	}
}

// W-13: the file system is backed up, which AWS does not do by itself.
func TestW13FilesAreBackedUp(t *testing.T) {
	t.Parallel()
	requireStatement(t, func(s state) []string {
		problems := none(s.ofType(fileSystem), "file system")
		for _, f := range s.ofType(fileSystem) {
			policy, _ := s.with("aws:efs/backupPolicy:BackupPolicy", "fileSystemId", f.ID)
			if policy.Inputs.String("backupPolicy.status") != "ENABLED" {
				problems = append(problems, f.name()+" has no backups")
			}
		}
		return problems
	}, "backups", "none", "switched off")
}

// W-14: code comes from the image, and what is on the network is quick.
func TestW14CodeIsNotOnTheNetwork(t *testing.T) {
	t.Parallel()
	requireStatement(t, func(s state) []string {
		problems := none(s.ofType(fileSystem), "file system")
		for _, d := range s.ofType(taskDefinition) {
			for _, volume := range d.Inputs.Objects("volumes") {
				f, _ := s.withID(fileSystem, volume.String("efsVolumeConfiguration.fileSystemId"))
				if mode := f.Inputs.String("throughputMode"); mode != "elastic" {
					problems = append(problems, fmt.Sprintf("the volume %s is %q", volume.String("name"), mode))
				}
				for _, c := range d.containers() {
					for _, m := range c.Objects("mountPoints") {
						if path := m.String("containerPath"); path == "/var/www/html" || path == "/var/www" {
							problems = append(problems, fmt.Sprintf("%s reads %s over the network", c.String("name"), path))
						}
					}
				}
			}
		}
		return problems
	}, "web root", "everything", "bursting")
}

// W-12: tasks have a password that nobody changes behind their backs.
func TestW12PasswordIsNotRotated(t *testing.T) {
	t.Parallel()
	requireStatement(t, func(s state) []string {
		problems := none(s.ofType(database), "database")
		for _, d := range s.ofType(database) {
			for _, arn := range d.Outputs.All("masterUserSecrets[].secretArn") {
				for _, definition := range s.ofType(taskDefinition) {
					if text, _ := arn.(string); strings.Contains(definition.Inputs.String("containerDefinitions"), text) {
						problems = append(problems, fmt.Sprintf("%s rotates the password of %s", d.name(), definition.name()))
					}
				}
			}
		}
		for _, r := range s.ofType("aws:secretsmanager/secretRotation:SecretRotation") {
			problems = append(problems, r.name()+" rotates a secret")
		}
		return problems
	}, "rotation", "task")
}

// W-20: what was just written is there for who reads it next: both go to the writer.
func TestW20ReadsFollowWrites(t *testing.T) {
	t.Parallel()
	requireStatement(t, func(s state) []string {
		hosts, problems := 0, none(s.ofType(database), "database")
		for _, version := range s.ofType("aws:secretsmanager/secretVersion:SecretVersion") {
			var told struct{ Host string }
			if json.Unmarshal([]byte(version.Inputs.String("secretString")), &told) != nil || told.Host == "" {
				continue
			}
			hosts++
			if _, writer := s.with(database, "endpoint", told.Host); !writer {
				problems = append(problems, version.name()+" names "+told.Host+", which is no writer")
			}
		}
		if hosts == 0 {
			problems = append(problems, "no task is told a database")
		}
		return problems
	}, "host", "readers")
}

// W-22: where a destroy may come at any moment, scaling adds no reader that Pulumi does not know: it would hold the
// cluster.
func TestW22NoReaderIsUnknown(t *testing.T) {
	t.Parallel()
	requireStatement(t, func(s state) []string {
		problems := none(s.ofType(scalingTarget), "scaling target")
		for _, d := range s.ofType(database) {
			known := -1 // the writer
			for _, i := range s.ofType(instance) {
				if i.Inputs.String("clusterIdentifier") == d.ID {
					known++
				}
			}
			target, _ := s.with(scalingTarget, "resourceId", "cluster:"+d.ID)
			if most := target.Inputs.Int("maxCapacity"); most > known && !d.Inputs.Bool("deletionProtection") {
				problems = append(problems, fmt.Sprintf("%s: %d readers, %d are known", d.name(), most, known))
			}
		}
		return problems
	}, "readers", "unknown")
}
