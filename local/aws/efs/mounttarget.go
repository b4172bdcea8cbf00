package efs

import (
	"net/netip"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/efs"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/kind"
)

func mountTarget() kind.Kind {
	both := kind.Making | kind.Changing
	return kind.Kind{
		Type: MountTarget, Title: "EFS Mount Target", Args: efs.MountTargetArgs{}, State: efs.MountTarget{},
		Takes: mountTargetTakes(),
		API: kind.API{
			Service: "efs", Create: "CreateMountTarget", Change: "ModifyMountTargetSecurityGroups", Delete: "DeleteMountTarget",
		},
		Source:  "EFS CreateMountTarget",
		Replace: []string{"fileSystemId", "ipAddress", "subnetId"},
		Sets:    []string{"securityGroups"},
		Kept:    []string{"securityGroups"},
		Rules: []kind.Rule{
			kind.Count("securityGroups", 0, 5).API("SecurityGroupLimitExceeded"),
		},
		Refs: []kind.Ref{
			{Path: "fileSystemId", To: FileSystem, Early: early},
			{Path: "subnetId", To: ec2.Subnet, Missing: kind.Fault{
				Code: "SubnetNotFound", Message: "The subnet ID '%s' does not exist",
			}},
			{Path: "securityGroups[]", To: ec2.SecurityGroup, Missing: kind.Fault{
				Code: "SecurityGroupNotFound", Message: "The security group '%s' does not exist",
			}},
		},
		Guards: []kind.Guard{
			{Name: "one mount target in a zone", On: kind.Making, Check: zoneFree},
			{Name: "mount targets in one VPC", On: kind.Making, Check: oneNetwork},
			{Name: "the zone of a One Zone file system", On: kind.Making, Check: zoneOfSystem},
			{Name: "security groups in the VPC of the subnet", On: both, Check: groupsOfNetwork},
			{Name: "the address is in the subnet", On: kind.Making, Check: addressInside},
			{Name: "the address is free", On: kind.Making, Check: addressFree},
		},
		NotFound: kind.Fault{Code: "MountTargetNotFound", Message: "Mount target %s does not exist."},
		Create:   createTarget,
		Delete:   func(c *kind.Call) error { return count(c, c.Old.String("fileSystemId"), -1) },
	}
}

// place is the subnet of a mount target.
func place(c *kind.Call) (account.Resource, error) {
	s, err := c.Find(ec2.Subnet, "id", c.In.String("subnetId"))
	if err != nil || s == nil {
		return account.Resource{}, err
	}
	return *s, nil
}

// siblings are the other mount targets of the file system.
func siblings(c *kind.Call) ([]account.Resource, error) {
	all, err := c.All(MountTarget)
	var list []account.Resource
	for _, t := range all {
		if t.ID != c.ID && t.Outputs.String("fileSystemId") == c.In.String("fileSystemId") {
			list = append(list, t)
		}
	}
	return list, err
}

func zoneFree(c *kind.Call) error {
	subnet, err := place(c)
	if err != nil {
		return err
	}
	others, err := siblings(c)
	for _, t := range others {
		if t.Outputs.String("availabilityZoneName") == subnet.Outputs.String("availabilityZone") {
			return kind.Refuse("MountTargetConflict", "mount target already exists in this AZ")
		}
	}
	return err
}

func oneNetwork(c *kind.Call) error {
	subnet, err := place(c)
	if err != nil {
		return err
	}
	others, err := siblings(c)
	if err != nil {
		return err
	}
	for _, t := range others {
		other, err := c.Find(ec2.Subnet, "id", t.Outputs.String("subnetId"))
		if err != nil {
			return err
		}
		if other != nil && other.Outputs.String("vpcId") != subnet.Outputs.String("vpcId") {
			return kind.Refuse("MountTargetConflict", "requested subnet for new mount target is not in the same VPC as existing mount targets")
		}
	}
	return nil
}

func zoneOfSystem(c *kind.Call) error {
	subnet, err := place(c)
	if err != nil {
		return err
	}
	fs, err := c.Find(FileSystem, "id", c.In.String("fileSystemId"))
	if err != nil || fs == nil {
		return err
	}
	if zone := fs.Outputs.String("availabilityZoneName"); zone != "" && zone != subnet.Outputs.String("availabilityZone") {
		return kind.Refuse("AvailabilityZonesMismatch", "The Availability Zone of the subnet (%s) is not that of the file system (%s).",
			subnet.Outputs.String("availabilityZone"), zone)
	}
	return nil
}

func groupsOfNetwork(c *kind.Call) error {
	subnet, err := place(c)
	if err != nil {
		return err
	}
	vpcID := subnet.Outputs.String("vpcId")
	other, err := ec2.GroupElsewhere(c, c.In.Strings("securityGroups"), vpcID)
	if err != nil {
		return err
	}
	if other != nil {
		return kind.Refuse("SecurityGroupNotFound", "The security group '%s' does not exist in VPC '%s'", other.ID, vpcID)
	}
	return nil
}

func addressInside(c *kind.Call) error {
	subnet, err := place(c)
	if err != nil || !c.In.Has("ipAddress") {
		return err
	}
	address, bad := netip.ParseAddr(c.In.String("ipAddress"))
	block, unknown := netip.ParsePrefix(subnet.Outputs.String("cidrBlock"))
	if unknown == nil && (bad != nil || !block.Contains(address)) {
		return kind.Refuse("BadRequest", "Address does not fall within the subnet's address range")
	}
	return nil
}

func addressFree(c *kind.Call) error {
	all, err := c.All(MountTarget)
	for _, t := range all {
		if c.In.Has("ipAddress") && t.Outputs.String("ipAddress") == c.In.String("ipAddress") &&
			t.Outputs.String("subnetId") == c.In.String("subnetId") {
			return kind.Refuse("IpAddressInUse", "Address %s is in use.", c.In.String("ipAddress"))
		}
	}
	return err
}

func createTarget(c *kind.Call) error {
	subnet, err := place(c)
	if err != nil {
		return err
	}
	fs, zone := c.In.String("fileSystemId"), subnet.Outputs.String("availabilityZone")
	c.ID = "fsmt-0" + account.NewHex(16)
	host := fs + ".efs." + c.Region + ".amazonaws.com"
	c.Set(account.Props{
		"availabilityZoneName": zone, "availabilityZoneId": subnet.Outputs.String("availabilityZoneId"),
		"dnsName": host, "mountTargetDnsName": zone + "." + host, "ownerId": account.ID,
		"fileSystemArn": c.ARN("elasticfilesystem", "file-system/"+fs), "networkInterfaceId": account.NewID("eni"),
		"ipAddress": ec2.PrivateAddress(subnet.Outputs.String("cidrBlock")), "securityGroups": []any{},
	})
	return count(c, fs, 1)
}

// count keeps the number of mount targets that a file system tells.
func count(c *kind.Call, system string, by float64) error {
	fs, err := c.Find(FileSystem, "id", system)
	if err != nil || fs == nil {
		return err
	}
	fs.Outputs["numberOfMountTargets"] = fs.Outputs.Number("numberOfMountTargets") + by
	return c.Tx.Put(*fs)
}
