package browser_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/site"
)

// TestEditorAndVisitor follows an editor who fills a new site, and a visitor who reads and comments.
func TestEditorAndVisitor(t *testing.T) {
	t.Parallel()
	chromium := findBrowser(t)
	s := startSite(t)
	editor, visitor := newBrowser(t, chromium), newBrowser(t, chromium)

	logIn(t, editor, s)
	article := writePost(t, editor, s)
	comment(t, visitor, article)
	approveComment(t, editor, s)
	visitor.visit(t, article+"?read=again")
	require.Contains(t, visitor.text(t, "body"), "I was there, too.")
	visitor.requireQuiet(t, s)

	uploadPhoto(t, editor, s)
	installPlugin(t, editor, s)
	editor.requireQuiet(t, s)
	visitor.visit(t, s.URL+"/?fresh=1")
	require.Equal(t, "Written by a plugin.", visitor.text(t, "#footline"))
}

func logIn(t *testing.T, b *browser, s *site.Site) {
	t.Helper()
	b.visit(t, s.URL+"/wp-login.php")
	// The page takes the focus a moment after it is shown, and would take the first letters with it.
	b.waitUntil(t, "the form has the focus", `document.activeElement.id === 'user_login'`)
	b.do(t, "log in",
		chromedp.SendKeys(chromedp.CSS("#user_login"), site.AdminUser),
		chromedp.SendKeys(chromedp.CSS("#user_pass"), site.AdminPassword),
		chromedp.Click(chromedp.CSS("#wp-submit")),
		chromedp.WaitVisible(chromedp.CSS("#wpadminbar")),
	)
	require.Contains(t, b.text(t, "h1"), "Dashboard")
}

// writePost writes and publishes a post in the block editor, and returns its address.
func writePost(t *testing.T, b *browser, s *site.Site) string {
	t.Helper()
	b.visit(t, s.URL+"/wp-admin/post-new.php")
	b.waitUntil(t, "the editor is ready", `window.wp && wp.data && wp.data.select('core/editor').getCurrentPostId()`)
	// A first visit opens a guide over the page; the pattern chooser comes the same way.
	b.do(t, "close the guide", run(
		`wp.data.dispatch('core/preferences').set('core/edit-post', 'welcomeGuide', false);
		 wp.data.dispatch('core/preferences').set('core', 'enableChoosePatternModal', false); true`))
	b.do(t, "write", run(
		`wp.data.dispatch('core/editor').editPost({title: 'A day at the harbour'});
		 wp.data.dispatch('core/block-editor').insertBlocks(
			wp.blocks.createBlock('core/paragraph', {content: 'The ships came in at noon.'})); true`))
	// The buttons take no clicks while the editor is busy with new content, or the panel still moves.
	b.waitUntil(t, "published", `(post => post.isCurrentPostPublished() && !post.isSavingPost()
		|| !post.isSavingPost() && (document.querySelector('.editor-post-publish-panel .editor-post-publish-button')
			|| document.querySelector('.editor-post-publish-button__button:not([aria-disabled=true])'))?.click()
		)(wp.data.select('core/editor'))`)
	address := get(t, b, "address", chromedp.Evaluate[string](`wp.data.select('core/editor').getPermalink()`))
	require.True(t, strings.HasPrefix(address, s.URL+"/20"), "the site has readable addresses: %s", address)
	return address
}

func comment(t *testing.T, b *browser, article string) {
	t.Helper()
	b.visit(t, article)
	require.Contains(t, b.text(t, "body"), "The ships came in at noon.")
	b.do(t, "comment",
		chromedp.SendKeys(chromedp.CSS("#comment"), "I was there, too."),
		chromedp.SendKeys(chromedp.CSS("#author"), "A sailor"),
		chromedp.SendKeys(chromedp.CSS("#email"), "sailor@example.com"),
		chromedp.Submit(chromedp.CSS("#commentform")),
	)
	b.waitUntil(t, "the visitor sees a comment that waits",
		`document.body && document.body.innerText.includes('awaiting moderation')`)
}

func approveComment(t *testing.T, b *browser, s *site.Site) {
	t.Helper()
	b.visit(t, s.URL+"/wp-admin/edit-comments.php?comment_status=moderated")
	b.do(t, "comments that wait",
		chromedp.WaitVisible(chromedp.CSS("#the-comment-list tr")),
		chromedp.Click(chromedp.CSS("#cb-select-all-1")),
		chromedp.SetValue(chromedp.CSS("#bulk-action-selector-top"), "approve"),
		chromedp.Click(chromedp.CSS("#doaction")),
	)
	b.waitUntil(t, "approved", `document.body && document.body.innerText.includes('1 comment approved')`)
}

// uploadPhoto adds a photo to the media library; WordPress makes smaller copies of it.
func uploadPhoto(t *testing.T, b *browser, s *site.Site) {
	t.Helper()
	b.visit(t, s.URL+"/wp-admin/media-new.php?browser-uploader")
	b.do(t, "upload",
		chromedp.SetUploadFiles(chromedp.CSS("#async-upload"), []string{photo(t)}),
		chromedp.Click(chromedp.CSS("#html-upload")),
	)
	b.waitUntil(t, "the media library", `location.pathname.endsWith('/upload.php')`)
	sizes := get(t, b, "sizes", chromedp.Evaluate[[]string](`(async () => {
		const answer = await fetch('/wp-json/wp/v2/media?per_page=1');
		const [photo] = await answer.json();
		return Object.values(photo.media_details.sizes).map(size => size.source_url);
	})()`, chromedp.EvalAwaitPromise))
	require.GreaterOrEqual(t, len(sizes), 5, "thumbnail, medium, large and more: %q", sizes)
	for _, address := range sizes {
		response, err := http.Get(address) //nolint:noctx,gosec // an address of the site under test
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusOK, response.StatusCode, address)
		require.Contains(t, response.Header.Get("Content-Type"), "image/", address)
	}
}

// installPlugin uploads a plugin in wp-admin and activates it.
func installPlugin(t *testing.T, b *browser, s *site.Site) {
	t.Helper()
	b.visit(t, s.URL+"/wp-admin/plugin-install.php?tab=upload")
	b.do(t, "choose the plugin's file",
		chromedp.SetUploadFiles(chromedp.CSS("#pluginzip"), []string{plugin(t, "Written by a plugin.")}),
		chromedp.Submit(chromedp.CSS("#pluginzip")),
	)
	b.waitUntil(t, "installed", `document.body && document.body.innerText.includes('Plugin installed successfully')`)
	b.do(t, "activate", chromedp.Click(chromedp.CSS(".button-primary[href*='action=activate']")))
	b.waitUntil(t, "activated", `document.body && document.body.innerText.includes('Plugin activated')`)
}
