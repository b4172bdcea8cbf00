package cdn

import (
	"net/http"
	"slices"
	"strings"

	"wordpress-ecs/local/aws/cloudfront"
	"wordpress-ecs/local/wildcard"
)

// whitelist is the word of policies for what is listed alone.
const whitelist = "whitelist"

// pair is a cookie or a parameter of a query string. Text is the pair as the viewer wrote it.
type pair struct{ name, text string }

// cookies are those of a request, in the order of their names: CloudFront sorts them.
func cookies(r *http.Request) []pair {
	var list []pair
	for _, line := range r.Header["Cookie"] {
		for part := range strings.SplitSeq(line, ";") {
			if text := strings.TrimSpace(part); text != "" {
				name, _, _ := strings.Cut(text, "=")
				list = append(list, pair{name, text})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b pair) int { return strings.Compare(a.name, b.name) })
	return list
}

// parameters are those of the query string, in the viewer's order.
func parameters(r *http.Request) []pair {
	var list []pair
	for text := range strings.SplitSeq(r.URL.RawQuery, "&") {
		if text != "" {
			name, _, _ := strings.Cut(text, "=")
			list = append(list, pair{name, text})
		}
	}
	return list
}

// selects tells whether a selection of cookies or parameters has a name. In names of cookies * stands for any text.
func selects(s cloudfront.Selection, name string) bool {
	listed := slices.ContainsFunc(s.Names, func(n string) bool { return n == name || strings.Contains(n, "*") && wildcard.Match(n, name) })
	switch s.Behavior {
	case "all":
		return true
	case whitelist:
		return listed
	case "allExcept":
		return !listed
	}
	return false
}

// picked are the pairs that one of the selections has, as they are joined in a header or a query string.
func picked(list []pair, joint string, by ...cloudfront.Selection) string {
	var kept []string
	for _, p := range list {
		if slices.ContainsFunc(by, func(s cloudfront.Selection) bool { return selects(s, p.name) }) {
			kept = append(kept, p.text)
		}
	}
	return strings.Join(kept, joint)
}

// forwards tells whether a selection has any name at all.
func forwards(s cloudfront.Selection) bool { return s.Behavior != "" && s.Behavior != "none" }

// listedHeaders are the headers that the cache policy has in the key, in the form of Go.
func listedHeaders(s cloudfront.Selection) []string {
	if s.Behavior != whitelist {
		return nil
	}
	names := make([]string, len(s.Names))
	for i, name := range s.Names {
		names[i] = http.CanonicalHeaderKey(name)
	}
	slices.Sort(names)
	return names
}

// forwardsHeader tells whether an origin request policy lets a header of the viewer through.
func forwardsHeader(s cloudfront.Selection, name string) bool {
	listed := slices.ContainsFunc(s.Names, func(n string) bool { return strings.EqualFold(n, name) })
	own := strings.HasPrefix(name, ownPrefix)
	switch s.Behavior {
	case "allViewer":
		return !own
	case "allViewerAndWhitelistCloudFront":
		return !own || listed
	case "allExcept":
		return !own && !listed
	case whitelist:
		return listed
	}
	return false
}
