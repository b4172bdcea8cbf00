package route53_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
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
	catalog, err := kind.NewCatalog(ec2.Service(), elb.Service(), iam.Service(), route53.Service())
	require.NoError(t, err)
	return cases.Suite{Catalog: catalog, Usual: usual()}
}

func TestRules(t *testing.T) {
	t.Parallel()
	s := suite(t)
	s.Types = []string{route53.Zone, route53.Record}
	s.Cases = append(zoneCases(), recordCases()...)
	s.Run(t)
}

func usual() cases.Usual {
	return network.With(cases.Usual{
		route53.Zone: func(*cases.World) account.Props {
			return account.Props{"name": "example.com", "comment": "of the site", "tags": map[string]any{"team": "web"}}
		},
		route53.Record: func(w *cases.World) account.Props {
			return account.Props{"zoneId": w.Usual(route53.Zone).ID, "name": "www", "type": "A", "ttl": 300.0, "records": []any{"192.0.2.1"}}
		},
	})
}

func zoneCases() []cases.Case {
	const typ = route53.Zone
	inside := func(id func(w *cases.World) string) cases.Trial {
		return func(w *cases.World, typ string) error {
			_, err := w.Make(typ, account.Props{"vpcs": []any{map[string]any{"vpcId": id(w)}}})
			return err
		}
	}
	filled := func(force bool) cases.Trial {
		return func(w *cases.World, typ string) error {
			z := w.Need(typ, account.Props{"forceDestroy": force})
			w.Need(route53.Record, account.Props{"zoneId": z.ID})
			return w.Delete(z)
		}
	}
	return []cases.Case{
		cases.Refused(typ, "length of name", "expected length of name", account.Props{"name": ""}),
		cases.Refused(typ, "delegationSetId without vpcs", "conflicts with", account.Props{
			"delegationSetId": "N1", "vpcs": []any{map[string]any{"vpcId": "vpc-1"}},
		}),
		cases.Refused(typ, "no delegationSetId", "is not supported by the local cloud", account.Props{"delegationSetId": "N1"}),
		cases.Refused(typ, "no top-level domain", "InvalidDomainName: com. is a top-level domain", account.Props{"name": "com."}),
		cases.One(typ, "no top-level domain", cases.Make(account.Props{"name": "corp"}), func(w *cases.World, typ string) error {
			_, err := w.Make(typ, account.Props{"name": "corp", "vpcs": []any{map[string]any{"vpcId": w.Usual(ec2.Vpc).ID}}})
			return err
		}, "InvalidDomainName"),
		cases.Refused(typ, "form of name", "InvalidDomainName", account.Props{"name": strings.Repeat("a", 64) + ".com"}),
		cases.One(typ, "the VPCs exist", inside(func(*cases.World) string { return "vpc-0" }),
			inside(func(w *cases.World) string { return w.Usual(ec2.Vpc).ID }), "InvalidVPCId"),
		cases.One(typ, "hosted zones per account", cases.Full(500, nil), cases.Full(499, nil), "TooManyHostedZones"),
		cases.One(typ, "no record is left", filled(false), filled(true), "HostedZoneNotEmpty"),
	}
}

func recordCases() []cases.Case {
	const typ = route53.Record
	list := []cases.Case{
		cases.Refused(typ, "one of aliases, records", "only one of", account.Props{"records": nil}),
		cases.Refused(typ, "ttl without aliases", "conflicts with", account.Props{"records": nil, "aliases": []any{alias("www.example.com", "Z1", false)}}),
		cases.Refused(typ, "length of aliases[].name", "range (1 - 1024)", to("", "Z1", false)),
		cases.Refused(typ, "length of aliases[].zoneId", "range (1 - 32)", to("www.example.com", "", false)),
		cases.Refused(typ, "one alias", "No more than 1", account.Props{
			"records": nil, "ttl": nil, "aliases": []any{alias("a.example.com", "Z1", false), alias("b.example.com", "Z1", false)},
		}),
		cases.Refused(typ, "a zone is named", "must not be empty", account.Props{"zoneId": ""}),
		cases.Refused(typ, "records have a TTL", "InvalidInput: Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords]",
			account.Props{"ttl": nil}),
		cases.Refused(typ, "values fit the type", "ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with 'web'",
			account.Props{"records": []any{"web"}}),
		cases.Refused(typ, "values fit the type", "AAAARRDATAIllegalIPv6Address", account.Props{"type": "AAAA"}),
		cases.One(typ, "values fit the type", cases.Make(text(256)), cases.Make(text(255)), "CharacterStringTooLong"),
		cases.Refused(typ, "values fit the type", "Duplicate Resource Record", account.Props{"records": []any{"192.0.2.1", "192.0.2.1"}}),
		cases.Refused(typ, "values fit the type", "must have exactly one value",
			account.Props{"type": "CNAME", "records": []any{"a.example.com", "b.example.com"}}),
		cases.One(typ, "no health of a distribution", cases.Make(to("d1.cloudfront.net", "Z2FDTNDATAQYW2", true)),
			cases.Make(to("d1.cloudfront.net", "Z2FDTNDATAQYW2", false)), "EvaluateTargetHealth"),
		cases.Refused(typ, "the zone exists", "NoSuchHostedZone: No hosted zone found with ID: Z0", account.Props{"zoneId": "Z0"}),
		cases.One(typ, "the name is in the zone", cases.Make(account.Props{"name": "notexample.com"}), cases.Make(account.Props{"name": "a.b.example.com."}),
			"InvalidChangeBatch: [RRSet with DNS name notexample.com. is not permitted in zone example.com.]"),
		cases.One(typ, "no CNAME at the apex", cases.Make(canonical("example.com")), cases.Make(canonical("www.example.com")),
			"[RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone example.com.]"),
	}
	for path, value := range map[string]any{
		"cidrRoutingPolicy":          map[string]any{"collectionId": "c", "locationName": "l"},
		"failoverRoutingPolicies":    []any{map[string]any{"type": "PRIMARY"}},
		"geolocationRoutingPolicies": []any{map[string]any{"country": "DE"}}, "geoproximityRoutingPolicy": map[string]any{"bias": 1.0},
		"latencyRoutingPolicies": []any{map[string]any{"region": "eu-central-1"}}, "multivalueAnswerRoutingPolicy": true,
		"weightedRoutingPolicies": []any{map[string]any{"weight": 1.0}}, "setIdentifier": "blue", "healthCheckId": "h",
	} {
		list = append(list, cases.Refused(typ, "no "+path, path+" is not supported by the local cloud", account.Props{path: value}))
	}
	return append(append(list, besideCases()...), aliasCases()...)
}

// besideCases are those of what else has the record's name.
func besideCases() []cases.Case {
	const typ = route53.Record
	after := func(first, second account.Props) cases.Trial {
		return func(w *cases.World, typ string) error {
			w.Need(typ, first)
			_, err := w.Make(typ, second)
			return err
		}
	}
	retype := func(first account.Props, to string) cases.Trial {
		return func(w *cases.World, typ string) error {
			w.Need(typ, nil)
			_, err := w.Change(w.Need(typ, first), account.Props{"type": to, "records": []any{"192.0.2.2"}})
			return err
		}
	}
	six := account.Props{"type": "AAAA", "records": []any{"2001:db8::1"}}
	exists := "InvalidChangeBatch: [Tried to create resource record set [name='www.example.com.', type='A'] but it already exists]"
	return []cases.Case{
		cases.One(typ, "no such record yet", after(nil, account.Props{"name": "WWW.example.com."}), after(nil, account.Props{"allowOverwrite": true}), exists),
		cases.One(typ, "no such record yet", retype(six, "A"), after(nil, six), exists),
		cases.One(typ, "no such record yet", cases.Make(account.Props{"name": "", "type": "NS", "records": []any{"ns.example.net"}}),
			cases.Make(account.Props{"name": "", "type": "NS", "records": []any{"ns.example.net"}, "allowOverwrite": true}), "type='NS'] but it already exists"),
		cases.One(typ, "a CNAME stands alone", after(nil, canonical("www")), after(account.Props{"name": "api"}, canonical("www")),
			"[RRSet of type CNAME with DNS name www.example.com. is not permitted as it conflicts with other records with the same DNS name in zone example.com.]"),
		cases.One(typ, "a CNAME stands alone", after(canonical("www"), nil), nil,
			"[RRSet of type A with DNS name www.example.com. is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in"),
	}
}

func aliasCases() []cases.Case {
	const typ = route53.Record
	balancer := func(zone string) cases.Trial {
		return func(w *cases.World, typ string) error {
			b := w.Usual(elb.LoadBalancer).Outputs
			if zone == "" {
				zone = b.String("zoneId")
			}
			_, err := w.Make(typ, to(b.String("dnsName"), zone, true))
			return err
		}
	}
	sibling := func(name string) cases.Trial {
		return func(w *cases.World, typ string) error {
			w.Need(typ, account.Props{"name": "api"})
			_, err := w.Make(typ, to(name, w.Usual(route53.Zone).ID, false))
			return err
		}
	}
	private := func(inside bool) cases.Trial {
		return func(w *cases.World, typ string) error {
			in := to("d1.cloudfront.net", "Z2FDTNDATAQYW2", false)
			if inside {
				in["zoneId"] = w.Need(route53.Zone, account.Props{"vpcs": []any{map[string]any{"vpcId": w.Usual(ec2.Vpc).ID}}}).ID
			}
			_, err := w.Make(typ, in)
			return err
		}
	}
	return []cases.Case{
		cases.One(typ, "the alias is in its target's zone", balancer("Z32O12XQLNTSW2"), balancer(""),
			".elb.localhost:8080., type A in zone Z32O12XQLNTSW2, but the alias target name does not lie within the target zone]"),
		cases.One(typ, "the alias has a target", sibling("nowhere.example.com"), sibling("api.example.com"), "but that target was not found]"),
		cases.One(typ, "the alias has a target", cases.Make(to("web-1.eu-central-1.elb.amazonaws.com", "Z215JYRZR1TBD5", false)), balancer(""),
			"[Tried to create an alias that targets web-1.eu-central-1.elb.amazonaws.com., type A in zone Z215JYRZR1TBD5, but that target was not found]"),
		cases.One(typ, "no distribution in a private zone", private(true), private(false), "cannot be in a private zone"),
	}
}

func canonical(name string) account.Props {
	return account.Props{"name": name, "type": "CNAME", "records": []any{"example.net"}}
}

func alias(name, zone string, health bool) map[string]any {
	return map[string]any{"name": name, "zoneId": zone, "evaluateTargetHealth": health}
}

// to changes a record into an alias.
func to(name, zone string, health bool) account.Props {
	return account.Props{"records": nil, "ttl": nil, "aliases": []any{alias(name, zone, health)}}
}

func text(length int) account.Props {
	return account.Props{"type": "TXT", "records": []any{strings.Repeat("a", length)}}
}
