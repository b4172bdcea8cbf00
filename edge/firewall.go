package edge

import (
	"fmt"
	"net/netip"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/wafv2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"wordpress-ecs/settings"
)

// The scopes of AWS WAF: at CloudFront, or at what is in a region.
const (
	globalScope   = "CLOUDFRONT"
	regionalScope = "REGIONAL"
)

// firewall registers the web ACL, in front of the outermost that visitors meet: the CDN, or the load balancer.
func (b *builder) firewall() error {
	scope, opts := regionalScope, b.owned()
	if b.s.CDN.On {
		scope, opts = globalScope, b.global()
	}
	// Metrics are told apart by this name alone: with the stack in it, two of one account are not added up.
	metric := b.name + "-" + b.ctx.Stack()
	book := &ruleBook{metric: metric, counts: b.s.Firewall.Mode == settings.FirewallCount, xmlrpc: b.args.XMLRPC}
	if err := b.allowList(book, scope, opts); err != nil {
		return err
	}
	if countries := b.s.Firewall.Countries; len(countries) > 0 {
		book.block("countries", not(fromCountries(countries)))
	}
	book.rates(b.s.Firewall)
	book.groups()
	book.bodies()
	acl, err := wafv2.NewWebAcl(b.ctx, b.name, &wafv2.WebAclArgs{
		Scope:         pulumi.String(scope),
		DefaultAction: wafv2.WebAclDefaultActionArgs{Allow: wafv2.WebAclDefaultActionAllowArgs{}},
		Rules:         book.rules,
		VisibilityConfig: wafv2.WebAclVisibilityConfigArgs{
			CloudwatchMetricsEnabled: pulumi.Bool(true), SampledRequestsEnabled: pulumi.Bool(true), MetricName: pulumi.String(metric),
		},
	}, opts...)
	if err != nil {
		return fmt.Errorf("firewall: %w", err)
	}
	b.acl = acl
	if err := b.firewallLogs(acl, opts); err != nil {
		return err
	}
	if b.s.CDN.On {
		return nil // The distribution names it.
	}
	// A load balancer has one: deleted last, the old one would take the new one along.
	_, err = wafv2.NewWebAclAssociation(b.ctx, b.name, &wafv2.WebAclAssociationArgs{
		ResourceArn: b.balancer.Arn, WebAclArn: acl.Arn,
	}, b.owned(pulumi.DeleteBeforeReplace(true))...)
	if err != nil {
		return fmt.Errorf("firewall: association: %w", err)
	}
	return nil
}

// allowList registers the addresses that pass whatever they send. A set has one version of IP.
func (b *builder) allowList(book *ruleBook, scope string, opts []pulumi.ResourceOption) error {
	versions := []struct {
		part, version string
		is            func(netip.Addr) bool
	}{{"allowed-v4", "IPV4", netip.Addr.Is4}, {"allowed-v6", "IPV6", netip.Addr.Is6}}
	for _, v := range versions {
		var addresses []netip.Prefix
		for _, prefix := range b.s.Firewall.Allowed {
			if v.is(prefix.Addr()) {
				addresses = append(addresses, prefix)
			}
		}
		if len(addresses) == 0 {
			continue
		}
		set, err := wafv2.NewIpSet(b.ctx, b.name+"-"+v.part, &wafv2.IpSetArgs{
			Scope: pulumi.String(scope), IpAddressVersion: pulumi.String(v.version), Addresses: pulumi.ToStringArray(texts(addresses)),
		}, opts...)
		if err != nil {
			return fmt.Errorf("firewall: %s: %w", v.part, err)
		}
		book.allow(v.part, wafv2.WebAclRuleStatementArgs{
			IpSetReferenceStatement: wafv2.WebAclRuleStatementIpSetReferenceStatementArgs{Arn: set.Arn},
		})
	}
	return nil
}

// firewallLogs has the firewall write what it saw, less what opens the site.
func (b *builder) firewallLogs(acl *wafv2.WebAcl, opts []pulumi.ResourceOption) error {
	if b.logs == nil {
		return nil
	}
	var hidden wafv2.WebAclLoggingConfigurationRedactedFieldArray
	for _, header := range []string{"authorization", "cookie"} {
		hidden = append(hidden, wafv2.WebAclLoggingConfigurationRedactedFieldArgs{
			SingleHeader: wafv2.WebAclLoggingConfigurationRedactedFieldSingleHeaderArgs{Name: pulumi.String(header)},
		})
	}
	_, err := wafv2.NewWebAclLoggingConfiguration(b.ctx, b.name, &wafv2.WebAclLoggingConfigurationArgs{
		ResourceArn: acl.Arn, LogDestinationConfigs: pulumi.StringArray{b.logs.bucket.Arn}, RedactedFields: hidden,
	}, append(opts, pulumi.DependsOn([]pulumi.Resource{b.logs.policy}))...)
	if err != nil {
		return fmt.Errorf("firewall: logs: %w", err)
	}
	return nil
}
