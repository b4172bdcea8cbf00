package elb

import (
	"fmt"
	"strconv"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Listeners put headers into responses and rename some of the requests'. The provider does not send the latter for
// listeners without TLS.

// responseHeaders are the inputs that set a header of every response.
var responseHeaders = []string{
	"routingHttpResponseAccessControlAllowCredentialsHeaderValue", "routingHttpResponseAccessControlAllowHeadersHeaderValue",
	"routingHttpResponseAccessControlAllowMethodsHeaderValue", "routingHttpResponseAccessControlAllowOriginHeaderValue",
	"routingHttpResponseAccessControlExposeHeadersHeaderValue", "routingHttpResponseAccessControlMaxAgeHeaderValue",
	"routingHttpResponseContentSecurityPolicyHeaderValue", "routingHttpResponseStrictTransportSecurityHeaderValue",
	"routingHttpResponseXContentTypeOptionsHeaderValue", "routingHttpResponseXFrameOptionsHeaderValue",
}

// requestHeaders are the inputs that rename a header of requests.
var requestHeaders = []string{
	"routingHttpRequestXAmznMtlsClientcertHeaderName", "routingHttpRequestXAmznMtlsClientcertIssuerHeaderName",
	"routingHttpRequestXAmznMtlsClientcertLeafHeaderName", "routingHttpRequestXAmznMtlsClientcertSerialNumberHeaderName",
	"routingHttpRequestXAmznMtlsClientcertSubjectHeaderName", "routingHttpRequestXAmznMtlsClientcertValidityHeaderName",
	"routingHttpRequestXAmznTlsCipherSuiteHeaderName", "routingHttpRequestXAmznTlsVersionHeaderName",
}

// longestAge is how long a browser may remember the answer to a preflight request, in seconds.
const longestAge = 86400

// headerDefaults are the attributes of a listener that says nothing about headers.
func headerDefaults() account.Props {
	all := account.Props{"routingHttpResponseServerEnabled": true}
	for _, names := range [][]string{responseHeaders, requestHeaders} {
		for _, name := range names {
			all[name] = ""
		}
	}
	return all
}

func headerRules() []kind.Rule {
	const (
		cross   = "routingHttpResponseAccessControl"
		methods = `(GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH)`
		name    = `[A-Za-z0-9!#$%&'+.^_|~-]+`
	)
	values := []kind.Rule{
		kind.OneOf(cross+"AllowCredentialsHeaderValue", "true"),
		kind.Match(cross+"AllowHeadersHeaderValue", `^(\*|`+name+`(, ?`+name+`)*)$`, "must be names of headers, or *").Refusing("a b"),
		kind.Match(cross+"ExposeHeadersHeaderValue", `^(\*|`+name+`(, ?`+name+`)*)$`, "must be names of headers, or *").Refusing("a b"),
		kind.Match(cross+"AllowMethodsHeaderValue", `^(\*|`+methods+`(, ?`+methods+`)*)$`, "must be methods, or *").Refusing("FETCH"),
		kind.Match(cross+"AllowOriginHeaderValue", `^(\*|https?://[^\s/]+)$`, "must be an origin such as https://example.com, or *").
			Refusing("example.com"),
		{Name: "range of " + cross + "MaxAgeHeaderValue", Path: cross + "MaxAgeHeaderValue", Bad: "86401",
			Test: func(v any, _ account.Props) string {
				text, _ := v.(string)
				if n, err := strconv.Atoi(text); text != "" && (err != nil || n < 0 || n > longestAge) {
					return fmt.Sprintf("%sMaxAgeHeaderValue must be from 0 to %d, got %s", cross, longestAge, text)
				}
				return ""
			}},
		kind.Match("routingHttpResponseStrictTransportSecurityHeaderValue", `^max-age=\d+(; ?includeSubDomains)?(; ?preload)?$`,
			"must be of the form max-age=31536000; includeSubDomains; preload").Refusing("1 year"),
		kind.OneOf("routingHttpResponseXContentTypeOptionsHeaderValue", "nosniff"),
		kind.Match("routingHttpResponseXFrameOptionsHeaderValue", `^(DENY|SAMEORIGIN|ALLOW-FROM https?://\S+)$`,
			"must be DENY, SAMEORIGIN or ALLOW-FROM https://example.com").Refusing("NEVER"),
	}
	for i := range values {
		test := values[i].Test
		values[i].Test = func(v any, in account.Props) string {
			if v == "" {
				return "" // no header
			}
			return test(v, in)
		}
		values[i] = values[i].API("ValidationError").From(sdk + "ListenerArgs")
	}
	return values
}
