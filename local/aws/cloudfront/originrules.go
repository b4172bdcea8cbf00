package cloudfront

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	// mostOriginHeaders is how many custom headers an origin can have; the others are lengths in characters.
	mostOriginHeaders  = 10
	longestHeaderName  = 256
	longestHeaderValue = 1783
	longestHeaders     = 10240

	customHeaders = guide + "add-origin-custom-headers.html"
)

// hostName is what an origin's domain name looks like. Load balancers of the local cloud have their port in their name,
// which no name on AWS has.
var hostName = regexp.MustCompile(`^([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$|` +
	`^([a-z0-9-]+\.)+localhost(:\d{1,5})?$`)

// storage is what the domain name of a bucket of S3 ends in, and that of its website.
var storage = regexp.MustCompile(`\.s3([.-][a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|localhost(:\d+)?)$`)

// bucketName tells whether a domain name is that of a bucket. A bucket's website is a server like any other.
func bucketName(domain string) bool {
	end := storage.FindString(domain)
	return end != "" && !strings.HasPrefix(end, ".s3-website")
}

func originRules() []kind.Rule {
	const one, custom = "origins[].", "origins[].customOriginConfig."
	return []kind.Rule{
		kind.Range(one+"connectionAttempts", 1, 3), kind.Range(one+"connectionTimeout", 1, 10),
		kind.OneOf(custom+"originProtocolPolicy", "http-only", "match-viewer", "https-only"),
		kind.OneOf(custom+"originSslProtocols[]", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"),
		holds("origins[].customOriginConfig", "originSslProtocols"),
		kind.Range(custom+"originReadTimeout", 1, 180), kind.Range(custom+"originKeepaliveTimeout", 1, 180),
		holds("originGroups[]", "members"), holds("originGroups[].failoverCriteria", "statusCodes"),
		kind.Count("originGroups[].members", 2, 2),
		ports(custom + "httpPort"), ports(custom + "httpsPort"),
		{Name: "domain names of origins", Path: one + "domainName", Bad: "192.0.2.1", Code: invalid, Source: model + "Origin.DomainName",
			Test: func(v any, _ account.Props) string {
				name, _ := v.(string)
				if _, err := netip.ParseAddr(name); err == nil || !hostName.MatchString(name) {
					return fmt.Sprintf("The parameter origin name must be a domain name: %q", name)
				}
				return ""
			}},
		kind.Match(one+"originPath", `^$|^/.*[^/]$`, "must begin with a slash and must not end with one").API(invalid).
			From(model + "Origin.OriginPath"),
		kind.Whole("a bucket or a custom origin", bothOrigins, "origins").API("InvalidOrigin").From("ansible-collections/community.aws#1819"),
		kind.Whole("buckets are S3's", noBucket, "origins").API(invalid).From("hashicorp/terraform-provider-aws#33214"),
		kind.Whole("ids of origins", doubleOrigin, "origins", "originGroups").API(invalid).From(model + "Origin.Id"),
		kind.Whole("members of groups are origins", strangers, "origins", "originGroups").API("NoSuchOrigin").From(model + "NoSuchOrigin"),
		kind.Number("originGroups[].failoverCriteria.statusCodes[]", 400, 403, 404, 416, 429, 500, 502, 503, 504).API(invalid).
			From(guide + "high_availability_origin_failover.html"),
		full("origins per distribution", "origins", mostOrigins, "TooManyOrigins"),
		full("origin groups per distribution", "originGroups", mostGroups, "TooManyOriginGroupsPerDistribution"),
		full("custom headers per origin", one+"customHeaders", mostOriginHeaders, "TooManyOriginCustomHeaders"),
		{Name: "names of custom headers", Path: one + "customHeaders[].name", Bad: "Host", Code: invalid, Source: customHeaders,
			Test: func(v any, _ account.Props) string { return oddCustomHeader(v) }},
		kind.Length(one+"customHeaders[].name", 1, longestHeaderName).API(invalid).From(quotas),
		kind.Length(one+"customHeaders[].value", 0, longestHeaderValue).API(invalid).From(quotas),
		{Name: "length of all custom headers", Path: one + "customHeaders", Code: invalid, Source: quotas,
			Test: func(v any, _ account.Props) string { return longHeaders(v) }},
	}
}

// full bounds a list.
func full(name, path string, most int, code string) kind.Rule {
	return kind.Rule{Name: name, Path: path, Source: quotas, Code: code, Test: func(v any, _ account.Props) string {
		if list, _ := v.([]any); len(list) > most {
			return fmt.Sprintf("Your request has %d %s, %d are allowed.", len(list), path[strings.LastIndex(path, ".")+1:], most)
		}
		return ""
	}}
}

// ports bounds a port of an origin.
func ports(path string) kind.Rule {
	return kind.Rule{Name: path, Path: path, Bad: 22.0, Code: invalid, Source: guide + "DownloadDistValuesOrigin.html",
		Test: func(v any, _ account.Props) string {
			if n, ok := v.(float64); ok && n != 80 && n != 443 && (n < 1024 || n > 65535) {
				return fmt.Sprintf("The parameter %s must be 80, 443 or from 1024 to 65535, got %.0f", path, n)
			}
			return ""
		}}
}

// bothOrigins finds an origin that claims to be a bucket and to have a custom configuration.
func bothOrigins(in account.Props) string {
	for _, origin := range in.Objects("origins") {
		if origin.Has("customOriginConfig") && origin.Has("s3OriginConfig") {
			return "You must specify either a CustomOrigin or an S3Origin. You cannot specify both."
		}
	}
	return ""
}

// noBucket finds an origin that has no custom configuration, and is no bucket either.
func noBucket(in account.Props) string {
	for _, origin := range in.Objects("origins") {
		if name := origin.String("domainName"); !origin.Has("customOriginConfig") && !bucketName(name) {
			return fmt.Sprintf("The parameter Origin DomainName does not refer to a valid S3 bucket: %s", name)
		}
	}
	return ""
}

func doubleOrigin(in account.Props) string {
	seen := map[string]bool{}
	for _, origin := range append(in.Objects("origins"), in.Objects("originGroups")...) {
		id := origin.String("originId")
		if seen[id] {
			return fmt.Sprintf("The origin id %q is used more than once.", id)
		}
		seen[id] = true
	}
	return ""
}

// ids are those of origins, or of groups.
func ids(in account.Props, path string) []string {
	var list []string
	for _, origin := range in.Objects(path) {
		list = append(list, origin.String("originId"))
	}
	return list
}

func strangers(in account.Props) string {
	origins := ids(in, "origins")
	for _, group := range in.Objects("originGroups") {
		for _, id := range ids(group, "members") {
			if !slices.Contains(origins, id) {
				return fmt.Sprintf("One or more of your origins or origin groups do not exist: %s", id)
			}
		}
	}
	return ""
}

func oddCustomHeader(v any) string {
	name, _ := v.(string)
	if among([]string{
		"Cache-Control", "Connection", "Content-Length", "Cookie", "Host", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range",
		"If-Unmodified-Since", "Max-Forwards", "Pragma", "Proxy-Authorization", "Proxy-Connection", "Range", "Request-Range", "TE", "Trailer",
		"Transfer-Encoding", "Upgrade", "Via", "X-Real-Ip",
	}, name) || begins(name, "X-Amz-") || begins(name, "X-Edge-") {
		return fmt.Sprintf("The parameter HeaderName contains %s that is not allowed.", name)
	}
	return ""
}

func longHeaders(v any) string {
	list, _ := v.([]any)
	total := 0
	for _, header := range (account.Props{"": list}).Objects("") {
		total += len(header.String("name")) + len(header.String("value"))
	}
	if total > longestHeaders {
		return fmt.Sprintf("The custom headers of an origin have %d characters together, %d are allowed.", total, longestHeaders)
	}
	return ""
}
