package ec2

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	// groupText is what names and descriptions of groups and rules may consist of.
	groupText = `^[0-9A-Za-z_ .:/()#,@\[\]+=&;{}!$*-]*$`
	groupHint = "has characters that are not allowed"

	mostGroups = 2500
	// mostRules is how many rules a group can have in each direction, for IPv4 and for IPv6.
	mostRules = 60
)

func securityGroup() kind.Kind {
	return kind.Kind{
		Type: SecurityGroup, Title: "EC2 Security Group", Args: ec2.SecurityGroupArgs{}, State: ec2.SecurityGroup{},
		Takes: groupTakes(), Source: terraform + "vpc_security_group.go",
		API:      groupAPI(),
		Name:     kind.Name{Property: "name", Prefix: "namePrefix"},
		Replace:  []string{"description", "name", "namePrefix", "vpcId"},
		Sets:     groupSets(),
		Kept:     []string{"ingress", "egress"},
		Text:     groupProtocols(),
		Defaults: account.Props{"description": "Managed by Pulumi", "revokeRulesOnDelete": false},
		Rules: append(append(tags(), inlineRules()...),
			kind.Length("name", 1, 255), kind.Reject("name", `^sg-`, "cannot begin with sg-"),
			kind.Conflict("name", "namePrefix"), kind.Length("namePrefix", 1, 229),
			kind.Length("description", 1, 255), kind.Match("description", groupText, groupHint),
			kind.Match("name", groupText, groupHint).Named("characters of name").API("InvalidParameterValue").
				From("EC2 API model: CreateSecurityGroupRequest.GroupName"),
			kind.Rule{Name: "name is not reserved", Path: "name", Bad: "default", Code: "InvalidParameterValue", Source: errorCodes,
				Test: func(v any, _ account.Props) string {
					if name, _ := v.(string); strings.EqualFold(name, "default") {
						return "Cannot use reserved security group name: " + name
					}
					return ""
				}}),
		Refs: []kind.Ref{
			{Path: "vpcId", To: Vpc, Source: errorCodes},
			{Path: "ingress[].securityGroups[]", To: SecurityGroup, Source: errorCodes},
			{Path: "egress[].securityGroups[]", To: SecurityGroup, Source: errorCodes},
		},
		Guards: []kind.Guard{
			{Name: "a VPC", On: kind.Making, Source: errorCodes, Check: func(c *kind.Call) error {
				if !c.In.Has("vpcId") {
					return kind.Refuse("VPCIdNotSpecified", "No default VPC for this user")
				}
				return nil
			}},
			{Name: "the name is free in the VPC", On: kind.Making, Source: errorCodes, Check: nameFree},
			{Name: "rules name groups of the same VPC", On: kind.Making | kind.Changing, Source: errorCodes, Check: inlinePeers},
			listsExist(inlineLists...),
			{Name: "rules per direction", On: kind.Making | kind.Changing, Source: listQuotas, Check: fewInline},
			kind.Quota("security groups per region", mostGroups, kind.Fault{
				Code: "SecurityGroupLimitExceeded", Message: "The maximum number of security groups has been reached.",
			}, kind.Alike(SecurityGroup)).From(vpcQuotas),
		},
		NotFound: kind.Fault{Code: "InvalidGroup.NotFound", Message: "The security group '%s' does not exist"},
		InUse:    kind.Fault{Code: "DependencyViolation", Message: "resource %s has a dependent object"},
		Create: func(c *kind.Call) error {
			c.ID = account.NewID("sg")
			c.Set(owned(c, "security-group"))
			c.Set(account.Props{"ingress": []any{}, "egress": []any{}, "namePrefix": ""})
			return settleRules(c)
		},
		Update: settleRules,
		// Its rules go with it; rules of other groups that name this one are in its way, as their Ref says.
		Delete: func(c *kind.Call) error {
			if err := drop(c, Ingress, "securityGroupId"); err != nil {
				return err
			}
			return drop(c, Egress, "securityGroupId")
		},
	}
}

// groupSets are the inputs of a group whose order has no meaning.
func groupSets() []string {
	sets := []string{}
	for _, direction := range []string{"ingress", "egress"} {
		sets = append(sets, direction)
		for _, list := range []string{"cidrBlocks", "ipv6CidrBlocks", "prefixListIds", "securityGroups"} {
			sets = append(sets, direction+"."+list)
		}
	}
	return sets
}

func groupProtocols() map[string]func(string) string {
	return map[string]func(string) string{"ingress.protocol": protocol, "egress.protocol": protocol}
}

// inlineRules are what a group's own rules must fulfil.
func inlineRules() []kind.Rule {
	var rules []kind.Rule
	for _, direction := range []string{"ingress", "egress"} {
		one := direction + "[]."
		rules = append(rules,
			kind.CIDR(one+"cidrBlocks[]", 0, 32),
			kind.Match(one+"description", groupText, groupHint), kind.Length(one+"description", 0, 255),
			kind.Whole("ports of "+direction, func(in account.Props) string { return inlinePorts(in.Objects(direction)) }, direction),
			kind.Whole("one rule per peer in "+direction, func(in account.Props) string {
				return doubleRule(in.Objects(direction))
			}, direction).API("InvalidPermission.Duplicate").From(errorCodes))
	}
	return rules
}

func inlinePorts(rules []account.Props) string {
	for _, r := range rules {
		from, to := r.Number("fromPort"), r.Number("toPort")
		switch p := protocol(r.String("protocol")); {
		case p == "-1" && (from != 0 || to != 0):
			return fmt.Sprintf("from_port (%v) and to_port (%v) must both be 0 to use the 'ALL' \"-1\" protocol!", from, to)
		case p != "icmp" && p != "icmpv6" && from > to:
			return fmt.Sprintf("from_port (%v) is greater than to_port (%v)", from, to)
		}
	}
	return ""
}

func doubleRule(rules []account.Props) string {
	seen := map[string]bool{}
	for _, r := range rules {
		for _, p := range permissions(r) {
			if seen[p.String()] {
				return p.duplicate()
			}
			seen[p.String()] = true
		}
	}
	return ""
}

func nameFree(c *kind.Call) error {
	groups, err := c.All(SecurityGroup)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if g.Name == c.Out.String("name") && g.Outputs.String("vpcId") == c.In.String("vpcId") {
			return kind.Refuse("InvalidGroup.Duplicate", "The security group '%s' already exists for VPC '%s'",
				g.Name, c.In.String("vpcId"))
		}
	}
	return nil
}

func inlinePeers(c *kind.Call) error {
	for _, path := range []string{"ingress[].securityGroups[]", "egress[].securityGroups[]"} {
		for _, v := range c.In.All(path) {
			id, _ := v.(string)
			if err := sameGroupNetwork(c, c.Out.String("vpcId"), id); err != nil {
				return err
			}
		}
	}
	return nil
}

// sameGroupNetwork refuses a group of another VPC as the peer of a rule.
func sameGroupNetwork(c *kind.Call, vpcID, group string) error {
	other, err := network(c, SecurityGroup, group)
	if err != nil {
		return err
	}
	if other != vpcID {
		return kind.Refuse("InvalidGroup.NotFound", "You have specified two resources that belong to different networks.")
	}
	return nil
}

func fewInline(c *kind.Call) error {
	for _, direction := range []string{"ingress", "egress"} {
		if !c.In.Has(direction) {
			continue
		}
		var all []permission
		for _, r := range c.In.Objects(direction) {
			all = append(all, permissions(r)...)
		}
		if counted(c.Region, all) > mostRules {
			return tooManyRules()
		}
	}
	return nil
}

func tooManyRules() error {
	return kind.Refuse("RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached.")
}

// settleRules keeps the rules of a group as AWS answers them. A group that names its rules takes away all others, those
// that are resources of their own, too.
func settleRules(c *kind.Call) error {
	for direction, token := range map[string]string{"ingress": Ingress, "egress": Egress} {
		if !c.In.Has(direction) {
			continue
		}
		var have []permission
		for _, r := range c.In.Objects(direction) {
			have = append(have, permissions(r)...)
		}
		c.Out[direction] = c.In[direction]
		if c.Old == nil {
			continue
		}
		separate, err := c.All(token)
		if err != nil {
			return err
		}
		for _, r := range separate {
			if r.Outputs.String("securityGroupId") != c.ID || slices.Contains(have, permissionOf(r.Outputs)) {
				continue
			}
			if err := c.Tx.Delete(token, r.Region, r.ID); err != nil {
				return err
			}
		}
	}
	return nil
}
