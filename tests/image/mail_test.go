package image_test

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/containers"
	"wordpress-ecs/tests/site"
)

const (
	mailUser     = "mailer@example.com"
	mailPassword = `mail "password" with $pecial / characters`
	// mailPort is where tests/smtpd listens.
	mailPort = "2525"
)

// startMail starts a mail server; the certificate is for its name unless given.
func startMail(t *testing.T, s *site.Site, hostname string, pair *site.KeyPair, arguments ...string) *containers.Container {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "smtpd")
	build := exec.Command("go", "build", "-o", binary, "wordpress-ecs/tests/smtpd")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+runtime.GOARCH)
	output, err := build.CombinedOutput()
	require.NoError(t, err, string(output))
	program, err := os.ReadFile(binary)
	require.NoError(t, err)
	if pair == nil {
		issued := s.Authority.Issue(t, hostname)
		pair = &issued
	}
	c := s.Engine.Run(t, containers.Spec{
		Name: hostname, Image: site.Image(t, s.Engine), Network: s.Network, Hostname: hostname, User: "33:33",
		Entrypoint:  append([]string{"/tmp/smtpd", "-certificate", "/tmp/mail.crt", "-key", "/tmp/mail.key"}, arguments...),
		Environment: map[string]string{"SMTPD_USER": mailUser, "SMTPD_PASSWORD": mailPassword},
		Files: []containers.File{
			{Name: "/tmp/smtpd", Content: string(program), Mode: 0o755},
			{Name: "/tmp/mail.crt", Content: pair.Certificate},
			{Name: "/tmp/mail.key", Content: pair.Key, Mode: 0o600, Owner: 33},
		},
	})
	site.Eventually(t, func() bool { return strings.Contains(c.Logs(t), "ready") }, "the mail server listens")
	return c
}

// mailSettings are what a site is told about a mail server.
func mailSettings(changes map[string]string) map[string]string {
	settings := map[string]string{
		"WORDPRESS_SMTP_HOST": "mail", "WORDPRESS_SMTP_PORT": mailPort, "WORDPRESS_SMTP_USER": mailUser,
		"WORDPRESS_SMTP_PASSWORD": mailPassword, "WORDPRESS_MAIL_FROM": "site@example.com",
	}
	for name, value := range changes {
		settings[name] = value
	}
	return settings
}

// A forgotten password is mailed, over TLS, as the sender that the site was told.
func TestMail(t *testing.T) {
	t.Parallel()
	s, tasks := start(t, site.Options{Variation: site.Variation{Environment: mailSettings(nil)}})
	mail := startMail(t, s, "mail", nil)
	s.Visitor(t).Post(t, "/wp-login.php?action=lostpassword", url.Values{"user_login": {site.AdminUser}})
	site.Eventually(t, func() bool { return strings.Contains(mail.Logs(t), "end of message") }, "the mail arrives")
	log := mail.Logs(t)
	for _, part := range []string{
		"message, TLS true", "MAIL FROM:<site@example.com>", "RCPT TO:<" + site.AdminEmail + ">", "From: ",
		"site@example.com", "Subject: ", "Password_Reset", "/wp-login.php?", "end of message",
	} {
		require.Contains(t, log, part)
	}
	for _, c := range tasks[0].Containers() {
		requireNoSecrets(t, c.Logs(t), mailPassword)
	}
}

// logLine is what PHP's log says of a mail that was not sent.
var logLine = regexp.MustCompile(`\[[^]]*\] mail: not sent: [^\n]+`)

// Mail that cannot be sent securely, or at all, is not sent; that is said once, without the password.
func TestMailIsRefused(t *testing.T) {
	t.Parallel()
	s := site.New(t, containers.Connect(t), site.Options{})
	install(t, s, site.Variation{})
	other := site.NewAuthority(t).Issue(t, "stranger")
	misnamed := s.Authority.Issue(t, "mail")
	servers := []*containers.Container{
		startMail(t, s, "bare", nil, "-bare"), startMail(t, s, "stranger", &other),
		startMail(t, s, "misnamed", &misnamed), startMail(t, s, "implicit", nil, "-implicit"), startMail(t, s, "mail", nil),
	}
	for name, tc := range map[string]struct {
		environment map[string]string
		sent        bool
	}{
		"no TLS offered":     {mailSettings(map[string]string{"WORDPRESS_SMTP_HOST": "bare"}), false},
		"another authority":  {mailSettings(map[string]string{"WORDPRESS_SMTP_HOST": "stranger"}), false},
		"certificate's name": {mailSettings(map[string]string{"WORDPRESS_SMTP_HOST": "misnamed"}), false},
		"wrong password":     {mailSettings(map[string]string{"WORDPRESS_SMTP_PASSWORD": "not-the-password"}), false},
		"no server":          {mailSettings(map[string]string{"WORDPRESS_SMTP_HOST": "redis"}), false},
		"no settings":        {nil, false},
		"TLS at once":        {mailSettings(map[string]string{"WORDPRESS_SMTP_HOST": "implicit", "WORDPRESS_SMTP_SECURITY": "tls"}), true},
		"STARTTLS":           {mailSettings(nil), true},
		"TLS off": {mailSettings(map[string]string{
			"WORDPRESS_SMTP_HOST": "bare", "WORDPRESS_SMTP_SECURITY": "off", "WORDPRESS_SMTP_USER": "", "WORDPRESS_SMTP_PASSWORD": "",
		}), false}, // the test's server wants a password
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			subject := "Subject of " + strings.ReplaceAll(name, "'", "")
			c := s.RunShell(t, site.PHP, site.Variation{Environment: tc.environment})
			output := wordpress(t, c, `$sent = wp_mail('someone@example.com', "`+subject+`", 'text'); echo "sent: ", json_encode($sent);`)
			if tc.sent {
				require.Contains(t, output, "sent: true")
			} else {
				// The answer and the log are two streams, whose order is not ours.
				require.Len(t, logLine.FindAllString(output, -1), 1, output)
				rest := logLine.ReplaceAllString(strings.Replace(output, "sent: false", "", 1), "")
				require.Empty(t, strings.TrimSpace(rest), "one line about it: %s", output)
			}
			requireNoSecrets(t, output, mailPassword, "not-the-password")
			taken := func() (n int) {
				for _, server := range servers {
					n += strings.Count(server.Logs(t), "Subject: "+subject)
				}
				return n
			}
			if tc.sent {
				site.Eventually(t, func() bool { return taken() == 1 }, "the mail is taken")
			}
			require.Equal(t, map[bool]int{true: 1}[tc.sent], taken())
		})
	}
}
