package image_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/containers"
	"wordpress-ecs/tests/site"
)

// tables are those of one WordPress.
const tables = "commentmeta comments links options postmeta posts term_relationships term_taxonomy termmeta terms usermeta users"

// requireInstalled asserts that the database holds one complete site, in which the administrator can sign in.
func requireInstalled(t *testing.T, s *site.Site) {
	t.Helper()
	require.Equal(t, "wp_"+strings.ReplaceAll(tables, " ", "\nwp_"), s.Database.Query(t, "SHOW TABLES"))
	for statement, want := range map[string]string{
		"SELECT user_login, user_email FROM wp_users":                                        site.AdminUser + "\t" + site.AdminEmail,
		"SELECT COUNT(*) FROM wp_posts WHERE post_name = 'hello-world'":                      "1",
		"SELECT COUNT(*) FROM wp_posts WHERE post_type = 'page' AND post_name LIKE '%-page'": "1",
		"SELECT COUNT(*) FROM wp_comments":                                                   "1",
		"SELECT COUNT(*) FROM wp_terms WHERE slug = 'uncategorized'":                         "1",
		"SELECT option_value FROM wp_options WHERE option_name = 'admin_email'":              site.AdminEmail,
		"SELECT COUNT(*) FROM wp_options WHERE option_name = 'wp_user_roles'":                "1",
		"SELECT meta_value FROM wp_usermeta WHERE meta_key = 'wp_capabilities'":              `a:1:{s:13:"administrator";b:1;}`,
	} {
		require.Equal(t, want, s.Database.Query(t, statement), statement)
	}
}

// checksums change with the content of any table.
func checksums(t *testing.T, s *site.Site) string {
	t.Helper()
	return s.Database.Query(t, "CHECKSUM TABLE wp_"+strings.ReplaceAll(tables, " ", ", wp_"))
}

// Ten tasks that start together install once. Whoever comes later changes nothing.
func TestSetupOfTenTasksInstallsOnce(t *testing.T) {
	t.Parallel()
	s := site.New(t, containers.Connect(t), site.Options{})
	// They find no database, and so they all wait for it.
	s.Database.Down(t)
	var all []*containers.Container
	for range 10 {
		all = append(all, s.RunSetup(t, site.Variation{}))
	}
	s.Database.Up(t)
	for _, setup := range all {
		require.Zero(t, setup.Wait(t), setup.Logs(t))
	}
	requireInstalled(t, s)

	before := checksums(t, s)
	install(t, s, site.Variation{})
	require.Equal(t, before, checksums(t, s), "setup of a site that is there changes nothing")
}

// An installation that was cut off is completed by the next setup, wherever it was cut off.
func TestSetupRepairsAHalfFinishedInstallation(t *testing.T) {
	t.Parallel()
	for _, hook := range []string{"populate_options", "user_register", "wp_install"} {
		t.Run(hook, func(t *testing.T) {
			t.Parallel()
			s := site.New(t, containers.Connect(t), site.Options{})
			cut := s.RunSetup(t, site.Variation{Files: map[string]string{
				plugins + "cut.php": "<?php add_action('" + hook + "', function () { fwrite(STDERR, \"cut off\\n\"); exit(0); }, 1);",
			}})
			require.NotZero(t, cut.Wait(t), "php-fpm does not start after it")
			require.Contains(t, cut.Logs(t), "cut off")
			install(t, s, site.Variation{})
			requireInstalled(t, s)
			require.Equal(t, site.AdminUser, s.Database.Query(t, "SELECT user_login FROM wp_users"))
			task := s.StartTask(t, site.Variation{})
			task.Visitor(t).Login(t)
		})
	}
}

// Setup that cannot do its work says why, with host, port, user and cause in its last line, and no secret.
func TestSetupNamesTheCauseOfAFailure(t *testing.T) {
	t.Parallel()
	e := containers.Connect(t)
	s := site.New(t, e, site.Options{})
	stranger := site.NewAuthority(t).Issue(t, "stranger")
	misnamed := s.Authority.Issue(t, "database")
	site.StartDatabase(t, e, s.Network, s.Authority, site.StoreOptions{Hostname: "plain", Plain: true})
	site.StartDatabase(t, e, s.Network, s.Authority, site.StoreOptions{Hostname: "stranger", Certificate: &stranger})
	site.StartDatabase(t, e, s.Network, s.Authority, site.StoreOptions{Hostname: "misnamed", Certificate: &misnamed})
	s.Database.Query(t, "GRANT ALL ON missing.* TO 'wordpress'@'%'")

	for name, tc := range map[string]struct {
		environment map[string]string
		want        []string // all of them are in the last line
	}{
		"host not resolvable":   {map[string]string{"WORDPRESS_DB_HOST": "nowhere.invalid"}, []string{"nowhere.invalid:3306", "wordpress"}},
		"port closed":           {map[string]string{"WORDPRESS_DB_PORT": "3307"}, []string{"database:3307", "wordpress", "refused"}},
		"wrong password":        {map[string]string{"WORDPRESS_DB_PASSWORD": "not-the-password"}, []string{"database:3306", "wordpress", "Access denied"}},
		"wrong user":            {map[string]string{"WORDPRESS_DB_USER": "nobody"}, []string{"database:3306", "nobody", "Access denied"}},
		"unknown database":      {map[string]string{"WORDPRESS_DB_NAME": "missing"}, []string{"database:3306", "wordpress", "Unknown database", "missing"}},
		"forbidden database":    {map[string]string{"WORDPRESS_DB_NAME": "mysql"}, []string{"database:3306", "wordpress", "denied", "mysql"}},
		"another authority":     {map[string]string{"WORDPRESS_DB_HOST": "stranger"}, []string{"stranger:3306", "wordpress", "certificate"}},
		"certificate's name":    {map[string]string{"WORDPRESS_DB_HOST": "misnamed"}, []string{"misnamed:3306", "wordpress", "certificate"}},
		"database without TLS":  {map[string]string{"WORDPRESS_DB_HOST": "plain"}, []string{"plain:3306", "wordpress", "TLS"}},
		"TLS off, TLS demanded": {map[string]string{"WORDPRESS_DB_TLS": "off"}, []string{"database:3306", "wordpress"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			setup := s.RunSetup(t, site.Variation{Environment: tc.environment, SetupSeconds: "3"})
			require.NotZero(t, setup.Wait(t))
			log := setup.Logs(t)
			lines := strings.Split(strings.TrimSpace(log), "\n")
			for _, part := range tc.want {
				require.Contains(t, lines[len(lines)-1], part)
			}
			require.LessOrEqual(t, len(lines), 2, "the cause, and at most that it waits: %s", log)
			requireNoSecrets(t, log, append(site.Secrets(), "not-the-password")...)
		})
	}
	require.Empty(t, s.Database.Query(t, "SHOW TABLES"))
}

// The same database serves without TLS where that was asked for.
func TestSetupWithoutTLS(t *testing.T) {
	t.Parallel()
	s := site.New(t, containers.Connect(t), site.Options{
		Database:  site.StoreOptions{Plain: true},
		Variation: site.Variation{Environment: map[string]string{"WORDPRESS_DB_TLS": "off"}},
	})
	install(t, s, site.Variation{})
	requireInstalled(t, s)
}

func requireNoSecrets(t *testing.T, text string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			t.Errorf("a secret shows: %s", secret)
		}
	}
}
