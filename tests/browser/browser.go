// Package browser is a site's visitors and editors in a real browser: it logs in, writes, uploads, installs a
// plugin and comments.
package browser

import (
	"context"
	"errors"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// patience is how long one page, or what it is waited for on a page, may take on a busy machine.
const patience = 90 * time.Second

// visits is how often a page is opened whose files the browser dropped.
const visits = 10

// dropped is what Chromium says of a file that it stopped loading because the machine's network changed.
const dropped = "net::ERR_NETWORK_CHANGED"

// browserNames are what distributions call a browser that chromedp can drive.
var browserNames = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"}

// Browser is a visitor: a browser with cookies of its own.
type Browser struct {
	context context.Context
	console *console
}

// console collects the errors that pages write to the browser's console.
type console struct {
	mu     sync.Mutex
	errors []chromedp.ConsoleMessage
}

// listen ends with the browser.
func (c *console) listen(messages iter.Seq2[chromedp.ConsoleMessage, error]) {
	for message, err := range messages {
		if err != nil {
			return
		}
		if message.IsException() || message.Type == chromedp.ConsoleError {
			c.mu.Lock()
			c.errors = append(c.errors, message)
			c.mu.Unlock()
		}
	}
}

func (c *console) read() []chromedp.ConsoleMessage {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.errors)
}

// forget cuts the list back to its first messages if one of the others is about a dropped file, and tells so.
func (c *console) forget(first int) (lost bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	lost = slices.ContainsFunc(c.errors[first:], isDrop)
	if lost {
		c.errors = c.errors[:first]
	}
	return lost
}

func isDrop(message chromedp.ConsoleMessage) bool { return strings.Contains(message.Text, dropped) }

// Find returns the path of a browser. It skips the test where there is no browser, except in CI, which has one.
func Find(t *testing.T) string {
	t.Helper()
	for _, name := range browserNames {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		require.Fail(t, "CI needs a browser: tools/setup.sh installs chromium")
	}
	t.Skipf("no browser among %q is installed", browserNames)
	return ""
}

// Option changes how a browser starts.
type Option = chromedp.ExecAllocatorOption

// Through has a browser ask the proxy with a URL for everything, and accept the certificate with a key: the base64 of the SHA-256 of
// its SubjectPublicKeyInfo.
func Through(proxy, pin string) []Option {
	return []Option{chromedp.ProxyServer(proxy), chromedp.Flag("ignore-certificate-errors-spki-list", pin)}
}

// New starts a browser. It ends with the test; a picture of its page shows what it saw when the test fails.
func New(t *testing.T, path string, more ...Option) *Browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.WindowSize(1400, 1000), chromedp.UserDataDir(t.TempDir()),
		// The sandbox refuses to run as root, which containers and CI machines use. Only our own site is visited.
		chromedp.NoSandbox, chromedp.Flag("disable-dev-shm-usage", true),
	)
	allocated, free := chromedp.NewExecAllocator(context.Background(), append(options, more...)...)
	started, closeBrowser := chromedp.NewContext(allocated)
	b := &Browser{context: started, console: &console{}}
	t.Cleanup(func() {
		if t.Failed() {
			b.picture(t)
		}
		closeBrowser()
		free()
	})
	go b.console.listen(chromedp.Console(started))
	return b
}

// Do runs steps on the page.
func (b *Browser) Do(t *testing.T, what string, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.context, patience)
	defer cancel()
	require.NoError(t, chromedp.Do(ctx, steps...), what)
}

// Visit opens a page. Chromium drops what it is loading when a network interface comes or goes on the machine,
// as with every container that another test starts: such a page is opened again.
func (b *Browser) Visit(t *testing.T, address string) {
	t.Helper()
	for range visits {
		before := len(b.console.read())
		ctx, cancel := context.WithTimeout(b.context, patience)
		err := chromedp.Do(ctx, chromedp.Navigate(address))
		cancel()
		if err != nil && strings.Contains(err.Error(), dropped) {
			continue
		}
		require.NoError(t, err, "visit %s", address)
		b.WaitUntil(t, address+" is loaded", `document.readyState === 'complete'`)
		if !b.console.forget(before) {
			return
		}
	}
	require.Fail(t, "the network of this machine does not come to rest", "%d visits to %s", visits, address)
}

// get reads something from the page.
func get[T any](t *testing.T, b *Browser, what string, read chromedp.Action[T]) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.context, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, read)
	require.NoError(t, err, what)
	return value
}

// Text returns what a person reads in an element, when the page has it: it may be on its way.
func (b *Browser) Text(t *testing.T, selector chromedp.CSS) string {
	t.Helper()
	var text string
	var err error
	require.Eventually(t, func() bool {
		ctx, cancel := context.WithTimeout(b.context, 5*time.Second)
		defer cancel()
		text, err = chromedp.Run(ctx, chromedp.Text(selector))
		return err == nil
	}, patience, 200*time.Millisecond, "text of %s", selector)
	return text
}

// WaitUntil waits until an expression holds on the page, which may load others meanwhile.
func (b *Browser) WaitUntil(t *testing.T, what, expression string) {
	t.Helper()
	require.Eventually(t, func() bool {
		ctx, cancel := context.WithTimeout(b.context, 5*time.Second)
		defer cancel()
		holds, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		return err == nil && holds
	}, patience, 200*time.Millisecond, what)
}

// RequireQuiet asserts that the pages and files of the site at a URL caused no error. Avatars come from elsewhere, which a
// test cannot reach; what a page asks for in the background may be dropped.
func (b *Browser) RequireQuiet(t *testing.T, url string) {
	t.Helper()
	for _, message := range b.console.read() {
		elsewhere := message.Source == "network" && !strings.HasPrefix(message.URL, url)
		require.True(t, elsewhere || isDrop(message), "error in the browser's console: %s (%s)", message, message.URL)
	}
}

func (b *Browser) picture(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.context, 10*time.Second)
	defer cancel()
	where, locationErr := chromedp.Run(ctx, chromedp.Location())
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err := errors.Join(locationErr, err); err != nil {
		t.Logf("no picture of the page: %v", err)
		return
	}
	dir, err := os.MkdirTemp("", "wordpress-browser-")
	if err != nil {
		t.Logf("no picture of the page: %v", err)
		return
	}
	file := filepath.Join(dir, "page.png")
	t.Logf("page %s: picture %s (%v); console: %q", where, file, os.WriteFile(file, png, 0o600), b.console.read())
}

// run runs a script on the page for what it does.
func run(script string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, page *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Evaluate[any](script)(ctx, page)
		return chromedp.Void{}, err
	}
}
