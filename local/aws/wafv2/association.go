package wafv2

import (
	"path"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/wafv2"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/kind"
)

// balancer is what the ARN of an application load balancer looks like.
var balancer = regexp.MustCompile(`^arn:[\w-]+:elasticloadbalancing:[\w-]+:\d{12}:loadbalancer/app/`)

// distributions is what the ARNs of CloudFront's distributions begin with. They name their web ACL themselves.
const distributions = "arn:aws:cloudfront::"

func association() kind.Kind {
	return kind.Kind{
		Type: Association, Title: "WAFv2 WebACL Association", Args: wafv2.WebAclAssociationArgs{}, State: wafv2.WebAclAssociation{},
		Source: terraform + "web_acl_association.go", API: associationAPI(),
		Replace: []string{"resourceArn", "webAclArn"},
		Rules: []kind.Rule{
			kind.ARN("webAclArn"), kind.ARN("resourceArn"),
			{Name: "a load balancer", Path: "resourceArn", Source: absent + " for stages, APIs and user pools, too",
				Bad: "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_a1B2c3D4e", Test: func(v any, _ account.Props) string {
					arn, _ := v.(string)
					if balancer.MatchString(arn) || strings.HasPrefix(arn, distributions) {
						return ""
					}
					return arn + " is not supported by the local cloud: only application load balancers are"
				}},
			{Name: "no distribution", Path: "resourceArn", Code: invalid, Source: "hashicorp/terraform-provider-aws#28753",
				Bad: distributions + account.ID + ":distribution/E0123456789ABC", Test: func(v any, _ account.Props) string {
					if arn, _ := v.(string); strings.HasPrefix(arn, distributions) {
						return because(badARN, "RESOURCE_ARN", arn)
					}
					return ""
				}},
			{Name: "scope of the web ACL", Path: "webAclArn", Code: invalid, Source: model + "AssociateWebACLRequest.WebACLArn",
				Test: func(v any, _ account.Props) string {
					if arn, _ := v.(string); strings.Contains(arn, ":global/") {
						return because("The scope is not valid.", "SCOPE_VALUE", arn)
					}
					return ""
				}},
		},
		Refs: []kind.Ref{
			{Path: "webAclArn", To: WebACL, By: "arn", Source: model + missing},
			// A load balancer can be deleted with its association.
			{Path: "resourceArn", To: elb.LoadBalancer, By: "arn", Loose: true, Source: model + "WAFUnavailableEntityException",
				Missing: kind.Fault{Code: missing, Message: missingWords},
				Early: kind.Fault{
					Code: "WAFUnavailableEntityException", Passing: true,
					Message: "AWS WAF couldn't retrieve the resource that you requested. Retry your request.",
				}},
		},
		Guards: []kind.Guard{{
			Name: "one web ACL per load balancer", On: kind.Making, Check: single,
			Source: local + "a second takes the place of the first: pulumi/pulumi-aws#4782",
		}},
		NotFound: kind.Fault{Code: missing, Message: missingWords},
		Create: func(c *kind.Call) error {
			c.ID = c.In.String("webAclArn") + "," + c.In.String("resourceArn")
			return nil
		},
	}
}

// single wants one association for a load balancer. On AWS a second takes the place of the first without a word. When it
// is what replaces the first, the deletion of the first then takes it away, and nothing protects the load balancer.
func single(c *kind.Call) error {
	all, err := c.All(Association)
	if err != nil {
		return err
	}
	for _, other := range all {
		if other.Outputs["resourceArn"] == c.In["resourceArn"] {
			arn := other.Outputs.String("webAclArn")
			return kind.Refuse("WAFInvalidOperationException", "the load balancer has the web ACL %s already: AWS would replace it, "+
				"and remove the new one with the old association; give the association DeleteBeforeReplace", path.Base(path.Dir(arn)))
		}
	}
	return nil
}
