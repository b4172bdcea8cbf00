package site

import (
	"slices"
	"strings"

	"wordpress-ecs/image"
)

// The four commands of the image, which are the containers of a task.
const (
	Setup = image.Setup
	PHP   = image.PHP
	Nginx = image.Nginx
	Cron  = image.Cron
)

// What setup installs.
const (
	Title         = `Böses & "gutes" Site's title`
	AdminUser     = "admin"
	AdminEmail    = "admin@example.com"
	AdminPassword = `correct 'horse' "battery" $taple\`
)

// authorityPath is where a task finds the certificate to trust.
const authorityPath = "/etc/test-authority.pem"

// Environment is what the task definition gives the container of a command, in a site at url.
func Environment(command, url string) map[string]string {
	all := map[string]string{
		"WORDPRESS_URL":              url,
		"WORDPRESS_DB_HOST":          "database",
		"WORDPRESS_DB_NAME":          "wordpress",
		"WORDPRESS_DB_USER":          "wordpress",
		"WORDPRESS_DB_PASSWORD":      DatabasePassword,
		"WORDPRESS_REDIS_HOST":       "redis",
		"WORDPRESS_REDIS_AUTH_TOKEN": RedisToken,
		"WORDPRESS_TITLE":            Title,
		"WORDPRESS_ADMIN_USER":       AdminUser,
		"WORDPRESS_ADMIN_EMAIL":      AdminEmail,
		"WORDPRESS_ADMIN_PASSWORD":   AdminPassword,
		"SSL_CERT_FILE":              authorityPath,
	}
	for _, purpose := range []string{"AUTH", "SECURE_AUTH", "LOGGED_IN", "NONCE"} {
		all["WORDPRESS_"+purpose+"_KEY"] = "the 'key' of $" + purpose
		all["WORDPRESS_"+purpose+"_SALT"] = "the \"salt\" of \\" + purpose
	}
	for name := range all {
		if !belongs(name, command) {
			delete(all, name)
		}
	}
	return all
}

// Secrets are the values that no log may hold.
func Secrets() []string {
	secrets := []string{DatabasePassword, RedisToken, AdminPassword}
	for name, value := range Environment(PHP, "") {
		if strings.HasSuffix(name, "_KEY") || strings.HasSuffix(name, "_SALT") {
			secrets = append(secrets, value)
		}
	}
	slices.Sort(secrets)
	return secrets
}

// belongs tells whether the container of a command has a variable: nginx has nothing that it does not need.
func belongs(name, command string) bool {
	switch name {
	case "WORDPRESS_URL", "WORDPRESS_FILE_CHANGES":
		return true
	case "WORDPRESS_TRUSTED_PROXIES", "WORDPRESS_XMLRPC", "WORDPRESS_VISITOR_HEADER", "WORDPRESS_HSTS_SECONDS",
		"WORDPRESS_SEARCH_ENGINES", "WORDPRESS_BASIC_AUTH_USER", "WORDPRESS_BASIC_AUTH_PASSWORD":
		return command == Nginx
	case "WORDPRESS_TITLE", "WORDPRESS_ADMIN_USER", "WORDPRESS_ADMIN_EMAIL", "WORDPRESS_ADMIN_PASSWORD":
		return command == Setup
	case "WORDPRESS_RELEASE":
		return command == Setup || command == PHP
	case "WORDPRESS_PROVING_SECONDS":
		return command == PHP
	}
	return command != Nginx
}
