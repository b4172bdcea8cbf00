package builder

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/provider/docker/buildcontext"
)

// heard is what a build told.
type heard struct{ infos, states []string }

func (h *heard) Info(line string)   { h.infos = append(h.infos, line) }
func (h *heard) Status(line string) { h.states = append(h.states, line) }

// said is a stream of the engine's messages.
func said(t *testing.T, messages ...message) *strings.Reader {
	t.Helper()
	var stream strings.Builder
	for _, m := range messages {
		require.NoError(t, json.NewEncoder(&stream).Encode(m))
	}
	return strings.NewReader(stream.String())
}

func TestNotesOfABuildAreKept(t *testing.T) {
	t.Parallel()
	var h heard
	require.NoError(t, follow(said(t,
		message{Stream: "Step 1/2 : RUN x\n"},
		message{Stream: "\x1b[91mno"}, message{Stream: "\x1b[0m\x1b[91m answer\n\x1b[0m"},
		message{Stream: "NO"}, message{Stream: "TE: it goes without\nmore\n"},
		message{ID: "layer", Status: "Pulling", Progress: "1/2"},
	), &h, nil))
	require.Equal(t, []string{"it goes without"}, h.infos)
	require.Equal(t, []string{"Step 1/2 : RUN x", "no answer", "more", "layer Pulling 1/2"}, h.states)
}

func TestErrorOfABuildEndsWithItsLastLine(t *testing.T) {
	t.Parallel()
	failed := message{Error: &struct {
		Message string `json:"message"`
	}{"code 1"}}
	err := follow(said(t, message{Stream: "first\nlast, not ended"}, failed), &heard{}, nil)
	require.EqualError(t, err, "code 1\n  first\n  last, not ended")
}

func TestFallbackGoesWhereItIsDeclared(t *testing.T) {
	t.Parallel()
	own := "none"
	for name, tc := range map[string]struct {
		dockerfile string
		args       map[string]*string
		want       string
	}{
		"declared":            {"ARG WORDPRESS_FALLBACK=\"\"\nFROM scratch\n", nil, "debian"},
		"declared in a stage": {"FROM scratch\narg WORDPRESS_FALLBACK\n", map[string]*string{"A": &own}, "debian"},
		"another":             {"ARG WORDPRESS_FALLBACKS\nFROM scratch\n", nil, ""},
		"given":               {"ARG WORDPRESS_FALLBACK\nFROM scratch\n", map[string]*string{fallbackArgument: &own}, own},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(dir+"/Dockerfile", []byte(tc.dockerfile), 0o600))
			c, err := buildcontext.Read(dir, dir+"/Dockerfile")
			require.NoError(t, err)
			got, err := withFallback(tc.args, c)
			require.NoError(t, err)
			value, passed := got[fallbackArgument]
			require.Equal(t, tc.want != "", passed)
			if passed {
				require.Equal(t, tc.want, *value)
			}
			for key := range tc.args {
				require.Contains(t, got, key)
			}
		})
	}
}
