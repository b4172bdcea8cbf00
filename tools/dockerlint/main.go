// Command dockerlint checks Dockerfiles with BuildKit's own rules, as `docker build --check` does where the
// builder is BuildKit. It asks no registry and no engine.
//
// Usage: dockerlint FILE...
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

func main() {
	clean := true
	for _, path := range os.Args[1:] {
		ok, err := check(path)
		if err != nil {
			fmt.Fprintf(os.Stderr, "dockerlint: %s: %v\n", path, err)
		}
		clean = clean && ok && err == nil
	}
	if !clean {
		os.Exit(1)
	}
}

// check reports whether a Dockerfile has no finding, and prints those that it has.
func check(path string) (bool, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return false, err
	}
	source := llb.NewSourceMap(nil, path, "Dockerfile", text)
	source.Definition = &llb.Definition{}
	results, err := dockerfile2llb.DockerfileLint(context.Background(), text, dockerfile2llb.ConvertOpt{
		SourceMap:    source,
		MetaResolver: anyBase{},
	})
	if err != nil {
		return false, err
	}
	if results.Error != nil {
		return false, fmt.Errorf("line %d: %s", line(results.Error.Location.Ranges), results.Error.Message)
	}
	for _, w := range results.Warnings {
		fmt.Printf("%s:%d: %s: %s\n", path, line(w.Location.Ranges), w.RuleName, w.Detail)
	}
	return len(results.Warnings) == 0, nil
}

func line(ranges []*pb.Range) int32 {
	if len(ranges) == 0 {
		return 0
	}
	return ranges[0].Start.Line
}

// anyBase answers for every base image with an empty configuration: the rules look at the Dockerfile.
type anyBase struct{}

func (anyBase) ResolveImageConfig(
	_ context.Context, ref string, _ sourceresolver.Opt,
) (string, digest.Digest, []byte, error) {
	config, err := json.Marshal(ocispecs.Image{Platform: ocispecs.Platform{OS: "linux", Architecture: "amd64"}})
	return ref, digest.FromBytes(config), config, err
}
