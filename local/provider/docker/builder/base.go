package builder

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/distribution/reference"
	"github.com/docker/docker/api/types/image"

	"wordpress-ecs/local/provider/docker/buildcontext"
)

// pullTimeout is how long a registry may take until it says that an image comes. A machine
// without a way to the registry must not wait for long.
const pullTimeout = 10 * time.Second

// cleanupTime is how long a cancelled mmdebstrap may take to tidy up.
const cleanupTime = 20 * time.Second

// slim is what the "slim" variants of Debian's image leave out, as dpkg options.
var slim = []string{
	"path-exclude=/usr/share/doc/*", "path-include=/usr/share/doc/*/copyright",
	"path-exclude=/usr/share/info/*", "path-exclude=/usr/share/locale/*", "path-exclude=/usr/share/man/*",
	"force-unsafe-io", // no fsync for every package: a broken build is thrown away
}

// provideBases sees to it that the images which the Dockerfile builds on are there.
func (e *Engine) provideBases(ctx context.Context, c *buildcontext.Context, report Reporter) error {
	dockerfile, err := c.Dockerfile()
	if err != nil {
		return err
	}
	for _, name := range baseImages(dockerfile) {
		if err := e.provide(ctx, name, report); err != nil {
			return fmt.Errorf("base image %s: %w", name, err)
		}
	}
	return nil
}

// baseImages lists what the FROM lines of a Dockerfile name: not the stages, not scratch, and
// nothing with a variable in it, which only the builder can resolve.
func baseImages(dockerfile []byte) []string {
	var images, stages []string
	lines := bufio.NewScanner(bytes.NewReader(dockerfile))
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) < 2 || !strings.EqualFold(words[0], "FROM") {
			continue
		}
		words = slices.DeleteFunc(words[1:], func(word string) bool { return strings.HasPrefix(word, "--") })
		if len(words) == 0 {
			continue
		}
		name := words[0]
		if name != "scratch" && !strings.Contains(name, "$") && !slices.Contains(stages, name) {
			images = append(images, name)
		}
		if len(words) == 3 && strings.EqualFold(words[1], "AS") {
			stages = append(stages, words[2])
		}
	}
	return images
}

// provide uses the image that is present, or pulls it, or, if it is Debian's, makes it.
func (e *Engine) provide(ctx context.Context, name string, report Reporter) error {
	_, err := e.docker.ImageInspect(ctx, name)
	if err == nil {
		return nil
	}
	if !cerrdefs.IsNotFound(err) {
		return err
	}
	pullErr := e.pull(ctx, name, report)
	if pullErr == nil || ctx.Err() != nil || !isTrixieSlim(name) {
		return pullErr
	}
	mmdebstrap, err := exec.LookPath("mmdebstrap")
	if err != nil {
		return fmt.Errorf("it can't be pulled (%w), and making it takes mmdebstrap: "+
			"run `apt-get install mmdebstrap` on Debian or Ubuntu, or pull it where a registry is in reach", pullErr)
	}
	report.Info(fmt.Sprintf("%s can't be pulled: making it from Debian's packages, once (%v)", name, pullErr))
	return e.makeTrixieSlim(ctx, mmdebstrap, name, report)
}

func (e *Engine) pull(ctx context.Context, name string, report Reporter) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	waiting := time.AfterFunc(pullTimeout, cancel)
	defer waiting.Stop()
	report.Status("pulling " + name)
	body, err := e.docker.ImagePull(ctx, name, image.PullOptions{})
	if err != nil {
		return pullError(err, waiting)
	}
	defer func() { _ = body.Close() }() // read to its end
	first := bufio.NewReader(body)
	if _, err := first.Peek(1); err != nil && !errors.Is(err, io.EOF) {
		return pullError(err, waiting)
	}
	waiting.Stop() // the registry answers: from here on it may take its time
	return follow(first, report, nil)
}

// pullError tells a registry that doesn't answer from one that says no.
func pullError(err error, waiting *time.Timer) error {
	if !waiting.Stop() {
		return fmt.Errorf("its registry did not answer for %s", pullTimeout)
	}
	return err
}

func isTrixieSlim(name string) bool {
	named, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return false
	}
	tagged, ok := named.(reference.Tagged)
	return ok && tagged.Tag() == "trixie-slim" && path.Base(reference.Path(named)) == "debian"
}

// makeTrixieSlim bootstraps Debian from its package archive straight into the engine.
func (e *Engine) makeTrixieSlim(ctx context.Context, mmdebstrap, name string, report Reporter) error {
	arguments := []string{"--variant=minbase", "--include=ca-certificates"}
	for _, option := range slim {
		arguments = append(arguments, "--dpkgopt="+option)
	}
	arguments = append(arguments, "trixie", "-")

	var last tail
	archive, output := io.Pipe()
	command := exec.CommandContext(ctx, mmdebstrap, arguments...)
	command.Stdout = output
	command.Stderr = &lineWriter{line: func(line string) {
		last.add(line)
		report.Status(line)
	}}
	// Killed at once, it would leave its directory and its mounts behind.
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = cleanupTime
	done := make(chan error, 1)
	go func() {
		err := command.Run()
		if err != nil {
			err = fmt.Errorf("mmdebstrap: %s", last.explain(err.Error()))
		}
		_ = output.CloseWithError(err) // an archive that is cut off is not imported
		done <- err
	}()
	err := e.importImage(ctx, archive, name, report)
	_ = archive.Close() // lets mmdebstrap end when the engine stopped reading
	return cmp.Or(err, <-done)
}

func (e *Engine) importImage(ctx context.Context, archive io.Reader, name string, report Reporter) error {
	body, err := e.docker.ImageImport(ctx,
		image.ImportSource{Source: archive, SourceName: "-"}, name, image.ImportOptions{})
	if err != nil {
		return fmt.Errorf("importing: %w", err)
	}
	defer func() { _ = body.Close() }() // read to its end
	return follow(body, report, nil)
}
