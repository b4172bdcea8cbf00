package edge

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// tlsPolicy allows TLS 1.2 and 1.3 with forward secrecy.
const tlsPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06"

// moved is the status of a redirect that browsers and search engines remember.
const moved = "HTTP_301"

// front is what answers visitors at the load balancer.
type front struct {
	// listener is the one that leads to the tasks: HTTPS where there is a domain.
	listener *lb.Listener
	// ready is what answers a name: the listener with its certificate.
	ready []pulumi.Resource
	// names are the records that lead to the site.
	names []pulumi.Resource
}

// listeners registers the listener that leads to the tasks, and the rules that do not depend on the CDN.
func (b *builder) listeners() error {
	b.front = &front{}
	var err error
	if b.s.Domain == "" {
		b.front.listener, err = b.http(lb.ListenerDefaultActionArgs{Type: pulumi.String("forward"), TargetGroupArn: b.targets.Arn}, nil)
	} else {
		b.front.listener, err = b.https()
	}
	if err != nil {
		return err
	}
	b.edge.Ready = append(b.edge.Ready, b.front.listener)
	if b.s.CDN.On {
		if err := b.originSecret(); err != nil {
			return err
		}
	}
	if b.s.Domain != "" {
		if err := b.counterpart(); err != nil {
			return err
		}
	}
	if b.s.Maintenance {
		return b.maintenance()
	}
	return nil
}

// https registers the listener of the domain. The certificate is also in the listener's list: when another domain
// takes over, the old one stays there, and is answered until its records are gone.
func (b *builder) https() (*lb.Listener, error) {
	listener, err := lb.NewListener(b.ctx, b.name+"-https", &lb.ListenerArgs{
		LoadBalancerArn: b.balancer.Arn,
		Protocol:        pulumi.String("HTTPS"),
		Port:            pulumi.Int(httpsPort),
		SslPolicy:       pulumi.String(tlsPolicy),
		CertificateArn:  b.domain.regional,
		DefaultActions: lb.ListenerDefaultActionArray{
			lb.ListenerDefaultActionArgs{Type: pulumi.String("forward"), TargetGroupArn: b.targets.Arn},
		},
	}, b.owned()...)
	if err != nil {
		return nil, fmt.Errorf("HTTPS listener: %w", err)
	}
	attached, err := lb.NewListenerCertificate(b.ctx, b.name+"-https", &lb.ListenerCertificateArgs{
		ListenerArn: listener.Arn, CertificateArn: b.domain.regional,
	}, b.owned()...)
	if err != nil {
		return nil, fmt.Errorf("certificate of the HTTPS listener: %w", err)
	}
	b.front.ready = []pulumi.Resource{listener, attached}
	return listener, nil
}

// answerHTTP turns port 80 into a redirect once the domain is answered.
func (b *builder) answerHTTP() error {
	if b.s.Domain == "" {
		return nil
	}
	_, err := b.http(lb.ListenerDefaultActionArgs{
		Type: pulumi.String("redirect"),
		Redirect: lb.ListenerDefaultActionRedirectArgs{
			Protocol: pulumi.String("HTTPS"), Port: pulumi.String(strconv.Itoa(httpsPort)), StatusCode: pulumi.String(moved),
		},
	}, b.front.names)
	return err
}

func (b *builder) http(action lb.ListenerDefaultActionArgs, after []pulumi.Resource) (*lb.Listener, error) {
	listener, err := lb.NewListener(b.ctx, b.name+"-http", &lb.ListenerArgs{
		LoadBalancerArn: b.balancer.Arn,
		Protocol:        pulumi.String("HTTP"),
		Port:            pulumi.Int(httpPort),
		DefaultActions:  lb.ListenerDefaultActionArray{action},
	}, b.fromService(pulumi.DependsOn(after))...)
	if err != nil {
		return nil, fmt.Errorf("HTTP listener: %w", err)
	}
	return listener, nil
}
