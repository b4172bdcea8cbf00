package elb_test

import (
	"fmt"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/acm"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/kind/cases"
	"wordpress-ecs/local/aws/lambda"
	"wordpress-ecs/local/aws/route53"
	"wordpress-ecs/local/aws/s3"
)

func suite(t *testing.T) cases.Suite {
	t.Helper()
	catalog, err := kind.NewCatalog(acm.Service(), ec2.Service(), elb.Service(), iam.Service(), lambda.Service(), route53.Service(), s3.Service())
	require.NoError(t, err)
	all := usual()
	maps.Copy(all, functions())
	return cases.Suite{Catalog: catalog, Usual: all}
}

func TestEveryRule(t *testing.T) {
	t.Parallel()
	suite := suite(t)
	suite.Types = []string{elb.LoadBalancer, elb.TargetGroup, elb.Listener, elb.ListenerRule, elb.ListenerCertificate, elb.TargetGroupAttachment}
	for _, some := range [][]cases.Case{
		balancerCases(), targetCases(), listenerCases(), ruleCases(), certificateCases(), attachmentCases(), logCases("accessLogs", "access logs"),
		logCases("connectionLogs", "connection logs"),
	} {
		suite.Cases = append(suite.Cases, some...)
	}
	suite.Run(t)
}

// labels are the usual tags.
func labels() map[string]any { return map[string]any{"team": "web"} }

// certificate is the ARN of one that ACM does not have.
const certificate = "arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"

func usual() cases.Usual {
	return cases.Usual{
		ec2.Vpc:     func(*cases.World) account.Props { return account.Props{"cidrBlock": "10.0.0.0/16"} },
		ec2.Gateway: func(w *cases.World) account.Props { return account.Props{"vpcId": w.Usual(ec2.Vpc).ID} },
		ec2.Subnet: func(w *cases.World) account.Props {
			return account.Props{"vpcId": w.Usual(ec2.Vpc).ID, "cidrBlock": "10.0.0.0/24", "availabilityZone": "eu-central-1a"}
		},
		ec2.SecurityGroup: func(w *cases.World) account.Props { return account.Props{"vpcId": w.Usual(ec2.Vpc).ID} },
		ec2.Eip:           func(*cases.World) account.Props { return account.Props{} },
		s3.Bucket:         func(*cases.World) account.Props { return account.Props{"bucket": "logs"} },
		s3.Policy:         func(*cases.World) account.Props { return account.Props{"bucket": "logs"} },
		s3.Encryption:     func(*cases.World) account.Props { return account.Props{"bucket": "logs"} },
		route53.Zone:      func(*cases.World) account.Props { return account.Props{"name": "example.com"} },
		route53.Record: func(w *cases.World) account.Props {
			return account.Props{"zoneId": w.Usual(route53.Zone).ID, "type": "CNAME", "ttl": 60.0}
		},
		acm.Certificate: func(*cases.World) account.Props { return account.Props{"validationMethod": "DNS"} },
		acm.Validation:  func(*cases.World) account.Props { return account.Props{} },
		elb.LoadBalancer: func(w *cases.World) account.Props {
			w.Usual(ec2.Gateway)
			return account.Props{
				"name": "usual-" + account.NewHex(6), "subnets": []any{w.Usual(ec2.Subnet).ID, w.Need(ec2.Subnet, next(w)).ID},
				"securityGroups": []any{w.Usual(ec2.SecurityGroup).ID}, "loadBalancerType": "application", "ipAddressType": "ipv4",
				"desyncMitigationMode": "defensive", "xffHeaderProcessingMode": "append", "idleTimeout": 60.0, "clientKeepAlive": 3600.0,
				"dnsRecordClientRoutingPolicy":                         "any_availability_zone",
				"enforceSecurityGroupInboundRulesOnPrivateLinkTraffic": "off", "tags": labels(),
			}
		},
		elb.TargetGroup: func(w *cases.World) account.Props {
			return account.Props{
				"name": "usual-" + account.NewHex(6), "vpcId": w.Usual(ec2.Vpc).ID, "port": 80.0, "protocol": "HTTP", "targetType": "ip",
				"protocolVersion": "HTTP1", "ipAddressType": "ipv4", "loadBalancingAlgorithmType": "round_robin",
				"loadBalancingAnomalyMitigation": "off", "loadBalancingCrossZoneEnabled": "true", "deregistrationDelay": 30.0,
				"slowStart": 30.0, "stickiness": map[string]any{"type": "lb_cookie", "cookieDuration": 3600.0},
				"healthCheck": map[string]any{
					"interval": 10.0, "timeout": 5.0, "healthyThreshold": 2.0, "unhealthyThreshold": 2.0, "path": "/", "port": "80",
					"protocol": "HTTP", "matcher": "200-399",
				},
				"tags": labels(),
			}
		},
		elb.Listener: func(w *cases.World) account.Props {
			return account.Props{
				"loadBalancerArn": w.Usual(elb.LoadBalancer).ID, "port": 443.0, "protocol": "HTTPS", "certificateArn": issued(w, "example.com"),
				"sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06", "alpnPolicy": "None", "mutualAuthentication": map[string]any{"mode": "off"},
				"defaultActions": []any{forward(w)}, "tags": labels(),
				"routingHttpResponseServerEnabled":                            false,
				"routingHttpResponseAccessControlAllowCredentialsHeaderValue": "true",
				"routingHttpResponseAccessControlAllowHeadersHeaderValue":     "Content-Type, X-WP-Nonce",
				"routingHttpResponseAccessControlExposeHeadersHeaderValue":    "*",
				"routingHttpResponseAccessControlAllowMethodsHeaderValue":     "GET,POST",
				"routingHttpResponseAccessControlAllowOriginHeaderValue":      "https://example.com",
				"routingHttpResponseAccessControlMaxAgeHeaderValue":           "86400",
				"routingHttpResponseStrictTransportSecurityHeaderValue":       "max-age=31536000; includeSubDomains; preload",
				"routingHttpResponseXContentTypeOptionsHeaderValue":           "nosniff",
				"routingHttpResponseXFrameOptionsHeaderValue":                 "SAMEORIGIN",
			}
		},
		elb.TargetGroupAttachment: func(w *cases.World) account.Props {
			return account.Props{"targetGroupArn": w.Usual(elb.TargetGroup).ID, "targetId": "10.0.0.9", "port": 80.0}
		},
		elb.ListenerCertificate: func(w *cases.World) account.Props {
			return account.Props{"listenerArn": w.Usual(elb.Listener).ID, "certificateArn": issued(w, "shop.example.com")}
		},
		elb.ListenerRule: func(w *cases.World) account.Props {
			return account.Props{
				"listenerArn": w.Usual(elb.Listener).ID, "priority": 10.0, "actions": []any{forward(w)}, "tags": labels(),
				"conditions": []any{condition("pathPattern", "/admin/*")},
			}
		},
	}
}

// issued is the certificate of a domain, with the records that validate it; it is made once.
func issued(w *cases.World, domain string) string {
	if there, err := w.Call().Find(acm.Certificate, "domainName", domain); err == nil && there != nil {
		return there.ID
	}
	c := w.Need(acm.Certificate, account.Props{"domainName": domain})
	option := c.Outputs.Objects("domainValidationOptions")[0]
	w.Need(route53.Record, account.Props{"name": option["resourceRecordName"], "records": []any{option["resourceRecordValue"]}})
	w.Need(acm.Validation, account.Props{"certificateArn": c.ID})
	return c.ID
}

// next is another subnet, in the second zone.
func next(w *cases.World) account.Props {
	list, err := w.Call().All(ec2.Subnet)
	if err != nil {
		return nil
	}
	return account.Props{"cidrBlock": fmt.Sprintf("10.0.%d.0/24", len(list)+1), "availabilityZone": "eu-central-1b"}
}

func forward(w *cases.World) map[string]any {
	return map[string]any{"type": "forward", "order": 1.0, "targetGroupArn": w.Usual(elb.TargetGroup).ID}
}

// weighted forwards to several groups.
func weighted(arns ...string) map[string]any {
	groups := []any{}
	for _, arn := range arns {
		groups = append(groups, map[string]any{"arn": arn, "weight": 1.0})
	}
	return map[string]any{"type": "forward", "forward": map[string]any{
		"targetGroups": groups, "stickiness": map[string]any{"enabled": true, "duration": 60.0},
	}}
}

func redirect(changes map[string]any) map[string]any {
	to := map[string]any{"statusCode": "HTTP_301", "protocol": "HTTPS", "port": "443"}
	for name, v := range changes {
		to[name] = v
	}
	return map[string]any{"type": "redirect", "redirect": to}
}

func answer(changes map[string]any) map[string]any {
	with := map[string]any{"contentType": "text/plain", "statusCode": "404", "messageBody": "none"}
	for name, v := range changes {
		with[name] = v
	}
	return map[string]any{"type": "fixed-response", "fixedResponse": with}
}

func condition(name string, values ...any) map[string]any {
	return map[string]any{name: map[string]any{"values": values}}
}
