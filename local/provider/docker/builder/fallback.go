package builder

import (
	"bufio"
	"bytes"
	"maps"
	"strings"

	"wordpress-ecs/local/provider/docker/buildcontext"
)

// A Dockerfile that declares fallbackArgument can do without sources on the internet when it is given
// fallback. Images built here run on this machine alone, so that they may; Pulumi's own provider says nothing
// of it, and an image for AWS has what is pinned or is not built.
const (
	fallbackArgument = "WORDPRESS_FALLBACK"
	fallback         = "debian"
)

// withFallback adds the argument where the Dockerfile declares it and the program has not given it.
func withFallback(args map[string]*string, c *buildcontext.Context) (map[string]*string, error) {
	dockerfile, err := c.Dockerfile()
	if err != nil {
		return nil, err
	}
	if !declares(dockerfile, fallbackArgument) {
		return args, nil
	}
	value := fallback
	all := map[string]*string{fallbackArgument: &value}
	maps.Copy(all, args) // what the program says counts
	return all, nil
}

// declares tells whether a Dockerfile takes a build argument.
func declares(dockerfile []byte, argument string) bool {
	lines := bufio.NewScanner(bytes.NewReader(dockerfile))
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) < 2 || !strings.EqualFold(words[0], "ARG") {
			continue
		}
		if name, _, _ := strings.Cut(words[1], "="); name == argument {
			return true
		}
	}
	return false
}
