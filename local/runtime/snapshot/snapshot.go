// Package snapshot writes the files of snapshots and backups, which are there only when they are complete.
package snapshot

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// Write makes a file of what f writes, with the directory that it is in. Until f is through, and when it fails,
// there is none of that name.
func Write(name string, f func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	unfinished, err := os.CreateTemp(filepath.Dir(name), ".snapshot-")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(unfinished.Name()) }() // gone already when all went well
	if err := errors.Join(f(unfinished), unfinished.Sync(), unfinished.Close()); err != nil {
		return err
	}
	return os.Rename(unfinished.Name(), name)
}

// Describe is Write for a manifest, as JSON that people can read.
func Describe(name string, manifest any) error {
	return Write(name, func(to io.Writer) error {
		encoder := json.NewEncoder(to)
		encoder.SetIndent("", "  ")
		return encoder.Encode(manifest)
	})
}
