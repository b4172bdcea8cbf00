package managed

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/runtime/firewall/inspect"
)

// request is "METHOD URL", with headers as "Name: value" and, after an empty one, a body.
func request(t *testing.T, lines ...string) *http.Request {
	t.Helper()
	method, url, _ := strings.Cut(lines[0], " ")
	headers, body := lines[1:], ""
	if i := slices.Index(headers, ""); i >= 0 {
		headers, body = headers[:i], strings.Join(headers[i+1:], "\n")
	}
	r := httptest.NewRequest(method, url, strings.NewReader(body))
	r.Host = "www.example.com"
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		switch {
		case name == "Host":
			r.Host = value
		case value == "":
			r.Header.Del(name)
		default:
			r.Header.Set(name, value)
		}
	}
	return r
}

// found are the rules that find something in a request.
func found(r *http.Request, notorious ...netip.Prefix) []string {
	body := make([]byte, inspect.GlobalBody)
	n, _ := r.Body.Read(body)
	v := NewView(inspect.New(r, body[:n], inspect.GlobalBody))
	list := []string{}
	for _, g := range Groups(notorious) {
		for _, rule := range g.Rules {
			if rule.Finds != nil && rule.Finds(v) {
				list = append(list, rule.Name)
			}
		}
	}
	slices.Sort(list)
	return list
}

func TestWhatRulesFind(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("a", n) }
	for _, c := range []struct {
		lines []string
		want  []string
	}{
		{[]string{"GET /", "User-Agent: "}, []string{"NoUserAgent_HEADER"}},
		{[]string{"GET /", "User-Agent: Mozilla/5.0 (compatible; Nmap Scripting Engine)"}, []string{"UserAgent_BadBots_HEADER"}},
		{[]string{"GET /?" + long(2049)}, []string{"SizeRestrictions_QUERYSTRING"}},
		{[]string{"GET /?" + long(2048)}, []string{}},
		{[]string{"GET /", "Cookie: a=" + long(10239)}, []string{"SizeRestrictions_Cookie_HEADER"}},
		{[]string{"GET /", "Cookie: a=" + long(10238)}, []string{}},
		{[]string{"POST /", "", long(8193)}, []string{"SizeRestrictions_BODY"}},
		{[]string{"POST /", "", long(8192)}, []string{}},
		{[]string{"GET /" + long(1024)}, []string{"SizeRestrictions_URIPATH"}},
		{[]string{"GET /" + long(1023)}, []string{}},

		{[]string{"GET /?u=http%3A%2F%2F169.254.169.254%2F"}, []string{"EC2MetaDataSSRF_QUERYARGUMENTS", "GenericRFI_QUERYARGUMENTS"}},
		{[]string{"GET /latest/meta-data/"}, []string{"EC2MetaDataSSRF_URIPATH"}},
		{[]string{"GET /", "Cookie: u=169.254.169.254"}, []string{"EC2MetaDataSSRF_COOKIE"}},
		{[]string{"POST /", "", "u=169.254.169.254"}, []string{"EC2MetaDataSSRF_BODY"}},
		{[]string{"GET /?f=../../wp-config.php"}, []string{"GenericLFI_QUERYARGUMENTS"}},
		{[]string{"GET /a/..%2f..%2fetc/x"}, []string{"GenericLFI_URIPATH"}},
		{[]string{"POST /", "", "f=..%2F..%2Fx"}, []string{"GenericLFI_BODY"}},
		{[]string{"GET /wp-content/debug.log"}, []string{"RestrictedExtensions_URIPATH"}},
		{[]string{"GET /?f=php.ini"}, []string{"RestrictedExtensions_QUERYARGUMENTS"}},
		{[]string{"GET /?f=ftp://192.0.2.1/x"}, []string{"GenericRFI_QUERYARGUMENTS"}},
		{[]string{"GET /http://192.0.2.1/x"}, []string{"GenericRFI_URIPATH"}},
		{[]string{"POST /", "", "f=https%3A%2F%2F192.0.2.1%2Fx"}, []string{"GenericRFI_BODY"}},
		{[]string{"POST /", "", "f=https%3A%2F%2Fexample.com%2Fx"}, []string{}},
		{[]string{"GET /?s=%3Cscript%3Ealert(1)%3C/script%3E"}, []string{"CrossSiteScripting_QUERYARGUMENTS"}},
		{[]string{"GET /%3Cscript%3E"}, []string{"CrossSiteScripting_URIPATH"}},
		{[]string{"GET /", "Cookie: a=%3Cscript%3E"}, []string{"CrossSiteScripting_COOKIE"}},
		{[]string{"POST /", "", "c=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E"}, []string{"CrossSiteScripting_BODY"}},
		{[]string{"POST /", "Content-Type: application/json", "", `{"c":"\u003cscript\u003e"}`}, []string{"CrossSiteScripting_BODY"}},
		{[]string{"POST /", "Content-Type: application/json", "", `{"c":"<p class=\"a\">text<\/p>"}`}, []string{}},

		{[]string{"GET /", `X-Api: (java.lang.Runtime).getRuntime().exec("whoami")`}, []string{"JavaDeserializationRCE_HEADER"}},
		{[]string{"GET /?c=getRuntime().exec("}, []string{"JavaDeserializationRCE_QUERYSTRING"}},
		{[]string{"GET /getRuntime().exec("}, []string{"JavaDeserializationRCE_URIPATH"}},
		{[]string{"POST /", "", "class.module.classLoader.x=1"}, []string{"JavaDeserializationRCE_BODY"}},
		{[]string{"GET /", "Host: localhost:8080"}, []string{"Host_localhost_HEADER"}},
		{[]string{"GET /", "Host: site-1.eu-central-1.elb.localhost:8080"}, []string{}},
		{[]string{"PROPFIND /"}, []string{"PROPFIND_METHOD"}},
		{[]string{"GET /.env"}, []string{"ExploitablePaths_URIPATH"}},
		{[]string{"GET /WEB-INF/web.xml"}, []string{"ExploitablePaths_URIPATH"}},
		{[]string{"GET /", "X-Api: ${jndi:ldap://example.com/}"}, []string{"Log4JRCE_HEADER"}},
		{[]string{"GET /?x=$%7Bjndi:ldap://example.com/%7D"}, []string{"Log4JRCE_QUERYSTRING"}},
		{[]string{"GET /$%7Bjndi:ldap:x%7D"}, []string{"Log4JRCE_URIPATH"}},
		{[]string{"POST /", "", "${${lower:j}ndi:ldap://example.com/}"}, []string{"Log4JRCE_BODY"}},

		{[]string{"GET /?id=1%27+OR+%271%27%3D%271"}, []string{"SQLi_QUERYARGUMENTS"}},
		{[]string{"GET /?id=1+UNION+ALL+SELECT+1"}, []string{"SQLi_QUERYARGUMENTS"}},
		{[]string{"GET /?id=1+AND+sleep(5)"}, []string{"SQLiExtendedPatterns_QUERYARGUMENTS"}},
		{[]string{"POST /", "", "id=1%27%3B+DROP+TABLE+wp_posts%3B--+"}, []string{"SQLi_BODY"}},
		{[]string{"POST /", "", "id=1+from+information_schema.tables"}, []string{"SQLiExtendedPatterns_BODY"}},
		{[]string{"GET /", "Cookie: id=1%20union%20select%201"}, []string{"SQLi_COOKIE"}},
		{[]string{"GET /1%20union%20select%201"}, []string{"SQLi_URIPATH"}},
		{[]string{"GET /?s=selection+from+the+union+of+writers"}, []string{}},

		{[]string{"GET /", "X-Api: <?php phpinfo();"}, []string{"PHPHighRiskMethodsVariables_HEADER"}},
		{[]string{"GET /?c=$_GET[0]"}, []string{"PHPHighRiskMethodsVariables_QUERYSTRING"}},
		{[]string{"POST /", "", "c=fsockopen"}, []string{"PHPHighRiskMethodsVariables_BODY"}},
		{[]string{"GET /?do-reset-wordpress"}, []string{"WordPressExploitableCommands_QUERYSTRING"}},
		{[]string{"POST /xmlrpc.php"}, []string{"WordPressExploitablePaths_URIPATH"}},
		{[]string{"GET /wp-login.php"}, []string{}},
	} {
		require.Equal(t, c.want, found(request(t, c.lines...)), "%.200q", c.lines)
	}
}

func TestReputationIsWhatTestsSay(t *testing.T) {
	t.Parallel()
	r := request(t, "GET /")
	r.RemoteAddr = "192.0.2.7:1234"
	require.Empty(t, found(r))
	require.Equal(t, []string{"AWSManagedIPReputationList"}, found(r, netip.MustParsePrefix("192.0.2.0/24")))
}
