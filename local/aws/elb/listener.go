package elb

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

func listener() kind.Kind {
	return kind.Kind{
		Type: Listener, Title: "ELBv2 Listener", Args: lb.ListenerArgs{}, State: lb.Listener{},
		Required: []string{"defaultActions"},
		Replace:  []string{"loadBalancerArn"},
		Rules: append(actionRules("defaultActions"),
			kind.ARN("loadBalancerArn"), kind.Range("port", 1, 65535),
			kind.OneOf("protocol", "HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP"),
			kind.Whole(func(in account.Props) string {
				secure := in.String("protocol") == "HTTPS" || in.String("protocol") == "TLS"
				switch {
				case secure && !in.Has("certificateArn"):
					return "A certificate must be specified for HTTPS listeners"
				case !secure && in.Has("certificateArn"):
					return "Listener certificates are only supported for HTTPS listeners"
				case !secure && in.Has("sslPolicy"):
					return "Listener SSL policies are only supported for HTTPS listeners"
				}
				return ""
			}, "protocol", "certificateArn", "sslPolicy").API("ValidationError")),
		// Listeners go with their load balancer.
		Refs:     append(actionRefs("defaultActions"), kind.Ref{Path: "loadBalancerArn", To: LoadBalancer, By: "arn", Loose: true}),
		NotFound: kind.Fault{Code: "ListenerNotFound", Message: "One or more listeners not found: %s"},
		Create: func(c *kind.Call) error {
			all, err := c.All(Listener)
			if err != nil {
				return err
			}
			for _, l := range all {
				if l.Outputs["loadBalancerArn"] == c.In["loadBalancerArn"] && l.Outputs["port"] == c.In["port"] {
					return kind.Refuse("DuplicateListener", "A listener already exists on this port for this load balancer '%s'",
						c.In.String("loadBalancerArn"))
				}
			}
			base := strings.Replace(c.In.String("loadBalancerArn"), ":loadbalancer/", ":listener/", 1)
			c.ID = base + "/" + account.NewHex(16)
			c.Set(account.Props{"arn": c.ID, "protocol": "HTTP", "sslPolicy": "", "tcpIdleTimeoutSeconds": 0.0})
			if c.In.String("protocol") == "HTTPS" {
				c.Set(account.Props{"sslPolicy": "ELBSecurityPolicy-2016-08"})
			}
			return link(c, "defaultActions", c.In.String("loadBalancerArn"))
		},
		Update: func(c *kind.Call) error { return link(c, "defaultActions", c.In.String("loadBalancerArn")) },
	}
}
