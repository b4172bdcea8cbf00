package elb

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	mostListeners = 50

	// certificate is the kind of ACM's certificates, in a catalog that has them.
	certificate = "aws:acm/certificate:Certificate"

	policies = `^ELBSecurityPolicy-(2015-05|2016-08|TLS-1-0-2015-04|TLS-1-1-2017-01|TLS-1-2-2017-01|TLS-1-2-Ext-2018-06|FS-2018-06|` +
		`FS-1-1-2019-08|FS-1-2-2019-08|FS-1-2-Res-2019-08|FS-1-2-Res-2020-10|TLS13-1-[0-3](-(Res|Ext[0-2]))?(-FIPS)?(-PQ)?-20\d\d-\d\d)$`
)

func listener() kind.Kind {
	return kind.Kind{
		Type: Listener, Title: "ELBv2 Listener", Args: lb.ListenerArgs{}, State: lb.Listener{}, Source: terraform + "listener.go",
		API:      listenerAPI(),
		Required: []string{"defaultActions"},
		Replace:  []string{"loadBalancerArn"},
		Sets:     []string{"defaultActions.forward.targetGroups"},
		Text:     map[string]func(string) string{"protocol": strings.ToUpper},
		Defaults: actionDefaults("defaultActions"),
		Rules: append(append(append(tags(), actionRules("defaultActions")...), headerRules()...),
			kind.ARN("loadBalancerArn"), kind.ARN("certificateArn"), kind.Range("port", 1, 65535),
			kind.OneOf("protocol", "HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE"),
			kind.OneOf("alpnPolicy", "HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred", "None"),
			kind.OneOf("mutualAuthentication.mode", "off", "passthrough", "verify"),
			kind.Whole("a port", func(in account.Props) string {
				if !in.Has("port") {
					return "A listener port must be specified"
				}
				return ""
			}, "port").API("ValidationError").From(model+"CreateListenerInput.Port"),
			kind.Whole("a certificate exactly for HTTPS", func(in account.Props) string {
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
			}, "protocol", "certificateArn", "sslPolicy").API("ValidationError").From(model+"CreateListenerInput.Certificates"),
			kind.Match("sslPolicy", policies, "not found").API("SSLPolicyNotFound").From(guide+"describe-ssl-policies.html")),
		// Listeners go with their load balancer.
		Refs: append(actionRefs("defaultActions"), kind.Ref{
			Path: "loadBalancerArn", To: LoadBalancer, By: "arn", Loose: true, Source: model + "LoadBalancerNotFoundException",
		}),
		Guards: append(targetGuards("defaultActions"),
			kind.Guard{Name: "the load balancer speaks the protocol", On: kind.Making | kind.Changing, Check: speaks,
				Source: model + "CreateListenerInput.Protocol"},
			kind.Guard{Name: "the certificate is in the region", On: kind.Making | kind.Changing, Check: certified,
				Source: model + "CertificateNotFoundException"},
			kind.Guard{Name: "the certificate is issued", On: kind.Making | kind.Changing, Check: issued,
				Source: model + "UnsupportedCertificateException; aws-samples/aws-secure-environment-accelerator#990"},
			kind.Guard{Name: "one listener per port", On: kind.Making | kind.Changing, Check: portFree,
				Source: model + "DuplicateListenerException"},
			kind.Quota("listeners per load balancer", mostListeners, kind.Fault{
				Code: "TooManyListeners", Message: "The maximum number of listeners has been reached for the load balancer",
			}, kind.Alike(Listener, "loadBalancerArn")).From(quotas)),
		NotFound: kind.Fault{Code: "ListenerNotFound", Message: "One or more listeners not found: %s"},
		Create: func(c *kind.Call) error {
			base := strings.Replace(c.In.String("loadBalancerArn"), ":loadbalancer/", ":listener/", 1)
			c.ID = base + "/" + account.NewHex(16)
			c.Set(account.Props{"arn": c.ID, "protocol": "HTTP", "sslPolicy": "", "tcpIdleTimeoutSeconds": 0.0})
			c.Set(headerDefaults())
			if c.In.String("protocol") == "HTTPS" && !c.In.Has("sslPolicy") {
				c.Out["sslPolicy"] = "ELBSecurityPolicy-2016-08"
			}
			return relink(c, forwarded(c.In, "defaultActions")...)
		},
		Update: func(c *kind.Call) error { return relink(c, forwarded(c.In, "defaultActions")...) },
		Delete: func(c *kind.Call) error {
			if err := dropParts(c, c.ID); err != nil {
				return err
			}
			return relink(c)
		},
	}
}

// dropParts deletes what goes with a listener: its rules and the certificates of its list.
func dropParts(c *kind.Call, listener string) error {
	for _, token := range []string{ListenerRule, ListenerCertificate} {
		all, err := c.All(token)
		if err != nil {
			return err
		}
		for _, r := range all {
			if r.Outputs.String("listenerArn") != listener {
				continue
			}
			if err := c.Tx.Delete(token, r.Region, r.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func speaks(c *kind.Call) error {
	protocol := strings.ToUpper(cmp.Or(c.In.String("protocol"), "HTTP"))
	balancer, err := c.Find(LoadBalancer, "arn", c.In.String("loadBalancerArn"))
	if err != nil || balancer == nil {
		return err
	}
	if balancer.Outputs.String("loadBalancerType") == application && protocol != "HTTP" && protocol != "HTTPS" {
		return kind.Refuse("ValidationError", "Protocol '%s' must be one of 'HTTPS, HTTP'", protocol)
	}
	return nil
}

// certified refuses certificates of another region or service, and those that ACM does not have.
func certified(c *kind.Call) error {
	arn := c.In.String("certificateArn")
	if arn == "" {
		return nil
	}
	acm, iam := c.ARN("acm", "certificate/"), c.GlobalARN("iam", "server-certificate/")
	// The account of a certificate is the stack's own: only its region and service are looked at.
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || (parts[2] != "iam" && (parts[2] != "acm" || parts[3] != c.Region)) {
		return kind.Refuse("ValidationError", "Certificate ARN '%s' is not valid: it must begin with %s or %s", arn, acm, iam)
	}
	if _, known := c.Catalog.Kind(certificate); !known || parts[2] == "iam" {
		return nil
	}
	found, err := c.Find(certificate, "arn", arn)
	if err != nil || found != nil {
		return err
	}
	return kind.Refuse("CertificateNotFound", "Certificate '%s' not found", arn)
}

// issued refuses certificates that ACM has not issued yet.
func issued(c *kind.Call) error {
	found, err := c.Find(certificate, "arn", c.In.String("certificateArn"))
	if err != nil || found == nil || found.Outputs.String("status") == "ISSUED" {
		return err
	}
	return kind.Refuse("UnsupportedCertificate", "The certificate '%s' must have a fully-qualified domain name, a supported signature, "+
		"and a supported key size.", found.ID)
}

func portFree(c *kind.Call) error {
	all, err := c.All(Listener)
	if err != nil {
		return err
	}
	for _, l := range all {
		if l.ID != c.ID && l.Outputs["loadBalancerArn"] == c.In["loadBalancerArn"] && l.Outputs["port"] == c.In["port"] {
			return kind.Refuse("DuplicateListener", "%s", fmt.Sprintf("A listener already exists on this port for this load balancer '%s'",
				c.In.String("loadBalancerArn")))
		}
	}
	return nil
}
