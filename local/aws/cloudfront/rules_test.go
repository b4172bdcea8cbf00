package cloudfront_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/cloudfront"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/kind/cases"
)

const (
	distribution = cloudfront.Distribution
	optimized    = "658327ea-f89d-4fab-a63d-7e88639e58f6"
	disabled     = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
	allViewer    = "216adef6-5c7f-47e4-b989-5492eafa07d3"
	bucket       = "media.s3.eu-central-1.amazonaws.com"
	certificate  = "aws:acm/certificate:Certificate"
)

// The names keep the tables short.
type (
	object = map[string]any
	list   = []any
)

func suite(t *testing.T) cases.Suite {
	t.Helper()
	catalog, err := kind.NewCatalog(cloudfront.Service(), certificates())
	require.NoError(t, err)
	return cases.Suite{Catalog: catalog, Usual: usual(), Types: []string{
		distribution, cloudfront.CachePolicy, cloudfront.OriginRequestPolicy, cloudfront.ResponseHeadersPolicy, cloudfront.Function,
		cloudfront.OriginAccessControl,
	}}
}

func TestEveryRule(t *testing.T) {
	t.Parallel()
	s := suite(t)
	s.Cases = slices.Concat(policyCases(), smallCases(), originCases(), behaviorCases(), viewerCases(), absentCases())
	s.Run(t)
}

// certificates stands for ACM, of which distributions only read names and states.
func certificates() kind.Service {
	return kind.Service{Kinds: []kind.Kind{{
		Type: certificate, Title: "ACM Certificate", Args: acm.CertificateArgs{}, State: acm.Certificate{},
		Create: func(c *kind.Call) error {
			c.ID = c.ARN("acm", "certificate/"+account.NewUUID())
			c.Set(account.Props{"arn": c.ID, "status": c.In.String("keyAlgorithm")})
			return nil
		},
	}}}
}

// issued is the ARN of a certificate.
func issued(w *cases.World, region, status string, names ...any) string {
	before := w.Region
	defer func() { w.Region = before }()
	w.Region = region
	// The stand-in takes its state from an input that nothing here looks at.
	return w.Need(certificate, account.Props{"subjectAlternativeNames": names, "keyAlgorithm": status}).ID
}

func usual() cases.Usual {
	return cases.Usual{
		certificate: func(*cases.World) account.Props { return account.Props{"domainName": "example.org"} },
		cloudfront.CachePolicy: func(*cases.World) account.Props {
			return account.Props{"comment": "Pages", "minTtl": 1.0, "parametersInCacheKeyAndForwardedToOrigin": object{
				"cookiesConfig":            object{"cookieBehavior": "whitelist", "cookies": object{"items": list{"lang"}}},
				"headersConfig":            object{"headerBehavior": "whitelist", "headers": object{"items": list{"Host"}}},
				"queryStringsConfig":       object{"queryStringBehavior": "all"},
				"enableAcceptEncodingGzip": true,
			}}
		},
		cloudfront.OriginRequestPolicy: func(*cases.World) account.Props {
			return account.Props{
				"comment": "Pages", "cookiesConfig": object{"cookieBehavior": "all"},
				"headersConfig":      object{"headerBehavior": "whitelist", "headers": object{"items": list{"User-Agent"}}},
				"queryStringsConfig": object{"queryStringBehavior": "whitelist", "queryStrings": object{"items": list{"s"}}},
			}
		},
		cloudfront.ResponseHeadersPolicy: func(*cases.World) account.Props {
			return account.Props{
				"comment": "Pages",
				"corsConfig": object{
					"accessControlAllowCredentials": false, "originOverride": true,
					"accessControlAllowHeaders": object{"items": list{"*"}}, "accessControlAllowMethods": object{"items": list{"GET"}},
					"accessControlAllowOrigins": object{"items": list{"https://example.com"}},
				},
				"customHeadersConfig": object{"items": list{object{"header": "X-Robots-Tag", "value": "noindex", "override": true}}},
				"removeHeadersConfig": object{"items": list{object{"header": "X-Powered-By"}}},
				"securityHeadersConfig": object{
					"contentSecurityPolicy": object{"contentSecurityPolicy": "default-src 'self'", "override": true},
					"frameOptions":          object{"frameOption": "DENY", "override": true},
					"referrerPolicy":        object{"referrerPolicy": "same-origin", "override": true},
					"xssProtection":         object{"protection": true, "modeBlock": true, "override": true},
				},
				"serverTimingHeadersConfig": object{"enabled": true, "samplingRate": 50.0},
			}
		},
		cloudfront.Function: func(*cases.World) account.Props {
			return account.Props{"runtime": "cloudfront-js-2.0", "code": "function handler(event) { return event.request }"}
		},
		cloudfront.OriginAccessControl: func(*cases.World) account.Props {
			return account.Props{
				"description": "Media", "originAccessControlOriginType": "s3", "signingBehavior": "always", "signingProtocol": "sigv4",
			}
		},
		distribution: site,
	}
}

// site is a distribution in front of a load balancer and a bucket.
func site(w *cases.World) account.Props {
	return account.Props{
		"enabled": true, "comment": "Site", "httpVersion": "http2and3", "priceClass": "PriceClass_100", "defaultRootObject": "index.php",
		"tags": object{"Project": "site"}, "aliases": list{"www.example.com"},
		"viewerCertificate": shown(issued(w, "us-east-1", "ISSUED", "example.com", "*.example.com"), nil),
		"restrictions":      object{"geoRestriction": object{"restrictionType": "whitelist", "locations": list{"DE"}}},
		"origins":           list{server(nil), media(w)},
		"originGroups": list{object{
			"originId": "either", "members": list{object{"originId": "media"}, object{"originId": "web"}},
			"failoverCriteria": object{"statusCodes": list{500.0}},
		}},
		"defaultCacheBehavior": behavior(w, nil),
		"orderedCacheBehaviors": list{behavior(w, object{
			"pathPattern": "/wp-content/*", "allowedMethods": list{"GET", "HEAD"}, "targetOriginId": "either",
		})},
		"customErrorResponses": list{object{
			"errorCode": 503.0, "errorCachingMinTtl": 30.0, "responseCode": 503.0, "responsePagePath": "/errors/503.html",
		}},
	}
}

// shown is a certificate as visitors see it.
func shown(arn string, changes object) object {
	return cases.Changed(object{"acmCertificateArn": arn, "sslSupportMethod": "sni-only", "minimumProtocolVersion": "TLSv1.2_2021"}, changes)
}

// server is an origin that is a load balancer.
func server(changes object) object {
	return cases.Changed(object{
		"originId": "web", "domainName": "web-123.eu-central-1.elb.amazonaws.com", "originPath": "/site",
		"connectionAttempts": 2.0, "connectionTimeout": 5.0, "customHeaders": list{object{"name": "X-Origin", "value": "cdn"}},
		"customOriginConfig": object{
			"httpPort": 80.0, "httpsPort": 443.0, "originProtocolPolicy": "https-only", "originSslProtocols": list{"TLSv1.2"},
			"originReadTimeout": 60.0, "originKeepaliveTimeout": 60.0,
		},
	}, changes)
}

// media is an origin that is a bucket.
func media(w *cases.World) object {
	return object{"originId": "media", "domainName": bucket, "originAccessControlId": w.Usual(cloudfront.OriginAccessControl).ID}
}

func behavior(w *cases.World, changes object) object {
	return cases.Changed(object{
		"targetOriginId": "web", "viewerProtocolPolicy": "redirect-to-https", "compress": true, "cachedMethods": list{"GET", "HEAD"},
		"allowedMethods":          list{"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"},
		"cachePolicyId":           w.Usual(cloudfront.CachePolicy).ID,
		"originRequestPolicyId":   w.Usual(cloudfront.OriginRequestPolicy).ID,
		"responseHeadersPolicyId": w.Usual(cloudfront.ResponseHeadersPolicy).ID,
		"functionAssociations": list{object{
			"eventType": "viewer-request", "functionArn": w.Usual(cloudfront.Function).Outputs.String("arn"),
		}},
	}, changes)
}

// ordered makes the usual distribution with another ordered behaviour.
func ordered(changes object) cases.Trial {
	return func(w *cases.World, typ string) error {
		with := object{"pathPattern": "/a/*"}
		maps.Copy(with, changes)
		_, err := w.Make(typ, account.Props{"orderedCacheBehaviors": list{behavior(w, with)}})
		return err
	}
}

// byDefault makes the usual distribution with another default behaviour.
func byDefault(changes object) cases.Trial {
	return func(w *cases.World, typ string) error {
		_, err := w.Make(typ, account.Props{"defaultCacheBehavior": behavior(w, changes)})
		return err
	}
}

// from makes the usual distribution with another origin "web".
func from(changes object) cases.Trial {
	return func(w *cases.World, typ string) error {
		_, err := w.Make(typ, account.Props{"origins": list{server(changes), media(w)}})
		return err
	}
}

// several are n copies of a value.
func several(n int, v any) list { return slices.Repeat(list{v}, n) }
