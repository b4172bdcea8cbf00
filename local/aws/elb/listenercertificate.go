package elb

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"

	"wordpress-ecs/local/aws/kind"
)

// mostCertificates is how many certificates the listeners of a load balancer can have beside their default ones.
const mostCertificates = 25

// listenerCertificate is one more certificate of a listener, for clients that ask for one of its names. The default one
// may be among them.
func listenerCertificate() kind.Kind {
	return kind.Kind{
		Type: ListenerCertificate, Title: "ELBv2 Listener Certificate", Args: lb.ListenerCertificateArgs{}, State: lb.ListenerCertificate{},
		API: listenerCertificateAPI(), Source: terraform + "listener_certificate.go",
		Replace: []string{"certificateArn", "listenerArn"},
		Rules:   []kind.Rule{kind.ARN("certificateArn"), kind.ARN("listenerArn")},
		// They go with their listener.
		Refs: []kind.Ref{{Path: "listenerArn", To: Listener, By: "arn", Loose: true, Source: model + "ListenerNotFoundException"}},
		Guards: []kind.Guard{
			{Name: "the listener speaks TLS", On: kind.Making, Source: model + "AddListenerCertificates", Check: secured},
			{Name: "the certificate is in the region", On: kind.Making, Source: model + "CertificateNotFoundException", Check: certified},
			{
				Name: "the certificate is issued", On: kind.Making, Check: issued,
				Source: model + "UnsupportedCertificateException; aws-samples/aws-secure-environment-accelerator#990",
			},
			kind.Quota("certificates per load balancer", mostCertificates, kind.Fault{
				Code: "TooManyCertificates", Message: "The maximum number of certificates has been reached for the load balancer",
			}, certificatesOfBalancer).From(quotas),
		},
		NotFound: kind.Fault{Code: "CertificateNotFound", Message: "Certificate '%s' not found"},
		Create: func(c *kind.Call) error {
			c.ID = c.In.String("listenerArn") + "_" + c.In.String("certificateArn")
			// To add one that is there already succeeds, and adds nothing.
			return c.Tx.Delete(ListenerCertificate, c.Region, c.ID)
		},
	}
}

func secured(c *kind.Call) error {
	l, err := c.Find(Listener, "arn", c.In.String("listenerArn"))
	if err != nil || l == nil {
		return err
	}
	if protocol := strings.ToUpper(l.Outputs.String("protocol")); protocol != "HTTPS" && protocol != "TLS" {
		return kind.Refuse("ValidationError", "Listener certificates are only supported for HTTPS listeners")
	}
	return nil
}

// certificatesOfBalancer counts the certificates in the lists of all listeners of a load balancer.
func certificatesOfBalancer(c *kind.Call) (int, error) {
	mine, err := balancerOf(c, c.In)
	if err != nil {
		return 0, err
	}
	all, err := c.All(ListenerCertificate)
	if err != nil {
		return 0, err
	}
	count := 0
	for _, r := range all {
		balancer, err := balancerOf(c, r.Outputs)
		if err != nil {
			return 0, err
		}
		if balancer == mine {
			count++
		}
	}
	return count, nil
}
