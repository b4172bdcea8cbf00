package ec2

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const mostAddresses = 5

func eip() kind.Kind {
	return kind.Kind{
		Type: Eip, Title: "EC2 EIP", Args: ec2.EipArgs{}, State: ec2.Eip{}, Source: terraform + "ec2_eip.go",
		API:     eipAPI(),
		Replace: []string{"address", "domain", "ipamPoolId", "networkBorderGroup", "publicIpv4Pool", "vpc"},
		Rules: append(tags(),
			kind.OneOf("domain", "vpc", "standard"), kind.Conflict("domain", "vpc")),
		Guards: []kind.Guard{
			kind.Quota("elastic addresses per region", mostAddresses, kind.Fault{
				Code: "AddressLimitExceeded", Message: "The maximum number of addresses has been reached.",
			}, kind.Alike(Eip)).From("docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html"),
			{Name: "what it is associated with exists", On: kind.Making | kind.Changing, Source: errorCodes, Check: associable},
			// The provider does not wait for it.
			{Name: "no gateway has it", On: kind.Deleting, Source: errorCodes, Check: released},
		},
		NotFound: kind.Fault{
			Code: "InvalidAllocationID.NotFound", Message: "The allocation ID '%s' does not exist",
		},
		Create: func(c *kind.Call) error {
			c.ID = account.NewID("eipalloc")
			address := publicAddress()
			c.Set(account.Props{
				"arn": c.ARN("ec2", "elastic-ip/"+c.ID), "allocationId": c.ID, "domain": "vpc", "vpc": true,
				"publicIp": address, "publicDns": "ec2-" + dashed(address) + "." + computeDomain(c.Region),
				"publicIpv4Pool": "amazon", "networkBorderGroup": c.Region, "ptrRecord": "", "associationId": "",
				"instance": "", "networkInterface": "", "privateIp": "", "privateDns": "", "carrierIp": "",
				"customerOwnedIp": "", "ipamPoolId": "",
			})
			return nil
		},
	}
}

func released(c *kind.Call) error {
	nats, err := c.All(Nat)
	if err != nil {
		return err
	}
	for _, nat := range nats {
		if nat.Outputs.String("allocationId") == c.ID || slices.Contains(nat.Outputs.Strings("secondaryAllocationIds"), c.ID) {
			return kind.Refuse("InvalidIPAddress.InUse", "Address %s is in use.", c.ID)
		}
	}
	return nil
}

// associable refuses instances, of which the account has none that a program knows, and interfaces that are nobody's.
func associable(c *kind.Call) error {
	if id := c.In.String("instance"); id != "" {
		return kind.Refuse("InvalidInstanceID.NotFound", "The instance ID '%s' does not exist", id)
	}
	id := c.In.String("networkInterface")
	if id == "" {
		return nil
	}
	nat, err := c.Find(Nat, "networkInterfaceId", id)
	if err != nil {
		return err
	}
	if nat != nil {
		return kind.Refuse("OperationNotPermitted", "You are not allowed to manage 'ela-attach' attachments.")
	}
	return kind.Refuse("InvalidNetworkInterfaceID.NotFound", "The networkInterface ID '%s' does not exist", id)
}

// associate notes on an address which network interface has it; none when that is nil.
func associate(c *kind.Call, allocation string, holder account.Props) error {
	address, err := c.Tx.Get(Eip, c.Region, allocation)
	if err != nil || address == nil {
		return err
	}
	address.Outputs = address.Outputs.Copy()
	private := holder.String("privateIp")
	dns := ""
	if private != "" {
		dns = "ip-" + dashed(private) + "." + internalDomain(c.Region)
	}
	address.Outputs["associationId"] = holder.String("associationId")
	address.Outputs["networkInterface"] = holder.String("networkInterfaceId")
	address.Outputs["privateIp"], address.Outputs["privateDns"] = private, dns
	return c.Tx.Put(*address)
}

func internalDomain(region string) string {
	if region == "us-east-1" {
		return "ec2.internal"
	}
	return region + ".compute.internal"
}
