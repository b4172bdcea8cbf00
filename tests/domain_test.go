package tests

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A stack takes on a domain, a CDN and all that belongs to them, another domain, and loses them again. Nothing is left to
// do after any of it. tests/live has visitors watch.
func TestDomain(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.Up("dev")
	before := len(c.Resources())
	type settings map[string]string
	for _, step := range []struct {
		name string
		set  settings
		url  string
	}{
		{"a domain", settings{"domain": "example.com", "firewall": "block"}, "https://example.com"},
		{"its other name", settings{"domain": "www.example.com"}, "https://www.example.com"},
		{"a CDN", settings{"cdn": "true", "mediaBucket": "true", "accessLogs": "true"}, "https://www.example.com"},
		{"and back", settings{"domain": "example.com"}, "https://example.com"},
		{"another domain, in a zone above it", settings{"domain": "blog.example.org", "hostedZone": "example.org"}, "https://blog.example.org"},
		{"another secret", settings{"cdnSecretVersion": "2"}, "https://blog.example.org"},
		{"maintenance", settings{"maintenance": "true", "adminAddresses": "203.0.113.7"}, "https://blog.example.org"},
		{"a password", settings{"maintenance": "false", "basicAuthUser": "guest"}, "https://blog.example.org"},
		{"no CDN", settings{"cdn": "false", "mediaBucket": "false", "basicAuthUser": `""`, "adminAddresses": `""`}, "https://blog.example.org"},
		{"no domain", settings{"domain": `""`, "hostedZone": `""`, "firewall": `"off"`, "accessLogs": "false"}, ""},
	} {
		for key, value := range step.set {
			c.Set("dev", key, value)
		}
		c.Up("dev")
		c.Unchanged("dev")
		if step.url != "" {
			require.Equal(t, step.url, c.Outputs("dev")["url"], step.name)
		}
	}
	require.Len(t, c.Resources(), before, "what the domain brought has gone with it")
	destroy(t, c, "dev")
}
