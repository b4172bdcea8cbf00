package files

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/reach"
)

const (
	region    = "eu-central-1"
	systemID  = "fs-1"
	systemARN = "arn:aws:elasticfilesystem:eu-central-1:123456789012:file-system/fs-1"
	pointARN  = "arn:aws:elasticfilesystem:eu-central-1:123456789012:access-point/fsap-1"
	role      = "arn:aws:iam::123456789012:role/task"
	resolve   = `Failed to resolve "fs-1.efs.eu-central-1.amazonaws.com"`
)

// store is an account with a file system that has a mount target in zone a, tasks in the zones a and b whose role
// may mount it, and a policy that wants TLS.
func store(t *testing.T, change func(all map[string]account.Resource)) *Part {
	t.Helper()
	all := map[string]account.Resource{}
	add := func(typ, id string, o account.Props) {
		r := account.Resource{Type: typ, ID: id, Region: region, Outputs: o}
		if typ[:8] == "aws:iam/" {
			r.Region = ""
		}
		all[id] = r
	}
	add(fileSystemType, systemID, account.Props{"arn": systemARN, "dnsName": "fs-1.efs.eu-central-1.amazonaws.com"})
	add(accessPointType, "fsap-1", account.Props{"fileSystemId": systemID, "arn": pointARN})
	add(mountTargetType, "fsmt-1", account.Props{"fileSystemId": systemID, "subnetId": "data-a", "securityGroups": []any{"files"}})
	add("aws:ec2/vpc:Vpc", "vpc-1", account.Props{"enableDnsHostnames": true})
	for id, zone := range map[string]string{"data-a": "a", "private-a": "a", "private-b": "b"} {
		add(subnetType, id, account.Props{"vpcId": "vpc-1", "availabilityZone": zone, "cidrBlock": "10.0.0.0/24"})
	}
	link := account.Props{"protocol": "tcp", "fromPort": 2049.0, "toPort": 2049.0}
	to, from := link.Copy(), link.Copy()
	to["securityGroups"], from["securityGroups"] = []any{"files"}, []any{"tasks"}
	add("aws:ec2/securityGroup:SecurityGroup", "tasks", account.Props{"egress": []any{map[string]any(to)}})
	add("aws:ec2/securityGroup:SecurityGroup", "files", account.Props{"ingress": []any{map[string]any(from)}})
	// Another key of the map than the file system has.
	all[systemID+" "] = account.Resource{Type: policyType, ID: systemID, Region: region, Outputs: account.Props{
		"policy": `{"Statement":{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"*","Resource":"*",` +
			`"Condition":{"Bool":{"aws:SecureTransport":"false"}}}}`,
	}}
	add("aws:iam/role:Role", "task", account.Props{"arn": role, "name": "task"})
	add("aws:iam/rolePolicy:RolePolicy", "task:own", account.Props{"role": "task", "policy": `{"Statement":{"Effect":"Allow",` +
		`"Action":["elasticfilesystem:ClientMount","elasticfilesystem:ClientWrite"],"Resource":"` + systemARN + `",` +
		`"Condition":{"StringEquals":{"elasticfilesystem:AccessPointArn":"` + pointARN + `"}}}}`})
	if change != nil {
		change(all)
	}
	acct, err := account.Open(t.TempDir() + "/account.db")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, acct.Close()) })
	require.NoError(t, acct.Update(func(tx *account.Tx) error {
		for _, r := range all {
			if err := tx.Put(r); err != nil {
				return err
			}
		}
		return nil
	}))
	return New(Env{Account: acct})
}

func TestWhoMayMount(t *testing.T) {
	t.Parallel()
	mount := func(change func(*Mount)) Mount {
		m := Mount{
			System: systemID, Point: "fsap-1", From: reach.Interface{Subnet: "private-a", Groups: []string{"tasks"}},
			Role: role, Session: "0123", TLS: true,
		}
		if change != nil {
			change(&m)
		}
		return m
	}
	without := func(id string) func(map[string]account.Resource) {
		return func(all map[string]account.Resource) { delete(all, id) }
	}
	for name, c := range map[string]struct {
		change   func(all map[string]account.Resource)
		mount    Mount
		reason   string // nothing: it may
		readOnly bool
	}{
		"a task of the zone": {mount: mount(nil)},
		"a task of a zone without a mount target": {
			mount: mount(func(m *Mount) { m.From.Subnet = "private-b" }), reason: resolve,
		},
		"no mount target": {change: without("fsmt-1"), mount: mount(nil), reason: resolve},
		"a mount target that is not ready": {
			change: func(all map[string]account.Resource) {
				target := all["fsmt-1"]
				target.Ready = time.Now().Add(time.Hour)
				all["fsmt-1"] = target
			},
			mount: mount(nil), reason: resolve,
		},
		"names are not resolved": {
			change: func(all map[string]account.Resource) { all["vpc-1"].Outputs["enableDnsHostnames"] = false }, mount: mount(nil), reason: resolve,
		},
		"the mount target is closed": {
			change: without("files"), mount: mount(nil),
			reason: "mount.nfs4: Connection reset by peer (security group files lets nothing in from security group tasks on port 2049)",
		},
		"the task may not go out": {
			change: without("tasks"), mount: mount(func(m *Mount) { m.TLS = false }), reason: "mount.nfs4: Connection timed out",
		},
		"no permission": {
			change: without("task:own"), mount: mount(nil), reason: "mount.nfs4: access denied by server while mounting 127.0.0.1:/ " +
				"(User: arn:aws:sts::123456789012:assumed-role/task/0123 is not authorized to perform: elasticfilesystem:ClientMount on resource: " + systemARN,
		},
		"another access point": {mount: mount(func(m *Mount) { m.Point = "" }), reason: "access denied by server"},
		"no IAM authorization": {mount: mount(func(m *Mount) { m.Role = "" }), reason: "User: anonymous is not authorized"},
		"no TLS": {
			mount: mount(func(m *Mount) { m.TLS = false }), reason: "with an explicit deny in a resource-based policy",
		},
		"no policy of the file system": {
			change: func(all map[string]account.Resource) {
				delete(all, systemID+" ")
				delete(all, "task:own")
			},
			mount: mount(func(m *Mount) { m.Role = "" }),
		},
		"only to read": {
			change: func(all map[string]account.Resource) {
				all["task:own"].Outputs["policy"] = `{"Statement":{"Effect":"Allow","Action":"elasticfilesystem:ClientMount","Resource":"*"}}`
			},
			mount: mount(nil), readOnly: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, point, readOnly, err := store(t, c.change).admit(c.mount)
			if c.reason == "" {
				require.NoError(t, err)
				require.Equal(t, c.mount.Point != "", point != nil)
				require.Equal(t, c.readOnly, readOnly)
				return
			}
			require.ErrorContains(t, err, "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: ")
			require.ErrorContains(t, err, c.reason)
		})
	}
}
