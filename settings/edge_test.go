package settings_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/settings"
	"wordpress-ecs/tests/stackfile"
)

// refusal is how a problem begins.
const refusal = `config "wordpress:`

// longest is the longest domain that is allowed.
var longest = strings.Repeat("a", 45) + ".example.com"

func prefixes(texts ...string) []netip.Prefix {
	var list []netip.Prefix
	for _, text := range texts {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}

// Values of every key reach their field: no two settings share a value here.
func TestEveryKeyOfTheEdgeIsRead(t *testing.T) {
	t.Parallel()
	s, err := load(t, map[string]string{
		"wordpress:domain": "shop.example.org", "wordpress:hostedZone": "Z0123456789ABC", "wordpress:hstsDays": "41",
		"wordpress:cdn": "true", "wordpress:cdnOriginShield": "false", "wordpress:cdnPriceClass": "200",
		"wordpress:cdnCookies": "theme, lang_*", "wordpress:cdnSecretVersion": "42", "wordpress:mediaBucket": "true",
		"wordpress:firewall": "count", "wordpress:firewallRequestLimit": "43", "wordpress:firewallWriteLimit": "44",
		"wordpress:firewallLoginLimit": "45", "wordpress:firewallAllowed": "203.0.113.7, 2001:db8::/48",
		"wordpress:firewallCountries": "DE,AT", "wordpress:accessLogs": "true", "wordpress:searchEngines": "false",
		"wordpress:basicAuthUser": "guest", "wordpress:maintenance": "true", "wordpress:adminAddresses": "198.51.100.0/24",
	})
	require.NoError(t, err)
	want := settings.Edge{
		Domain: "shop.example.org", HostedZone: "Z0123456789ABC", HSTSDays: 41,
		CDN:         settings.CDN{On: true, PriceClass: settings.PriceClass200, Cookies: []string{"theme", "lang_*"}, SecretVersion: 42},
		MediaBucket: true,
		Firewall: settings.Firewall{
			Mode: settings.FirewallCount, RequestLimit: 43, WriteLimit: 44, LoginLimit: 45,
			Allowed: prefixes("203.0.113.7/32", "2001:db8::/48"), Countries: []string{"DE", "AT"},
		},
		AccessLogs: true, BasicAuthUser: "guest", Maintenance: true, AdminAddresses: prefixes("198.51.100.0/24"),
	}
	require.Equal(t, want, s.Edge)
	// One by one, or two that are swapped would not be seen.
	for key, turn := range map[string]func(*settings.Edge){
		"cdnOriginShield": func(e *settings.Edge) { e.CDN.OriginShield = true },
		"mediaBucket":     func(e *settings.Edge) { e.MediaBucket = true },
		"accessLogs":      func(e *settings.Edge) { e.AccessLogs = true },
		"searchEngines":   func(e *settings.Edge) { e.SearchEngines = true },
		"maintenance":     func(e *settings.Edge) { e.Maintenance = true },
	} {
		base := map[string]string{"wordpress:domain": "example.com", "wordpress:cdn": "true"}
		before, err := load(t, base)
		require.NoError(t, err)
		after, err := load(t, with(base, "wordpress:"+key, "true"))
		require.NoError(t, err)
		want := before.Edge
		turn(&want)
		require.Equal(t, want, after.Edge, key)
	}
}

// What the stacks have without a word about it: no domain, and of all that costs money nothing in dev.
func TestEdgeOfTheStacks(t *testing.T) {
	t.Parallel()
	for stack, want := range map[string]settings.Edge{
		"dev": {
			HSTSDays: 30, CDN: settings.CDN{PriceClass: settings.PriceClassAll, SecretVersion: 1},
			Firewall: settings.Firewall{Mode: settings.FirewallOff, RequestLimit: 2000, WriteLimit: 200, LoginLimit: 20},
		},
		"prod": {
			HSTSDays: 30, CDN: settings.CDN{PriceClass: settings.PriceClassAll, SecretVersion: 1},
			Firewall:   settings.Firewall{Mode: settings.FirewallBlock, RequestLimit: 2000, WriteLimit: 200, LoginLimit: 20},
			AccessLogs: true, SearchEngines: true,
		},
	} {
		c, err := stackfile.Config(root, stack)
		require.NoError(t, err)
		s, err := settings.Load("wordpress", stack, c)
		require.NoError(t, err)
		require.Equal(t, want, s.Edge, stack)
		c["wordpress:domain"] = "example.com"
		s, err = settings.Load("wordpress", stack, c)
		require.NoError(t, err)
		require.Equal(t, stack == "prod", s.Edge.CDN.On, "%s with a domain", stack)
		require.Equal(t, "example.com", s.Edge.HostedZone)
	}
}

func TestInvalidSettingsOfTheEdge(t *testing.T) {
	t.Parallel()
	const addresses = "addresses or ranges such as 203.0.113.7, 198.51.100.0/24 or 2001:db8::/48"
	for key, tc := range map[string]struct {
		want   string
		values []string
	}{
		"domain": {"empty, or a host name of at most 57 lower-case letters", []string{
			"example", "Example.com", "https://example.com", "example.com/", "example.com.", "-a.example.com", "a_b.example.com",
			"203.0.113.7", "*.example.com", "example.c", "a" + longest, "münchen.de",
		}},
		"hstsDays":             {"a whole number from 0 to 730", []string{"", "-1", "731", "forever"}},
		"cdn":                  {"one of true, false", []string{"", "on"}},
		"cdnOriginShield":      {"one of true, false", []string{"", "eu-central-1"}},
		"cdnPriceClass":        {"one of 100, 200, all", []string{"", "300", "PriceClass_All"}},
		"cdnCookies":           {"empty, or up to 20 names of cookies", []string{"a b", "a;b", "*", "a*b", "a,", "a,a", strings.Repeat("a", 101), many(21)}},
		"cdnSecretVersion":     {"a whole number from 1 to 1000", []string{"", "0", "1001"}},
		"mediaBucket":          {"one of true, false", []string{"", "bucket"}},
		"firewall":             {"one of off, count, block", []string{"", "true", "on"}},
		"firewallRequestLimit": {"a whole number from 10 to 1000000", []string{"", "9", "1000001"}},
		"firewallWriteLimit":   {"a whole number from 10 to 1000000", []string{"9", "1000001"}},
		"firewallLoginLimit":   {"a whole number from 10 to 1000000", []string{"9", "1000001"}},
		"firewallCountries":    {"empty, or up to 50 two-letter ISO 3166 codes", []string{"de", "DEU", "DE,DE", "DE;AT"}},
		"firewallAllowed":      {"empty, or up to 100 " + addresses, []string{"office", "203.0.113.7 198.51.100.7", "203.0.113.7,203.0.113.7"}},
		"accessLogs":           {"one of true, false", []string{""}},
		"searchEngines":        {"one of true, false", []string{"", "noindex"}},
		"basicAuthUser":        {"empty, or 1 to 60 letters, digits and _ . -", []string{"a:b", "a b", strings.Repeat("a", 61)}},
		"maintenance":          {"one of true, false", []string{"", "soon"}},
		"adminAddresses":       {"empty, or up to 5 " + addresses, []string{"me", "192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.4,192.0.2.5,192.0.2.6"}},
	} {
		for _, value := range tc.values {
			t.Run(key+"="+value, func(t *testing.T) {
				t.Parallel()
				_, err := load(t, map[string]string{"wordpress:" + key: value})
				require.ErrorContains(t, err, refusal+key+`": "`+value+`" is not allowed; want `+tc.want)
				require.Len(t, problems(err), 1, "one mistake is one problem")
			})
		}
	}
}

// The site answers without "www." as well: what is left has to be a host name, too.
func TestADomainThatIsNothingWithoutWWW(t *testing.T) {
	t.Parallel()
	_, err := load(t, map[string]string{"wordpress:domain": "www.com", "wordpress:hostedZone": "example.com", "wordpress:cdn": "true"})
	require.EqualError(t, err, refusal+`domain": "www.com" is not allowed; want a host name that is one without "www." too, `+
		`as www.example.com is: com is not`)
	for _, domain := range []string{"www.co.uk", "www.www.com", "wwww.com", "www-1.com"} {
		s, err := load(t, map[string]string{"wordpress:domain": domain})
		require.NoError(t, err)
		require.Equal(t, domain, s.Edge.Domain)
	}
}

// many is a list of n different texts.
func many(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = strings.Repeat("a", i+1)
	}
	return strings.Join(list, ",")
}

// Of a list of addresses the one that is wrong is named. AWS takes ranges from their first address only, and none twice.
func TestAddressesThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"firewallAllowed", "adminAddresses"} {
		for list, culprit := range map[string]string{
			"198.51.100.7,203.0.113.7/24": "203.0.113.7/24", "198.51.100.7,203.0.113": "203.0.113", "2001:db8::1/48": "2001:db8::1/48",
			"0.0.0.0/0": "0.0.0.0/0", "::/0": "::/0", "203.0.113.0/33": "203.0.113.0/33", "::ffff:203.0.113.7": "::ffff:203.0.113.7/128",
			"203.0.113.7,203.0.113.7/32": "203.0.113.7/32", "2001:db8::1,2001:db8:0::1": "2001:db8::1/128",
		} {
			_, err := load(t, map[string]string{"wordpress:" + key: list})
			require.ErrorContains(t, err, refusal+key+`": "`+culprit+`" is not allowed; want addresses or ranges such as 203.0.113.7`, list)
			require.ErrorContains(t, err, "ranges from their first address, each once")
			require.Len(t, problems(err), 1)
		}
	}
}

func TestHostNames(t *testing.T) {
	t.Parallel()
	for domain, tc := range map[string]struct{ counterpart, zone string }{
		"example.com":      {"www.example.com", "example.com"},
		"www.example.com":  {"example.com", "example.com"},
		"blog.example.com": {"www.blog.example.com", "blog.example.com"},
		"xn--mnchen-3ya.de": {
			"www.xn--mnchen-3ya.de", "xn--mnchen-3ya.de",
		},
		longest: {"www." + longest, longest},
	} {
		s, err := load(t, map[string]string{"wordpress:domain": domain})
		require.NoError(t, err)
		require.Equal(t, domain, s.Edge.Domain)
		require.Equal(t, tc.counterpart, s.Edge.Counterpart())
		require.Equal(t, tc.zone, s.Edge.HostedZone, "the zone that has the domain's name, without www")
		require.LessOrEqual(t, len("origin."+domain), 64, "a certificate's first name ends there")
	}
	s, err := load(t, nil)
	require.NoError(t, err)
	require.Empty(t, s.Edge.HostedZone, "nothing is to be put into a zone")
}

// A zone is one that the domain lies in, or is named by its id, of which nobody sees where it lies.
func TestHostedZones(t *testing.T) {
	t.Parallel()
	for zone, domains := range map[string][]string{
		"example.com":      {"example.com", "www.example.com", "shop.example.com", "www.shop.example.com"},
		"shop.example.com": {"shop.example.com", "www.shop.example.com"},
		"Z0123456789ABC":   {"example.com", "www.example.org"},
	} {
		for _, domain := range domains {
			s, err := load(t, map[string]string{"wordpress:domain": domain, "wordpress:hostedZone": zone})
			require.NoError(t, err)
			require.Equal(t, zone, s.Edge.HostedZone)
		}
	}
	for name, tc := range map[string]struct{ domain, zone, want string }{
		"another zone":         {"example.com", "example.org", "a zone that wordpress:domain, which is example.com, lies in"},
		"a zone below":         {"example.com", "shop.example.com", "a zone that wordpress:domain"},
		"a zone that ends so":  {"myexample.com", "example.com", "a zone that wordpress:domain"},
		"www is no zone of it": {"www.example.com", "www.example.com", "a zone that wordpress:domain"},
		"no domain":            {"", "example.com", "empty where wordpress:domain is: there is nothing to put into a zone"},
		"no zone at all":       {"example.com", "z0123456789abc", "empty, or the id of a Route 53 hosted zone, or its name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, map[string]string{"wordpress:domain": tc.domain, "wordpress:hostedZone": tc.zone})
			require.ErrorContains(t, err, refusal+`hostedZone": "`+tc.zone+`" is not allowed; want `+tc.want)
			require.Len(t, problems(err), 1)
		})
	}
}

func TestSettingsOfTheEdgeThatMustFitEachOther(t *testing.T) {
	t.Parallel()
	cdn := map[string]string{"wordpress:domain": "example.com", "wordpress:cdn": "true"}
	for name, tc := range map[string]struct {
		changes map[string]string
		want    string
	}{
		"a bucket without a CDN": {
			map[string]string{"wordpress:domain": "example.com", "wordpress:mediaBucket": "true"},
			`mediaBucket": "true" is not allowed; want false where wordpress:cdn is`,
		},
		"a bucket without a domain and a CDN": {
			map[string]string{"wordpress:mediaBucket": "true"},
			`mediaBucket": "true" is not allowed; want false where wordpress:cdn is`,
		},
		"no way out": {
			with(cdn, "wordpress:natGateways", "none"),
			`cdn": "true" is not allowed; want false where wordpress:natGateways is none: tasks cannot tell CloudFront`,
		},
		"no shield there": {
			with(with(cdn, "wordpress:cdnOriginShield", "true"), "aws:region", "eu-north-1"),
			`cdnOriginShield": "true" is not allowed; want false in eu-north-1: the regions with an origin shield are us-east-1, `,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, tc.changes)
			require.ErrorContains(t, err, refusal+tc.want)
			require.Len(t, problems(err), 1)
		})
	}
	for name, changes := range map[string]map[string]string{
		"a shield":               with(cdn, "wordpress:cdnOriginShield", "true"),
		"no shield wanted there": with(cdn, "aws:region", "eu-north-1"),
	} {
		_, err := load(t, changes)
		require.NoError(t, err, name)
	}
}

// A CDN that is wanted comes with the domain: until then what it needs is not asked for.
func TestACDNWaitsForADomain(t *testing.T) {
	t.Parallel()
	s, err := load(t, map[string]string{
		"wordpress:cdn": "true", "wordpress:mediaBucket": "true", "wordpress:natGateways": "none",
		"wordpress:cdnOriginShield": "true", "aws:region": "eu-north-1",
	})
	require.NoError(t, err)
	require.False(t, s.Edge.CDN.On)
	require.False(t, s.Edge.MediaBucket)
}

// A refused domain is no reason to complain about what belongs to it.
func TestARefusedDomainIsOneProblem(t *testing.T) {
	t.Parallel()
	_, err := load(t, map[string]string{
		"wordpress:domain": "Example.com", "wordpress:hostedZone": "example.org", "wordpress:cdn": "true",
		"wordpress:natGateways": "none", "wordpress:mediaBucket": "true",
	})
	require.Len(t, problems(err), 1)
	_, err = load(t, map[string]string{"wordpress:domain": "example.com", "wordpress:cdn": "on", "wordpress:mediaBucket": "true"})
	require.Len(t, problems(err), 1)
}
