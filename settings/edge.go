package settings

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// Edge is how visitors reach a site, and what stands between them and it.
type Edge struct {
	// Domain is the host name of the site; empty for HTTP on the load balancer's own name.
	Domain string
	// HostedZone is the id or the name of the Route 53 zone that the domain is in.
	HostedZone string
	// HSTSDays is for how long browsers are told to keep to HTTPS; 0 tells them nothing.
	HSTSDays int
	// CDN is CloudFront in front of the load balancer. It is off where there is no domain.
	CDN CDN
	// MediaBucket serves uploads from S3. It is off where there is no CDN.
	MediaBucket bool
	// Firewall is AWS WAF.
	Firewall Firewall
	// AccessLogs keeps the requests of load balancer, CDN and firewall, for as long as all logs.
	AccessLogs bool
	// SearchEngines may index the site.
	SearchEngines bool
	// BasicAuthUser is who may see the site at all; empty for everybody.
	BasicAuthUser string
	// Maintenance shows visitors a page that says so. AdminAddresses see the site.
	Maintenance    bool
	AdminAddresses []netip.Prefix
}

// CDN are the choices about CloudFront.
type CDN struct {
	On bool
	// OriginShield puts one more cache in front of the load balancer.
	OriginShield bool
	// PriceClass says from where visitors are served.
	PriceClass PriceClass
	// Cookies are those that pages of this site depend on, beside those of WordPress and its shops. A name may end
	// in "*".
	Cookies []string
	// SecretVersion changes the secret by which the load balancer knows the CDN.
	SecretVersion int
}

// PriceClass is the set of CloudFront's locations.
type PriceClass string

// The choices of cdnPriceClass.
const (
	PriceClass100 PriceClass = "100"
	PriceClass200 PriceClass = "200"
	PriceClassAll PriceClass = "all"
)

// Firewall are the choices about AWS WAF.
type Firewall struct {
	Mode FirewallMode
	// RequestLimit, WriteLimit and LoginLimit are requests of one address in five minutes: all, those that change
	// something, and attempts to log in.
	RequestLimit, WriteLimit, LoginLimit int
	// Allowed addresses pass whatever they send.
	Allowed []netip.Prefix
	// Countries are the only ones that visitors may come from, as ISO 3166 codes; all when there is none.
	Countries []string
}

// FirewallMode is what the firewall does with a request that a rule finds.
type FirewallMode string

// The choices of firewall.
const (
	FirewallOff   FirewallMode = "off"
	FirewallCount FirewallMode = "count"
	FirewallBlock FirewallMode = "block"
)

// Bare is the domain without "www.".
func (e Edge) Bare() string { return strings.TrimPrefix(e.Domain, www) }

// Counterpart is the other name that people type: with "www." or without. It redirects to the domain.
func (e Edge) Counterpart() string {
	if bare := e.Bare(); bare != e.Domain {
		return bare
	}
	return www + e.Domain
}

// www is what people put before a domain, or leave out.
const www = "www."

const (
	// longestDomain leaves room for the names made of it: the first name of a certificate ends at 64 characters.
	longestDomain = 57
	// mostAddresses is how many values a rule of a load balancer can compare.
	mostAddresses = 5
	mostAllowed   = 100
	mostCountries = 50
	mostCookies   = 20
)

var (
	domainPattern  = regexp.MustCompile(`^(` + label + `\.)+[a-z][a-z0-9-]*[a-z0-9]$`)
	zonePattern    = regexp.MustCompile(`^Z[A-Z0-9]{5,31}$`)
	countryPattern = regexp.MustCompile(`^[A-Z]{2}$`)
	cookiePattern  = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,100}\*?$`)
	authPattern    = regexp.MustCompile(`^$|^[A-Za-z0-9_.-]{1,60}$`)
)

// shielded are the regions that have an origin shield: AWS, CloudFront Developer Guide, "Use Amazon CloudFront Origin Shield".
var shielded = []string{
	"us-east-1", "us-east-2", "us-west-2", "ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-southeast-1", "ap-southeast-2",
	"eu-central-1", "eu-west-1", "eu-west-2", "me-central-1", "sa-east-1",
}

func (r *reader) edge() Edge {
	e := Edge{
		Domain:   r.domain("domain"),
		HSTSDays: r.number("hstsDays", 0, 730),
		CDN: CDN{
			On:            r.boolean("cdn"),
			OriginShield:  r.boolean("cdnOriginShield"),
			PriceClass:    PriceClass(r.choice("cdnPriceClass", string(PriceClass100), string(PriceClass200), string(PriceClassAll))),
			Cookies:       r.list("cdnCookies", mostCookies, cookiePattern, "names of cookies, each of which may end in *"),
			SecretVersion: r.number("cdnSecretVersion", 1, 1000),
		},
		MediaBucket: r.boolean("mediaBucket"),
		Firewall: Firewall{
			Mode:         FirewallMode(r.choice("firewall", string(FirewallOff), string(FirewallCount), string(FirewallBlock))),
			RequestLimit: r.number("firewallRequestLimit", 10, 1000000),
			WriteLimit:   r.number("firewallWriteLimit", 10, 1000000),
			LoginLimit:   r.number("firewallLoginLimit", 10, 1000000),
			Allowed:      r.addresses("firewallAllowed", mostAllowed),
			Countries:    r.list("firewallCountries", mostCountries, countryPattern, "two-letter ISO 3166 codes such as DE"),
		},
		AccessLogs:     r.boolean("accessLogs"),
		SearchEngines:  r.boolean("searchEngines"),
		BasicAuthUser:  r.match("basicAuthUser", authPattern, "empty, or 1 to 60 letters, digits and _ . -"),
		Maintenance:    r.boolean("maintenance"),
		AdminAddresses: r.addresses("adminAddresses", mostAddresses),
	}
	e.HostedZone = r.zone("hostedZone", e.Domain, e.Bare())
	return e
}

// domain reads the host name of the site, which may be empty.
func (r *reader) domain(key string) string {
	want := fmt.Sprintf("empty, or a host name of at most %d lower-case letters, digits, hyphens and dots such as example.com", longestDomain)
	value := r.optional(key, domainPattern, want)
	if len(value) > longestDomain {
		r.problem(key, value, want)
		return ""
	}
	// The site answers without "www." too, and that has to be a host name of its own.
	if bare := (Edge{Domain: value}).Bare(); value != "" && !domainPattern.MatchString(bare) {
		r.problem(key, value, fmt.Sprintf("a host name that is one without %q too, as www.example.com is: %s is not", www, bare))
		return ""
	}
	return value
}

// zone reads where the domain's records go: an id, or a name that the domain ends in. Without one it is the domain.
func (r *reader) zone(key, domain, bare string) string {
	value := r.optional(key, regexp.MustCompile(zonePattern.String()+"|"+domainPattern.String()),
		"empty, or the id of a Route 53 hosted zone, or its name")
	switch {
	case !r.accepted("domain", key):
		return ""
	case value == "":
		return bare
	case domain == "":
		r.problem(key, value, "empty where "+r.full("domain")+" is: there is nothing to put into a zone")
		return ""
	case !zonePattern.MatchString(value) && bare != value && !strings.HasSuffix(bare, "."+value):
		r.problem(key, value, fmt.Sprintf("a zone that %s, which is %s, lies in", r.full("domain"), domain))
		return ""
	}
	return value
}

// list reads values between commas.
func (r *reader) list(key string, most int, pattern *regexp.Regexp, want string) []string {
	want = fmt.Sprintf("empty, or up to %d %s, with commas between them", most, want)
	value, ok := r.text(key, want)
	if !ok || value == "" {
		return nil
	}
	list := strings.Split(value, ",")
	for i, element := range list {
		list[i] = strings.TrimSpace(element)
		if !pattern.MatchString(list[i]) || slices.Contains(list[:i], list[i]) {
			r.problem(key, value, want+", each once")
			return nil
		}
	}
	if len(list) > most {
		r.problem(key, value, want)
		return nil
	}
	return list
}

// addresses reads IPv4 and IPv6 addresses and ranges between commas.
func (r *reader) addresses(key string, most int) []netip.Prefix {
	want := "addresses or ranges such as 203.0.113.7, 198.51.100.0/24 or 2001:db8::/48"
	var list []netip.Prefix
	for _, text := range r.list(key, most, regexp.MustCompile(`^[0-9a-f.:/]+$`), want) {
		if !strings.Contains(text, "/") {
			if address, err := netip.ParseAddr(text); err == nil {
				text = netip.PrefixFrom(address, address.BitLen()).String()
			}
		}
		prefix, err := netip.ParsePrefix(text)
		if err != nil || prefix.Masked() != prefix || prefix.Bits() == 0 || prefix.Addr().Is4In6() || slices.Contains(list, prefix) {
			r.problem(key, text, want+", ranges from their first address, each once")
			return nil
		}
		list = append(list, prefix)
	}
	return list
}

// fitEdge checks settings of the edge against each other and against the rest.
func (r *reader) fitEdge(s *Settings) {
	e := &s.Edge
	if r.accepted("mediaBucket", "cdn") && e.MediaBucket && !e.CDN.On {
		r.problem("mediaBucket", "true", "false where "+r.full("cdn")+" is: the CDN is what serves a bucket")
	}
	if e.Domain == "" {
		e.CDN.On, e.MediaBucket = false, false
		return
	}
	if !e.CDN.On {
		return
	}
	if r.accepted("cdn", "natGateways") && s.NATGateways == NATNone {
		r.problem("cdn", "true", "false where "+r.full("natGateways")+" is none: tasks cannot tell CloudFront what they have published")
	}
	if r.accepted("cdnOriginShield", "aws:region") && e.CDN.OriginShield && !slices.Contains(shielded, s.Region) {
		r.problem("cdnOriginShield", "true", "false in "+s.Region+": the regions with an origin shield are "+strings.Join(shielded, ", "))
	}
}
