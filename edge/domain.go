package edge

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// validationTTL is that of the records that prove a domain, in seconds.
const validationTTL = 60

// domain is the name of a site, and the proof that it is ours.
type domain struct {
	zone pulumi.StringInput
	// hosts are the names on the certificates: without "www.", with it, and with a CDN the origin.
	hosts []host
	// regional is a validated certificate for the load balancer, global one for CloudFront.
	regional, global pulumi.StringOutput
}

// host is a name of the site. What it is called here stays the same when the domain changes over to its counterpart: its
// records must not move, as nothing can be made where something is, and what goes would take along what came.
type host struct{ part, name string }

const (
	bareHost = "bare"
	wwwHost  = "www"
)

// visited are the names that visitors type.
func (b *builder) visited() []host {
	bare := b.s.Bare()
	return []host{{bareHost, bare}, {wwwHost, "www." + bare}}
}

// originHost is the name by which the CDN finds the load balancer: a certificate speaks for it, which the load
// balancer's own name does not have.
func (b *builder) originHost() string { return "origin." + b.s.Bare() }

// certified finds the hosted zone and registers certificates that are validated before anything uses them.
func (b *builder) certified() error {
	if b.s.Domain == "" {
		return nil
	}
	zone, err := b.hostedZone()
	if err != nil {
		return err
	}
	b.domain = &domain{zone: zone, hosts: b.visited()}
	if b.s.CDN.On {
		b.domain.hosts = append(b.domain.hosts, host{"origin", b.originHost()})
	}
	certificate, err := b.certificate("", b.owned())
	if err != nil {
		return err
	}
	// ACM asks for the same records in every region.
	var proofs pulumi.StringArray
	for _, h := range b.domain.hosts {
		proof, err := b.proof(h, certificate)
		if err != nil {
			return fmt.Errorf("validation of %s: %w", h.name, err)
		}
		proofs = append(proofs, proof.Fqdn)
	}
	if b.domain.regional, err = b.validated("", certificate, proofs, b.owned()); err != nil {
		return err
	}
	b.domain.global = b.domain.regional
	if !b.s.CDN.On || b.args.Region == GlobalRegion {
		return nil
	}
	global, err := b.certificate("-cdn", b.global())
	if err != nil {
		return err
	}
	b.domain.global, err = b.validated("-cdn", global, proofs, b.global())
	return err
}

// hostedZone is the id of the zone, which has to exist.
func (b *builder) hostedZone() (pulumi.StringInput, error) {
	if !strings.Contains(b.s.HostedZone, ".") {
		return pulumi.String(b.s.HostedZone), nil
	}
	zone, err := route53.LookupZone(b.ctx, &route53.LookupZoneArgs{
		Name: &b.s.HostedZone, PrivateZone: pulumi.BoolRef(false),
	}, pulumi.Parent(b.edge))
	if err != nil {
		return nil, fmt.Errorf("hosted zone %s: %w: create it, or set hostedZone to the id or the name of the one "+
			"that takes the domain's records", b.s.HostedZone, err)
	}
	return pulumi.String(zone.ZoneId), nil
}

func (b *builder) certificate(part string, opts []pulumi.ResourceOption) (*acm.Certificate, error) {
	var further pulumi.StringArray
	for _, h := range b.domain.hosts[1:] {
		further = append(further, pulumi.String(h.name))
	}
	certificate, err := acm.NewCertificate(b.ctx, b.name+part, &acm.CertificateArgs{
		DomainName:              pulumi.String(b.domain.hosts[0].name),
		SubjectAlternativeNames: further,
		ValidationMethod:        pulumi.String("DNS"),
	}, opts...)
	if err != nil {
		return nil, fmt.Errorf("certificate%s: %w", part, err)
	}
	return certificate, nil
}

// proof registers the record by which ACM sees that a host is ours. It stays: ACM looks again when it renews.
func (b *builder) proof(h host, certificate *acm.Certificate) (*route53.Record, error) {
	field := func(pick func(option acm.CertificateDomainValidationOption) *string) pulumi.StringOutput {
		return certificate.DomainValidationOptions.ApplyT(func(options []acm.CertificateDomainValidationOption) (string, error) {
			for _, option := range options {
				if value := pick(option); value != nil && option.DomainName != nil && *option.DomainName == h.name {
					return *value, nil
				}
			}
			return "", fmt.Errorf("ACM wants no proof for %s", h.name)
		}).(pulumi.StringOutput)
	}
	return route53.NewRecord(b.ctx, b.name+"-validation-"+h.part, &route53.RecordArgs{
		ZoneId: b.domain.zone,
		Name:   field(func(o acm.CertificateDomainValidationOption) *string { return o.ResourceRecordName }),
		Type:   field(func(o acm.CertificateDomainValidationOption) *string { return o.ResourceRecordType }),
		Records: pulumi.StringArray{
			field(func(o acm.CertificateDomainValidationOption) *string { return o.ResourceRecordValue }),
		},
		Ttl: pulumi.Int(validationTTL),
		// Another certificate for the same name has the same record.
		AllowOverwrite: pulumi.Bool(true),
	}, b.owned()...)
}

// validated is the ARN of a certificate once ACM has issued it.
func (b *builder) validated(part string, certificate *acm.Certificate, proofs pulumi.StringArray, opts []pulumi.ResourceOption) (
	pulumi.StringOutput, error,
) {
	validation, err := acm.NewCertificateValidation(b.ctx, b.name+part, &acm.CertificateValidationArgs{
		CertificateArn: certificate.Arn, ValidationRecordFqdns: proofs,
	}, opts...)
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("validation%s: %w", part, err)
	}
	return validation.CertificateArn, nil
}
