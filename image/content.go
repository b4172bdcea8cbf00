package image

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"

	"wordpress-ecs/settings"
)

const (
	dockerfile = "Dockerfile"
	// tagLength is in hex digits: 64 bits, which no number of builds makes meet.
	tagLength = 16
)

// contentTag names what a build of the context gives: the path, mode and content of every file that
// .dockerignore leaves in, the architecture, and the mirror: an image from elsewhere is pushed again, which a tag
// that is taken would refuse.
func contentTag(context string, arch settings.Architecture, mirror string) (string, error) {
	ignored, err := ignoredFiles(context)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\x00%s\x00", arch, mirror)
	err = filepath.WalkDir(context, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(context, path)
		if err != nil {
			return err
		}
		skip, err := ignored.MatchesOrParentMatches(name)
		if err != nil || skip {
			return err
		}
		return addFile(sum, path, filepath.ToSlash(name))
	})
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil))[:tagLength], nil
}

func ignoredFiles(context string) (*patternmatcher.PatternMatcher, error) {
	if _, err := os.Stat(filepath.Join(context, dockerfile)); err != nil {
		return nil, err
	}
	file, err := os.Open(filepath.Join(context, ".dockerignore")) //nolint:gosec // the build context is the program's own folder
	if errors.Is(err, fs.ErrNotExist) {
		return patternmatcher.New(nil)
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	patterns, err := ignorefile.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf(".dockerignore: %w", err)
	}
	return patternmatcher.New(patterns)
}

// addFile adds a file to the sum. The whole mode counts because it does for the docker provider, which
// builds again when it differs: the new build then needs a new tag, as the old one is taken.
func addFile(sum io.Writer, path, name string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	fmt.Fprintf(sum, "%s\x00%s\x00", name, info.Mode())
	if info.Mode()&fs.ModeSymlink != 0 {
		target, err := os.Readlink(path)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s\x00", target)
		return nil
	}
	file, err := os.Open(path) //nolint:gosec // the build context is the program's own folder
	if err != nil {
		return err
	}
	defer file.Close()
	fmt.Fprintf(sum, "%d\x00", info.Size())
	_, err = io.Copy(sum, file)
	return err
}
