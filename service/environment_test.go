package service_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/service"
	"wordpress-ecs/tests/graph"
)

// environment is what a container is told, secrets by where they come from.
func environment(t *testing.T, g *graph.Graph, name string) map[string]string {
	t.Helper()
	told := map[string]string{}
	c := containers(t, g)[name]
	for _, p := range append(c.Environment, c.Secrets...) {
		require.NotContains(t, told, p.Name)
		told[p.Name] = p.Value + p.ValueFrom
	}
	return told
}

// Each container is told what it needs. Credentials come by ARN from Secrets Manager: the environment is readable
// for everyone who may describe a task definition.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	g := registered(t)
	const url = "http://balancer.host"
	wordpress := map[string]string{
		"WORDPRESS_URL": url, "WORDPRESS_FILE_CHANGES": "allow",
		"WORDPRESS_DB_HOST": "db.host", "WORDPRESS_DB_NAME": "wp", "WORDPRESS_DB_USER": "wpuser",
		"WORDPRESS_DB_PASSWORD": "arn:database-secret:password::",
		"WORDPRESS_REDIS_HOST":  "cache.host", "WORDPRESS_REDIS_PORT": "6379",
		"WORDPRESS_REDIS_AUTH_TOKEN": "arn:cache-secret:token::",
		"WORDPRESS_AUTH_KEY":         "arn:keys-secret:AUTH_KEY::", "WORDPRESS_NONCE_SALT": "arn:keys-secret:NONCE_SALT::",
	}
	require.Equal(t, wordpress, environment(t, g, "cron"))
	wordpress["WORDPRESS_RELEASE"] = environment(t, g, "setup")["WORDPRESS_RELEASE"]
	wordpress["WORDPRESS_PROVING_SECONDS"] = "0"
	require.Equal(t, wordpress, environment(t, g, "php-fpm"))
	delete(wordpress, "WORDPRESS_PROVING_SECONDS")
	require.Equal(t, map[string]string{
		"WORDPRESS_URL": url, "WORDPRESS_FILE_CHANGES": "allow",
		"WORDPRESS_TRUSTED_PROXIES": "10.0.0.0/16", "WORDPRESS_XMLRPC": "deny",
		"WORDPRESS_HSTS_SECONDS": "86400", "WORDPRESS_SEARCH_ENGINES": "deny",
	}, environment(t, g, "nginx"))
	wordpress["WORDPRESS_TITLE"] = "Our site"
	wordpress["WORDPRESS_ADMIN_USER"] = "boss"
	wordpress["WORDPRESS_ADMIN_EMAIL"] = "boss@example.com"
	wordpress["WORDPRESS_ADMIN_PASSWORD"] = "arn:admin-secret:password::"
	require.Equal(t, wordpress, environment(t, g, "setup"))
}

func TestSecretsAreNotInTheEnvironment(t *testing.T) {
	t.Parallel()
	list := containers(t, registered(t, mailing))
	require.Empty(t, list["nginx"].Secrets, "nginx needs none")
	for name, c := range list {
		for _, p := range c.Environment {
			require.NotContains(t, p.Value, "arn:", name)
			require.NotRegexp(t, "PASSWORD|TOKEN|_KEY|_SALT|SMTP_USER", p.Name, name)
		}
		for _, p := range c.Secrets {
			require.Equal(t, p.Name == "WORDPRESS_ADMIN_PASSWORD", p.ValueFrom == "arn:admin-secret:password::", p.Name)
			require.False(t, p.Name == "WORDPRESS_ADMIN_PASSWORD" && name != "setup", "%s knows the administrator's password", name)
		}
	}
}

func TestPolicies(t *testing.T) {
	t.Parallel()
	g := registered(t, func(a *service.Args) { a.Site.FileChanges, a.Site.XMLRPC = false, true })
	for _, name := range []string{"setup", "php-fpm", "nginx", "cron"} {
		require.Equal(t, "deny", environment(t, g, name)["WORDPRESS_FILE_CHANGES"], name)
	}
	require.Equal(t, "allow", environment(t, g, "nginx")["WORDPRESS_XMLRPC"])
}

func TestMail(t *testing.T) {
	t.Parallel()
	for port, security := range map[int]string{587: "starttls", 465: "tls", 2525: "starttls"} {
		g := registered(t, mailing, func(a *service.Args) { a.Site.Mail.Port = port })
		for _, name := range []string{"setup", "php-fpm", "cron"} {
			told := environment(t, g, name)
			require.Equal(t, "smtp.example.com", told["WORDPRESS_SMTP_HOST"])
			require.Equal(t, "site@example.com", told["WORDPRESS_MAIL_FROM"])
			require.Equal(t, "arn:smtp-secret:username::", told["WORDPRESS_SMTP_USER"])
			require.Equal(t, "arn:smtp-secret:password::", told["WORDPRESS_SMTP_PASSWORD"])
			require.Equal(t, security, told["WORDPRESS_SMTP_SECURITY"], told["WORDPRESS_SMTP_PORT"])
		}
		require.NotContains(t, environment(t, g, "nginx"), "WORDPRESS_SMTP_HOST")
	}
	open := environment(t, registered(t, mailing, func(a *service.Args) { a.Site.Mail.SecretARN = "" }), "php-fpm")
	require.Contains(t, open, "WORDPRESS_SMTP_HOST")
	require.NotContains(t, open, "WORDPRESS_SMTP_USER")
}

// Behind a CDN WordPress knows whom to tell of changes and where copies of uploads go, and nginx where a visitor's
// address is.
func TestEnvironmentBehindACDN(t *testing.T) {
	t.Parallel()
	g := registered(t, behindCDN)
	for _, name := range []string{"setup", "php-fpm", "cron"} {
		told := environment(t, g, name)
		require.Equal(t, "https://example.com", told["WORDPRESS_URL"])
		require.Equal(t, "E123", told["WORDPRESS_CDN_DISTRIBUTION"])
		require.Equal(t, "media", told["WORDPRESS_MEDIA_BUCKET"])
		require.Equal(t, graph.Region, told["WORDPRESS_MEDIA_REGION"])
	}
	nginx := environment(t, g, "nginx")
	require.Equal(t, "X-Visitor", nginx["WORDPRESS_VISITOR_HEADER"])
	require.Equal(t, "allow", nginx["WORDPRESS_SEARCH_ENGINES"])
	require.NotContains(t, nginx, "WORDPRESS_CDN_DISTRIBUTION")
	require.NotContains(t, nginx, "WORDPRESS_BASIC_AUTH_USER")
}

// Without a CDN nginx asks for the password of visitors, which it alone gets.
func TestPasswordOfVisitors(t *testing.T) {
	t.Parallel()
	g := registered(t, withPassword)
	nginx := environment(t, g, "nginx")
	require.Equal(t, "guest", nginx["WORDPRESS_BASIC_AUTH_USER"])
	require.Equal(t, "arn:visitors-secret:password::", nginx["WORDPRESS_BASIC_AUTH_PASSWORD"])
	require.NotContains(t, environment(t, g, "php-fpm"), "WORDPRESS_BASIC_AUTH_PASSWORD")
	require.Contains(t, statements(t, g, "site-execution")["Secrets"].Resource, "arn:visitors-secret")
}
