package edge_test

import (
	"net/http"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	site "wordpress-ecs/edge"
	"wordpress-ecs/settings"
	"wordpress-ecs/tests/graph"
)

const (
	addressHeader     = "X-Visitor-Address"
	keyHeader         = "X-Visitor-Key"
	maintenanceHeader = "X-Maintenance"
)

// Links to one page that differ in nothing that it depends on ask for one copy of it.
func TestArguments(t *testing.T) {
	t.Parallel()
	f := function(t, ofPages, nil)
	for target, want := range map[string]string{
		"/":                            "/",
		"/a%20b/?s=x":                  "/a%20b/?s=x",
		"/?utm_source=a&utm_medium=b":  "/",
		"/?p=1&utm_campaign=c":         "/?p=1",
		"/?b=2&a=1":                    "/?a=1&b=2",
		"/?c[]=2&b=x&c[]=1":            "/?b=x&c[]=2&c[]=1",
		"/?c=&b&a=1":                   "/?a=1&b&c",
		"/?q=%20x%26y%3Dz&p=a+b":       "/?p=a+b&q=%20x%26y%3Dz",
		"/?q=a=b":                      "/?q=a=b",
		"/?utm=1&my_utm_x=2&gclidx=3":  "/?gclidx=3&my_utm_x=2&utm=1",
		"/?UTM_Source=a&FBCLID=b&S=c":  "/?S=c",
		"/?10=a&9=b":                   "/?10=a&9=b",
		"/?9=b&10=a":                   "/?10=a&9=b",
		"/?utm_source=a&utm_source=b":  "/",
		"/?fbclid=a#fragment":          "/",
		"/?&&p=1&":                     "/?p=1",
		"/?hasOwnProperty=1&length=2":  "/?hasOwnProperty=1&length=2",
		"/?preview=true&utm_content=x": "/?preview=true",
	} {
		for _, method := range []string{"GET", "HEAD"} {
			require.Equal(t, want, passed(t, f, ask(method, target)).URL.RequestURI(), target)
		}
	}
	for _, name := range strings.Fields(`utm_source utm_medium utm_campaign utm_term utm_content utm_id gclid dclid gclsrc gbraid wbraid
		fbclid msclkid ttclid twclid yclid li_fat_id igshid srsltid mc_cid mc_eid _ga _gl _hsenc _hsmi`) {
		require.Equal(t, "/?s=x", passed(t, f, ask("GET", "/?"+name+"=1&s=x")).URL.RequestURI(), name)
	}
}

// A request that changes something, and one of which no copy is kept, goes on as it came.
func TestWhatStaysAsItIs(t *testing.T) {
	t.Parallel()
	const target, cookies = "/?b=2&a=&utm_source=x", "unknown=1; wordpress_logged_in_x=boss; unknown=2"
	pages, visitors := function(t, ofPages, nil), function(t, ofVisitors, nil)
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
		after := passed(t, pages, ask(method, target, "Cookie: "+cookies))
		require.Equal(t, target, after.URL.RequestURI(), method)
		require.Empty(t, after.Header.Get(keyHeader), method)
		require.ElementsMatch(t, strings.Split(cookies, "; "), strings.Split(after.Header.Get("Cookie"), "; "), method)
	}
	after := passed(t, visitors, ask("GET", target, "Cookie: "+cookies, "Authorization: Basic YWRtaW46eA=="))
	require.Equal(t, target, after.URL.RequestURI())
	require.ElementsMatch(t, strings.Split(cookies, "; "), strings.Split(after.Header.Get("Cookie"), "; "))
	require.Equal(t, "Basic YWRtaW46eA==", after.Header.Get("Authorization"), "a password for applications is WordPress's business")
	require.Empty(t, after.Header.Get(keyHeader))
}

func withCookies(s *settings.Edge) { s.CDN.Cookies = []string{"theme", "lang_*"} }

// Cookies of which pages know nothing make no copies; the others reach the site, and tell copies apart.
func TestCookies(t *testing.T) {
	t.Parallel()
	f := function(t, ofPages, withCookies)
	for _, cookie := range strings.Fields(`_ga=1 PHPSESSID_2=x wordpress_test_cookie=WP wp-settings-1=x wp-settings-time-1=2 theme2=x
		themes=x lang=x lan_x=1 my_wordpress_x=1 cookieyes=1 WORDPRESS_x=1`) {
		after := passed(t, f, ask("GET", "/", "Cookie: "+cookie))
		require.Empty(t, after.Header["Cookie"], cookie)
		require.Empty(t, after.Header[keyHeader], cookie)
	}
	for _, cookie := range strings.Fields(`wordpress_logged_in_5f=boss|1|x wordpress_sec_5f=x wordpress_5f=x wp-postpass_5f=x comment_author_5f=me
		comment_author_email_5f=a@b woocommerce_cart_hash=x woocommerce_items_in_cart=1 wp_woocommerce_session_5f=x edd_items_in_cart=1
		PHPSESSID=x theme=dark lang_=x lang_site=de`) {
		for _, method := range []string{"GET", "HEAD"} {
			after := passed(t, f, ask(method, "/", "Cookie: _ga=1; "+cookie+"; utm=2"))
			require.Equal(t, cookie, after.Header.Get("Cookie"))
			require.Regexp(t, "^[0-9a-f]{64}$", after.Header.Get(keyHeader), cookie)
		}
	}
	require.Empty(t, passed(t, function(t, ofPages, nil), ask("GET", "/", "Cookie: theme=dark; lang_site=de")).Header[keyHeader],
		"nobody has said that pages depend on them")
}

// No visitor gets another's page: different cookies, different keys.
func TestKeys(t *testing.T) {
	t.Parallel()
	f := function(t, ofPages, withCookies)
	key := func(cookies ...string) string {
		headers := []string{}
		for _, line := range cookies {
			headers = append(headers, "Cookie: "+line)
		}
		return passed(t, f, ask("GET", "/", headers...)).Header.Get(keyHeader)
	}
	keys := map[string]string{}
	for _, cookies := range []string{
		"", "theme=a", "theme=b", "theme=", "lang_a=1", "lang_a=1; theme=a", "lang_a=theme=a", "lang_a=1,theme=a", "lang_a=1,2",
		"lang_a=1; lang_a=2", "lang_a=2; lang_a=1", "lang_a=1; lang_b=2", "wordpress_logged_in_x=one", "wordpress_logged_in_x=two",
		"wordpress_logged_in_x=one; theme=a", "lang_a==1", "lang_aa=1",
	} {
		made := key(cookies)
		require.NotContains(t, keys, made, "%q and %q", cookies, keys[made])
		keys[made] = cookies
	}
	one := key("wordpress_logged_in_x=one; theme=a")
	require.Equal(t, one, key("theme=a; wordpress_logged_in_x=one"), "in any order")
	require.Equal(t, one, key("theme=a; _ga=1; wordpress_logged_in_x=one; utm=2"), "with or without what is taken off")
	require.Equal(t, one, key("theme=a", "wordpress_logged_in_x=one"), "in one header or two")
}

// What a site answers to a program is no page for people: it makes a copy of its own, or none would be safe from who asks
// for the first.
func TestOtherFormats(t *testing.T) {
	t.Parallel()
	f := function(t, ofPages, nil)
	key := func(headers ...string) string { return passed(t, f, ask("GET", "/", headers...)).Header.Get(keyHeader) }
	keys := map[string]string{}
	for _, headers := range []string{
		"X-Requested-With: XMLHttpRequest", "X-Requested-With: com.example.browser", "Accept: application/activity+json",
		`Accept: application/ld+json; profile="https://www.w3.org/ns/activitystreams"`, "Accept: text/html;q=0.5, Application/JSON",
		"Accept: text/html\nAccept: application/json", "Accept: application/json\nX-Requested-With: XMLHttpRequest",
		"Accept: application/json\nCookie: wordpress_logged_in_x=boss", "Cookie: wordpress_logged_in_x=boss",
	} {
		made := key(strings.Split(headers, "\n")...)
		require.Regexp(t, "^[0-9a-f]{64}$", made, headers)
		require.NotContains(t, keys, made, "%q and %q", headers, keys[made])
		keys[made] = headers
	}
	for _, accept := range []string{"*/*", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"} {
		require.Empty(t, key("Accept: "+accept), accept)
	}
	nginx, err := os.ReadFile("../../image/rootfs/etc/nginx/http/page-cache.conf")
	require.NoError(t, err)
	ours := regexp.MustCompile(`(?m)^const FORMAT = /(.*)/i;$`).FindStringSubmatch(code(t, ofPages, nil))
	theirs := regexp.MustCompile(`\$accept_other_format \{\n\t"~\*(.*)" 1;`).FindStringSubmatch(string(nginx))
	require.NotEmpty(t, ours)
	require.NotEmpty(t, theirs)
	require.Equal(t, theirs[1], strings.ReplaceAll(ours[1], `\/`, "/"))
}

// What the site believes comes from the function, whatever a visitor sends.
func TestForgedHeadersAreReplaced(t *testing.T) {
	t.Parallel()
	forged := []string{
		addressHeader + ": 203.0.113.99", addressHeader + ": 203.0.113.98", keyHeader + ": forged", maintenanceHeader + ": pass",
		maintenanceHeader + ": pass", "x-visitor-key: forged",
	}
	for _, part := range []string{ofVisitors, ofPages} {
		for held, change := range map[bool]func(*settings.Edge){false: nil, true: func(s *settings.Edge) { s.Maintenance = true }} {
			f := function(t, part, change)
			for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS"} {
				for _, cookie := range []string{"_ga=1", "wordpress_logged_in_x=boss"} {
					after := passed(t, f, ask(method, "/", append(forged, "Cookie: "+cookie)...))
					require.Equal(t, []string{visitor}, after.Header[addressHeader])
					require.NotContains(t, after.Header.Get(keyHeader), "forged")
					require.LessOrEqual(t, len(after.Header[keyHeader]), 1)
					require.Equal(t, map[bool][]string{false: nil, true: {"hold"}}[held], after.Header[maintenanceHeader])
				}
			}
		}
	}
	require.Equal(t, addressHeader, site.VisitorHeader)
}

// The other name, and any other that leads to the distribution, is answered with the way to the domain.
func TestOtherHosts(t *testing.T) {
	t.Parallel()
	for _, part := range []string{ofVisitors, ofPages} {
		f := function(t, part, func(s *settings.Edge) { s.BasicAuthUser, s.Maintenance = "guest", true })
		for _, other := range []string{"www.example.com", "d111111abcdef8.cloudfront.net"} {
			for target, want := range map[string]string{
				"/": "/", "/2026/05/post/?p=1&b=&a=%20x&c[]=2&c[]=1": "/2026/05/post/?p=1&b&a=%20x&c[]=2&c[]=1", "/a%2Fb?utm_source=x": "/a%2Fb?utm_source=x",
			} {
				for _, method := range []string{"GET", "HEAD", "POST"} {
					_, answer := asked(t, f, visitor, ask(method, target, "Host: "+other))
					require.NotNil(t, answer)
					require.Equal(t, 301, answer.Status)
					require.Equal(t, "https://example.com"+want, answer.Header.Get("Location"))
				}
			}
		}
	}
}

func TestPassword(t *testing.T) {
	t.Parallel()
	secret := graph.Secret("site-visitors")
	for _, part := range []string{ofVisitors, ofPages} {
		f := function(t, part, func(s *settings.Edge) { s.BasicAuthUser = "guest" })
		for name, set := range map[string]func(*http.Request){
			"nothing":          func(*http.Request) {},
			"wrong password":   func(r *http.Request) { r.SetBasicAuth("guest", secret+"x") },
			"wrong name":       func(r *http.Request) { r.SetBasicAuth("admin", secret) },
			"empty":            func(r *http.Request) { r.SetBasicAuth("", "") },
			"not encoded":      func(r *http.Request) { r.Header.Set("Authorization", "Basic guest:"+secret) },
			"another scheme":   func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+secret) },
			"a login":          func(r *http.Request) { r.Header.Set("Cookie", "wordpress_logged_in_x=boss") },
			"the digest of it": func(r *http.Request) { r.Header.Set("Authorization", strings.Repeat("0", 64)) },
		} {
			r := ask("GET", "/")
			set(r)
			_, answer := asked(t, f, visitor, r)
			require.NotNil(t, answer, name)
			require.Equal(t, 401, answer.Status, name)
			require.Equal(t, `Basic realm="example.com", charset="UTF-8"`, answer.Header.Get("Www-Authenticate"))
			require.Equal(t, "no-store", answer.Header.Get("Cache-Control"))
		}
		r := ask("POST", "/wp-login.php")
		r.SetBasicAuth("guest", secret)
		require.Empty(t, passed(t, f, r).Header["Authorization"], "WordPress would take it for a password of its own")
	}
}

func maintained(admins ...string) func(*settings.Edge) {
	return func(s *settings.Edge) {
		s.Maintenance = true
		for _, admin := range admins {
			s.AdminAddresses = append(s.AdminAddresses, netip.MustParsePrefix(admin))
		}
	}
}

func TestMaintenance(t *testing.T) {
	t.Parallel()
	admins := []string{"203.0.113.7/32", "198.51.100.0/25", "2001:db8:1::/48", "2001:db8::5/128", "10.0.0.0/9"}
	for _, part := range []string{ofVisitors, ofPages} {
		f := function(t, part, maintained(admins...))
		for address, want := range map[string]string{
			"203.0.113.7": "pass", "203.0.113.6": "hold", "203.0.113.70": "hold",
			"198.51.100.0": "pass", "198.51.100.127": "pass", "198.51.100.128": "hold", "198.51.101.0": "hold",
			"10.127.255.255": "pass", "10.128.0.0": "hold",
			"2001:db8:1::": "pass", "2001:db8:1:ffff:ffff:ffff:ffff:ffff": "pass", "2001:db8:2::1": "hold", "2001:db8:0:1::": "hold",
			"2001:db8::5": "pass", "2001:0db8:0000:0000:0000:0000:0000:0005": "pass", "2001:db8:0:0:0:0:0:5": "pass", "2001:db8::6": "hold",
			"::1": "hold", "::": "hold", "cb00:7107::": "hold", "a00::": "hold",
		} {
			after, answer := asked(t, f, address, ask("GET", "/"))
			require.Nil(t, answer)
			require.Equal(t, []string{want}, after.Header[maintenanceHeader], address)
			require.Equal(t, []string{address}, after.Header[addressHeader])
		}
	}
	require.Equal(t, "hold", passed(t, function(t, ofPages, maintained()), ask("GET", "/")).Header.Get(maintenanceHeader))
	require.Empty(t, passed(t, function(t, ofPages, nil), ask("GET", "/")).Header[maintenanceHeader])
	off := func(s *settings.Edge) { maintained(visitor + "/32")(s); s.Maintenance = false }
	require.Empty(t, passed(t, function(t, ofPages, off), ask("GET", "/")).Header[maintenanceHeader], "or copies would differ")
}

// The largest settings make a function that CloudFront takes, and that runs.
func TestLargestSettings(t *testing.T) {
	t.Parallel()
	domain := strings.Repeat("a", 45) + ".example.com"
	f := function(t, ofPages, func(s *settings.Edge) {
		s.Domain, s.BasicAuthUser = domain, strings.Repeat("u", 60)
		maintained("2001:db8:1111:2222:3333:4444:5555:6661/128", "2001:db8:1111:2222:3333:4444:5555:6662/128",
			"2001:db8:1111:2222:3333:4444:5555:6663/128", "2001:db8:1111:2222:3333:4444:5555:6664/128", "2001:db8:1111:2222:3333:4444:5555:6665/128")(s)
		for i := range 20 {
			s.CDN.Cookies = append(s.CDN.Cookies, strings.Repeat(string(rune('a'+i)), 100)+"*")
		}
	})
	r := ask("GET", "/?b=1&a=2", "Host: "+domain, "Cookie: "+strings.Repeat("t", 101)+"=1")
	r.SetBasicAuth(strings.Repeat("u", 60), graph.Secret("site-visitors"))
	after, answer := asked(t, f, "2001:db8:1111:2222:3333:4444:5555:6665", r)
	require.Nil(t, answer)
	require.Equal(t, "pass", after.Header.Get(maintenanceHeader))
	require.NotEmpty(t, after.Header.Get(keyHeader))
}

// documented are the methods of "JavaScript runtime 2.0 features for CloudFront Functions", as far as they are called.
var documented = strings.Fields(`includes startsWith endsWith slice split padStart toLowerCase toString test keys map join reduce concat
	fill sort filter some forEach push createHash update digest`)

// The engine of the tests knows more than CloudFront's: what that does not know of the language it refuses, and of the
// rest nothing is used that is not documented.
func TestOnlyWhatCloudFrontKnows(t *testing.T) {
	t.Parallel()
	text := regexp.MustCompile(`(?m)//.*$`).ReplaceAllString(code(t, ofPages, nil), "")
	for _, call := range regexp.MustCompile(`\.([a-zA-Z]+)\(`).FindAllStringSubmatch(text, -1) {
		require.Contains(t, documented, call[1])
	}
	for _, name := range regexp.MustCompile(`\b(?:new )?([A-Z][A-Za-z]+)[(.]`).FindAllStringSubmatch(text, -1) {
		require.True(t, slices.Contains([]string{"Object", "Number", "Array", "PERSONAL", "TRACKING", "FORMAT"}, name[1]), name[1])
	}
}

// The CDN and the site agree on who is somebody.
func TestPersonalCookiesAreTheSites(t *testing.T) {
	t.Parallel()
	plugin, err := os.ReadFile("../../image/rootfs/var/www/html/bundled/mu-plugins/page-cache.php")
	require.NoError(t, err)
	ours := regexp.MustCompile(`(?m)^const PERSONAL = /(.*)/;$`).FindStringSubmatch(code(t, ofPages, nil))
	theirs := regexp.MustCompile(`(?m)^const PERSONAL_COOKIES = '~(.*)~';$`).FindStringSubmatch(string(plugin))
	require.NotEmpty(t, ours)
	require.NotEmpty(t, theirs)
	require.Equal(t, theirs[1], ours[1])
}
