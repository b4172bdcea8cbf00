package ec2

import (
	"fmt"
	"slices"

	sdkvpc "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

func ingress() kind.Kind {
	k := groupRule(Ingress, "VPC Security Group Ingress Rule", "ingress")
	k.Args, k.State, k.API = sdkvpc.SecurityGroupIngressRuleArgs{}, sdkvpc.SecurityGroupIngressRule{}, ruleAPI("Ingress")
	return k
}

func egress() kind.Kind {
	k := groupRule(Egress, "VPC Security Group Egress Rule", "egress")
	k.Args, k.State, k.API = sdkvpc.SecurityGroupEgressRuleArgs{}, sdkvpc.SecurityGroupEgressRule{}, ruleAPI("Egress")
	return k
}

func groupRule(token, title, direction string) kind.Kind {
	return kind.Kind{
		Type: token, Title: title, Source: terraform + "vpc_security_group_ingress_rule.go",
		Replace: []string{"securityGroupId"},
		// A rule keeps the kind of its peer.
		ReplaceIf: func(before, after account.Props) []string {
			if old, fresh := peerOf(before), peerOf(after); old != fresh {
				return []string{old, fresh}
			}
			return nil
		},
		Text: map[string]func(string) string{"ipProtocol": protocol},
		Rules: append(tags(),
			kind.ExactlyOne(peers...), kind.CIDR("cidrIpv4", 0, 32),
			kind.Range("fromPort", -1, 65535), kind.Range("toPort", -1, 65535),
			kind.Match("description", groupText, groupHint).API("InvalidParameterValue").
				From("EC2 API model: SecurityGroupRuleDescription"),
			kind.Length("description", 0, 255).API("InvalidParameterValue").From("EC2 API model: SecurityGroupRuleDescription"),
			kind.Whole("ports fit the protocol", ports, "ipProtocol", "fromPort", "toPort").API("InvalidParameterValue").From(errorCodes)),
		Refs: []kind.Ref{
			{Path: "securityGroupId", To: SecurityGroup, Loose: true, Source: errorCodes},
			{Path: "referencedSecurityGroupId", To: SecurityGroup, Source: errorCodes},
		},
		Guards: []kind.Guard{
			{Name: "the peer is in the same VPC", On: kind.Making | kind.Changing, Source: errorCodes, Check: func(c *kind.Call) error {
				peer := c.In.String("referencedSecurityGroupId")
				if peer == "" {
					return nil
				}
				vpcID, err := network(c, SecurityGroup, c.In.String("securityGroupId"))
				if err != nil {
					return err
				}
				return sameGroupNetwork(c, vpcID, peer)
			}},
			{Name: "the group has no such rule", On: kind.Making | kind.Changing, Source: errorCodes, Check: func(c *kind.Call) error {
				wanted := permissionOf(c.In)
				if c.Old != nil && wanted == permissionOf(c.Old) {
					return nil
				}
				all, err := shown(c, c.In.String("securityGroupId"), direction)
				if err == nil && slices.Contains(all, wanted) {
					return kind.Refuse("InvalidPermission.Duplicate", "%s", wanted.duplicate())
				}
				return err
			}},
			listsExist("prefixListId"),
			{Name: "rules per direction", On: kind.Making | kind.Changing, Source: listQuotas, Check: func(c *kind.Call) error {
				all, err := shown(c, c.In.String("securityGroupId"), direction)
				if c.Old != nil {
					before := permissionOf(c.Old)
					all = slices.DeleteFunc(all, func(p permission) bool { return p == before })
				}
				if err == nil && counted(c.Region, append(all, permissionOf(c.In))) > mostRules {
					return tooManyRules()
				}
				return err
			}},
		},
		NotFound: kind.Fault{Code: "InvalidSecurityGroupRuleId.NotFound", Message: "The security group rule ID '%s' does not exist"},
		Create: func(c *kind.Call) error {
			c.ID = account.NewID("sgr")
			c.Set(account.Props{"arn": c.ARN("ec2", "security-group-rule/"+c.ID), "securityGroupRuleId": c.ID})
			return settleRule(c, direction)
		},
		Update: func(c *kind.Call) error { return settleRule(c, direction) },
		Delete: func(c *kind.Call) error {
			return enter(c, c.Old.String("securityGroupId"), direction, nil, permissionOf(c.Old).inline(c.Old.String("description")))
		},
	}
}

// peerOf is the input that names the peer.
func peerOf(in account.Props) string {
	for _, name := range peers {
		if in.Has(name) {
			return name
		}
	}
	return ""
}

// settleRule keeps a rule as AWS answers it, and shows it in its group. Whoever gives ports to all protocols reads -1 back.
func settleRule(c *kind.Call, direction string) error {
	c.In = c.In.Copy()
	c.Out["ipProtocol"] = protocol(c.In.String("ipProtocol"))
	for _, name := range []string{"fromPort", "toPort"} {
		if c.Out["ipProtocol"] == allProtocols && c.In.Has(name) {
			c.In[name], c.Out[name] = -1.0, -1.0
		}
	}
	var before map[string]any
	if c.Old != nil {
		before = permissionOf(c.Old).inline(c.Old.String("description"))
	}
	return enter(c, c.In.String("securityGroupId"), direction, permissionOf(c.Out).inline(c.Out.String("description")), before)
}

func ports(in account.Props) string {
	p := protocol(in.String("ipProtocol"))
	switch {
	case (p == "tcp" || p == "udp") && (!in.Has("fromPort") || !in.Has("toPort")):
		return "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."
	case (p == "tcp" || p == "udp") && in.Number("fromPort") > in.Number("toPort"):
		return "Invalid TCP/UDP port range (" + portRange(in) + ")"
	}
	return ""
}

func portRange(in account.Props) string {
	return fmt.Sprintf("%v:%v", in.Number("fromPort"), in.Number("toPort"))
}
