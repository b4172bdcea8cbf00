package image_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/site"
)

const uploads = "wp-content/uploads/"

// attach makes uploads of files, as a plugin does, and prints their ids.
const attach = `foreach (json_decode('%s') as $name) {
	@mkdir(dirname(ABSPATH . "wp-content/uploads/$name"), 0755, true);
	file_put_contents(ABSPATH . "wp-content/uploads/$name", "content of $name");
	$ids[] = wp_insert_attachment(['post_title' => $name, 'post_mime_type' => 'x/x'], ABSPATH . "wp-content/uploads/$name");
}
echo implode(' ', $ids);`

// attach adds files to the media library and returns their ids.
func (c *cdn) attach(t *testing.T, names ...string) []string {
	t.Helper()
	return strings.Fields(wordpress(t, c.task.PHP, fmt.Sprintf(attach, `["`+strings.Join(names, `", "`)+`"]`)))
}

// notes is how many files the bucket has not followed yet.
func (c *cdn) notes(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(c.Database.Query(t, `SELECT COUNT(*) FROM wp_options WHERE option_name LIKE 'wordpress\_ecs\_media\_%'`))
	require.NoError(t, err)
	return n
}

// late has cron take what requests have left: it leaves them a minute.
func (c *cdn) late(t *testing.T) string {
	t.Helper()
	c.Database.Query(t, `UPDATE wp_options SET option_value = CONCAT('0000000000', SUBSTRING(option_value, 11))
		WHERE option_name LIKE 'wordpress\_ecs\_media\_%'`)
	return wordpress(t, c.task.PHP, minute)
}

// requireCopies asserts that the objects are what nginx shows at the same addresses.
func (c *cdn) requireCopies(t *testing.T, paths ...string) {
	t.Helper()
	stored, v := c.cloud.stored(), c.task.Visitor(t)
	for _, path := range paths {
		require.Contains(t, stored, path)
		segments := strings.Split(path, "/")
		for n, segment := range segments {
			segments[n] = strings.ReplaceAll(url.QueryEscape(segment), "+", "%20")
		}
		page := v.Get(t, "/"+strings.Join(segments, "/"))
		require.Equal(t, http.StatusOK, page.Status, path)
		require.Equal(t, page.Body, stored[path].content, "the content of %s", path)
		require.Equal(t, page.Header.Get("Content-Type"), stored[path].contentType, path)
		require.Equal(t, page.Header.Get("Cache-Control"), stored[path].cacheControl, path)
	}
}

// What is uploaded is in the bucket, too, soon after; what is edited and deleted as well.
func TestMediaBucket(t *testing.T) {
	t.Parallel()
	c := startCDN(t, nil, nil)
	v := c.Visitor(t)
	v.Login(t)

	t.Log("a photo and its sizes")
	gate := make(chan struct{})
	c.cloud.hold(gate)
	uploaded, page := uploadMedia(t, v, "photo.jpg", photo(t))
	require.Equal(t, http.StatusCreated, page.Status, page.Body)
	require.Empty(t, c.cloud.stored(), "nobody waits for the bucket")
	close(gate)
	c.cloud.hold(nil)
	want := []string{strings.TrimPrefix(uploaded.SourceURL, c.URL+"/")}
	for _, size := range uploaded.Details.Sizes {
		want = append(want, strings.TrimPrefix(size.SourceURL, c.URL+"/"))
	}
	slices.Sort(want)
	want = slices.Compact(want)
	require.Greater(t, len(want), 3)
	site.Eventually(t, func() bool { return c.notes(t) == 0 }, "the bucket follows")
	require.Equal(t, want, slices.Sorted(maps.Keys(c.cloud.stored())))
	c.requireCopies(t, want...)

	t.Log("it is turned round, and back")
	const edit = `require ABSPATH . 'wp-admin/includes/admin.php'; require ABSPATH . 'wp-admin/includes/image-edit.php'; wp_set_current_user(1);
		$_REQUEST = ['history' => '[{"r":90}]', 'target' => 'all', 'do' => 'save', 'context' => ''];
		$id = (int) $wpdb->get_var("SELECT MAX(ID) FROM $wpdb->posts WHERE post_type = 'attachment'");`
	require.Equal(t, "saved", wordpress(t, c.task.PHP, edit+" wp_save_image($id); echo 'saved';"))
	edited := slices.Sorted(maps.Keys(c.cloud.stored()))
	require.Greater(t, len(edited), len(want), "the new files are there beside the old ones")
	c.requireCopies(t, edited...)

	t.Log("it is deleted")
	require.Equal(t, "gone", wordpress(t, c.task.PHP, edit+" wp_delete_attachment($id, true); echo 'gone';"))
	require.Empty(t, c.cloud.stored())
	require.Zero(t, c.notes(t))
}

// Files of all kinds are in the bucket as nginx shows them, and those that a bucket could not make harmless are not.
func TestMediaTypes(t *testing.T) {
	t.Parallel()
	c := startCDN(t, nil, nil)
	copied := []string{"2026/11/ä b+c&d%20e'f.jpg", "PHOTO.JPG", "deep/er/a.pdf"}
	for _, extension := range []string{
		"jpg", "jpeg", "png", "gif", "webp", "avif", "heic", "ico", "bmp", "tif", "tiff", "mp3", "m4a", "oga", "ogg", "wav", "flac",
		"mp4", "m4v", "mov", "webm", "ogv", "pdf", "zip", "doc", "docx", "xls", "xlsx", "ppt", "pptx",
	} {
		copied = append(copied, "a."+extension)
	}
	left := []string{
		"a.svg", "a.svgz", "a.html", "a.htm", "a.xml", "a.xhtml", "a.js", "a.css", "a.json", "a.swf", "a.txt", "a.php", "a.phtml", "a",
		"a.php.jpg", "dump.sql.zip", "old.bak.zip", ".hidden.jpg", ".hidden/a.jpg", "woocommerce_uploads/paid.pdf", "edd/paid.zip", "wc-logs/a.zip",
	}
	// Quotes are for the code that they are passed in.
	for n, name := range copied {
		copied[n] = strings.ReplaceAll(name, "'", "")
	}
	c.attach(t, append(slices.Clone(copied), left...)...)
	var paths []string
	for _, name := range copied {
		paths = append(paths, uploads+name)
	}
	require.ElementsMatch(t, paths, slices.Collect(maps.Keys(c.cloud.stored())))
	c.requireCopies(t, paths...)
	require.Zero(t, c.notes(t))

	t.Log("a link out of the uploads is no upload")
	c.task.PHP.Must(t, "ln", "-s", root+"wp-config.php", root+uploads+"link.jpg")
	require.Empty(t, wordpress(t, c.task.PHP, "wp_insert_attachment(['post_mime_type' => 'x/x'], ABSPATH . 'wp-content/uploads/link.jpg');"))
	require.NotContains(t, c.cloud.stored(), uploads+"link.jpg")

	t.Log("a large file is not read into memory")
	const size = 60 << 20
	c.task.PHP.Must(t, "sh", "-c", fmt.Sprintf("head -c %d /dev/zero >%s", size, root+uploads+"large.mp4"))
	c.task.PHP.Must(t, "php", "-d", "memory_limit=50M", "-r", "define('WP_MEMORY_LIMIT', '50M'); require '"+root+"wp-load.php'; "+
		"wp_insert_attachment(['post_mime_type' => 'video/mp4'], ABSPATH . 'wp-content/uploads/large.mp4');")
	require.Len(t, c.cloud.stored()[uploads+"large.mp4"].content, size)
}

// The bucket gets everything in the end, whatever fails, and when it comes late.
func TestMediaBucketCatchesUp(t *testing.T) {
	t.Parallel()
	c := startCDN(t, nil, nil)

	t.Log("the bucket fails: the upload does not")
	c.cloud.told(http.StatusServiceUnavailable, http.StatusInternalServerError, http.StatusServiceUnavailable)
	output := wordpress(t, c.task.PHP, fmt.Sprintf(attach, `["a.jpg", "b.jpg"]`))
	require.Contains(t, output, "media: the bucket "+bucket+" does not follow "+uploads+"a.jpg: 503 Told: the test says so; cron tries again")
	require.Empty(t, c.cloud.stored())
	require.Empty(t, wordpress(t, c.task.PHP, minute), "it is too early for cron")
	require.Equal(t, 2, c.notes(t))
	sent := c.cloud.sent()
	c.rest(t)
	require.Empty(t, c.late(t))
	require.Len(t, c.cloud.stored(), 2)
	require.Zero(t, c.notes(t))
	require.Equal(t, sent+1, c.cloud.sent(), "CloudFront may have an older file")

	t.Log("one file that is refused does not keep the others")
	c.attach(t, "c.jpg", "d.jpg", "e.jpg")
	c.cloud.lose()
	c.Database.Query(t, `INSERT INTO wp_options (option_name, option_value) VALUES
		('wordpress_ecs_media_1', '0000000001 x `+uploads+`c.jpg'), ('wordpress_ecs_media_2', '0000000002 x `+uploads+`d.jpg')`)
	c.cloud.told(http.StatusForbidden)
	require.Contains(t, wordpress(t, c.task.PHP, minute), "c.jpg: 403 Told")
	require.Equal(t, []string{uploads + "d.jpg"}, slices.Collect(maps.Keys(c.cloud.stored())))

	t.Log("a file that goes while it is copied")
	gate := make(chan struct{})
	c.cloud.hold(gate)
	asked, done := c.cloud.requests(), make(chan []string, 1)
	go func() { done <- c.attach(t, "brief.jpg") }()
	site.Eventually(t, func() bool { return c.cloud.requests() > asked }, "the copy has begun")
	c.task.PHP.Must(t, "rm", root+uploads+"brief.jpg")
	close(gate)
	require.Len(t, <-done, 1)
	require.NotContains(t, c.cloud.stored(), uploads+"brief.jpg")
	c.cloud.hold(nil)

	t.Log("a request that dies while it deletes")
	ids := c.attach(t, "f.jpg")
	require.Contains(t, c.cloud.stored(), uploads+"f.jpg")
	code, _ := c.task.PHP.Exec(t, "php", "-r", "require '"+root+"wp-load.php'; wp_delete_attachment("+ids[0]+", true); posix_kill(getmypid(), SIGKILL);")
	require.NotZero(t, code)
	c.late(t)
	require.NotContains(t, c.cloud.stored(), uploads+"f.jpg")

	t.Log("a bucket that comes later, and has lost what it had")
	c.cloud.lose()
	c.Database.Query(t, `DELETE FROM wp_options WHERE option_name LIKE 'wordpress\_ecs\_media%'`)
	all := []string{uploads + "a.jpg", uploads + "b.jpg", uploads + "c.jpg", uploads + "d.jpg", uploads + "e.jpg"}
	require.Empty(t, wordpress(t, c.task.PHP, minute))
	require.ElementsMatch(t, all, slices.Collect(maps.Keys(c.cloud.stored())))
	c.cloud.lose()
	require.Empty(t, wordpress(t, c.task.PHP, minute))
	require.Empty(t, c.cloud.stored(), "once is enough")

	t.Log("a bucket that goes and comes back: what was deleted meanwhile is deleted there")
	ids = c.attach(t, "g.jpg", "h.jpg")
	without := func(code string) {
		t.Helper()
		output := c.task.PHP.Must(t, "env", "-u", "WORDPRESS_MEDIA_BUCKET", "-u", "WORDPRESS_MEDIA_REGION", "php", "-r", "require '"+root+"wp-load.php'; "+code)
		assert.Empty(t, output)
	}
	without(minute)
	without("wp_delete_attachment(" + ids[0] + ", true);")
	require.Contains(t, c.cloud.stored(), uploads+"g.jpg", "nobody touches it")
	require.Empty(t, c.late(t))
	require.ElementsMatch(t, append(all, uploads+"h.jpg"), slices.Collect(maps.Keys(c.cloud.stored())))
	require.Zero(t, c.notes(t))
}
