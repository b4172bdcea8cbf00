package ec2

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	sdkvpc "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// groupText is what names and descriptions of groups and rules may consist of.
const groupText = `^[0-9A-Za-z_ .:/()#,@\[\]+=&;{}!$*-]*$`

func securityGroup() kind.Kind {
	return kind.Kind{
		Type: SecurityGroup, Title: "EC2 Security Group", Args: ec2.SecurityGroupArgs{}, State: ec2.SecurityGroup{},
		Name:     kind.Name{Property: "name", Prefix: "namePrefix"},
		Replace:  []string{"description", "name", "namePrefix", "vpcId"},
		Sets:     []string{"ingress", "egress"},
		Kept:     []string{"ingress", "egress"},
		Defaults: account.Props{"description": "Managed by Pulumi", "revokeRulesOnDelete": false},
		Rules: []kind.Rule{
			kind.Length("name", 1, 255), kind.Reject("name", `^sg-`, "cannot begin with sg-"),
			kind.Match("name", groupText, "has characters that are not allowed").API("InvalidParameterValue"),
			kind.Length("description", 1, 255), kind.Match("description", groupText, "has characters that are not allowed"),
		},
		Refs:     []kind.Ref{{Path: "vpcId", To: Vpc}},
		NotFound: kind.Fault{Code: "InvalidGroup.NotFound", Message: "The security group '%s' does not exist"},
		InUse:    kind.Fault{Code: "DependencyViolation", Message: "resource %s has a dependent object"},
		Create: func(c *kind.Call) error {
			network := c.In.String("vpcId")
			if network == "" {
				return kind.Refuse("VPCIdNotSpecified", "No default VPC for this user")
			}
			groups, err := c.All(SecurityGroup)
			if err != nil {
				return err
			}
			for _, g := range groups {
				if g.Name == c.Out.String("name") && g.Outputs.String("vpcId") == network {
					return kind.Refuse("InvalidGroup.Duplicate", "The security group '%s' already exists for VPC '%s'",
						g.Name, network)
				}
			}
			c.ID = account.NewID("sg")
			c.Set(owned(c, "security-group"))
			c.Set(account.Props{"ingress": []any{}, "egress": []any{}, "namePrefix": ""})
			return nil
		},
		Delete: dropRules,
	}
}

// dropRules deletes the rules of a group, which go with it; rules of other groups
// that name this one are in its way, as their Ref says.
func dropRules(c *kind.Call) error {
	for _, token := range []string{Ingress, Egress} {
		rules, err := c.All(token)
		if err != nil {
			return err
		}
		for _, r := range rules {
			if r.Outputs.String("securityGroupId") != c.ID {
				continue
			}
			if err := c.Tx.Delete(token, r.Region, r.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func defaultSecurityGroup() kind.Kind {
	return kind.Kind{
		Type: DefaultGroup, Title: "EC2 Default Security Group",
		Args: ec2.DefaultSecurityGroupArgs{}, State: ec2.DefaultSecurityGroup{},
		Replace: []string{"vpcId"},
		Sets:    []string{"ingress", "egress"},
		Refs:    []kind.Ref{{Path: "vpcId", To: Vpc, Loose: true}},
		Create: func(c *kind.Call) error {
			network, err := c.Find(Vpc, "id", c.In.String("vpcId"))
			if err != nil {
				return err
			}
			if network == nil {
				return kind.Refuse("InvalidGroup.NotFound", "no default security group: this account has no default VPC")
			}
			c.ID = network.Outputs.String("defaultSecurityGroupId")
			c.Set(owned(c, "security-group"))
			c.Set(account.Props{
				"name": "default", "namePrefix": "", "description": "default VPC security group",
				"ingress": []any{}, "egress": []any{},
			})
			return nil
		},
	}
}

func ingress() kind.Kind {
	k := groupRule(Ingress, "VPC Security Group Ingress Rule")
	k.Args, k.State = sdkvpc.SecurityGroupIngressRuleArgs{}, sdkvpc.SecurityGroupIngressRule{}
	return k
}

func egress() kind.Kind {
	k := groupRule(Egress, "VPC Security Group Egress Rule")
	k.Args, k.State = sdkvpc.SecurityGroupEgressRuleArgs{}, sdkvpc.SecurityGroupEgressRule{}
	return k
}

// peers are the inputs of a rule that say who is at the other end.
var peers = []string{
	"cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId",
}

func groupRule(token, title string) kind.Kind {
	return kind.Kind{
		Type: token, Title: title,
		Replace: []string{"securityGroupId"},
		Text:    map[string]func(string) string{"ipProtocol": protocol},
		Rules: []kind.Rule{
			kind.ExactlyOne(peers...), kind.CIDR("cidrIpv4", 0, 32),
			kind.Range("fromPort", -1, 65535), kind.Range("toPort", -1, 65535),
			kind.Match("description", groupText, "has characters that are not allowed"), kind.Length("description", 0, 255),
			kind.Whole(ports, "ipProtocol", "fromPort", "toPort").API("InvalidParameterValue"),
		},
		Refs: []kind.Ref{
			{Path: "securityGroupId", To: SecurityGroup, Loose: true},
			{Path: "referencedSecurityGroupId", To: SecurityGroup},
		},
		NotFound: kind.Fault{Code: "InvalidSecurityGroupRuleId.NotFound", Message: "The security group rule ID '%s' does not exist"},
		Create: func(c *kind.Call) error {
			rules, err := c.All(token)
			if err != nil {
				return err
			}
			for _, r := range rules {
				if sameRule(r.Outputs, c.In) {
					return kind.Refuse("InvalidPermission.Duplicate", "the specified rule \"peer: %s, %s, ALLOW\" already exists",
						peer(c.In), strings.ToUpper(protocol(c.In.String("ipProtocol"))))
				}
			}
			c.ID = account.NewID("sgr")
			c.Set(account.Props{"arn": c.ARN("ec2", "security-group-rule/"+c.ID), "securityGroupRuleId": c.ID})
			return nil
		},
	}
}

func ports(in account.Props) string {
	p := protocol(in.String("ipProtocol"))
	switch {
	case p == "-1" && (in.Has("fromPort") || in.Has("toPort")):
		return "You may not specify ports for all protocols: leave fromPort and toPort out when ipProtocol is -1"
	case (p == "tcp" || p == "udp") && (!in.Has("fromPort") || !in.Has("toPort")):
		return "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."
	case in.Number("fromPort") > in.Number("toPort"):
		return "Invalid TCP/UDP port range: fromPort is greater than toPort"
	}
	return ""
}

// protocol is the name of a protocol that may be given by number.
func protocol(p string) string {
	switch p {
	case "6":
		return "tcp"
	case "17":
		return "udp"
	case "all":
		return "-1"
	default:
		return strings.ToLower(p)
	}
}

func peer(in account.Props) string {
	for _, name := range peers {
		if in.Has(name) {
			return in.String(name)
		}
	}
	return ""
}

func sameRule(a, b account.Props) bool {
	return a.String("securityGroupId") == b.String("securityGroupId") && peer(a) == peer(b) &&
		protocol(a.String("ipProtocol")) == protocol(b.String("ipProtocol")) &&
		a.Number("fromPort") == b.Number("fromPort") && a.Number("toPort") == b.Number("toPort")
}
