package live_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/cloud"
)

// TestDomainComesChangesAndGoes gives a running site a domain, a CDN, another domain and neither again. At every moment
// whoever finds a name of the site is answered, and whoever follows its redirects gets a page.
func TestDomainComesChangesAndGoes(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.Set("dev", "firewall", "count")
	c.Set("dev", "provingSeconds", "0")
	d := deploy(t, c, "dev")
	answers := []int{http.StatusOK, http.StatusMovedPermanently, http.StatusFound}

	own := watch(cloud.Client(), d.url+"/", answers...)
	c.Set("dev", "domain", "example.com")
	d.Up("dev")
	own.requireAnswered(t)
	require.Equal(t, "https://example.com", d.Outputs("dev")["url"])
	visitor := c.Visitor()
	first := watch(visitor, "https://example.com/", answers...)
	follower := c.Visitor()
	follower.CheckRedirect = nil
	followed := watch(follower, "https://example.com/", http.StatusOK)

	c.Set("dev", "cdn", "true")
	d.Up("dev")
	require.Contains(t, d.Outputs("dev"), "distribution")

	other := watch(visitor, "https://www.example.com/", answers...)
	c.Set("dev", "domain", "www.example.com")
	d.Up("dev")
	other.requireAnswered(t)
	c.Set("dev", "domain", "example.com")
	d.Up("dev")
	followed.requireAnswered(t)

	second := watch(visitor, "https://example.org/", answers...)
	c.Set("dev", "domain", "example.org")
	d.Up("dev")
	first.requireAnswered(t)

	c.Set("dev", "cdnSecretVersion", "2")
	d.Up("dev")

	c.Set("dev", "cdn", "false")
	d.Up("dev")
	require.NotContains(t, d.Outputs("dev"), "distribution")

	c.Set("dev", "domain", `""`)
	d.Up("dev")
	second.requireAnswered(t)
	require.Equal(t, d.url, d.Outputs("dev")["url"])
	require.Contains(t, d.page(t, d.url+"/"), "</html>")
	d.Unchanged("dev")
	d.Destroy("dev")
	requireNothingLeft(t, d)
}

// TestNotForEverybody: the CDN of a site that is not public asks for a password, also where it has the page, and says that
// search engines should stay away. tests/image has the same for nginx.
func TestNotForEverybody(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	for key, value := range map[string]string{"basicAuthUser": "guest", "domain": domain, "cdn": "true"} {
		c.Set("dev", key, value)
	}
	c.Up("dev")
	f := front{deployment{Cloud: c, stack: "dev", url: c.Outputs("dev")["url"]}, c.Visitor()}
	f.asksForAPassword(t)
	c.Destroy("dev")
}

func (f front) asksForAPassword(t *testing.T) {
	t.Helper()
	password := f.OK("secret", f.Outputs(f.stack)["basicAuthSecret"], "password").Stdout
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.url, http.NoBody)
	require.NoError(t, err)
	request.SetBasicAuth("guest", strings.TrimSpace(password))
	right := request.Header.Get("Authorization")
	eventually(t, func() bool {
		a := f.get(t, f.url+"/", header{"Authorization", right})
		require.Equal(t, http.StatusOK, a.StatusCode, a.body)
		require.Contains(t, a.Header.Get("X-Robots-Tag"), "noindex")
		return a.cached()
	}, "the page is in the cache")
	for _, wrong := range [][]header{nil, {{"Authorization", "Basic Z3Vlc3Q6d3Jvbmc="}}} {
		a := f.get(t, f.url+"/", wrong...)
		require.Equal(t, http.StatusUnauthorized, a.StatusCode)
		require.Contains(t, a.Header.Get("WWW-Authenticate"), "Basic")
	}
}
