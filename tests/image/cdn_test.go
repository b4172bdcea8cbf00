package image_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/containers"
	"wordpress-ecs/tests/site"
)

// minute does what the cron container does every minute, after what is due in WordPress.
const minute = "do_action('wordpress_ecs_minute');"

// cdn is a site behind CloudFront and a load balancer.
type cdn struct {
	*site.Site
	cloud *cloud
	task  *site.Task
}

// startCDN starts a site without a cron container. Its network has the address of a site of its own, and files of
// the image may be replaced.
func startCDN(t *testing.T, changes, files map[string]string) *cdn {
	t.Helper()
	v := cloudSettings(changes)
	for path, content := range files {
		v.Files[path] = content
	}
	s := site.New(t, containers.Connect(t), site.Options{HTTPS: true, Variation: v})
	install(t, s, site.Variation{})
	c := &cdn{Site: s, task: s.StartNamespace(t, site.Variation{})}
	c.cloud = startCloud(t, s, c.task)
	c.task.StartPHP(t, site.Variation{})
	c.task.StartNginx(t, site.Variation{})
	s.Front.Route(c.task)
	c.run(t, minute) // the installation itself
	return c
}

// run runs PHP inside of WordPress, as if nothing had been invalidated for a while, and returns how many
// invalidations came of it.
func (c *cdn) run(t *testing.T, code string) int {
	t.Helper()
	c.rest(t)
	before := c.cloud.sent()
	require.Empty(t, wordpress(t, c.task.PHP, "add_filter('pre_wp_mail', '__return_true', 1); "+code))
	return c.cloud.sent() - before
}

// rest lets the time pass in which no other invalidation may be sent.
func (c *cdn) rest(t *testing.T) {
	t.Helper()
	c.Database.Query(t, "DELETE FROM wp_options WHERE option_name = 'wordpress_ecs_cdn_sent'")
}

// owed tells whether an invalidation waits for cron.
func (c *cdn) owed(t *testing.T) bool {
	t.Helper()
	return c.Database.Query(t, "SELECT COUNT(*) FROM wp_options WHERE option_name = 'wordpress_ecs_cdn_due'") == "1"
}

// A site with a domain, behind CloudFront and a load balancer.
func TestSiteBehindTheCDN(t *testing.T) {
	t.Parallel()
	const address = "https://example.com"
	c := startCDN(t, map[string]string{"WORDPRESS_URL": address, "WORDPRESS_VISITOR_HEADER": "X-Visitor-Address"}, told)
	// CloudFront says who asks, and the load balancer behind it adds CloudFront's address.
	through := http.Header{"Host": {"example.com"}, "X-Visitor-Address": {"2001:db8::7"}, "X-Forwarded-For": {"2001:db8::7"}}
	v := c.Visitor(t).With(through)

	insecure := regexp.MustCompile(`http://(?:example\.com|127\.0\.0\.1)`)
	for range 3 {
		page := v.Get(t, "/")
		require.Equal(t, http.StatusOK, page.Status, page.Header)
		require.NotRegexp(t, insecure, page.Body, "mixed content")
		require.Equal(t, "max-age=0, s-maxage=86400, stale-while-revalidate=30, stale-if-error=86400", page.Header.Get("Cache-Control"))
		require.Equal(t, "MISS", page.Header.Get("X-Page-Cache"), "nginx keeps no page that CloudFront does")
		require.Empty(t, page.Header.Get("X-Accel-Expires"))
	}
	missing := v.Get(t, "/not-there/")
	require.Equal(t, http.StatusNotFound, missing.Status)
	require.Equal(t, "max-age=0, s-maxage=5", missing.Header.Get("Cache-Control"))
	require.NotContains(t, v.Get(t, "/?s=a").Header.Get("Cache-Control"), "s-maxage")

	moved := v.Get(t, "/?p=1")
	require.Equal(t, http.StatusMovedPermanently, moved.Status)
	require.True(t, strings.HasPrefix(moved.Header.Get("Location"), address+"/"), moved.Header.Get("Location"))
	post := v.Get(t, strings.TrimPrefix(moved.Header.Get("Location"), address))
	require.Equal(t, http.StatusOK, post.Status)
	require.NotRegexp(t, insecure, post.Body)

	login := v.Get(t, "/wp-admin/")
	require.True(t, strings.HasPrefix(login.Header.Get("Location"), address+"/wp-login.php"), login.Header.Get("Location"))
	require.Equal(t, http.StatusOK, v.Get(t, "/wp-login.php").Status)
	signedIn := v.Post(t, "/wp-login.php", url.Values{"log": {site.AdminUser}, "pwd": {site.AdminPassword}})
	require.Equal(t, http.StatusFound, signedIn.Status)
	require.NotEmpty(t, signedIn.Header.Values("Set-Cookie"))
	for _, cookie := range signedIn.Header.Values("Set-Cookie") {
		require.Contains(t, strings.ToLower(cookie), "secure", cookie)
	}
	require.JSONEq(t, `{"address": "2001:db8::7", "https": true, "home": "https://example.com/"}`, v.Get(t, "/?told").Body)
	require.Equal(t, "true", wordpress(t, c.task.PHP, "echo json_encode(FORCE_SSL_ADMIN);"))

	// Past both: the task itself, without TLS, sends no passwords in the clear.
	plain := c.task.Visitor(t).With(http.Header{"Host": {"example.com"}}).Get(t, "/wp-login.php")
	require.Equal(t, http.StatusFound, plain.Status)
	require.True(t, strings.HasPrefix(plain.Header.Get("Location"), address+"/"), plain.Header.Get("Location"))
}

// shows are changes of what visitors see, each of them an invalidation.
var shows = []string{
	"wp_insert_post(['post_title' => 'A', 'post_status' => 'publish']);",
	"wp_update_post(['ID' => 1, 'post_content' => 'changed']);",
	"wp_update_post(['ID' => 1, 'post_status' => 'draft']);", "wp_publish_post(1);", "wp_trash_post(1);", "wp_untrash_post(1); wp_publish_post(1);",
	"wp_insert_post(['post_type' => 'page', 'post_title' => 'B', 'post_status' => 'publish']);",
	"wp_delete_post(get_page_by_path('b')->ID, true);",
	"register_post_type('shown', ['public' => true]); wp_insert_post(['post_type' => 'shown', 'post_title' => 'C', 'post_status' => 'publish']);",
	"wp_insert_post(['post_type' => 'wp_block', 'post_title' => 'D', 'post_status' => 'publish']);",
	"wp_insert_post(['post_type' => 'wp_template', 'post_title' => 'E', 'post_status' => 'publish']);",
	"wp_insert_post(['post_type' => 'wp_global_styles', 'post_title' => 'F', 'post_status' => 'publish']);",
	"wp_update_nav_menu_item(wp_create_nav_menu('menu'), 0, ['menu-item-title' => 'G', 'menu-item-url' => '/', 'menu-item-status' => 'publish']);",
	"wp_delete_nav_menu('menu');",
	"set_post_thumbnail(1, wp_insert_attachment(['post_mime_type' => 'image/jpeg'], '2026/11/h.jpg'));",
	"wp_update_post(['ID' => get_post_thumbnail_id(1), 'post_excerpt' => 'a caption']);", "wp_delete_attachment(get_post_thumbnail_id(1), true);",
	"wp_insert_comment(['comment_post_ID' => 1, 'comment_content' => 'I', 'comment_approved' => 1]);",
	"wp_update_comment(['comment_ID' => 1, 'comment_content' => 'changed']);",
	"wp_set_comment_status(1, 'hold');", "wp_set_comment_status(1, 'approve');", "wp_delete_comment(1, true);",
	"wp_update_term(1, 'category', ['name' => 'Changed']);",
	"update_option('blogname', 'Changed');", "update_option('sidebars_widgets', ['wp_inactive_widgets' => ['a']]);",
	"update_option('widget_text', ['a']);", "set_theme_mod('background_color', 'fff');", "update_option('posts_per_page', 3);",
	"update_option('permalink_structure', '/%postname%/');", "switch_theme(get_stylesheet());",
	"update_option('active_plugins', ['a/a.php']);", "update_option('active_plugins', []);",
	"do_action('upgrader_process_complete', new stdClass(), ['type' => 'plugin']);",
	"wp_update_user(['ID' => 1, 'display_name' => 'Changed']);", "update_user_meta(1, 'description', 'changed');",
	"do_action('wordpress_ecs_pages_changed');", "$GLOBALS['pagenow'] = 'options.php'; update_option('of_a_plugin', 'changed');",
	"for ($n = 0; $n < 20; $n++) { wp_update_post(['ID' => 1, 'post_content' => 'changed ' . $n]); }",
}

// hides are changes of what nobody sees.
var hides = []string{
	"wp_insert_post(['post_title' => 'Draft', 'post_status' => 'draft']);", "wp_insert_post(['post_title' => 'P', 'post_status' => 'private']);",
	"wp_insert_post(['post_title' => 'Later', 'post_status' => 'future', 'post_date' => '2099-01-01 00:00:00']);",
	"wp_save_post_revision(1);", "require_once ABSPATH . 'wp-admin/includes/post.php'; " +
		"wp_create_post_autosave(['post_ID' => 1, 'post_content' => 'on the way', 'post_title' => 'x', 'post_type' => 'post', 'post_author' => 1]);",
	"update_post_meta(1, '_edit_lock', time());", "wp_trash_post(wp_insert_post(['post_title' => 'Draft', 'post_status' => 'pending']));",
	"register_post_type('hidden', []); wp_insert_post(['post_type' => 'hidden', 'post_title' => 'X', 'post_status' => 'publish']);",
	"wp_update_nav_menu_item(0, 0, ['menu-item-title' => 'not saved yet', 'menu-item-url' => '/']);",
	"wp_insert_comment(['comment_post_ID' => 1, 'comment_content' => 'waits', 'comment_approved' => 0]);",
	"wp_set_comment_status(wp_insert_comment(['comment_post_ID' => 1, 'comment_approved' => 0]), 'spam');",
	"wp_insert_attachment(['post_mime_type' => 'image/jpeg'], '2026/11/x.jpg');", "wp_insert_term('New', 'category');",
	"set_transient('a', 1); set_site_transient('b', 1); update_option('of_a_plugin', uniqid());", "wp_schedule_single_event(time() + 999, 'x');",
	"wp_insert_user(['user_login' => 'new', 'user_pass' => 'x']);",
	"update_user_meta(1, 'session_tokens', []); wp_update_user(['ID' => 1, 'user_email' => 'b@example.com']);",
}

// each makes changes one after the other, with what cron does after each, and prints which of them were noticed.
const each = `add_filter('pre_wp_mail', '__return_true', 1);
	foreach (%s as $change) {
		eval($change);
		$GLOBALS['pagenow'] = 'index.php';
		$noticed[] = '1' === $wpdb->get_var("SELECT COUNT(*) FROM $wpdb->options WHERE option_name = 'wordpress_ecs_cdn_due'");
		$wpdb->query("DELETE FROM $wpdb->options WHERE option_name = 'wordpress_ecs_cdn_sent'");
		do_action('wordpress_ecs_minute');
	}
	echo json_encode($noticed);`

// What visitors see is made new everywhere when it changes, and nothing else causes that.
func TestInvalidation(t *testing.T) {
	t.Parallel()
	c := startCDN(t, nil, nil)
	require.Zero(t, c.run(t, ""), "nothing has changed")
	for _, want := range []bool{false, true} { // a switch of themes goes on in the next request
		changes := map[bool][]string{false: hides, true: shows}[want]
		var list strings.Builder
		for _, change := range changes {
			fmt.Fprintf(&list, "<<<'X'\n%s\nX, ", change)
		}
		handedOut, before := c.cloud.handOuts(), c.cloud.sent()
		var noticed []bool
		output := wordpress(t, c.task.PHP, fmt.Sprintf(each, "["+list.String()+"]"))
		require.NoError(t, json.Unmarshal([]byte(output), &noticed), output)
		require.Len(t, noticed, len(changes))
		for n, change := range changes {
			assert.Equal(t, want, noticed[n], change)
		}
		require.LessOrEqual(t, c.cloud.handOuts()-handedOut, 1, "credentials are asked for once")
		if want {
			require.Equal(t, len(changes), c.cloud.sent()-before)
		}
	}
}

// Visitors do not wait for it, a burst of changes is few invalidations, and none is lost.
func TestInvalidationIsSparing(t *testing.T) {
	t.Parallel()
	c := startCDN(t, nil, nil)
	const publish = "wp_insert_post(['post_title' => 'A', 'post_status' => 'publish']);"

	t.Log("an editor has the answer before CloudFront has")
	v := c.Visitor(t)
	v.Login(t)
	c.rest(t)
	before := c.cloud.sent()
	gate := make(chan struct{})
	c.cloud.hold(gate)
	form := url.Values{"title": {"From an editor"}, "status": {"publish"}}
	token := v.Get(t, "/wp-admin/admin-ajax.php?action=rest-nonce").Body
	page := v.With(http.Header{"X-Wp-Nonce": {token}}).Post(t, "/wp-json/wp/v2/posts", form)
	require.Equal(t, http.StatusCreated, page.Status, page.Body)
	require.Equal(t, before, c.cloud.sent())
	close(gate)
	c.cloud.hold(nil)
	site.Eventually(t, func() bool { return c.cloud.sent() == before+1 && !c.owed(t) }, "it is sent")

	t.Log("what changes soon after it is collected for cron")
	c.Database.Query(t, "UPDATE wp_options SET option_value = UNIX_TIMESTAMP() + 3600 WHERE option_name = 'wordpress_ecs_cdn_sent'")
	for range 3 {
		require.Empty(t, wordpress(t, c.task.PHP, publish))
	}
	require.Empty(t, wordpress(t, c.task.PHP, minute), "it is too early for cron, too")
	require.Equal(t, before+1, c.cloud.sent())
	require.True(t, c.owed(t))
	require.Equal(t, 1, c.run(t, minute))
	require.Zero(t, c.run(t, minute), "once")

	t.Log("a request that dies")
	c.rest(t)
	code, output := c.task.PHP.Exec(t, "php", "-r", "require '"+root+"wp-load.php'; "+publish+" posix_kill(getmypid(), SIGKILL);")
	require.NotZero(t, code)
	require.True(t, c.owed(t), output)
	require.Equal(t, 1, c.run(t, minute))

	t.Log("CloudFront is silent, or has trouble: it is asked again")
	c.cloud.told(0, http.StatusServiceUnavailable)
	require.Equal(t, 1, c.run(t, publish))

	t.Log("CloudFront refuses")
	for _, refusal := range [][]int{{http.StatusForbidden}, {http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable}} {
		c.rest(t)
		c.cloud.told(refusal...)
		output = wordpress(t, c.task.PHP, publish)
		require.Contains(t, output, "cdn: pages may be old for up to a day")
		require.Regexp(t, `50\d|403 Told: the test says so`, output)
		require.Len(t, strings.Split(output, "\n"), 1, output)
		require.True(t, c.owed(t))
		require.Equal(t, 1, c.run(t, minute), "cron tries again")
	}

	t.Log("a task without a role")
	c.rest(t)
	output = c.task.PHP.Must(t, "env", "-u", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "php", "-r", "require '"+root+"wp-load.php'; "+publish)
	require.Contains(t, output, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not set")

	t.Log("the cron container, by itself")
	c.rest(t)
	before = c.cloud.sent()
	c.task.StartCron(t, site.Variation{})
	site.Eventually(t, func() bool { return c.cloud.sent() == before+1 && !c.owed(t) }, "cron sends what is owed")

	t.Log("a release: at once, and when the tasks of the one before have gone")
	release := site.Variation{Environment: map[string]string{"WORDPRESS_RELEASE": "abc123"}}
	before = c.cloud.sent()
	install(t, c.Site, release)
	require.Equal(t, before, c.cloud.sent(), "setup leaves it to cron")
	require.Equal(t, 1, c.run(t, minute))
	require.Zero(t, c.run(t, minute))
	install(t, c.Site, release)
	require.Zero(t, c.run(t, minute), "another task of the same release")
	c.Database.Query(t, "UPDATE wp_options SET option_value = option_value - 900 WHERE option_name = 'wordpress_ecs_cdn_later'")
	require.Equal(t, 1, c.run(t, minute))
	require.Zero(t, c.run(t, minute))
	install(t, c.Site, release)
	require.Zero(t, c.run(t, minute), "later tasks of the release change nothing")
}
