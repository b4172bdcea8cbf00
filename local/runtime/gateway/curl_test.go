package gateway_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/runtime/gateway"
)

// PHP signs with libcurl, which signs in its own way.
func TestWhatCurlSignsIsBelieved(t *testing.T) {
	t.Parallel()
	curl, err := exec.LookPath("curl")
	require.NoError(t, err, "tools/setup.sh tests installs curl")
	w := begin(t, t.TempDir(), everything)
	p := w.open(gateway.Caller{Task: task, Role: role, Region: region})
	with := w.credentials(w.client(p), p)
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, []byte("pixels"), 0o600))
	run := func(service string, arguments ...string) string {
		t.Helper()
		command := exec.CommandContext(t.Context(), curl, append([]string{
			"--silent", "--show-error", "--unix-socket", filepath.Join(p.Directory, gateway.SocketHTTPS), "--cacert", w.authorityFile(),
			"--aws-sigv4", "aws:amz:" + service, "--user", with.AccessKeyID + ":" + with.SecretAccessKey,
			"--header", "X-Amz-Security-Token: " + with.SessionToken, "--write-out", "%{http_code}",
		}, arguments...)...)
		output, err := command.CombinedOutput()
		require.NoError(t, err, "%s", output)
		return string(output)
	}
	s3 := func(arguments ...string) string {
		t.Helper()
		return run(region+":s3", append([]string{"--header", "X-Amz-Content-Sha256: UNSIGNED-PAYLOAD"}, arguments...)...)
	}
	for _, key := range []string{"a.jpg", "wp-content/uploads/2026/03/b-300x200.jpg", "a%20b%2Bc%C3%A4%28%29.jpg"} {
		url := bucket + "/" + key
		require.Equal(t, "200", s3("--header", "Content-Type: image/jpeg", "--header", "Cache-Control: public, max-age=60",
			"--header", "X-Amz-Meta-A:  b  c ", "--upload-file", file, url), key)
		require.Equal(t, "pixels200", s3(url))
		require.Equal(t, "204", s3("--request", "DELETE", url))
	}
	require.Equal(t, "200", s3("--request", "PUT", "--data-binary", "pixels", bucket+"/signed"))
	require.Contains(t, s3(bucket+"/?delimiter=%2F&list-type=2&prefix=a%2Fb"), "<KeyCount>0</KeyCount>")
	require.True(t, strings.HasSuffix(s3(bucket+"/none"), "</Error>404"))
	require.Contains(t, run("us-east-1:cloudfront", "--header", "Content-Type: application/xml", "--data-binary", batch("one", all), invalidations),
		"</Invalidation>201")
	require.Equal(t, []string{"E1ABC /*"}, w.invalidated)
}
