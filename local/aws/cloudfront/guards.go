package cloudfront

import (
	"slices"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	// certificate and webACL are kinds of other services, in a catalog that has them.
	certificate = "aws:acm/certificate:Certificate"
	webACL      = "aws:wafv2/webAcl:WebAcl"

	// home is the region whose certificates and web ACLs CloudFront takes.
	home = "us-east-1"
)

func distributionGuards() []kind.Guard {
	const on = kind.Making | kind.Changing
	return []kind.Guard{
		{Name: "the certificate is issued in us-east-1", On: on, Source: model + "ViewerCertificate.ACMCertificateArn", Check: certified},
		{Name: "the certificate covers the aliases", On: on, Source: "hashicorp/terraform-provider-aws#13828", Check: covered},
		{Name: "aliases are free", On: on, Source: model + "CNAMEAlreadyExists", Check: aliasesFree},
		{Name: "the web ACL is CloudFront's", On: on, Source: model + "InvalidWebACLId", Check: walled},
		{Name: "functions are published", On: on, Source: model + "CacheBehavior.FunctionAssociations", Check: lively},
		{Name: "access controls fit their origins", On: on, Source: model + "InvalidDomainNameForOriginAccessControl", Check: fitting},
		kind.Quota("distributions per account", mostDistributions, kind.Fault{
			Code:    "TooManyDistributions",
			Message: "Processing your request would cause you to exceed the maximum number of distributions allowed.",
		}, kind.Alike(Distribution)).From(quotas),
	}
}

// atHome finds a resource of a region that CloudFront looks into; false when the catalog has no such kind.
func atHome(c *kind.Call, token, arn string) (found *account.Resource, known bool, err error) {
	if _, known = c.Catalog.Kind(token); !known {
		return nil, false, nil
	}
	there := *c
	there.Region = home
	found, err = there.Find(token, "arn", arn)
	return found, true, err
}

// region is where an ARN of a service is from; empty for that of another service.
func region(arn, service string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[2] != service {
		return ""
	}
	return parts[3]
}

// certified refuses certificates that are elsewhere, and those that are not issued.
func certified(c *kind.Call) error {
	const words = "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include " +
		"a valid certificate chain."
	arn := c.In.String("viewerCertificate.acmCertificateArn")
	if arn == "" {
		return nil
	}
	if region(arn, "acm") != home {
		return kind.Refuse("InvalidViewerCertificate", words)
	}
	found, known, err := atHome(c, certificate, arn)
	switch {
	case err != nil || !known:
		return err
	case found == nil:
		return kind.Refuse("InvalidViewerCertificate", words)
	case found.Outputs.String("status") != "ISSUED":
		return kind.RefuseForNow("InvalidViewerCertificate", words) // the provider tries again for a while
	}
	return nil
}

// covered wants every alias in the certificate.
func covered(c *kind.Call) error {
	found, _, err := atHome(c, certificate, c.In.String("viewerCertificate.acmCertificateArn"))
	if err != nil || found == nil {
		return err
	}
	names := append(found.Outputs.Strings("subjectAlternativeNames"), found.Outputs.String("domainName"))
	for _, alias := range c.In.Strings("aliases") {
		if !slices.ContainsFunc(names, func(name string) bool { return covers(name, alias) }) {
			return kind.Refuse("InvalidViewerCertificate", "The certificate that is attached to your distribution doesn't cover the alternate "+
				"domain name (CNAME) that you're trying to add: %s", alias)
		}
	}
	return nil
}

// covers tells whether a name of a certificate stands for a domain name: "*" is one label.
func covers(name, domain string) bool {
	if strings.EqualFold(name, domain) {
		return true
	}
	_, parent, _ := strings.Cut(domain, ".")
	return parent != "" && strings.EqualFold(name, "*."+parent)
}

func aliasesFree(c *kind.Call) error {
	all, err := c.All(Distribution)
	if err != nil {
		return err
	}
	for _, other := range all {
		for _, alias := range c.In.Strings("aliases") {
			if other.ID != c.ID && among(other.Outputs.Strings("aliases"), alias) {
				return kind.RefuseForNow("CNAMEAlreadyExists",
					"One or more of the CNAMEs you provided are already associated with a different resource.")
			}
		}
	}
	return nil
}

// walled refuses web ACLs of a region, and those that do not exist.
func walled(c *kind.Call) error {
	arn := c.In.String("webAclId")
	if arn == "" {
		return nil
	}
	const words = "Web ACL is not accessible by the requester."
	if region(arn, "wafv2") != home || !strings.Contains(arn, ":global/webacl/") {
		return kind.Refuse("InvalidWebACLId", words)
	}
	found, known, err := atHome(c, webACL, arn)
	if err == nil && known && found == nil {
		err = kind.Refuse("InvalidWebACLId", words)
	}
	return err
}

// lively refuses functions without a LIVE stage.
func lively(c *kind.Call) error {
	for _, b := range behaviors(c.In) {
		for _, f := range b.Objects("functionAssociations") {
			_, found, err := published(c.Tx, functionName(f.String("functionArn")))
			if err != nil {
				return err
			}
			if !found {
				return kind.Refuse("InvalidFunctionAssociation", "The function must be published to the LIVE stage: %s", f.String("functionArn"))
			}
		}
	}
	return nil
}

// functionName is the name in a function's ARN.
func functionName(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }

// fitting wants access controls for buckets on buckets only.
func fitting(c *kind.Call) error {
	for _, origin := range c.In.Objects("origins") {
		id := origin.String("originAccessControlId")
		if id == "" {
			continue
		}
		control, err := c.Find(OriginAccessControl, "", id)
		if err != nil || control == nil {
			return err
		}
		bucket := bucketName(origin.String("domainName"))
		if bucket != (control.Outputs.String("originAccessControlOriginType") == "s3") {
			return kind.Refuse("InvalidDomainNameForOriginAccessControl",
				"An origin access control is associated with an origin whose domain name is not supported: %s", origin.String("domainName"))
		}
	}
	return nil
}
