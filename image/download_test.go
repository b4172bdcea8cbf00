package image_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// A build survives a server that is out of order for a moment; what is not there is not asked for again.
func TestDownloadsAreTriedAgain(t *testing.T) {
	t.Parallel()
	_, err := exec.LookPath("curl")
	require.NoError(t, err, "the build's script needs it: tools/setup.sh tests installs curl")
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case asked.Add(1) < 3 && r.URL.Path == "/moment":
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.URL.Path == "/moment":
			_, _ = io.WriteString(w, "content")
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "file")
	download := func(path string) error {
		asked.Store(0)
		cmd := exec.CommandContext(t.Context(), "sh", "build/download", server.URL+path, file)
		cmd.Env = append(os.Environ(), "no_proxy=127.0.0.1")
		return cmd.Run()
	}
	require.NoError(t, download("/moment"))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "content", string(text))
	require.EqualValues(t, 3, asked.Load())

	require.Error(t, download("/nothing"))
	require.EqualValues(t, 1, asked.Load())
}
