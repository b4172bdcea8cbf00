package files

import (
	"fmt"
	"strconv"
	"time"

	"wordpress-ecs/local/access"
	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/reach"
)

const (
	policyType = "aws:efs/fileSystemPolicy:FileSystemPolicy"
	subnetType = "aws:ec2/subnet:Subnet"
	// nfs is the port of mount targets.
	nfs = 2049
)

// admit tells what a task mounts, or why it cannot, as ECS says it: the mount target of its zone is missing, it does
// not reach it, or the file system does not let it in. Point is nil where no access point is named.
func (p *Part) admit(m Mount) (system, point *account.Resource, readOnly bool, err error) {
	if system, err = p.find(fileSystemType, m.System); err != nil {
		return nil, nil, false, err
	}
	if system == nil {
		return nil, nil, false, unresolved(m.System + ".efs.amazonaws.com")
	}
	if m.Point != "" {
		if point, err = p.find(accessPointType, m.Point); err != nil {
			return nil, nil, false, err
		}
	}
	err = p.env.Account.View(func(tx *account.Tx) error {
		if err := m.reaches(tx, *system); err != nil {
			return err
		}
		if m.Point != "" && (point == nil || point.Outputs.String("fileSystemId") != m.System) {
			return denied(fmt.Sprintf("%s has no access point %s", m.System, m.Point))
		}
		readOnly, err = m.allowed(tx, *system, point)
		return err
	})
	return system, point, readOnly, err
}

// reaches tells why a task does not get to the file system; nil when it does.
func (m Mount) reaches(tx *account.Tx, system account.Resource) error {
	host := system.Outputs.String("dnsName")
	all, err := tx.ByType(mountTargetType)
	if err != nil {
		return err
	}
	var targets []account.Resource
	for _, r := range all {
		if r.Outputs.String("fileSystemId") == m.System && r.Available(time.Now()) {
			targets = append(targets, r)
		}
	}
	if len(targets) == 0 {
		return unresolved(host)
	}
	if m.From.Subnet == "" {
		return nil
	}
	subnets, err := tx.ByType(subnetType)
	if err != nil {
		return err
	}
	zones := map[string]string{}
	for _, s := range subnets {
		zones[s.ID] = s.Outputs.String("vpcId") + " " + s.Outputs.String("availabilityZone")
	}
	network, err := reach.Read(tx)
	if err != nil {
		return err
	}
	if _, hosts := network.Names(m.From.Subnet); !hosts {
		return unresolved(host)
	}
	for _, t := range targets {
		if zones[t.Outputs.String("subnetId")] != zones[m.From.Subnet] {
			continue
		}
		if err := network.Between(m.From, reach.Interface{
			Subnet: t.Outputs.String("subnetId"), Groups: t.Outputs.Strings("securityGroups"), IP: t.Outputs.String("ipAddress"),
		}, nfs); err != nil {
			return m.silent(err)
		}
		return nil
	}
	return unresolved(host)
}

// allowed tells whether the file system lets a task in only to read, or why not at all. Without a policy it lets in
// everyone who reaches it.
func (m Mount) allowed(tx *account.Tx, system account.Resource, point *account.Resource) (readOnly bool, err error) {
	policy, err := tx.Get(policyType, system.Region, system.ID)
	if err != nil || policy == nil {
		return false, err
	}
	request := access.Request{
		Role: m.Role, Session: m.Session, Resource: system.Outputs.String("arn"), Policy: policy.Outputs.String("policy"),
		Context: map[string]string{
			"aws:SecureTransport": strconv.FormatBool(m.TLS), "elasticfilesystem:AccessedViaMountTarget": "true",
		},
	}
	if point != nil {
		request.Context["elasticfilesystem:AccessPointArn"] = point.Outputs.String("arn")
	}
	may := func(action string) (access.Answer, error) {
		request.Action = "elasticfilesystem:" + action
		return access.Ask(tx, request)
	}
	mount, err := may("ClientMount")
	if err != nil {
		return false, err
	}
	if err := mount.Refused(); err != nil {
		return false, denied(err.Error())
	}
	write, err := may("ClientWrite")
	return !write.Allowed, err
}

// unresolved, denied, silent and unmounted are what ECS says. What is in brackets is added here: AWS does not tell.
func unresolved(host string) error {
	return fmt.Errorf("ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: "+
		"Failed to resolve %q - check that your file system ID is correct, and ensure that the VPC has an EFS mount target "+
		"for this file system ID. See https://docs.aws.amazon.com/console/efs/mount-dns-name for more detail. : "+
		"unsuccessful EFS utils command execution; code: 1", host)
}

func denied(why string) error {
	return unmounted(fmt.Sprintf("access denied by server while mounting 127.0.0.1:/ (%s)", why))
}

// silent is a mount target that does not answer: with TLS the tunnel ends the connection.
func (m Mount) silent(why error) error {
	if m.TLS {
		return unmounted(fmt.Sprintf("Connection reset by peer (%v)", why))
	}
	return unmounted(fmt.Sprintf("Connection timed out (%v)", why))
}

func unmounted(cause string) error {
	return fmt.Errorf("ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: "+
		"mount.nfs4: %s : unsuccessful EFS utils command execution; code: 32", cause)
}
