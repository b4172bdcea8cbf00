package elb

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/lambda"
)

const (
	// mostTargets is how many addresses a target group can have, mostFunctions how many functions.
	mostTargets   = 1000
	mostFunctions = 1
	// service is as whom load balancers call functions.
	service = "elasticloadbalancing.amazonaws.com"
)

var (
	functionARN = regexp.MustCompile(`^arn:[\w-]+:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+(:[\w$-]+)?$`)
	// private are the networks whose addresses can be targets though they are outside of the VPC.
	private = []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("172.16.0.0/12"),
		netip.MustParsePrefix("192.168.0.0/16"),
	}
)

// attachment is one target of a group: a Lambda function or an address. Those of services ECS registers itself.
func attachment() kind.Kind {
	return kind.Kind{
		Type: TargetGroupAttachment, Title: "ELBv2 Target Group Attachment",
		Args: lb.TargetGroupAttachmentArgs{}, State: lb.TargetGroupAttachment{},
		API: attachmentAPI(), Source: terraform + "target_group_attachment.go",
		Replace: []string{"availabilityZone", "port", "targetGroupArn", "targetId"},
		// They go with their group.
		Refs: []kind.Ref{{Path: "targetGroupArn", To: TargetGroup, By: "arn", Loose: true, Source: model + "TargetGroupNotFoundException"}},
		Guards: []kind.Guard{
			{Name: "the target fits the group", Source: model + "TargetDescription.Id", On: kind.Making, Check: asked(fits)},
			{Name: "targets per target group", Source: quotas, On: kind.Making, Check: asked(fewTargetsOfGroup)},
			{
				Name: "the group may call the function", Source: "terraform-aws-modules/terraform-aws-alb#210",
				On: kind.Making, Check: asked(callable),
			},
		},
		NotFound: kind.Fault{Code: "InvalidTarget", Message: "The target %s is not registered"},
		Create: func(c *kind.Call) error {
			c.ID = c.In.String("targetGroupArn") + "-" + account.NewHex(26)
			return nil
		},
	}
}

// asked is a guard about the target group of the call.
func asked(check func(c *kind.Call, group account.Props) error) func(c *kind.Call) error {
	return func(c *kind.Call) error {
		group, err := c.Find(TargetGroup, "arn", c.In.String("targetGroupArn"))
		if err != nil || group == nil {
			return err
		}
		return check(c, group.Outputs)
	}
}

func fits(c *kind.Call, group account.Props) error {
	id := c.In.String("targetId")
	switch typ := group.String("targetType"); typ {
	case lambdaTarget:
		if !functionARN.MatchString(id) {
			return kind.Refuse("ValidationError", "Target ID '%s' is not a valid Lambda function ARN", id)
		}
		if c.In.Has("port") {
			return kind.Refuse("ValidationError", "Port cannot be specified for targets of target groups with target type 'lambda'")
		}
	case "ip":
		return addressed(c, group)
	default:
		return fmt.Errorf("targets of type %q are not supported by the local cloud: it registers functions and addresses", typ)
	}
	return nil
}

// addressed wants an address of the group's VPC, or a private one that is said to be elsewhere.
func addressed(c *kind.Call, group account.Props) error {
	id, zone := c.In.String("targetId"), c.In.String("availabilityZone")
	ip, err := netip.ParseAddr(id)
	if err != nil {
		return kind.Refuse("ValidationError", "The IP address '%s' is not a valid IPv4 address", id)
	}
	vpc, err := c.Find(ec2.Vpc, "id", group.String("vpcId"))
	if err != nil || vpc == nil {
		return err
	}
	if network, err := netip.ParsePrefix(vpc.Outputs.String("cidrBlock")); err == nil && network.Contains(ip) {
		return nil
	}
	for _, network := range private {
		if network.Contains(ip) && zone == "all" {
			return nil
		}
		if network.Contains(ip) {
			return kind.Refuse("ValidationError", "You must specify an Availability Zone of 'all' for the IP address '%s', "+
				"which is outside of the VPC", id)
		}
	}
	return kind.Refuse("ValidationError", "The IP address '%s' is not within a private range and not in the VPC '%s'", id, vpc.ID)
}

func fewTargetsOfGroup(c *kind.Call, group account.Props) error {
	all, err := c.All(TargetGroupAttachment)
	if err != nil {
		return err
	}
	here := map[string]bool{targetOf(c.In): true} // to register a target again adds none
	for _, r := range all {
		if r.Outputs["targetGroupArn"] == c.In["targetGroupArn"] {
			here[targetOf(r.Outputs)] = true
		}
	}
	limit := mostTargets
	if group.String("targetType") == lambdaTarget {
		limit = mostFunctions
	}
	if len(here) > limit {
		return kind.Refuse("TooManyTargets", "The maximum number of targets has been reached for the target group '%s': [%d]",
			group.String("arn"), limit)
	}
	return nil
}

// targetOf is what tells a target from the others of its group.
func targetOf(in account.Props) string {
	return fmt.Sprint(in.String("targetId"), " ", in.Number("port"))
}

func callable(c *kind.Call, group account.Props) error {
	if group.String("targetType") != lambdaTarget {
		return nil
	}
	function := c.In.String("targetId")
	plain := strings.Join(strings.SplitN(function, ":", 8)[:7], ":")
	allowed, err := lambda.Invocable(c, plain, service, group.String("arn"))
	if err == nil && !allowed {
		err = kind.Refuse("AccessDenied", "elasticloadbalancing principal does not have permission to invoke %s from target group %s", function,
			group.String("arn"))
	}
	return err
}
