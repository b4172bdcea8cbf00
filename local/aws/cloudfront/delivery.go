package cloudfront

import (
	"fmt"

	"wordpress-ecs/local/account"
)

// Delivery is what a distribution does with requests: its settings with all policies resolved and all defaults filled in.
type Delivery struct {
	ID, ARN string
	// Domain is the distribution's own name, Aliases are its others.
	Domain  string
	Aliases []string
	Enabled bool
	// HTTPVersion is http1.1, http2, http3 or http2and3.
	HTTPVersion string
	// RootObject is what a request of "/" is for; empty for "/" itself.
	RootObject string
	// Certificate is the ARN of a certificate of ACM; empty for CloudFront's own.
	Certificate string
	// MinimumProtocol is a security policy such as TLSv1.2_2021.
	MinimumProtocol string
	// WebACL is the ARN of a web ACL; empty for none.
	WebACL string
	// Geo is none, whitelist or blacklist, Countries are two-letter codes.
	Geo       string
	Countries []string
	Origins   []Origin
	Groups    []OriginGroup
	// Behaviors are asked in their order; the last one takes every path.
	Behaviors []Behavior
	Errors    []ErrorResponse
}

// Origin is where a distribution gets answers from.
type Origin struct {
	ID string
	// Domain is a host name. Load balancers of the local cloud have their port in it.
	Domain string
	// Path is put before the path of a request; empty for none.
	Path string
	// Headers go to the origin with every request, over those of the same name.
	Headers []Header
	// AccessControl is nil where requests are not signed.
	AccessControl *AccessControl
	// Bucket tells that the origin is one of S3, not a server; the ports and the protocol are those of servers.
	Bucket              bool
	HTTPPort, HTTPSPort int
	// Protocol is http-only, https-only or match-viewer.
	Protocol string
	// Attempts is how often a connection is tried; the timeouts are in seconds.
	Attempts, ConnectTimeout, ReadTimeout int
}

// AccessControl is how requests to an origin are signed.
type AccessControl struct {
	ID string
	// OriginType is s3, lambda, mediastore or mediapackagev2.
	OriginType string
	// Signing is always, never or no-override.
	Signing string
}

// OriginGroup asks its members one after another.
type OriginGroup struct {
	ID string
	// Members are ids of origins; the second is asked when the first cannot be reached or answers one of the codes.
	Members []string
	Codes   []int
}

// Behavior is what happens to requests of some paths.
type Behavior struct {
	// Path is a pattern with * and ?; "*" for the default behaviour. A leading slash has no meaning.
	Path string
	// Target is the id of an origin or of a group.
	Target                        string
	AllowedMethods, CachedMethods []string
	// Protocol is allow-all, https-only or redirect-to-https.
	Protocol string
	Compress bool
	Caching  Caching
	// Forwarding and Response are nil without such a policy.
	Forwarding *Forwarding
	Response   *ResponseHeaders
	// ViewerRequest and ViewerResponse run before the cache is asked and before the visitor is answered; nil for none.
	ViewerRequest, ViewerResponse *Code
}

// ErrorResponse is what happens to an error of an origin.
type ErrorResponse struct {
	Code int
	// MinTTL is for how many seconds the error is cached.
	MinTTL int
	// Page is asked for instead of the error's own body, and answered with Status; empty for neither.
	Page   string
	Status int
}

// errorTTL is how long errors are cached, in seconds, where nothing is said.
const errorTTL = 10

// Resolve reads what a distribution of the account does.
func Resolve(tx *account.Tx, r account.Resource) (Delivery, error) {
	in := r.Outputs
	d := Delivery{
		ID: r.ID, ARN: in.String("arn"), Domain: in.String("domainName"), Aliases: in.Strings("aliases"), Enabled: in.Bool("enabled"),
		HTTPVersion: in.String("httpVersion"), RootObject: in.String("defaultRootObject"), WebACL: in.String("webAclId"),
		Certificate:     in.String("viewerCertificate.acmCertificateArn"),
		MinimumProtocol: word(in, "viewerCertificate.minimumProtocolVersion", defaultProtocol),
		Geo:             in.String("restrictions.geoRestriction.restrictionType"),
		Countries:       in.Strings("restrictions.geoRestriction.locations"),
	}
	for _, o := range in.Objects("origins") {
		origin, err := resolveOrigin(tx, o)
		if err != nil {
			return d, err
		}
		d.Origins = append(d.Origins, origin)
	}
	for _, g := range in.Objects("originGroups") {
		group := OriginGroup{ID: g.String("originId"), Members: ids(g, "members")}
		for _, code := range g.List("failoverCriteria.statusCodes") {
			n, _ := code.(float64)
			group.Codes = append(group.Codes, int(n))
		}
		d.Groups = append(d.Groups, group)
	}
	for _, b := range behaviors(in) {
		behavior, err := resolveBehavior(tx, b)
		if err != nil {
			return d, err
		}
		d.Behaviors = append(d.Behaviors, behavior)
	}
	for _, e := range in.Objects("customErrorResponses") {
		d.Errors = append(d.Errors, ErrorResponse{
			Code: e.Int("errorCode"), MinTTL: number(e, "errorCachingMinTtl", errorTTL), Page: e.String("responsePagePath"),
			Status: e.Int("responseCode"),
		})
	}
	return d, nil
}

func resolveOrigin(tx *account.Tx, in account.Props) (Origin, error) {
	custom := in.Object("customOriginConfig")
	o := Origin{
		ID: in.String("originId"), Domain: in.String("domainName"), Path: in.String("originPath"), Bucket: custom == nil,
		HTTPPort: custom.Int("httpPort"), HTTPSPort: custom.Int("httpsPort"), Protocol: custom.String("originProtocolPolicy"),
		Attempts: number(in, "connectionAttempts", 3), ConnectTimeout: number(in, "connectionTimeout", 10),
		ReadTimeout: number(custom, "originReadTimeout", 30),
	}
	for _, h := range in.Objects("customHeaders") {
		o.Headers = append(o.Headers, Header{h.String("name"), h.String("value"), true})
	}
	id := in.String("originAccessControlId")
	if id == "" {
		return o, nil
	}
	control, err := lookUp(tx, OriginAccessControl, id)
	if err == nil {
		o.AccessControl = &AccessControl{id, control.String("originAccessControlOriginType"), control.String("signingBehavior")}
	}
	return o, err
}

func resolveBehavior(tx *account.Tx, in account.Props) (Behavior, error) {
	b := Behavior{
		Path: word(in, "pathPattern", "*"), Target: in.String("targetOriginId"), AllowedMethods: in.Strings("allowedMethods"),
		CachedMethods: in.Strings("cachedMethods"), Protocol: in.String("viewerProtocolPolicy"), Compress: in.Bool("compress"),
	}
	var err error
	if b.Caching, err = resolve(tx, CachePolicy, in.String("cachePolicyId"), ManagedCaching, caching); err != nil {
		return b, err
	}
	if id := in.String("originRequestPolicyId"); id != "" {
		policy, err := resolve(tx, OriginRequestPolicy, id, ManagedForwarding, forwarding)
		if err != nil {
			return b, err
		}
		b.Forwarding = &policy
	}
	if id := in.String("responseHeadersPolicyId"); id != "" {
		policy, err := resolve(tx, ResponseHeadersPolicy, id, ManagedResponseHeaders, responseHeaders)
		if err != nil {
			return b, err
		}
		b.Response = &policy
	}
	for _, f := range in.Objects("functionAssociations") {
		code, found, err := published(tx, functionName(f.String("functionArn")))
		if err != nil {
			return b, err
		}
		if !found {
			return b, fmt.Errorf("the function %s is not published", f.String("functionArn"))
		}
		if f.String("eventType") == "viewer-request" {
			b.ViewerRequest = &code
		} else {
			b.ViewerResponse = &code
		}
	}
	return b, nil
}

// resolve is a policy of AWS or of the account.
func resolve[T any](tx *account.Tx, token, id string, managed func(id string) (T, bool), read func(in account.Props) T) (T, error) {
	if policy, ok := managed(id); ok {
		return policy, nil
	}
	in, err := lookUp(tx, token, id)
	return read(in), err
}

// lookUp are the outputs of a resource that must be there.
func lookUp(tx *account.Tx, token, id string) (account.Props, error) {
	r, err := tx.Get(token, "", id)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, fmt.Errorf("the account has no %s %s", token, id)
	}
	return r.Outputs, nil
}

// word is a text, or what it is when it is left out.
func word(in account.Props, path, otherwise string) string {
	if s := in.String(path); s != "" {
		return s
	}
	return otherwise
}

// number is word for numbers.
func number(in account.Props, path string, otherwise int) int {
	if in.Has(path) {
		return in.Int(path)
	}
	return otherwise
}
