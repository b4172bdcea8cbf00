package engine

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHowToVisitASite(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{
		"https://example.com is served on this machine: a browser finds it with --proxy-server=http://127.0.0.1:9080, " +
			"and trusts the authority in /home/ca.pem",
		"curl --proxy http://127.0.0.1:9080 --cacert /home/ca.pem https://example.com/",
	}, visit("https://example.com", "http://127.0.0.1:9080", "/home/ca.pem"))
	for _, site := range []string{
		"http://example.com", "https://site-1.eu-central-1.elb.localhost:8443", "http://site-1.eu-central-1.elb.localhost:8080", "https://127.0.0.1", "",
	} {
		require.Empty(t, visit(site, "http://127.0.0.1:9080", "/home/ca.pem"), site)
	}
}
