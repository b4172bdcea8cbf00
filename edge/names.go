package edge

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// addressTypes are the records of a name: IPv4 and IPv6. A load balancer has no IPv6 address here, so that only the
// CDN answers the second.
var addressTypes = []string{"A", "AAAA"}

// names points the domain and its counterpart to what answers, the CDN or the load balancer, and closes the load
// balancer to everybody but the CDN. Whoever looks a name up must be answered, so the order turns round: the load
// balancer is closed after the names lead to the CDN, and open again before they lead back.
func (b *builder) names() error {
	if b.s.Domain == "" {
		return nil
	}
	if b.cdn == nil {
		rule, err := b.direct(b.forward(), nil)
		if err != nil {
			return err
		}
		return b.records(b.balancer.DnsName, b.balancer.ZoneId, append(b.front.ready, rule))
	}
	distribution := b.cdn.distribution
	if err := b.records(distribution.DomainName, distribution.HostedZoneId, []pulumi.Resource{b.origin.name}); err != nil {
		return err
	}
	_, err := b.direct(refused, b.front.names)
	return err
}

// records registers the alias records of both hosts.
func (b *builder) records(target, zone pulumi.StringInput, after []pulumi.Resource) error {
	for _, h := range b.visited() {
		for _, typ := range addressTypes {
			record, err := b.alias(h.part+"-"+strings.ToLower(typ), h.name, typ, target, zone, after)
			if err != nil {
				return err
			}
			b.front.names = append(b.front.names, record)
		}
	}
	return nil
}

func (b *builder) alias(part, host, typ string, target, zone pulumi.StringInput, after []pulumi.Resource) (*route53.Record, error) {
	record, err := route53.NewRecord(b.ctx, b.name+"-"+part, &route53.RecordArgs{
		ZoneId: b.domain.zone, Name: pulumi.String(host), Type: pulumi.String(typ),
		Aliases: route53.RecordAliasArray{route53.RecordAliasArgs{
			Name: target, ZoneId: zone, EvaluateTargetHealth: pulumi.Bool(false),
		}},
	}, b.owned(pulumi.DependsOn(after))...)
	if err != nil {
		return nil, fmt.Errorf("record %s %s: %w", typ, host, err)
	}
	return record, nil
}
