package settings

import (
	"regexp"
	"strings"
)

// label is a part of a host name.
const label = `[a-z0-9]([a-z0-9-]*[a-z0-9])?`

var (
	mirrorPattern = regexp.MustCompile(`^$|^https://[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?$`)
	// Joiners, which some scripts and emoji need, are no control characters.
	titlePattern = regexp.MustCompile(`^[^\s\p{Cc}]([^\p{Cc}]{0,98}[^\s\p{Cc}])?$`)
	// WordPress takes spaces too, which nobody wants to type.
	userPattern  = regexp.MustCompile(`^[A-Za-z0-9_.@-]{1,60}$`)
	emailPattern = regexp.MustCompile(`^[A-Za-z0-9_%+-]+(\.[A-Za-z0-9_%+-]+)*@(` + label + `\.)+[a-z][a-z0-9-]*[a-z0-9]$`)
	hostPattern  = regexp.MustCompile(`^$|^(` + label + `\.)+` + label + `$`)
	// The name of a secret ends in six characters of AWS's own in its ARN, and only there.
	secretPattern = regexp.MustCompile(`^$|^arn:aws:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}$`)
)

const emailWant = "an e-mail address in lower-case letters behind the @, such as admin@example.com"

func (r *reader) site() Site {
	return Site{
		Title:       r.match("siteTitle", titlePattern, "1 to 100 characters, no control characters, no space at either end"),
		AdminUser:   r.match("adminUser", userPattern, "1 to 60 letters, digits and _ . @ -"),
		AdminEmail:  r.match("adminEmail", emailPattern, emailWant),
		FileChanges: r.boolean("fileChanges"),
		XMLRPC:      r.boolean("xmlrpc"),
		MailFrom:    r.optional("mailFrom", emailPattern, "empty, or "+emailWant),
		SMTPHost:    r.match("smtpHost", hostPattern, "empty, or a host name in lower-case letters such as smtp.example.com"),
		SMTPPort:    r.number("smtpPort", 1, 65535),
		SMTPSecret:  r.match("smtpSecret", secretPattern, "empty, or the ARN of a Secrets Manager secret, with the six characters at its end"),
	}
}

// mail checks the settings of mail against each other and against the way out.
func (r *reader) mail(s *Settings) {
	if !r.accepted("smtpHost") {
		return
	}
	site := s.Site
	if site.SMTPHost == "" {
		for _, unused := range []struct{ key, value string }{{"mailFrom", site.MailFrom}, {"smtpSecret", site.SMTPSecret}} {
			if unused.value != "" {
				r.problem(unused.key, unused.value, "empty where "+r.full("smtpHost")+" is: nothing sends mail")
			}
		}
		return
	}
	if r.accepted("mailFrom") && site.MailFrom == "" {
		r.problem("mailFrom", "", "the sender's address where "+r.full("smtpHost")+" is set")
	}
	if r.accepted("natGateways") && s.NATGateways == NATNone {
		r.problem("smtpHost", site.SMTPHost, "empty where "+r.full("natGateways")+" is none: tasks cannot reach a mail server")
	}
	if r.accepted("smtpSecret", "aws:region") && site.SMTPSecret != "" {
		if region := strings.Split(site.SMTPSecret, ":")[3]; region != s.Region {
			r.problem("smtpSecret", site.SMTPSecret, "a secret of the stack's region, "+s.Region)
		}
	}
}
