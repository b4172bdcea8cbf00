package image

import (
	"fmt"
	"strings"

	"wordpress-ecs/tests/containers"
	"wordpress-ecs/tests/site"
)

// stock starts WordPress on Debian's packages as they are: "apache" or "nginx". The database refuses connections
// without TLS, as the tasks' does; the two flags are all that is set beyond WordPress's own questions.
func (b *bench) stock(name, command string) *side {
	c := b.engine.Run(b, containers.Spec{
		Name: "stock-" + command, Image: b.stockImage(), Command: []string{command},
		Network: b.site.Network, Publish: 8080,
		Environment: map[string]string{"SSL_CERT_FILE": authorityPath},
		Files: []containers.File{
			{Name: "/var/www/html/wp-config.php", Content: b.stockConfig()},
			{Name: "/var/www/html/wp-content/mu-plugins/world.php", Content: world},
			{Name: authorityPath, Content: b.site.Authority.PEM},
			// php-fpm would clear the environment.
			{Name: "/etc/php/8.4/fpm/conf.d/99-authority.ini", Content: "openssl.cafile = " + authorityPath + "\n"},
			{Name: "/etc/php/8.4/apache2/conf.d/99-authority.ini", Content: "openssl.cafile = " + authorityPath + "\n"},
		},
	})
	return &side{name: name, address: c.Address(b, 8080), load: b.loader(c)}
}

const authorityPath = "/etc/authority.pem"

func (b *bench) stockImage() string {
	b.Helper()
	return b.engine.Build(b, "bench-stock", "tests/bench/image/testdata/stock", map[string]string{"WORDPRESS": b.image})
}

// stockConfig is the wp-config.php of a site whose keys, address and database are those of the tasks.
func (b *bench) stockConfig() string {
	environment := site.Environment(site.PHP, b.site.URL)
	defines := [][2]string{
		{"DB_HOST", environment["WORDPRESS_DB_HOST"]}, {"DB_NAME", environment["WORDPRESS_DB_NAME"]},
		{"DB_USER", environment["WORDPRESS_DB_USER"]}, {"DB_PASSWORD", environment["WORDPRESS_DB_PASSWORD"]},
		{"DB_CHARSET", "utf8mb4"}, {"DB_COLLATE", ""},
		{"WP_HOME", b.site.URL}, {"WP_SITEURL", b.site.URL},
	}
	for _, purpose := range []string{"AUTH", "SECURE_AUTH", "LOGGED_IN", "NONCE"} {
		for _, kind := range []string{"_KEY", "_SALT"} {
			defines = append(defines, [2]string{purpose + kind, environment["WORDPRESS_"+purpose+kind]})
		}
	}
	var text strings.Builder
	text.WriteString("<?php\n")
	for _, d := range defines {
		fmt.Fprintf(&text, "define( '%s', '%s' );\n", d[0], strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(d[1]))
	}
	text.WriteString(`define( 'MYSQL_CLIENT_FLAGS', MYSQLI_CLIENT_SSL | MYSQLI_CLIENT_SSL_VERIFY_SERVER_CERT );
// A visit would start what is due, on one of the sides and not on the others.
define( 'DISABLE_WP_CRON', true );
define( 'WP_DEBUG', false );
$table_prefix = 'wp_';
define( 'ABSPATH', __DIR__ . '/' );
require_once ABSPATH . 'wp-settings.php';
`)
	return text.String()
}
