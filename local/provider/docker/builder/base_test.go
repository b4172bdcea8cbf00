package builder

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBaseImagesAreWhatFromLinesName(t *testing.T) {
	t.Parallel()
	dockerfile := `# FROM commented:out
ARG version
FROM --platform=linux/amd64 debian:trixie-slim AS build
from golang:1.26 as tools
FROM debian:${version}
FROM build
FROM scratch
COPY --from=build /a /a
`
	require.Equal(t, []string{"debian:trixie-slim", "golang:1.26"}, baseImages([]byte(dockerfile)))
}

func TestOnlyTrixieSlimIsMade(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"public.ecr.aws/docker/library/debian:trixie-slim": true,
		"debian:trixie-slim":                   true,
		"docker.io/library/debian:trixie-slim": true,
		"debian:trixie":                        false,
		"debian:bookworm-slim":                 false,
		"debian":                               false,
		"alpine:trixie-slim":                   false,
		"::":                                   false,
	} {
		require.Equal(t, want, isTrixieSlim(name), name)
	}
}

func TestErrorsComeWithTheLinesBeforeThem(t *testing.T) {
	t.Parallel()
	var last tail
	for _, line := range []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"} {
		last.add(line)
	}
	require.Equal(t, "failed\n  1\n  2\n  3\n  4\n  5\n  6\n  7\n  8\n  9\n  10", last.explain("failed"))
}
