package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// LogIn logs in and waits for the dashboard.
func LogIn(t *testing.T, b *Browser, url, user, password string) {
	t.Helper()
	b.Visit(t, url+"/wp-login.php")
	// The page takes the focus a moment after it is shown, and would take the first letters with it.
	b.WaitUntil(t, "the form has the focus", `document.activeElement.id === 'user_login'`)
	b.Do(t, "log in",
		chromedp.SendKeys(chromedp.CSS("#user_login"), user),
		chromedp.SendKeys(chromedp.CSS("#user_pass"), password),
		chromedp.Click(chromedp.CSS("#wp-submit")),
		chromedp.WaitVisible(chromedp.CSS("#wpadminbar")),
	)
	require.Contains(t, b.Text(t, "h1"), "Dashboard")
}

// WritePost writes and publishes a post in the block editor, and returns its address.
func WritePost(t *testing.T, b *Browser, url string) string {
	t.Helper()
	b.Visit(t, url+"/wp-admin/post-new.php")
	b.WaitUntil(t, "the editor is ready", `window.wp && wp.data && wp.data.select('core/editor').getCurrentPostId()`)
	// A first visit opens a guide over the page; the pattern chooser comes the same way.
	b.Do(t, "close the guide", run(
		`wp.data.dispatch('core/preferences').set('core/edit-post', 'welcomeGuide', false);
		 wp.data.dispatch('core/preferences').set('core', 'enableChoosePatternModal', false); true`))
	b.Do(t, "write", run(
		`wp.data.dispatch('core/editor').editPost({title: 'A day at the harbour'});
		 wp.data.dispatch('core/block-editor').insertBlocks(
			wp.blocks.createBlock('core/paragraph', {content: 'The ships came in at noon.'})); true`))
	// The buttons take no clicks while the editor is busy with new content, or the panel still moves.
	b.WaitUntil(t, "published", `(post => post.isCurrentPostPublished() && !post.isSavingPost()
		|| !post.isSavingPost() && (document.querySelector('.editor-post-publish-panel .editor-post-publish-button')
			|| document.querySelector('.editor-post-publish-button__button:not([aria-disabled=true])'))?.click()
		)(wp.data.select('core/editor'))`)
	address := get(t, b, "address", chromedp.Evaluate[string](`wp.data.select('core/editor').getPermalink()`))
	require.True(t, strings.HasPrefix(address, url+"/20"), "the site has readable addresses: %s", address)
	return address
}

// Comment leaves a comment on an article, which waits for approval.
func Comment(t *testing.T, b *Browser, article string) {
	t.Helper()
	b.Visit(t, article)
	require.Contains(t, b.Text(t, "body"), "The ships came in at noon.")
	b.Do(t, "comment",
		chromedp.SendKeys(chromedp.CSS("#comment"), "I was there, too."),
		chromedp.SendKeys(chromedp.CSS("#author"), "A sailor"),
		chromedp.SendKeys(chromedp.CSS("#email"), "sailor@example.com"),
		chromedp.Submit(chromedp.CSS("#commentform")),
	)
	b.WaitUntil(t, "the visitor sees a comment that waits",
		`document.body && document.body.innerText.includes('awaiting moderation')`)
}

// ApproveComment lets the comment that waits appear.
func ApproveComment(t *testing.T, b *Browser, url string) {
	t.Helper()
	b.Visit(t, url+"/wp-admin/edit-comments.php?comment_status=moderated")
	b.Do(t, "comments that wait",
		chromedp.WaitVisible(chromedp.CSS("#the-comment-list tr")),
		chromedp.Click(chromedp.CSS("#cb-select-all-1")),
		chromedp.SetValue(chromedp.CSS("#bulk-action-selector-top"), "approve"),
		chromedp.Click(chromedp.CSS("#doaction")),
	)
	b.WaitUntil(t, "approved", `document.body && document.body.innerText.includes('1 comment approved')`)
}

// UploadPhoto adds a photo to the media library, and returns the addresses of the smaller copies that WordPress
// makes of it, all of which load.
func UploadPhoto(t *testing.T, b *Browser, url string) []string {
	t.Helper()
	b.Visit(t, url+"/wp-admin/media-new.php?browser-uploader")
	b.Do(t, "upload",
		chromedp.SetUploadFiles(chromedp.CSS("#async-upload"), []string{photo(t)}),
		chromedp.Click(chromedp.CSS("#html-upload")),
	)
	b.WaitUntil(t, "the media library", `location.pathname.endsWith('/upload.php')`)
	type file struct{ Address, Type string }
	files := get(t, b, "sizes", chromedp.Evaluate[[]file](`(async () => {
		const answer = await fetch('/wp-json/wp/v2/media?per_page=1');
		const [photo] = await answer.json();
		return Promise.all(Object.values(photo.media_details.sizes).map(async ({source_url: address}) => {
			const file = await fetch(address);
			return {Address: address, Type: file.status + ' ' + file.headers.get('Content-Type')};
		}));
	})()`, chromedp.EvalAwaitPromise))
	require.GreaterOrEqual(t, len(files), 5, "thumbnail, medium, large and more: %q", files)
	var sizes []string
	for _, f := range files {
		require.Contains(t, f.Type, "200 image/", f.Address)
		sizes = append(sizes, f.Address)
	}
	return sizes
}

// InstallPlugin uploads a plugin in wp-admin and activates it. It adds a line with the id footline to every page.
func InstallPlugin(t *testing.T, b *Browser, url, line string) {
	t.Helper()
	b.Visit(t, url+"/wp-admin/plugin-install.php?tab=upload")
	b.Do(t, "choose the plugin's file",
		chromedp.SetUploadFiles(chromedp.CSS("#pluginzip"), []string{plugin(t, line)}),
		chromedp.Submit(chromedp.CSS("#pluginzip")),
	)
	b.WaitUntil(t, "installed", `document.body && document.body.innerText.includes('Plugin installed successfully')`)
	b.Do(t, "activate", chromedp.Click(chromedp.CSS(".button-primary[href*='action=activate']")))
	b.WaitUntil(t, "activated", `document.body && document.body.innerText.includes('Plugin activated')`)
}
