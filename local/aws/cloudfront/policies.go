package cloudfront

import (
	"fmt"
	"strings"

	"wordpress-ecs/local/account"
)

// Selection is which headers, cookies or query strings of a request a policy means.
type Selection struct {
	// Behavior is none, whitelist, allExcept or all; of headers to the origin allViewer and
	// allViewerAndWhitelistCloudFront, too.
	Behavior string
	// Names are those that a behavior lists, as the policy writes them.
	Names []string
}

// Caching is a cache policy: what the cache key has, and how long answers stay. What is in the key goes to the origin.
type Caching struct {
	Name string
	// MinTTL, DefaultTTL and MaxTTL are in seconds.
	MinTTL, DefaultTTL, MaxTTL int
	// Gzip and Brotli have the normalized Accept-Encoding in the cache key.
	Gzip, Brotli                   bool
	Headers, Cookies, QueryStrings Selection
}

// Forwarding is an origin request policy: what goes to the origin besides the cache key.
type Forwarding struct {
	Name                           string
	Headers, Cookies, QueryStrings Selection
}

// Header is a header of answers. Override replaces what the origin sent.
type Header struct {
	Name, Value string
	Override    bool
}

// ResponseHeaders is a response headers policy. What it removes goes before anything is added.
type ResponseHeaders struct {
	Name string
	// Remove are the names of headers of the origin's answers.
	Remove []string
	// CORS is nil where the policy says nothing of it.
	CORS *CORS
	// Add are the security headers and the custom ones.
	Add []Header
	// ServerTiming is the share of answers that get the Server-Timing header, in percent.
	ServerTiming float64
}

// CORS are the headers of cross-origin requests.
type CORS struct {
	Credentials                       bool
	Headers, Methods, Origins, Expose []string
	// MaxAge is in seconds; 0 for none.
	MaxAge   int
	Override bool
}

// selection reads a part of a policy: "cookies" reads cookiesConfig with its cookieBehavior and cookies.
func selection(in account.Props, one string) Selection {
	many := one + "s"
	config := in.Object(many + "Config")
	s := Selection{Behavior: config.String(one + "Behavior"), Names: config.Strings(many + ".items")}
	if s.Behavior == "" {
		s.Behavior = "none"
	}
	return s
}

const (
	day  = 86400
	year = 365 * day
)

// caching reads a cache policy from its inputs, with the provider's defaults.
func caching(in account.Props) Caching {
	key := in.Object("parametersInCacheKeyAndForwardedToOrigin")
	p := Caching{
		Name: in.String("name"), MinTTL: in.Int("minTtl"), DefaultTTL: day, MaxTTL: year,
		Gzip: key.Bool("enableAcceptEncodingGzip"), Brotli: key.Bool("enableAcceptEncodingBrotli"),
		Headers: selection(key, "header"), Cookies: selection(key, "cookie"), QueryStrings: selection(key, "queryString"),
	}
	if in.Has("defaultTtl") {
		p.DefaultTTL = in.Int("defaultTtl")
	}
	if in.Has("maxTtl") {
		p.MaxTTL = in.Int("maxTtl")
	}
	return p
}

// Off tells whether nothing is cached.
func (c Caching) Off() bool { return c.MinTTL == 0 && c.DefaultTTL == 0 && c.MaxTTL == 0 }

// forwarding reads an origin request policy from its inputs.
func forwarding(in account.Props) Forwarding {
	return Forwarding{
		Name: in.String("name"), Headers: selection(in, "header"), Cookies: selection(in, "cookie"),
		QueryStrings: selection(in, "queryString"),
	}
}

// responseHeaders reads a response headers policy from its inputs.
func responseHeaders(in account.Props) ResponseHeaders {
	p := ResponseHeaders{Name: in.String("name"), Add: securityHeaders(in.Object("securityHeadersConfig"))}
	for _, item := range in.Objects("removeHeadersConfig.items") {
		p.Remove = append(p.Remove, item.String("header"))
	}
	for _, item := range in.Objects("customHeadersConfig.items") {
		p.Add = append(p.Add, Header{item.String("header"), item.String("value"), item.Bool("override")})
	}
	if cors := in.Object("corsConfig"); cors != nil {
		p.CORS = &CORS{
			Credentials: cors.Bool("accessControlAllowCredentials"), Override: cors.Bool("originOverride"),
			Headers: cors.Strings("accessControlAllowHeaders.items"), Methods: cors.Strings("accessControlAllowMethods.items"),
			Origins: cors.Strings("accessControlAllowOrigins.items"), Expose: cors.Strings("accessControlExposeHeaders.items"),
			MaxAge: cors.Int("accessControlMaxAgeSec"),
		}
	}
	if in.Bool("serverTimingHeadersConfig.enabled") {
		p.ServerTiming = in.Number("serverTimingHeadersConfig.samplingRate")
	}
	return p
}

// securityHeaders are the headers of a policy's security part, as CloudFront writes them.
func securityHeaders(in account.Props) []Header {
	var list []Header
	add := func(part, name, value string) {
		if in.Has(part) {
			list = append(list, Header{name, value, in.Bool(part + ".override")})
		}
	}
	add("contentSecurityPolicy", "Content-Security-Policy", in.String("contentSecurityPolicy.contentSecurityPolicy"))
	add("contentTypeOptions", "X-Content-Type-Options", "nosniff")
	add("frameOptions", "X-Frame-Options", in.String("frameOptions.frameOption"))
	add("referrerPolicy", "Referrer-Policy", in.String("referrerPolicy.referrerPolicy"))
	hsts := []string{fmt.Sprintf("max-age=%d", in.Int("strictTransportSecurity.accessControlMaxAgeSec"))}
	for _, word := range []struct{ input, directive string }{
		{"includeSubdomains", "includeSubDomains"}, {"preload", "preload"},
	} {
		if in.Bool("strictTransportSecurity." + word.input) {
			hsts = append(hsts, word.directive)
		}
	}
	add("strictTransportSecurity", "Strict-Transport-Security", strings.Join(hsts, "; "))
	xss := "0"
	if in.Bool("xssProtection.protection") {
		xss = "1"
		if in.Bool("xssProtection.modeBlock") {
			xss += "; mode=block"
		}
		if uri := in.String("xssProtection.reportUri"); uri != "" {
			xss += "; report=" + uri
		}
	}
	add("xssProtection", "X-XSS-Protection", xss)
	return list
}
