package image_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/jpeg"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/site"
)

// nonce is the value of a hidden field in a form of wp-admin.
func nonce(t *testing.T, page site.Page, field string) string {
	t.Helper()
	found := regexp.MustCompile(`name="` + field + `" value="([0-9a-f]+)"`).FindStringSubmatch(page.Body)
	require.NotNil(t, found, "no %s in: %d %.2000s", field, page.Status, page.Body)
	return found[1]
}

// link is the address of the first link in a page that has a word in it, as a path.
func link(t *testing.T, page site.Page, word string) string {
	t.Helper()
	for _, found := range regexp.MustCompile(`href=["']([^"']*)["']`).FindAllStringSubmatch(page.Body, -1) {
		address, err := url.Parse(html.UnescapeString(found[1]))
		if err == nil && regexp.MustCompile(word).MatchString(address.RequestURI()) {
			return "/wp-admin/" + regexp.MustCompile(`^/?(wp-admin/)?`).ReplaceAllString(address.RequestURI(), "")
		}
	}
	require.Fail(t, "no link", "%s in %.3000s", word, page.Body)
	return ""
}

// packed is a zip file of a plugin or theme.
func packed(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	for name, content := range files {
		w, err := archive.Create(name)
		require.NoError(t, err)
		_, err = w.Write([]byte(content))
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	return b.Bytes()
}

// upload sends a form with a file.
func upload(t *testing.T, v *site.Visitor, path string, fields map[string]string, field, name string, content []byte) site.Page {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for key, value := range fields {
		require.NoError(t, form.WriteField(key, value))
	}
	w, err := form.CreateFormFile(field, name)
	require.NoError(t, err)
	_, err = w.Write(content)
	require.NoError(t, err)
	require.NoError(t, form.Close())
	page, err := v.Try(t.Context(), http.MethodPost, path, form.FormDataContentType(), &b)
	require.NoError(t, err)
	return page
}

// installPlugin uploads a plugin in wp-admin, over an older one if there is any, and activates it the first time.
func installPlugin(t *testing.T, v *site.Visitor, name string, files map[string]string) {
	t.Helper()
	form := v.Get(t, "/wp-admin/plugin-install.php?tab=upload")
	result := upload(t, v, "/wp-admin/update.php?action=upload-plugin", map[string]string{
		"_wpnonce": nonce(t, form, "_wpnonce"), "install-plugin-submit": "Install Now",
	}, "pluginzip", name+".zip", packed(t, files))
	if bytes.Contains([]byte(result.Body), []byte("overwrite=update-plugin")) {
		result = v.Get(t, link(t, result, "overwrite=update-plugin"))
		requireShows(t, result, "Plugin updated successfully")
		return
	}
	requireShows(t, result, "Plugin installed successfully")
	activated := v.Get(t, link(t, result, `action=activate`))
	require.Equal(t, http.StatusFound, activated.Status, activated.Body)
}

// installTheme uploads a theme in wp-admin and makes it the site's.
func installTheme(t *testing.T, v *site.Visitor, name string, files map[string]string) {
	t.Helper()
	form := v.Get(t, "/wp-admin/theme-install.php?upload")
	result := upload(t, v, "/wp-admin/update.php?action=upload-theme", map[string]string{
		"_wpnonce": nonce(t, form, "_wpnonce"), "install-theme-submit": "Install Now",
	}, "themezip", name+".zip", packed(t, files))
	requireShows(t, result, "Theme installed successfully")
	activated := v.Get(t, link(t, result, `action=activate`))
	require.Equal(t, http.StatusFound, activated.Status, activated.Body)
}

// media is what the REST API says about an upload.
type media struct {
	SourceURL string `json:"source_url"`
	Details   struct {
		Sizes map[string]struct {
			SourceURL string `json:"source_url"`
		} `json:"sizes"`
	} `json:"media_details"`
}

// uploadMedia uploads a file to the media library, as a picture whatever it is. Where it is refused, it says so in the page.
func uploadMedia(t *testing.T, v *site.Visitor, name string, content []byte) (media, site.Page) {
	t.Helper()
	token := v.Get(t, "/wp-admin/admin-ajax.php?action=rest-nonce").Body
	with := v.With(http.Header{"X-Wp-Nonce": {token}, "Content-Disposition": {fmt.Sprintf("attachment; filename=%q", name)}})
	page, err := with.Try(t.Context(), http.MethodPost, "/wp-json/wp/v2/media", "image/jpeg", bytes.NewReader(content))
	require.NoError(t, err)
	var m media
	if page.Status == http.StatusCreated {
		require.NoError(t, json.Unmarshal([]byte(page.Body), &m))
	}
	return m, page
}

// photo is a picture that is large enough for thumbnails.
func photo(t *testing.T) []byte {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, 1200, 900))
	for x := range 1200 {
		for y := range 900 {
			picture.Set(x, y, color.RGBA{uint8(x), uint8(y), uint8(x ^ y), 255}) //nolint:gosec // G115: colours wrap round
		}
	}
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, picture, nil))
	return b.Bytes()
}
