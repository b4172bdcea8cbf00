package acm_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/acm"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/kind/cases"
	"wordpress-ecs/local/aws/kind/cases/network"
	"wordpress-ecs/local/aws/route53"
)

func suite(t *testing.T) cases.Suite {
	t.Helper()
	catalog, err := kind.NewCatalog(acm.Service(), ec2.Service(), elb.Service(), iam.Service(), route53.Service())
	require.NoError(t, err)
	return cases.Suite{Catalog: catalog, Usual: usual()}
}

func TestRules(t *testing.T) {
	t.Parallel()
	s := suite(t)
	s.Types = []string{acm.Certificate, acm.Validation}
	s.Cases = append(certificateCases(), validationCases()...)
	s.Run(t)
}

func usual() cases.Usual {
	return network.With(cases.Usual{
		elb.Listener: func(w *cases.World) account.Props {
			return account.Props{
				"loadBalancerArn": w.Usual(elb.LoadBalancer).ID, "port": 443.0, "protocol": "HTTPS",
				"defaultActions": []any{map[string]any{"type": "fixed-response", "fixedResponse": map[string]any{
					"contentType": "text/plain", "statusCode": "404",
				}}},
			}
		},
		elb.ListenerCertificate: func(*cases.World) account.Props { return account.Props{} },
		route53.Record:          func(*cases.World) account.Props { return account.Props{} },
		route53.Zone:            func(*cases.World) account.Props { return account.Props{"name": "example.com"} },
		acm.Certificate: func(*cases.World) account.Props {
			return account.Props{
				"domainName": "example.com", "subjectAlternativeNames": []any{"*.example.com", "cdn.example.com"}, "validationMethod": "DNS",
				"keyAlgorithm": "EC_prime256v1", "options": map[string]any{"certificateTransparencyLoggingPreference": "ENABLED"},
				"tags": map[string]any{"team": "web"},
			}
		},
		acm.Validation: func(w *cases.World) account.Props {
			certificate := w.Usual(acm.Certificate)
			return account.Props{"certificateArn": certificate.ID, "validationRecordFqdns": prove(w, certificate)}
		},
	})
}

// prove makes the records of a certificate that are not there yet, and returns their names.
func prove(w *cases.World, certificate account.Resource) []any {
	names := []any{}
	for _, o := range certificate.Outputs.Objects("domainValidationOptions") {
		name := strings.TrimSuffix(o.String("resourceRecordName"), ".")
		names = append(names, name)
		if there, err := w.Call().Find(route53.Record, "fqdn", name); err == nil && there == nil {
			w.Need(route53.Record, account.Props{
				"zoneId": w.Usual(route53.Zone).ID, "name": name, "type": o["resourceRecordType"], "ttl": 60.0,
				"records": []any{o["resourceRecordValue"]},
			})
		}
	}
	return names
}

func certificateCases() []cases.Case {
	const typ = acm.Certificate
	names := func(n int) account.Props {
		var list []any
		for i := range n {
			list = append(list, fmt.Sprintf("n%d.example.com", i))
		}
		return account.Props{"subjectAlternativeNames": list}
	}
	list := []cases.Case{
		cases.Refused(typ, "one of domainName, privateKey", "only one of", account.Props{"domainName": nil}),
		cases.Refused(typ, "length of subjectAlternativeNames[]", "range (1 - 253)", account.Props{"subjectAlternativeNames": []any{strings.Repeat("a", 254)}}),
		cases.Refused(typ, "a way to validate", "`validation_method` must be set", account.Props{"validationMethod": nil}),
		cases.One(typ, "number of names", cases.Make(names(10)), cases.Make(names(9)), "LimitExceededException: Certificate has too many domains."),
		cases.One(typ, "certificates per region", cases.Full(2500, nil), cases.Full(2499, nil), "LimitExceededException: Cannot request more"),
		cases.One(typ, "nothing uses it", listed, nil, "ResourceInUseException"),
		cases.One(typ, "nothing uses it", used, func(w *cases.World, typ string) error {
			w.Usual(acm.Validation)
			return w.Delete(w.Usual(typ))
		}, "ResourceInUseException: Certificate arn:aws:acm:eu-central-1:123456789012:certificate/"),
	}
	for path, value := range map[string]any{
		"certificateAuthorityArn": "arn:aws:acm-pca:eu-central-1:123456789012:certificate-authority/1", "certificateBody": "pem",
		"certificateChain": "pem", "privateKey": "pem", "earlyRenewalDuration": "P90D",
		"validationOptions": []any{map[string]any{"domainName": "example.com", "validationDomain": "example.com"}},
	} {
		list = append(list, cases.Refused(typ, "no "+path, path+" is not supported by the local cloud", account.Props{path: value}))
	}
	return list
}

// used deletes a certificate that a listener has.
func used(w *cases.World, typ string) error {
	w.Usual(acm.Validation)
	c := w.Usual(typ)
	w.Need(elb.Listener, account.Props{"certificateArn": c.ID})
	return w.Delete(c)
}

// listed deletes a certificate that a listener has in its list.
func listed(w *cases.World, typ string) error {
	w.Usual(acm.Validation)
	first := w.Need(typ, account.Props{"domainName": "shop.example.com", "subjectAlternativeNames": nil})
	prove(w, first)
	w.Need(acm.Validation, account.Props{"certificateArn": first.ID, "validationRecordFqdns": nil})
	l := w.Need(elb.Listener, account.Props{"certificateArn": w.Usual(typ).ID})
	w.Need(elb.ListenerCertificate, account.Props{"listenerArn": l.ID, "certificateArn": first.ID})
	return w.Delete(first)
}

func validationCases() []cases.Case {
	const typ = acm.Validation
	unproven := func(w *cases.World, typ string) error {
		shop := w.Need(acm.Certificate, account.Props{"domainName": "shop.example.com", "subjectAlternativeNames": nil})
		_, err := w.Make(typ, account.Props{"certificateArn": shop.ID, "validationRecordFqdns": nil})
		return err
	}
	return []cases.Case{
		cases.Refused(typ, "all records are named", "missing example.com DNS validation record: _", account.Props{"validationRecordFqdns": []any{"example.com"}}),
		cases.One(typ, "the records are in the account", unproven, cases.Make(account.Props{"validationRecordFqdns": nil}),
			"timeout while waiting for state to become 'ISSUED' (last state: 'PENDING_VALIDATION', timeout: 1h15m0s); "+
				"no public hosted zone of this account has the record _"),
	}
}

// TestACertificateIsIssuedByItsRecords and by nothing else.
func TestACertificateIsIssuedByItsRecords(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		c := w.Usual(acm.Certificate)
		prove(w, c)
		require.Equal(t, "PENDING_VALIDATION", status(t, w, c))
		w.Need(acm.Validation, nil)
		require.Equal(t, acm.Issued, status(t, w, c))
		changed, err := w.Change(c, account.Props{"tags": nil})
		require.NoError(t, err)
		require.Equal(t, acm.Issued, changed.Outputs.String("status"))
		require.Len(t, changed.Outputs.List("subjectAlternativeNames"), 3)
		w.Need(acm.Validation, account.Props{"validationRecordFqdns": nil}) // it is issued already
	})
}

// TestItTakesTimeToIssue: until then it is pending, for all who look.
func TestItTakesTimeToIssue(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		w.Pace = 1
		c := w.Usual(acm.Certificate)
		names := prove(w, c)
		w.Later = time.Minute // the records are INSYNC
		v := w.Need(acm.Validation, account.Props{"validationRecordFqdns": names})
		require.Equal(t, "PENDING_VALIDATION", status(t, w, c))
		require.Equal(t, 80*time.Second, v.Ready.Sub(v.Created))
		w.Later = 3 * time.Minute
		require.Equal(t, acm.Issued, status(t, w, c))
		again := w.Need(acm.Validation, account.Props{"validationRecordFqdns": names})
		require.Equal(t, 2*time.Second, again.Ready.Sub(again.Created))
	})
}

// TestRecordsOfANameAreTheSameEverywhere: in every region, and for its wildcard.
func TestRecordsOfANameAreTheSameEverywhere(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		here := validating(w.Need(acm.Certificate, nil))
		require.Len(t, here, 3)
		require.Equal(t, here["example.com"], here["*.example.com"])
		require.NotEqual(t, here["example.com"], here["cdn.example.com"])
		require.Regexp(t, `^_[0-9a-f]{32}\.cdn\.example\.com\. CNAME _[0-9a-f]{32}\.[a-z]{10}\.acm-validations\.aws\.$`, here["cdn.example.com"])
		w.Region = "us-east-1"
		there := w.Need(acm.Certificate, account.Props{"domainName": "cdn.example.com", "subjectAlternativeNames": nil})
		require.Equal(t, map[string]string{"cdn.example.com": here["cdn.example.com"]}, validating(there))
		require.Equal(t, []string{"cdn.example.com"}, there.Outputs.Strings("subjectAlternativeNames"))
	})
}

func validating(c account.Resource) map[string]string {
	all := map[string]string{}
	for _, o := range c.Outputs.Objects("domainValidationOptions") {
		all[o.String("domainName")] = o.String("resourceRecordName") + " " + o.String("resourceRecordType") + " " + o.String("resourceRecordValue")
	}
	return all
}

func status(t *testing.T, w *cases.World, c account.Resource) string {
	t.Helper()
	found, err := w.Call().Find(acm.Certificate, "id", c.ID)
	require.NoError(t, err)
	return found.Outputs.String("status")
}
