package main

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func domainPrograms() map[string]program { return map[string]program{"domain": domain} }

// domain is a load balancer with a certificate for a domain.
func domain(ctx *pulumi.Context, mistake string) error {
	p := newPlace(ctx)
	zone := must(route53.NewZone(ctx, "domain", &route53.ZoneArgs{Name: pulumi.String("example.com")}))
	certificate := must(acm.NewCertificate(ctx, "domain", &acm.CertificateArgs{
		DomainName: pulumi.String("example.com"), ValidationMethod: pulumi.String("DNS"),
	}))
	proof := certificate.DomainValidationOptions.Index(pulumi.Int(0))
	name, value := proof.ResourceRecordName().Elem(), proof.ResourceRecordValue().Elem()
	if mistake == "another record" {
		name = pulumi.String("_proof.example.com").ToStringOutput()
	}
	record := must(route53.NewRecord(ctx, "domain", &route53.RecordArgs{
		ZoneId: zone.ZoneId, Name: name, Type: pulumi.String("CNAME"), Ttl: pulumi.Int(60), Records: pulumi.StringArray{value},
		AllowOverwrite: pulumi.Bool(true),
	}))
	arn := certificate.Arn
	if mistake != "no wait" {
		arn = must(acm.NewCertificateValidation(ctx, "domain", &acm.CertificateValidationArgs{
			CertificateArn: certificate.Arn, ValidationRecordFqdns: pulumi.StringArray{record.Fqdn},
		})).CertificateArn
	}
	balancer := must(lb.NewLoadBalancer(ctx, "domain", &lb.LoadBalancerArgs{
		LoadBalancerType: pulumi.String("application"), Internal: pulumi.Bool(true), Subnets: p.subnetIDs(),
	}))
	must(lb.NewListener(ctx, "domain", &lb.ListenerArgs{
		LoadBalancerArn: balancer.Arn, Protocol: pulumi.String("HTTPS"), Port: pulumi.Int(443), CertificateArn: arn,
		DefaultActions: lb.ListenerDefaultActionArray{lb.ListenerDefaultActionArgs{
			Type:          pulumi.String("fixed-response"),
			FixedResponse: lb.ListenerDefaultActionFixedResponseArgs{ContentType: pulumi.String("text/plain"), StatusCode: pulumi.String("200")},
		}},
	}))
	return nil
}
