// Package elb is Elastic Load Balancing v2: application load balancers, target
// groups, listeners and their rules.
package elb

import (
	"slices"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Tokens by which other services refer to what is declared here.
const (
	LoadBalancer          = "aws:lb/loadBalancer:LoadBalancer"
	TargetGroup           = "aws:lb/targetGroup:TargetGroup"
	TargetGroupAttachment = "aws:lb/targetGroupAttachment:TargetGroupAttachment"
	Listener              = "aws:lb/listener:Listener"
	ListenerCertificate   = "aws:lb/listenerCertificate:ListenerCertificate"
	ListenerRule          = "aws:lb/listenerRule:ListenerRule"
)

// Where rules are from. AWS's codes are those of the API model; its words are those that people report.
const (
	model     = "ELBv2 API model: "
	quotas    = "docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html"
	guide     = "docs.aws.amazon.com/elasticloadbalancing/latest/application/"
	terraform = "terraform-provider-aws internal/service/elbv2/"
	sdk       = "pulumi-aws sdk v6.83.2 go/aws/lb "
)

// Service declares the kinds of this package.
func Service() kind.Service {
	return kind.Service{Kinds: []kind.Kind{
		loadBalancer(), targetGroup(), attachment(), listener(), listenerRule(), listenerCertificate(),
	}}
}

// tags are the rules of tags in ELB.
func tags() []kind.Rule { return kind.Tags("TooManyTags", "ValidationError") }

const (
	nameText = `^[0-9A-Za-z]([0-9A-Za-z-]{0,30}[0-9A-Za-z])?$`
	nameHint = "must be 1 to 32 letters, numbers and hyphens, and must not begin or end with a hyphen"

	prefixText = `^[0-9A-Za-z][0-9A-Za-z-]{0,5}$`
	prefixHint = "must be 1 to 6 letters, numbers and hyphens, and must not begin with a hyphen"
)

// zoneOf is the hosted zone of the load balancers in a region.
func zoneOf(region string) string {
	zones := map[string]string{
		"us-east-1": "Z35SXDOTRQ7X7K", "us-east-2": "Z3AADJGX6KTTL2", "us-west-1": "Z368ELLRRE2KJ0",
		"us-west-2": "Z1H1FL5HABSF5", "eu-central-1": "Z215JYRZR1TBD5", "eu-west-1": "Z32O12XQLNTSW2",
		"eu-west-2": "ZHURV8PSTC4K8", "eu-west-3": "Z3Q77PNBQS71R4", "eu-north-1": "Z23TAZ6LKFMNIO",
		"ap-southeast-1": "Z1LMS91P8CMLE5", "ap-southeast-2": "Z1GM3OXH4ZPM65", "ap-northeast-1": "Z14GRHDCWA56QT",
	}
	if zone, ok := zones[region]; ok {
		return zone
	}
	return "Z00000000000000000000"
}

// Forwards tells whether a listener or one of its rules sends requests to a target group.
func Forwards(c *kind.Call, arn string) (bool, error) {
	for token, actions := range map[string]string{Listener: "defaultActions", ListenerRule: "actions"} {
		all, err := c.All(token)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(all, func(r account.Resource) bool {
			return slices.Contains(forwarded(r.Outputs, actions), arn)
		}) {
			return true, nil
		}
	}
	return false, nil
}
