package acm

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/kind"
)

const (
	mostCertificates = 2500
	// mostNames is how many names a certificate has at most, its own included.
	mostNames = 10
	// longestFirst is the length of a certificate's own name, which is its common name; others have up to 253.
	longestFirst = 64
	// valid is how long a certificate is valid, in days.
	valid = 395

	// distribution is the kind of CloudFront's distributions, in a catalog that has them.
	distribution = "aws:cloudfront/distribution:Distribution"
)

func certificate() kind.Kind {
	return kind.Kind{
		Type: Certificate, Title: "ACM Certificate", Args: acm.CertificateArgs{}, State: acm.Certificate{},
		Takes: certificateTakes(), Source: terraform + "certificate.go",
		API: kind.API{
			Service: "acm", Create: "RequestCertificate", Change: "UpdateCertificateOptions", Delete: "DeleteCertificate",
			Members: map[string]string{"validationOptions": "DomainValidationOptions"},
		},
		Replace: []string{
			"certificateAuthorityArn", "domainName", "keyAlgorithm", "subjectAlternativeNames", "validationMethod", "validationOptions",
		},
		Sets:     []string{"subjectAlternativeNames", "validationOptions"},
		Kept:     []string{"subjectAlternativeNames"},
		Secret:   []string{"privateKey"},
		Defaults: account.Props{"options.certificateTransparencyLoggingPreference": "ENABLED"},
		Rules:    certificateRules(),
		Guards: []kind.Guard{
			{Name: "a way to validate", On: kind.Making, Check: func(c *kind.Call) error {
				if !c.In.Has("validationMethod") {
					return errors.New("`certificate_authority_arn` or `validation_method` must be set when creating an ACM certificate")
				}
				return nil
			}},
			kind.Quota("certificates per region", mostCertificates, kind.Fault{
				Code: "LimitExceededException", Message: "Cannot request more certificates in this account. Contact Customer Service for details.",
			}, kind.Alike(Certificate)).From(guide + "acm-limits.html"),
			{
				Name: "nothing uses it", Source: "hashicorp/terraform-provider-aws#3866; " + model + "ResourceInUseException",
				On: kind.Deleting, Check: unused,
			},
		},
		NotFound: kind.Fault{Code: "ResourceNotFoundException", Message: "Could not find certificate %s in account " + account.ID + "."},
		Create: func(c *kind.Call) error {
			c.ID = c.ARN("acm", "certificate/"+account.NewUUID())
			c.Out["domainValidationOptions"] = records(namesOf(c.In))
			c.Set(account.Props{
				"arn": c.ID, "status": pending, "type": "AMAZON_ISSUED", "keyAlgorithm": "RSA_2048", "notBefore": "", "notAfter": "",
				"pendingRenewal": false, "renewalEligibility": "INELIGIBLE", "renewalSummaries": []any{}, "validationEmails": []any{},
				"options": map[string]any{"certificateTransparencyLoggingPreference": "ENABLED"},
			})
			return addOwnName(c)
		},
		Update: addOwnName,
	}
}

// addOwnName puts the certificate's own name among the alternative ones, as ACM does.
func addOwnName(c *kind.Call) error {
	names := namesOf(c.In)
	slices.SortFunc(names, func(a, b any) int { return strings.Compare(hash(a), hash(b)) })
	c.Out["subjectAlternativeNames"] = names
	return nil
}

func certificateRules() []kind.Rule {
	rules := append([]kind.Rule{
		kind.ExactlyOne("domainName", "privateKey"),
		kind.Reject("domainName", `\.$`, "cannot end with a period").Refusing("example.com."),
		kind.Reject("subjectAlternativeNames[]", `\.$`, "cannot end with a period").Refusing("example.com."),
		kind.Length("subjectAlternativeNames[]", 1, 253),
		kind.OneOf("keyAlgorithm", "RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"),
		kind.OneOf("options.certificateTransparencyLoggingPreference", "ENABLED", "DISABLED"),
		kind.OneOf("validationMethod", "DNS", "EMAIL", "HTTP"),
		{
			Name: "DNS validates", Source: "the local cloud; AWS has it", Path: "validationMethod", Bad: "EMAIL",
			Test: func(v any, _ account.Props) string {
				if method, _ := v.(string); method == "EMAIL" || method == "HTTP" {
					return fmt.Sprintf("validationMethod %q is not supported by the local cloud: use DNS", method)
				}
				return ""
			},
		},
		{
			Name: "length of domainName", Source: model + "RequestCertificateRequest.DomainName", Path: "domainName", Code: "ValidationException",
			Bad: strings.Repeat("a", longestFirst-7) + ".example",
			Test: func(v any, _ account.Props) string {
				if name, _ := v.(string); len(name) > longestFirst {
					return fmt.Sprintf("The first domain name can be no longer than %d characters: %s", longestFirst, name)
				}
				return ""
			},
		},
		kind.Whole("number of names", func(in account.Props) string {
			if len(namesOf(in)) > mostNames {
				return "Certificate has too many domains."
			}
			return ""
		}, "domainName", "subjectAlternativeNames").API("LimitExceededException").
			From("hashicorp/terraform-provider-aws#35825; " + guide + "acm-limits.html"),
	}, kind.Tags("TooManyTagsException", "InvalidTagException")...)
	for _, path := range []string{
		"certificateAuthorityArn", "certificateBody", "certificateChain", "privateKey", "earlyRenewalDuration", "validationOptions",
	} {
		rules = append(rules, kind.Unsupported(path, "it has certificates of Amazon's only, which DNS validates"))
	}
	return rules
}

// namesOf are the names of a certificate, its own first, each once.
func namesOf(in account.Props) []any {
	names := []any{in["domainName"]}
	for _, name := range in.List("subjectAlternativeNames") {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// records are the CNAME records that validate the names of a certificate. They are the same for a name in every region
// of an account, and for a name and its wildcard. The provider has them as a set: their order is that of their hashes.
func records(names []any) []any {
	list := []any{}
	for _, v := range names {
		name, _ := v.(string)
		domain := strings.ToLower(strings.TrimPrefix(name, "*."))
		list = append(list, map[string]any{
			"domainName": name, "resourceRecordName": "_" + digits("name", domain) + "." + domain + ".", "resourceRecordType": "CNAME",
			"resourceRecordValue": "_" + digits("value", domain) + "." + label(domain) + ".acm-validations.aws.",
		})
	}
	slices.SortFunc(list, func(a, b any) int { return strings.Compare(hash(nameOf(a)), hash(nameOf(b))) })
	return list
}

// digits are 32 hexadecimal digits that follow from a domain.
func digits(what, domain string) string {
	sum := sha256.Sum256([]byte(account.ID + " " + what + " " + domain))
	return hex.EncodeToString(sum[:16])
}

// label are ten letters that follow from a domain.
func label(domain string) string {
	sum := sha256.Sum256([]byte(account.ID + " label " + domain))
	text := make([]byte, 10)
	for i := range text {
		text[i] = 'a' + sum[i]%26
	}
	return string(text)
}

func nameOf(option any) any { return option.(map[string]any)["domainName"] }

// hash is by what the provider's SDK sorts a set of texts.
func hash(v any) string {
	text, _ := v.(string)
	return strconv.Itoa(int(crc32.ChecksumIEEE([]byte(text))))
}

// unused refuses to delete a certificate that someone uses.
func unused(c *kind.Call) error {
	for _, use := range []struct{ token, path string }{
		{elb.Listener, "certificateArn"}, {elb.ListenerCertificate, "certificateArn"},
		{distribution, "viewerCertificate.acmCertificateArn"},
	} {
		all, err := c.All(use.token)
		if err != nil {
			return err
		}
		for _, r := range all {
			if r.Outputs.String(use.path) == c.ID {
				return kind.RefuseForNow("ResourceInUseException", "Certificate %s in account %s is in use.", c.ID, account.ID)
			}
		}
	}
	return nil
}

// issue makes a certificate one that can be used from a moment on.
func issue(c *kind.Call, certificate account.Resource, from time.Time) error {
	day := from.UTC().Truncate(24 * time.Hour)
	certificate.Outputs = certificate.Outputs.Copy()
	certificate.Outputs["status"] = Issued
	certificate.Outputs["notBefore"] = day.Format(time.RFC3339)
	certificate.Outputs["notAfter"] = day.AddDate(0, 0, valid).Add(-time.Second).Format(time.RFC3339)
	if from.After(certificate.Ready) && from.After(c.Now) {
		certificate.Ready = from.UTC()
	}
	return c.Tx.Put(certificate)
}
