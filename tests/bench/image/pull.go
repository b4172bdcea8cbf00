package image

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/docker/docker/client"

	"wordpress-ecs/tests/containers"
)

const (
	// published is what the smallest published pair of images needs, with far older cores: 9.69 + 81.49 MB.
	published = 91.18
	megabyte  = 1e6
)

// measurePull counts what an instance pulls that has none of the layers: each once, compressed as a push does it.
// All containers of a task run the one image.
func (b *bench) measurePull() {
	docker, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	b.check(err, "Docker")
	defer func() { _ = docker.Close() }() // nothing is lost
	stream, err := docker.ImageSave(b.Context(), []string{b.image})
	b.check(err, "save of "+b.image)
	defer func() { _ = stream.Close() }() // read to its end
	bytes, layers, err := compressedLayers(stream)
	b.check(err, "save of "+b.image)

	core := b.engine.Run(b, containers.Spec{Name: "core", Image: b.image, Command: []string{"sleep", "infinity"}})
	var made struct{ Version, Origin string }
	b.check(json.Unmarshal([]byte(core.Must(b, "cat", "/usr/local/share/wordpress/core.json")), &made), "core.json")
	size := float64(bytes) / megabyte
	b.table.add(row{
		what:    fmt.Sprintf("pulled for one task, %d layers, WordPress %s (%s)", layers, made.Version, made.Origin),
		against: "the smallest published pair, older cores",
		ours:    fmt.Sprintf("%.2f MB", size), theirs: fmt.Sprintf("%.2f MB", published),
		ratio: number(size/published) + "x", target: "at most 91 MB", missed: size > 91,
	})
}

// compressedLayers reads what docker save writes and returns the bytes and the number of layers.
func compressedLayers(saved io.Reader) (total int64, layers int, err error) {
	sizes := map[string]int64{}
	var manifest []struct{ Layers []string }
	archive := tar.NewReader(saved)
	for {
		file, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, 0, err
		}
		switch {
		case file.Name == "manifest.json":
			if err := json.NewDecoder(archive).Decode(&manifest); err != nil {
				return 0, 0, err
			}
		case file.Typeflag == tar.TypeReg && (strings.HasSuffix(file.Name, "/layer.tar") || strings.HasPrefix(file.Name, "blobs/")):
			if sizes[file.Name], err = compressed(archive); err != nil {
				return 0, 0, err
			}
		}
	}
	if len(manifest) != 1 {
		return 0, 0, fmt.Errorf("%d images instead of one", len(manifest))
	}
	seen := map[string]bool{}
	for _, layer := range manifest[0].Layers {
		size, found := sizes[layer]
		if !found {
			return 0, 0, fmt.Errorf("layer %s is not there", layer)
		}
		if !seen[layer] {
			total, layers = total+size, layers+1
		}
		seen[layer] = true
	}
	return total, layers, nil
}

func compressed(content io.Reader) (int64, error) {
	var size counter
	packed := gzip.NewWriter(&size)
	if _, err := io.Copy(packed, content); err != nil {
		return 0, err
	}
	err := packed.Close()
	return int64(size), err
}

type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
