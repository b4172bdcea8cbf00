package files

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/part"
)

// Actions are what a person can ask for.
func (p *Part) Actions() map[string]func(ctx context.Context, args []string, say part.Say) error {
	return map[string]func(ctx context.Context, args []string, say part.Say) error{"restore": p.restore}
}

// restore brings a backup back into a file system: what the backup has is written over what is there, and what it
// does not have stays.
func (p *Part) restore(ctx context.Context, args []string, say part.Say) error {
	if len(args) != 2 {
		return errors.New("restore wants a backup and where it goes: restore FILE|ID FILESYSTEM")
	}
	all, err := p.all(fileSystemType)
	if err != nil {
		return err
	}
	system, err := part.Named(all, "file system", args[1])
	if err != nil {
		return err
	}
	file := p.located(args[0])
	m, err := examine(file)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no backup %s of a file system in %s: \"restore\" without arguments tells which there are",
			args[0], filepath.Dir(file))
	}
	if err != nil {
		return fmt.Errorf("backup %s: %w", file, err)
	}
	var volumes []string
	for _, root := range m.Directories {
		volume, err := p.prepare(ctx, system, root, &rootOwner)
		if err != nil {
			return err
		}
		volumes = append(volumes, volume)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	say(fmt.Sprintf("restoring %v of %s, as of %s, into %s", m.Directories, m.FileSystem, m.Taken.Format("2006-01-02 15:04:05"), system.ID))
	return p.holding(ctx, system.ID, volumes, func(id string) error { return p.fill(ctx, system, id, file) })
}

// located finds a backup by its path or by its name in the account's directory.
func (p *Part) located(name string) string {
	if _, err := os.Stat(name); err == nil {
		return name
	}
	return filepath.Join(p.backupDir(), filepath.Base(name)+extension)
}

// fill streams the files of a backup into a container.
func (p *Part) fill(ctx context.Context, system account.Resource, id, file string) error {
	reading, writing := io.Pipe()
	unpacked := make(chan error, 1)
	go func() {
		err := p.unpack(ctx, id, reading)
		_ = reading.CloseWithError(err) // always nil; nobody writes to what nobody reads
		unpacked <- err
	}()
	packed := opened(file, func(archive *tar.Reader, _ manifest) error {
		to := tar.NewWriter(writing)
		return errors.Join(transfer(to, archive), to.Close())
	})
	_ = writing.CloseWithError(packed) // always nil; without an error it is the end
	if err := errors.Join(packed, <-unpacked); err != nil {
		return fmt.Errorf("restoring %s: %w", system.ID, err)
	}
	return nil
}

// examine reads a backup to its end, so that a damaged one is found before anything is written.
func examine(file string) (m manifest, err error) {
	err = opened(file, func(archive *tar.Reader, found manifest) error {
		m = found
		return transfer(tar.NewWriter(io.Discard), archive)
	})
	return m, err
}

// opened calls f with what follows the manifest of a backup, which it has to read to the end.
func opened(file string, f func(archive *tar.Reader, m manifest) error) error {
	source, err := os.Open(file) //nolint:gosec // the person says which
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }() // it was only read
	zipped, err := gzip.NewReader(source)
	if err != nil {
		return err
	}
	archive := tar.NewReader(zipped)
	first, err := archive.Next()
	if err != nil {
		return err
	}
	var m manifest
	if first.Name == manifestName {
		err = json.NewDecoder(archive).Decode(&m)
	}
	if err != nil || m.Kind != manifestKind {
		return errors.Join(errors.New("it is no backup of a file system"), err)
	}
	if err := f(archive, m); err != nil {
		return err
	}
	// The sum of a gzip file is behind its content.
	_, err = io.Copy(io.Discard, zipped) //nolint:gosec // it is not kept
	return err
}
