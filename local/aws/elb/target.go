package elb

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/kind"
)

func targetGroup() kind.Kind {
	return kind.Kind{
		Type: TargetGroup, Title: "ELBv2 Target Group", Args: lb.TargetGroupArgs{}, State: lb.TargetGroup{},
		Name: kind.Name{Property: "name", Prefix: "namePrefix", Max: 32},
		Replace: []string{
			"ipAddressType", "name", "namePrefix", "port", "protocol", "protocolVersion", "targetType", "vpcId",
		},
		Sets:     []string{"targetFailovers", "targetHealthStates"},
		Kept:     []string{"targetFailovers", "targetHealthStates"},
		Defaults: targetDefaults(),
		Rules:    targetRules(),
		Refs:     []kind.Ref{{Path: "vpcId", To: ec2.Vpc, Loose: true}},
		Unique: []kind.Unique{{Property: "name", Taken: kind.Fault{
			Code: "DuplicateTargetGroupName", Message: "A target group with the same name '%s' exists, but with different settings",
		}}},
		NotFound: kind.Fault{Code: "TargetGroupNotFound", Message: "One or more target groups not found: %s"},
		InUse: kind.Fault{
			Code: "ResourceInUse", Message: "Target group '%s' is currently in use by a listener or a rule",
		},
		Create: func(c *kind.Call) error {
			suffix := "targetgroup/" + c.Out.String("name") + "/" + account.NewHex(16)
			c.ID = c.ARN("elasticloadbalancing", suffix)
			c.Set(account.Props{
				"arn": c.ID, "arnSuffix": suffix, "loadBalancerArns": []any{}, "connectionTermination": false,
				"ipAddressType": "ipv4", "loadBalancingAlgorithmType": "round_robin",
				"loadBalancingAnomalyMitigation": "off", "loadBalancingCrossZoneEnabled": "use_load_balancer_configuration",
				"namePrefix": "", "preserveClientIp": "", "protocolVersion": "HTTP1", "targetFailovers": []any{},
				"targetHealthStates": []any{},
			})
			fillHealthCheck(c.Out)
			return nil
		},
		Update: func(c *kind.Call) error {
			fillHealthCheck(c.Out)
			return nil
		},
	}
}

func targetDefaults() account.Props {
	return account.Props{
		"deregistrationDelay": 300.0, "lambdaMultiValueHeadersEnabled": false, "proxyProtocolV2": false, "slowStart": 0.0,
		"targetType": "instance", "healthCheck.enabled": true, "healthCheck.healthyThreshold": 3.0,
		"healthCheck.interval": 30.0, "healthCheck.port": "traffic-port", "healthCheck.protocol": "HTTP",
		"healthCheck.unhealthyThreshold": 3.0, "stickiness.cookieDuration": 86400.0, "stickiness.enabled": true,
	}
}

// fillHealthCheck adds what AWS answers for the parts of a health check that were
// left out.
func fillHealthCheck(out account.Props) {
	check := account.Props{}
	for name, value := range targetDefaults() {
		if part, ok := strings.CutPrefix(name, "healthCheck."); ok {
			check[part] = value
		}
	}
	check["path"], check["matcher"], check["timeout"] = "/", "200", 5.0
	for name, value := range out.Object("healthCheck") {
		check[name] = value
	}
	out["healthCheck"] = map[string]any(check)
}

func targetRules() []kind.Rule {
	return []kind.Rule{
		kind.Match("name", nameText, nameHint), kind.Length("namePrefix", 1, 6),
		kind.OneOf("targetType", "instance", "ip", "lambda", "alb"),
		kind.OneOf("protocol", "HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE"),
		kind.OneOf("protocolVersion", "GRPC", "HTTP1", "HTTP2"),
		kind.OneOf("ipAddressType", "ipv4", "ipv6"),
		kind.OneOf("loadBalancingAlgorithmType", "round_robin", "least_outstanding_requests", "weighted_random"),
		kind.Range("port", 1, 65535), kind.Range("deregistrationDelay", 0, 3600),
		kind.Range("healthCheck.interval", 5, 300), kind.Range("healthCheck.timeout", 2, 120),
		kind.Range("healthCheck.healthyThreshold", 2, 10), kind.Range("healthCheck.unhealthyThreshold", 2, 10),
		kind.Length("healthCheck.path", 1, 1024), kind.Match("healthCheck.path", `^/`, "must begin with a '/' character"),
		kind.Match("healthCheck.matcher", `^\d{1,3}([,-]\d{1,3})*$`, "must be codes, lists and ranges such as 200,301-302"),
		kind.OneOf("stickiness.type", "lb_cookie", "app_cookie", "source_ip", "source_ip_dest_ip", "source_ip_dest_ip_proto"),
		kind.Range("stickiness.cookieDuration", 1, 604800),
		{Path: "slowStart", Test: func(v any, _ account.Props) string {
			if n, ok := v.(float64); ok && n != 0 && (n < 30 || n > 900) {
				return fmt.Sprintf("expected slowStart to be 0 or in the range (30 - 900), got %v", n)
			}
			return ""
		}},
		kind.Whole(func(in account.Props) string {
			interval, timeout := 30.0, in.Number("healthCheck.timeout")
			if in.Has("healthCheck.interval") {
				interval = in.Number("healthCheck.interval")
			}
			if timeout >= interval {
				return "Health check interval must be greater than the timeout."
			}
			return ""
		}, "healthCheck").API("ValidationError"),
		kind.Whole(func(in account.Props) string {
			if in.String("targetType") == "lambda" {
				return ""
			}
			for _, name := range []string{"port", "protocol", "vpcId"} {
				if !in.Has(name) {
					return fmt.Sprintf("Attribute %q must be specified when \"targetType\" is not \"lambda\"", name)
				}
			}
			return ""
		}, "targetType", "port", "protocol", "vpcId"),
	}
}
