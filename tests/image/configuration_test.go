package image_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/image"
	"wordpress-ecs/tests/containers"
	"wordpress-ecs/tests/site"
)

// A container without its settings stops with the names of all that are missing.
func TestMissingSettingsStopTheContainer(t *testing.T) {
	t.Parallel()
	e := containers.Connect(t)
	for _, command := range []string{site.Setup, site.PHP, site.Nginx, site.Cron} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			complete := site.Environment(command, "http://127.0.0.1")
			delete(complete, "SSL_CERT_FILE")
			c := e.Run(t, containers.Spec{Name: command, Image: site.Image(t, e), Command: []string{command}})
			require.Equal(t, image.MisconfiguredExit, c.Wait(t))
			for name := range complete {
				require.Contains(t, c.Logs(t), name, "all at once")
			}

			shell := e.Run(t, containers.Spec{Name: command, Image: site.Image(t, e), Command: []string{"sleep", "infinity"}})
			for name := range complete {
				without := maps.Clone(complete)
				delete(without, name)
				output := requireRefused(t, shell, command, without)
				require.Contains(t, output, name)
				for other := range without {
					require.NotRegexp(t, `\b`+other+`\b`, output, "only what is missing is named")
				}
				without[name] = ""
				require.Contains(t, requireRefused(t, shell, command, without), name, "empty")
			}
		})
	}
}

// A setting that cannot be meant stops the container with its name; secrets are not repeated.
func TestMalformedSettingsStopTheContainer(t *testing.T) {
	t.Parallel()
	e := containers.Connect(t)
	// Without the other one a value is wrong in any form.
	const alone = "alone-without-the-other"
	together := map[string][2]string{
		"WORDPRESS_BASIC_AUTH_USER":     {"WORDPRESS_BASIC_AUTH_PASSWORD", "sesame"},
		"WORDPRESS_BASIC_AUTH_PASSWORD": {"WORDPRESS_BASIC_AUTH_USER", "guest"},
		"WORDPRESS_MEDIA_BUCKET":        {"WORDPRESS_MEDIA_REGION", "eu-central-1"},
		"WORDPRESS_MEDIA_REGION":        {"WORDPRESS_MEDIA_BUCKET", "bucket"},
	}
	malformed := map[string][]string{
		"WORDPRESS_URL": {
			"example.com", "https://example.com/", "https://example.com/blog", "ftp://example.com", "https://", "https://a b",
			"HTTPS://example.com", "https://example.com:0", "https://example.com:99999", "https://example.com\n", "javascript:alert(1)",
		},
		"WORDPRESS_FILE_CHANGES":        {"Allow", "no", "allow deny"},
		"WORDPRESS_TRUSTED_PROXIES":     {"10.0.0.0", "10.0.0.0/33", "10.0.0.0/8,fd00::/8", "everybody", "10.0.0.0/8; include /etc/passwd", "300.0.0.0/8"},
		"WORDPRESS_XMLRPC":              {"on", "DENY"},
		"WORDPRESS_VISITOR_HEADER":      {"X_Visitor", "X-Visitor; include /etc/passwd", "-", "X-Visitor-", "1X", strings.Repeat("x", 65)},
		"WORDPRESS_HSTS_SECONDS":        {"-1", "63072001", "a year", "1e3", "010", "999999999999999999999"},
		"WORDPRESS_SEARCH_ENGINES":      {"no", "Deny", "noindex"},
		"WORDPRESS_BASIC_AUTH_USER":     {alone, "a:b", "#guest", "two words", "gu\u00e9st"},
		"WORDPRESS_BASIC_AUTH_PASSWORD": {alone, "two\nlines-of-it"},
		"WORDPRESS_CDN_DISTRIBUTION":    {"e2qwruhexample", "E12", "d111111abcdef8.cloudfront.net", "E2QWRUHEXAMPLE/invalidation"},
		"WORDPRESS_MEDIA_BUCKET":        {"Bucket", "a", "a.b.c", "-bucket", "bucket/prefix", strings.Repeat("b", 64), alone},
		"WORDPRESS_MEDIA_REGION":        {"eu", "EU-Central-1", "eu-central-1.evil.example", "eu-central-1a", "cn-north-1"},
		"WORDPRESS_DB_HOST":             {"a b", "database:3306", "-", "http://database"},
		"WORDPRESS_DB_PORT":             {"0", "65536", "mysql", "-1", "3306x"},
		"WORDPRESS_DB_TLS":              {"require", "on", "Verify"},
		"WORDPRESS_DB_NAME":             {"a/b", "a`b", strings.Repeat("x", 65)},
		"WORDPRESS_DB_PASSWORD":         {"two\nlines-of-it"},
		"WORDPRESS_REDIS_HOST":          {"tls://redis", "re dis"},
		"WORDPRESS_REDIS_PORT":          {"six", "0"},
		"WORDPRESS_REDIS_TLS":           {"on", "no"},
		"WORDPRESS_OBJECT_CACHE":        {"memcached", "on"},
		"WORDPRESS_AUTH_KEY":            {"two\nlines-of-it"},
		"WORDPRESS_SMTP_HOST":           {"smtp://mail", "ma il"},
		"WORDPRESS_SMTP_PORT":           {"0", "smtp"},
		"WORDPRESS_SMTP_SECURITY":       {"ssl", "STARTTLS"},
		"WORDPRESS_SMTP_USER":           {alone},
		"WORDPRESS_SMTP_PASSWORD":       {alone},
		"WORDPRESS_MAIL_FROM":           {"nobody", "Name <a@example.com>", "a@example.com\nBcc: b@example.com"},
		"WORDPRESS_ADMIN_EMAIL":         {"nobody", "@example.com"},
		"WORDPRESS_ADMIN_USER":          {"<script>", strings.Repeat("x", 61)},
		"WORDPRESS_ADMIN_PASSWORD":      {"two\nlines-of-it"},
		"WORDPRESS_TITLE":               {"two\nlines"},
	}
	front := []string{
		"WORDPRESS_TRUSTED_PROXIES", "WORDPRESS_XMLRPC", "WORDPRESS_VISITOR_HEADER", "WORDPRESS_HSTS_SECONDS",
		"WORDPRESS_SEARCH_ENGINES", "WORDPRESS_BASIC_AUTH_USER", "WORDPRESS_BASIC_AUTH_PASSWORD",
	}
	concerned := map[string][]string{site.Nginx: append([]string{"WORDPRESS_URL", "WORDPRESS_FILE_CHANGES"}, front...)}
	for name := range malformed {
		if slices.Contains(front, name) {
			continue
		}
		concerned[site.Setup] = append(concerned[site.Setup], name)
		if !strings.Contains(name, "ADMIN") && name != "WORDPRESS_TITLE" {
			concerned[site.PHP] = append(concerned[site.PHP], name)
		}
	}
	// Its check is the same program as php-fpm's; that it is run is what is looked at here.
	concerned[site.Cron] = []string{"WORDPRESS_DB_PORT", "WORDPRESS_URL"}
	for command, names := range concerned {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			shell := e.Run(t, containers.Spec{Name: command, Image: site.Image(t, e), Command: []string{"sleep", "infinity"}})
			all := site.Environment(command, "http://127.0.0.1")
			for _, name := range names {
				for _, value := range malformed[name] {
					environment := site.Environment(command, "http://127.0.0.1")
					environment[name] = value
					if other, ok := together[name]; ok && value != alone {
						environment[other[0]] = other[1]
					}
					output := requireRefused(t, shell, command, environment)
					require.Contains(t, output, name)
					requireNoSecrets(t, output, append(site.Secrets(), "lines-of-it", alone)...)
				}
				if name != "WORDPRESS_SMTP_PASSWORD" && name != "WORDPRESS_BASIC_AUTH_PASSWORD" { // with a user they are no mistake
					all[name] = malformed[name][0]
				}
			}
			output := requireRefused(t, shell, command, all)
			for _, name := range names {
				require.Contains(t, output, name, "all at once")
			}
		})
	}
}

// requireRefused starts a command in a running container and asserts that it stops for its settings.
func requireRefused(t *testing.T, c *containers.Container, command string, environment map[string]string) (output string) {
	t.Helper()
	words := []string{"timeout", "20", "env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
	for name, value := range environment {
		words = append(words, fmt.Sprintf("%s=%s", name, value))
	}
	code, output := c.Exec(t, append(words, "entrypoint", command)...)
	require.Equal(t, image.MisconfiguredExit, code, "%s with %v: %s", command, environment, output)
	requireNoSecrets(t, output, site.Secrets()...)
	return output
}
