package service

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// implicitTLSPort is where mail servers expect TLS from the first byte; elsewhere they are asked for it.
const implicitTLSPort = 465

// common is what every container is told.
func (a *Args) common(r resolved) []variable {
	return []variable{
		{"WORDPRESS_URL", r.url},
		{"WORDPRESS_FILE_CHANGES", allow(a.Site.FileChanges)},
	}
}

// wordpress is what containers that run WordPress are told.
func (a *Args) wordpress(r resolved) []variable {
	list := []variable{
		{"WORDPRESS_DB_HOST", r.databaseHost},
		{"WORDPRESS_DB_NAME", a.Stores.DatabaseName},
		{"WORDPRESS_DB_USER", a.Stores.DatabaseUser},
		{"WORDPRESS_REDIS_HOST", r.cacheHost},
		{"WORDPRESS_REDIS_PORT", strconv.Itoa(a.Stores.CachePort)},
	}
	if r.distribution != "" {
		list = append(list, variable{"WORDPRESS_CDN_DISTRIBUTION", r.distribution})
	}
	if r.bucket != "" {
		list = append(list, variable{"WORDPRESS_MEDIA_BUCKET", r.bucket}, variable{"WORDPRESS_MEDIA_REGION", a.Region})
	}
	mail := a.Site.Mail
	if mail.Host == "" {
		return list
	}
	security := "starttls"
	if mail.Port == implicitTLSPort {
		security = "tls"
	}
	return append(list,
		variable{"WORDPRESS_MAIL_FROM", mail.From},
		variable{"WORDPRESS_SMTP_HOST", mail.Host},
		variable{"WORDPRESS_SMTP_PORT", strconv.Itoa(mail.Port)},
		variable{"WORDPRESS_SMTP_SECURITY", security})
}

// release tells a container which release it belongs to.
func (a *Args) release(r resolved) []variable { return []variable{{"WORDPRESS_RELEASE", r.release}} }

// installation is what an empty database is filled with.
func (a *Args) installation() []variable {
	return []variable{
		{"WORDPRESS_TITLE", a.Site.Title},
		{"WORDPRESS_ADMIN_USER", a.Site.AdminUser},
		{"WORDPRESS_ADMIN_EMAIL", a.Site.AdminEmail},
	}
}

// web is what nginx alone is told.
func (a *Args) web(r resolved) []variable {
	list := []variable{
		{"WORDPRESS_TRUSTED_PROXIES", a.Site.TrustedProxies},
		{"WORDPRESS_XMLRPC", allow(a.Site.XMLRPC)},
		{"WORDPRESS_HSTS_SECONDS", strconv.Itoa(a.Edge.HSTSSeconds)},
		{"WORDPRESS_SEARCH_ENGINES", allow(a.Edge.SearchEngines)},
	}
	if a.Edge.VisitorHeader != "" {
		list = append(list, variable{"WORDPRESS_VISITOR_HEADER", a.Edge.VisitorHeader})
	}
	if r.visitorsSecret != "" {
		list = append(list, variable{"WORDPRESS_BASIC_AUTH_USER", a.Edge.BasicAuthUser})
	}
	return list
}

// webSecrets are injected into nginx.
func (a *Args) webSecrets(r resolved) []secret {
	if r.visitorsSecret == "" {
		return []secret{}
	}
	return []secret{{"WORDPRESS_BASIC_AUTH_PASSWORD", r.visitorsSecret + ":password::"}}
}

// told are the id of the distribution and the name of the bucket that WordPress knows; empty for none.
func (e Edge) told() (distribution, bucket pulumi.StringInput) {
	distribution, bucket = pulumi.String(""), pulumi.String("")
	if e.CDN != nil {
		distribution = e.CDN.ID
	}
	if e.Media != nil {
		bucket = e.Media.Bucket
	}
	return distribution, bucket
}

// passwordSecret is the ARN of the secret with the password that nginx asks visitors for; empty when it does not.
func (e Edge) passwordSecret() pulumi.StringInput {
	if e.BasicAuthUser == "" {
		return pulumi.String("")
	}
	return e.BasicAuthSecretARN
}

func allow(yes bool) string {
	if yes {
		return "allow"
	}
	return "deny"
}

// secrets are injected by ECS when a container starts: an ARN, then the key in the secret's JSON.
func (a *Args) secrets(r resolved) []secret {
	list := []secret{
		{"WORDPRESS_DB_PASSWORD", r.databaseSecret + ":password::"},
		{"WORDPRESS_REDIS_AUTH_TOKEN", r.cacheSecret + ":token::"},
	}
	for _, key := range a.Stores.KeyNames {
		list = append(list, secret{"WORDPRESS_" + key, r.keysSecret + ":" + key + "::"})
	}
	if arn := a.Site.Mail.SecretARN; arn != "" {
		list = append(list,
			secret{"WORDPRESS_SMTP_USER", arn + ":username::"}, secret{"WORDPRESS_SMTP_PASSWORD", arn + ":password::"})
	}
	return list
}

// byName joins lists in the order in which ECS compares them.
func byName[T interface{ name() string }](lists ...[]T) []T {
	all := slices.Concat(lists...)
	slices.SortFunc(all, func(a, b T) int { return cmp.Compare(a.name(), b.name()) })
	return all
}

func (v variable) name() string { return v.Name }

func (s secret) name() string { return s.Name }
