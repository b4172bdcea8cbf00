// Package buildcontext reads the context of an image build: the files of a directory that its
// .dockerignore leaves in.
package buildcontext

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// outside is what a Dockerfile from outside of the context is called inside of the archive.
const outside = ".dockerfile"

// Context is a directory to build from.
type Context struct {
	dir        string
	dockerfile string
	files      []file
}

// file is one entry of the context; its name is relative and has slashes.
type file struct {
	name string
	info fs.FileInfo
}

// Read lists the files of dir that neither <dockerfile>.dockerignore nor, without one, the
// directory's .dockerignore leaves out. Both paths are as the program gave them: relative to
// the working directory.
func Read(dir, dockerfile string) (*Context, error) {
	matcher, err := ignored(dir, dockerfile)
	if err != nil {
		return nil, err
	}
	c := &Context{dir: dir, dockerfile: dockerfile}
	err = filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(dir, name)
		if err != nil || relative == "." {
			return err
		}
		relative = filepath.ToSlash(relative)
		skip, err := matcher.MatchesOrParentMatches(relative)
		if err != nil {
			return err
		}
		switch {
		case skip && entry.IsDir() && !matcher.Exclusions():
			return fs.SkipDir // no "!" pattern can bring a file below it back
		case skip:
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		c.files = append(c.files, file{relative, info})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the build context %s: %w", dir, err)
	}
	return c, nil
}

func ignored(dir, dockerfile string) (*patternmatcher.PatternMatcher, error) {
	for _, name := range []string{dockerfile + ".dockerignore", filepath.Join(dir, ".dockerignore")} {
		f, err := os.Open(name) //nolint:gosec // G304: the program says which directory is built
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		patterns, err := ignorefile.ReadAll(f)
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		matcher, err := patternmatcher.New(patterns)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		return matcher, nil
	}
	return patternmatcher.New(nil)
}

// Digest is a SHA-256 over the names, modes and contents of the Dockerfile and all files, in
// hexadecimal. Times and owners don't count, so that equal checkouts have equal digests.
func (c *Context) Digest() (string, error) {
	sum := sha256.New()
	add := func(name, mode, content string) { _, _ = fmt.Fprintf(sum, "%s\x00%s\x00%s\n", name, mode, content) }
	recipe, err := contentDigest(c.dockerfile)
	if err != nil {
		return "", err
	}
	add("", "", recipe)
	for _, f := range c.files {
		if f.info.IsDir() {
			continue
		}
		name := filepath.Join(c.dir, filepath.FromSlash(f.name))
		var content string
		switch {
		case f.info.Mode()&fs.ModeSymlink != 0:
			content, err = os.Readlink(name)
		case f.info.Mode().IsRegular():
			content, err = contentDigest(name)
		}
		if err != nil {
			return "", fmt.Errorf("digesting the build context %s: %w", c.dir, err)
		}
		add(f.name, f.info.Mode().String(), content)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func contentDigest(name string) (string, error) {
	f, err := os.Open(name) //nolint:gosec // G304: a file of the context
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // read only
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// Dockerfile reads the Dockerfile.
func (c *Context) Dockerfile() ([]byte, error) {
	content, err := os.ReadFile(c.dockerfile)
	if err != nil {
		return nil, fmt.Errorf("reading the Dockerfile: %w", err)
	}
	return content, nil
}

// Tar writes the context as the Docker engine takes it, owned by root. The Dockerfile is part
// of it, as DockerfileName says, even when .dockerignore leaves it out.
func (c *Context) Tar(w io.Writer) error {
	archive := tar.NewWriter(w)
	dockerfile, err := c.DockerfileName()
	if err != nil {
		return err
	}
	written := false
	for _, f := range c.files {
		if err := addFile(archive, filepath.Join(c.dir, filepath.FromSlash(f.name)), f.name, f.info); err != nil {
			return fmt.Errorf("packing %s: %w", f.name, err)
		}
		written = written || f.name == dockerfile
	}
	if !written {
		info, err := os.Stat(c.dockerfile)
		if err != nil {
			return fmt.Errorf("packing the Dockerfile: %w", err)
		}
		if err := addFile(archive, c.dockerfile, dockerfile, info); err != nil {
			return fmt.Errorf("packing the Dockerfile: %w", err)
		}
	}
	return archive.Close()
}

// DockerfileName is the path of the Dockerfile inside of the archive.
func (c *Context) DockerfileName() (string, error) {
	dir, err := filepath.Abs(c.dir)
	if err != nil {
		return "", err
	}
	dockerfile, err := filepath.Abs(c.dockerfile)
	if err != nil {
		return "", err
	}
	relative, err := filepath.Rel(dir, dockerfile)
	if err != nil {
		return "", err
	}
	if !filepath.IsLocal(relative) {
		return outside, nil
	}
	return path.Clean(filepath.ToSlash(relative)), nil
}

func addFile(archive *tar.Writer, source, name string, info fs.FileInfo) error {
	target := ""
	if info.Mode()&fs.ModeSymlink != 0 {
		var err error
		if target, err = os.Readlink(source); err != nil {
			return err
		}
	}
	header, err := tar.FileInfoHeader(info, target)
	if err != nil {
		return err
	}
	header.Name = name
	if info.IsDir() && !strings.HasSuffix(name, "/") {
		header.Name += "/"
	}
	header.Uid, header.Gid, header.Uname, header.Gname = 0, 0, "", ""
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return nil
	}
	f, err := os.Open(source) //nolint:gosec // G304: a file of the context
	if err != nil {
		return err
	}
	_, err = io.Copy(archive, f)
	return errors.Join(err, f.Close())
}
