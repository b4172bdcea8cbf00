package elb

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// What a health check does when nothing is said, in seconds.
const (
	usualInterval = 30.0
	usualTimeout  = 5.0
	// functionTimeout is that for a Lambda function.
	functionTimeout = 30.0
)

func targetRules() []kind.Rule {
	return []kind.Rule{
		kind.Match("name", nameText, nameHint), kind.Match("namePrefix", prefixText, prefixHint),
		kind.Conflict("name", "namePrefix"),
		kind.OneOf("targetType", "instance", "ip", lambdaTarget, "alb"),
		kind.OneOf("protocol", "HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE"),
		oneOfAnyCase("protocolVersion", "GRPC", "HTTP1", "HTTP2"),
		kind.OneOf("ipAddressType", "ipv4", "ipv6"),
		kind.OneOf("loadBalancingAlgorithmType", "round_robin", "least_outstanding_requests", "weighted_random"),
		kind.OneOf("loadBalancingAnomalyMitigation", "on", "off"),
		kind.OneOf("loadBalancingCrossZoneEnabled", "true", "false", "use_load_balancer_configuration"),
		kind.Range("port", 1, 65535), kind.Range("deregistrationDelay", 0, 3600),
		kind.OneOf("stickiness.type", "lb_cookie", "app_cookie", "source_ip", "source_ip_dest_ip", "source_ip_dest_ip_proto"),
		kind.Range("stickiness.cookieDuration", 0, 604800),
		{
			Name: "range of slowStart", Path: "slowStart", Bad: 29.0, Test: func(v any, _ account.Props) string {
				if n, ok := v.(float64); ok && n != 0 && (n < 30 || n > 900) {
					return fmt.Sprintf("expected slowStart to be 0 or in the range (30 - 900), got %v", n)
				}
				return ""
			},
		},
		kind.Whole("port, protocol and VPC", func(in account.Props) string {
			if in.String("targetType") == lambdaTarget {
				return ""
			}
			for _, name := range []string{"port", "protocol", "vpcId"} {
				if !in.Has(name) {
					return fmt.Sprintf("Attribute %q must be specified when \"targetType\" is not \"lambda\"", name)
				}
			}
			return ""
		}, "targetType", "port", "protocol", "vpcId"),
		kind.Whole("stickiness fits the protocol", oddStickiness, "stickiness", "protocol", "targetType").
			API("InvalidConfigurationRequest").From(model + "TargetGroupAttribute.Key"),
		kind.Whole("the algorithm takes slow start", func(in account.Props) string {
			if algorithm := in.String("loadBalancingAlgorithmType"); in.Number("slowStart") > 0 && algorithm != "" && algorithm != "round_robin" {
				return "Slow start mode cannot be used with the load balancing algorithm type '" + algorithm + "'"
			}
			return ""
		}, "slowStart", "loadBalancingAlgorithmType").API("InvalidConfigurationRequest").From(guide + "edit-target-group-attributes.html"),
		kind.Whole("the algorithm mitigates anomalies", func(in account.Props) string {
			if in.String("loadBalancingAnomalyMitigation") == "on" && in.String("loadBalancingAlgorithmType") != "weighted_random" {
				return "Anomaly mitigation is only supported with the load balancing algorithm type 'weighted_random'"
			}
			return ""
		}, "loadBalancingAnomalyMitigation", "loadBalancingAlgorithmType").API("InvalidConfigurationRequest").
			From(guide + "edit-target-group-attributes.html"),
	}
}

// oneOfAnyCase is kind.OneOf for what the provider writes in capitals itself.
func oneOfAnyCase(path string, allowed ...string) kind.Rule {
	rule := kind.OneOf(path, allowed...)
	test := rule.Test
	rule.Test = func(v any, in account.Props) string {
		if text, ok := v.(string); ok && slices.Contains(allowed, strings.ToUpper(text)) {
			return ""
		}
		return test(v, in)
	}
	return rule
}

func oddStickiness(in account.Props) string {
	typ, protocol := in.String("stickiness.type"), in.String("protocol")
	cookie := strings.HasSuffix(typ, "_cookie")
	switch {
	case typ == "" || in.String("targetType") == lambdaTarget: // the provider does not send it then
		return ""
	case cookie != strings.HasPrefix(protocol, "HTTP"):
		return fmt.Sprintf("Stickiness type '%s' is not supported for target groups with the %s protocol", typ, protocol)
	case typ == "app_cookie" && in.String("stickiness.cookieName") == "":
		return "You must specify an application cookie name when using application-based stickiness"
	}
	return ""
}

func healthRules() []kind.Rule {
	protocolOf := func(in account.Props) string { return strings.ToUpper(in.String("healthCheck.protocol")) }
	return []kind.Rule{
		kind.Range("healthCheck.interval", 5, 300), kind.Range("healthCheck.timeout", 2, 120),
		kind.Range("healthCheck.healthyThreshold", 2, 10), kind.Range("healthCheck.unhealthyThreshold", 2, 10),
		kind.Length("healthCheck.path", 1, 1024), kind.Match("healthCheck.path", `^/`, "must begin with a '/' character"),
		oneOfAnyCase("healthCheck.protocol", "HTTP", "HTTPS", "TCP"),
		kind.Match("healthCheck.port", `^(traffic-port|[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-6])$`,
			`must be a valid port number (1-65536) or "traffic-port"`),
		kind.Whole("TCP checks have no path and no matcher", func(in account.Props) string {
			for _, name := range []string{"matcher", "path"} {
				if protocolOf(in) == "TCP" && in.Has("healthCheck."+name) {
					return fmt.Sprintf("Attribute \"healthCheck.%s\" cannot be specified when \"healthCheck.protocol\" is \"TCP\".", name)
				}
			}
			return ""
		}, "healthCheck"),
		kind.Whole("no TCP checks of HTTP", func(in account.Props) string {
			if protocolOf(in) == "TCP" && strings.HasPrefix(in.String("protocol"), "HTTP") {
				return fmt.Sprintf("Attribute \"healthCheck.protocol\" cannot have value \"TCP\" when \"protocol\" is %q.", in.String("protocol"))
			}
			return ""
		}, "healthCheck", "protocol"),
		kind.Whole("no TCP checks of functions", func(in account.Props) string {
			if protocolOf(in) == "TCP" && in.String("targetType") == lambdaTarget {
				return `Attribute "healthCheck.protocol" cannot have value "TCP" when "targetType" is "lambda".`
			}
			return ""
		}, "healthCheck", "targetType"),
		kind.Whole("checks are on", func(in account.Props) string {
			off := in.Has("healthCheck.enabled") && !in.Bool("healthCheck.enabled")
			if typ := cmp.Or(in.String("targetType"), "instance"); off && typ != lambdaTarget {
				return fmt.Sprintf("Health check enabled must be true for target groups with target type '%s'", typ)
			}
			return ""
		}, "healthCheck", "targetType").API("ValidationError").From(model + "CreateTargetGroupInput.HealthCheckEnabled"),
		kind.Match("healthCheck.matcher", `^\d{1,3}([,-]\d{1,3})*$`, "must be codes, lists and ranges such as 200,301-302").
			API("ValidationError").From(model + "Matcher"),
		kind.Whole("codes of the matcher", oddMatcher, "healthCheck", "protocolVersion").API("ValidationError").From(model + "Matcher"),
		kind.Whole("timeout below interval", func(in account.Props) string {
			interval, timeout := usualInterval, usualTimeout
			if in.String("targetType") == lambdaTarget {
				timeout = functionTimeout
			}
			if !in.Has("healthCheck") {
				return "" // AWS's own figures
			}
			if in.Has("healthCheck.interval") {
				interval = in.Number("healthCheck.interval")
			}
			if in.Has("healthCheck.timeout") {
				timeout = in.Number("healthCheck.timeout")
			}
			if timeout >= interval {
				return "Health check interval must be greater than the timeout."
			}
			return ""
		}, "healthCheck", "targetType").API("ValidationError").From(model + "CreateTargetGroupInput.HealthCheckTimeoutSeconds"),
	}
}

var codes = regexp.MustCompile(`\d+`)

// oddMatcher finds a code that a health check cannot wait for.
func oddMatcher(in account.Props) string {
	low, high, what := 200, 499, "HTTP"
	if strings.EqualFold(in.String("protocolVersion"), "GRPC") {
		low, high, what = 0, 99, "GRPC"
	}
	for _, text := range codes.FindAllString(in.String("healthCheck.matcher"), -1) {
		if code, err := strconv.Atoi(text); err != nil || code < low || code > high {
			return fmt.Sprintf("Health check matcher %s code '%s' must be within '%d-%d' inclusive", what, text, low, high)
		}
	}
	return ""
}
