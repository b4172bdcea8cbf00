package ec2

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

func defaultSecurityGroup() kind.Kind {
	return kind.Kind{
		Type: DefaultGroup, Title: "EC2 Default Security Group",
		Args: ec2.DefaultSecurityGroupArgs{}, State: ec2.DefaultSecurityGroup{}, Source: terraform + "vpc_default_security_group.go",
		Replace: []string{"vpcId"},
		Sets:    groupSets(),
		Text:    groupProtocols(),
		Rules:   append(tags(), inlineRules()...),
		Refs: []kind.Ref{
			{Path: "vpcId", To: Vpc, Loose: true, Source: errorCodes},
			{Path: "ingress[].securityGroups[]", To: SecurityGroup, Source: errorCodes},
			{Path: "egress[].securityGroups[]", To: SecurityGroup, Source: errorCodes},
		},
		Guards: []kind.Guard{
			{Name: "the VPC has one", On: kind.Making, Source: errorCodes, Check: func(c *kind.Call) error {
				if !c.In.Has("vpcId") {
					return kind.Refuse("InvalidGroup.NotFound", "no default security group: this account has no default VPC")
				}
				return nil
			}},
			listsExist(inlineLists...),
			{Name: "rules per direction", On: kind.Making | kind.Changing, Source: listQuotas, Check: fewInline},
		},
		Create: func(c *kind.Call) error {
			network, err := c.Find(Vpc, "id", c.In.String("vpcId"))
			if err != nil {
				return err
			}
			c.ID = network.Outputs.String("defaultSecurityGroupId")
			c.Set(owned(c, "security-group"))
			c.Set(account.Props{
				"name": "default", "namePrefix": "", "description": "default VPC security group",
				"ingress": []any{}, "egress": []any{},
			})
			return settleRules(c)
		},
		Update: settleRules,
	}
}
