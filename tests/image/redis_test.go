package image_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/containers"
	"wordpress-ecs/tests/site"
)

// A Redis that stops, or that takes requests and never answers, costs no visitor a page. When it is back it is used again.
func TestRedisIsLostUnderLoad(t *testing.T) {
	t.Parallel()
	for name, outage := range map[string]struct {
		begin, end func(containers.T, *site.Store)
	}{
		"refuses connections": {
			func(t containers.T, s *site.Store) { s.Down(t) }, func(t containers.T, s *site.Store) { s.Up(t) },
		},
		"does not answer": {
			func(t containers.T, s *site.Store) { s.Pause(t) }, func(t containers.T, s *site.Store) { s.Unpause(t) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := start(t, site.Options{})
			editor := s.Visitor(t)
			editor.Login(t)
			anonymous := startLoad(t, s.Visitor(t), 2, "/?s=word-%d")
			signedIn := startLoad(t, editor, 1, "/wp-admin/profile.php?n=%d")
			anonymous.await(t, 10)
			signedIn.await(t, 5)
			outage.begin(t, s.Redis)
			anonymous.await(t, 20)
			signedIn.await(t, 5)
			outage.end(t, s.Redis)
			anonymous.await(t, 20)
			signedIn.await(t, 5)
			s.Redis.Command(t, "FLUSHALL")
			site.Eventually(t, func() bool { return s.Redis.Command(t, "DBSIZE") != "0" }, "Redis is used again")
			anonymous.stop(t)
			signedIn.stop(t)
		})
	}
}

// What is written while Redis is away is not hidden by what Redis knew before.
func TestRedisComesBackWithOldContent(t *testing.T) {
	t.Parallel()
	s, tasks := start(t, site.Options{})
	v := s.Visitor(t)
	v.Login(t)
	requireShows(t, v.Get(t, "/wp-admin/options-general.php"), site.AdminEmail, "this fills the cache")
	s.Redis.Pause(t)
	form := v.Get(t, "/wp-admin/options-general.php")
	saved := v.Post(t, "/wp-admin/options.php", url.Values{
		"option_page": {"general"}, "action": {"update"}, "_wpnonce": {nonce(t, form, "_wpnonce")},
		"blogname": {"A new name"}, "blogdescription": {"A new tagline"}, "date_format": {"Y"}, "time_format": {"H"},
		"start_of_week": {"1"}, "timezone_string": {"UTC"}, "default_role": {"subscriber"},
		"new_admin_email": {site.AdminEmail},
	})
	require.Equal(t, http.StatusFound, saved.Status, saved.Body)
	s.Redis.Unpause(t)
	site.Eventually(t, func() bool {
		page := v.Get(t, "/wp-admin/options-general.php")
		return strings.Contains(page.Body, `value="A new tagline"`)
	}, "the new tagline shows")
	// In the other containers, too, which have not noticed that Redis was away.
	site.Eventually(t, func() bool {
		v.Get(t, "/wp-admin/options-general.php")
		return wordpress(t, tasks[0].Cron, "echo get_option('blogname');") == "A new name"
	}, "cron knows the new name")
}
