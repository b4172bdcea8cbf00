package alb

import (
	"net/http"
	"net/netip"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/wildcard"
)

// rule is what happens to requests that fulfil all its conditions.
type rule struct {
	priority   float64
	conditions []condition
	action     action
}

// condition tells whether a request fulfils it.
type condition func(r *http.Request) bool

func (w *wanted) rule(b balancerSettings, out account.Props) rule {
	r := rule{priority: out.Number("priority"), action: w.action(b, out.Objects("actions"))}
	for _, c := range out.Objects("conditions") {
		r.conditions = append(r.conditions, newCondition(c))
	}
	return r
}

// route finds the action for a request: rules come in the order of their priority.
func (s *listenerSettings) route(r *http.Request) action {
	for _, rule := range s.rules {
		if rule.matches(r) {
			return rule.action
		}
	}
	return s.last
}

func (r *rule) matches(req *http.Request) bool {
	for _, holds := range r.conditions {
		if !holds(req) {
			return false
		}
	}
	return true
}

// newCondition reads a condition of a rule, of which one field is set. One that cannot be read holds for nothing.
func newCondition(c account.Props) condition {
	switch {
	case c.Has("hostHeader"):
		patterns := lower(c.Strings("hostHeader.values"))
		return func(r *http.Request) bool { return anyLike(patterns, strings.ToLower(hostname(r.Host))) }
	case c.Has("pathPattern"):
		patterns := c.Strings("pathPattern.values") // the only ones whose case matters
		return func(r *http.Request) bool { return anyLike(patterns, r.URL.EscapedPath()) }
	case c.Has("httpRequestMethod"):
		methods := c.Strings("httpRequestMethod.values")
		return func(r *http.Request) bool {
			for _, m := range methods {
				if m == r.Method {
					return true
				}
			}
			return false
		}
	case c.Has("httpHeader"):
		return headerCondition(http.CanonicalHeaderKey(c.String("httpHeader.httpHeaderName")), lower(c.Strings("httpHeader.values")))
	case c.Has("queryStrings"):
		return queryCondition(c.Objects("queryStrings"))
	case c.Has("sourceIp"):
		return sourceCondition(c.Strings("sourceIp.values"))
	}
	return func(*http.Request) bool { return false }
}

func headerCondition(name string, patterns []string) condition {
	return func(r *http.Request) bool {
		for _, value := range r.Header[name] {
			if anyLike(patterns, strings.ToLower(value)) {
				return true
			}
		}
		return false
	}
}

func queryCondition(pairs []account.Props) condition {
	return func(r *http.Request) bool {
		for part := range strings.SplitSeq(strings.ToLower(r.URL.RawQuery), "&") {
			key, value, _ := strings.Cut(part, "=")
			for _, pair := range pairs {
				wanted := strings.ToLower(pair.String("key"))
				if (wanted == "" || wildcard.Match(wanted, key)) && wildcard.Match(strings.ToLower(pair.String("value")), value) {
					return true
				}
			}
		}
		return false
	}
}

func sourceCondition(blocks []string) condition {
	var prefixes []netip.Prefix
	for _, block := range blocks {
		if prefix, err := netip.ParsePrefix(block); err == nil {
			prefixes = append(prefixes, prefix)
		}
	}
	return func(r *http.Request) bool {
		address, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil {
			return false
		}
		for _, prefix := range prefixes {
			if prefix.Contains(address.Addr().Unmap()) {
				return true
			}
		}
		return false
	}
}

func lower(texts []string) []string {
	list := make([]string, len(texts))
	for i, text := range texts {
		list[i] = strings.ToLower(text)
	}
	return list
}

func anyLike(patterns []string, text string) bool {
	for _, pattern := range patterns {
		if wildcard.Match(pattern, text) {
			return true
		}
	}
	return false
}

// hostname is a Host header without its port.
func hostname(host string) string {
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		return host[:i]
	}
	return host
}
