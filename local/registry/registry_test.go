package registry_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/registry"
)

func TestPushedImageIsPulledByTagAndDigest(t *testing.T) {
	t.Parallel()
	_, host := serve(t, t.TempDir())
	img := image(t)
	push(t, host+"/wordpress:one", img)

	digest, err := img.Digest()
	require.NoError(t, err)
	for _, ref := range []string{"/wordpress:one", "/wordpress@" + digest.String()} {
		pulled := pull(t, host+ref)
		require.NoError(t, validate.Image(pulled))
		got, err := pulled.Digest()
		require.NoError(t, err)
		require.Equal(t, digest, got)
	}
}

func TestImagesSurviveARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	img := image(t)
	digest, err := img.Digest()
	require.NoError(t, err)

	reg, err := registry.Open(dir)
	require.NoError(t, err)
	listener, err := reg.Serve(0)
	require.NoError(t, err)
	push(t, address(listener)+"/team/wordpress:one", img)
	listener.Close()

	again, host := serve(t, dir)
	require.NoError(t, validate.Image(pull(t, host+"/team/wordpress:one")))
	digests, err := again.Digests("team/wordpress")
	require.NoError(t, err)
	require.Equal(t, []string{digest.String()}, digests)
}

func TestTagNamesOneImageForever(t *testing.T) {
	t.Parallel()
	_, host := serve(t, t.TempDir())
	first := image(t)
	push(t, host+"/wordpress:one", first)
	push(t, host+"/wordpress:one", first) // the same image again is fine

	err := remote.Write(tag(t, host+"/wordpress:one"), image(t))
	require.ErrorContains(t, err, "TAG_INVALID")
	require.ErrorContains(t, err, "The image tag 'one' already exists in the 'wordpress' repository "+
		"and cannot be overwritten because the tag is immutable.")
	require.Equal(t, digestString(t, first), digestString(t, pull(t, host+"/wordpress:one")))
}

func TestRemoveDropsOneRepositoryOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	reg, host := serve(t, dir)
	shared, other := image(t), image(t)
	push(t, host+"/kept:one", shared)
	push(t, host+"/gone:one", shared)
	push(t, host+"/gone:two", other)

	require.NoError(t, reg.Remove("gone"))
	require.NoError(t, reg.Remove("gone"), "nothing left to remove is no error")

	digests, err := reg.Digests("gone")
	require.NoError(t, err)
	require.Empty(t, digests)
	require.NoError(t, validate.Image(pull(t, host+"/kept:one")), "layers that another repository uses stay")
	require.Len(t, blobs(t, dir), 3, "a configuration and two layers of the image that is kept")
}

func TestNamesThatLeaveTheRegistryAreRefused(t *testing.T) {
	t.Parallel()
	reg, _ := serve(t, t.TempDir())
	for _, name := range []string{"", ".", "..", "../x", "Upper", "a//b"} {
		require.ErrorContains(t, reg.Remove(name), "is no repository name")
		_, err := reg.Digests(name)
		require.ErrorContains(t, err, "is no repository name")
	}
}

func TestManyTagsAreListed(t *testing.T) {
	t.Parallel()
	_, host := serve(t, t.TempDir())
	img := image(t)
	for i := range 3 {
		push(t, fmt.Sprintf("%s/wordpress:v%d", host, i), img)
	}
	tags, err := remote.List(tag(t, host+"/wordpress:v0").Repository)
	require.NoError(t, err)
	require.Equal(t, []string{"v0", "v1", "v2"}, tags)
}

func TestLastPortIsUsedAgainWhenItIsFree(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	reg, err := registry.Open(dir)
	require.NoError(t, err)
	first, err := reg.Serve(0)
	require.NoError(t, err)
	t.Cleanup(first.Close)
	port, err := os.ReadFile(filepath.Join(dir, "port"))
	require.NoError(t, err)
	require.Equal(t, strconv.Itoa(first.Port()), string(port))

	second, err := reg.Serve(0)
	require.NoError(t, err)
	t.Cleanup(second.Close)
	require.NotEqual(t, first.Port(), second.Port(), "the last one is taken")

	// Any program on this machine may take a port that was just given back: then try the next.
	last := second
	require.Eventually(t, func() bool {
		last.Close()
		next, err := reg.Serve(0)
		if err != nil {
			return false
		}
		t.Cleanup(next.Close)
		again := next.Port() == last.Port()
		last = next
		return again
	}, time.Minute, time.Millisecond)
}

func TestBlobOfAnotherRepositoryIsMounted(t *testing.T) {
	t.Parallel()
	_, host := serve(t, t.TempDir())
	img := image(t)
	push(t, host+"/one:v1", img)
	config, err := img.ConfigName()
	require.NoError(t, err)
	for mount, want := range map[string]int{
		config.String():                     http.StatusCreated,
		"sha256:" + strings.Repeat("0", 64): http.StatusAccepted,
		"sha256:other":                      http.StatusAccepted,
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
			"http://"+host+"/v2/two/blobs/uploads/?from=one&mount="+mount, nil)
		require.NoError(t, err)
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, want, response.StatusCode, mount)
	}
}

func TestBadRequestsGetTheReason(t *testing.T) {
	t.Parallel()
	_, host := serve(t, t.TempDir())
	const digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	for name, tc := range map[string]struct {
		method, path, body string
		status             int
		want               string
	}{
		"unknown image":         {"GET", "/v2/x/manifests/one", "", 404, "Requested image not found"},
		"unknown layer":         {"GET", "/v2/x/blobs/" + digest, "", 404, "BLOB_UNKNOWN"},
		"unknown upload":        {"PATCH", "/v2/x/blobs/uploads/" + strings.Repeat("0", 32), "", 404, "BLOB_UPLOAD_UNKNOWN"},
		"other digest":          {"POST", "/v2/x/blobs/uploads/?digest=" + digest, "content", 400, "DIGEST_INVALID"},
		"other hash":            {"POST", "/v2/x/blobs/uploads/?digest=md5:00", "content", 400, "no SHA-256 digest"},
		"no JSON":               {"PUT", "/v2/x/manifests/one", "{", 400, "MANIFEST_INVALID"},
		"layer was not pushed":  {"PUT", "/v2/x/manifests/one", `{"config":{"digest":"` + digest + `"}}`, 400, "was not pushed"},
		"manifest's own digest": {"PUT", "/v2/x/manifests/" + digest, `{}`, 400, "DIGEST_INVALID"},
		"no such interface":     {"GET", "/v2/_catalog", "", 404, "not part of this registry"},
		"outside of the API":    {"GET", "/etc/passwd", "", 404, "not part of this registry"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request, err := http.NewRequestWithContext(t.Context(), tc.method, "http://"+host+tc.path, strings.NewReader(tc.body))
			require.NoError(t, err)
			response, err := http.DefaultClient.Do(request)
			require.NoError(t, err)
			defer func() { require.NoError(t, response.Body.Close()) }()
			var body bytes.Buffer
			_, err = body.ReadFrom(response.Body)
			require.NoError(t, err)
			require.Equal(t, tc.status, response.StatusCode, body.String())
			require.Contains(t, body.String(), tc.want)
		})
	}
}

func TestInterruptedPushLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	reg, err := registry.Open(dir)
	require.NoError(t, err)
	first, err := reg.Serve(0)
	require.NoError(t, err)
	begin(t, address(first))
	first.Close()
	first.Close() // counts once
	require.Len(t, uploads(t, dir), 1)

	second, err := reg.Serve(0)
	require.NoError(t, err)
	t.Cleanup(second.Close)
	require.Empty(t, uploads(t, dir))
}

func TestPushGoesOnWhenTheRegistryIsServedOnceMore(t *testing.T) {
	t.Parallel()
	reg, host := serve(t, t.TempDir())
	upload := begin(t, host)
	another, err := reg.Serve(0)
	require.NoError(t, err)
	another.Close()

	request, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, "http://"+host+upload, strings.NewReader("a layer"))
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusAccepted, response.StatusCode)
}

// begin starts to push a layer; upload is where the rest of it goes.
func begin(t *testing.T, host string) (upload string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+host+"/v2/x/blobs/uploads/", nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusAccepted, response.StatusCode)
	return response.Header.Get("Location")
}

// serve opens and serves a registry for one test; host is "127.0.0.1:port".
func serve(t *testing.T, dir string) (reg *registry.Registry, host string) {
	t.Helper()
	reg, err := registry.Open(dir)
	require.NoError(t, err)
	listener, err := reg.Serve(0)
	require.NoError(t, err)
	t.Cleanup(listener.Close)
	return reg, address(listener)
}

func address(l *registry.Listener) string {
	return fmt.Sprintf("127.0.0.1:%d", l.Port())
}

func image(t *testing.T) v1.Image {
	t.Helper()
	img, err := random.Image(1024, 2)
	require.NoError(t, err)
	return img
}

func tag(t *testing.T, ref string) name.Tag {
	t.Helper()
	parsed, err := name.NewTag(ref)
	require.NoError(t, err)
	return parsed
}

func push(t *testing.T, ref string, img v1.Image) {
	t.Helper()
	require.NoError(t, remote.Write(tag(t, ref), img))
}

func pull(t *testing.T, ref string) v1.Image {
	t.Helper()
	parsed, err := name.ParseReference(ref)
	require.NoError(t, err)
	img, err := remote.Image(parsed)
	require.NoError(t, err)
	return img
}

func digestString(t *testing.T, img v1.Image) string {
	t.Helper()
	digest, err := img.Digest()
	require.NoError(t, err)
	return digest.String()
}

func blobs(t *testing.T, dir string) []fs.DirEntry {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, "blobs"))
	require.NoError(t, err)
	return entries
}

func uploads(t *testing.T, dir string) []fs.DirEntry {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, "uploads"))
	require.NoError(t, err)
	return entries
}
