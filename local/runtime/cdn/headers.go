package cdn

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"wordpress-ecs/local/aws/cloudfront"
	"wordpress-ecs/local/wildcard"
)

// apply changes headers as a response headers policy says: what it removes goes first.
func (x *exchange) apply(policy *cloudfront.ResponseHeaders, res *response) {
	h := res.header
	for _, name := range policy.Remove {
		h.Del(name)
	}
	if policy.CORS != nil {
		x.allow(policy.CORS, h)
	}
	for _, add := range policy.Add {
		if add.Override || h.Get(add.Name) == "" {
			h.Set(add.Name, add.Value)
		}
	}
	if rand.Float64()*100 < policy.ServerTiming { //nolint:gosec // a share, not a secret
		found := "cdn-cache-miss"
		if res.word == hit {
			found = "cdn-cache-hit"
		}
		h.Add("Server-Timing", fmt.Sprintf(`%s,cdn-pop;desc="%s",cdn-rid;desc="%s"`, found, edgeLocation, x.id))
	}
}

// allow answers requests that come from pages of other origins.
func (x *exchange) allow(c *cloudfront.CORS, h http.Header) {
	from := x.request.Header.Get("Origin")
	if from == "" {
		return
	}
	set := func(name, value string) {
		if value != "" && (c.Override || h.Get(name) == "") {
			h.Set(name, value)
		}
	}
	anyone := slices.Contains(c.Origins, "*")
	if !anyone && !slices.ContainsFunc(c.Origins, func(o string) bool { return allows(o, from) }) {
		return
	}
	if anyone {
		set("Access-Control-Allow-Origin", "*")
	} else {
		set("Access-Control-Allow-Origin", from)
		h.Add("Vary", "Origin")
	}
	if c.Credentials {
		set("Access-Control-Allow-Credentials", "true")
	}
	if x.request.Method == http.MethodOptions && x.request.Header.Get("Access-Control-Request-Method") != "" {
		set("Access-Control-Allow-Methods", strings.Join(c.Methods, ", "))
		set("Access-Control-Allow-Headers", strings.Join(c.Headers, ", "))
		if c.MaxAge > 0 {
			set("Access-Control-Max-Age", strconv.Itoa(c.MaxAge))
		}
		return
	}
	set("Access-Control-Expose-Headers", strings.Join(c.Expose, ", "))
}

// allows compares an origin of a policy with that of a request: without a scheme it means both, and * stands for a part
// of the host.
func allows(pattern, from string) bool {
	if !strings.Contains(pattern, "://") {
		_, from, _ = strings.Cut(from, "://")
	}
	return wildcard.Match(strings.ToLower(pattern), strings.ToLower(from))
}
