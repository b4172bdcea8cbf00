package files

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/part"
	"wordpress-ecs/local/runtime/snapshot"
)

const (
	// backupClass is the class of records of file systems that want backups, by their id.
	backupClass = "efs backup"
	// manifestName is the first entry of a backup.
	manifestName = "manifest.json"
	extension    = ".tar.gz"
	// manifestKind says what a file is.
	manifestKind = "EFS backup"
)

// manifest says what a backup holds. Its directories are in the archive at place(0), place(1) and so on.
type manifest struct {
	Kind        string    `json:"kind"`
	FileSystem  string    `json:"fileSystem"`
	Stack       string    `json:"stack"`
	Taken       time.Time `json:"taken"`
	Directories []string  `json:"directories"`
}

func backupsOf(policy account.Resource) bool {
	return policy.Outputs.String("backupPolicy.status") == "ENABLED"
}

func (p *Part) noteBackups(policy account.Resource, wanted bool) error {
	id := policy.Outputs.String("fileSystemId")
	return p.env.Account.Update(func(tx *account.Tx) error {
		if wanted {
			return tx.Keep(backupClass, id, true)
		}
		return tx.Drop(backupClass, id)
	})
}

// backupsWanted tells whether backups were on last.
func (p *Part) backupsWanted(system string) (bool, error) {
	wanted := false
	err := p.env.Account.View(func(tx *account.Tx) error {
		policies, err := tx.ByType(backupPolicyType)
		if err != nil {
			return err
		}
		for _, r := range policies {
			if r.Outputs.String("fileSystemId") == system {
				wanted = backupsOf(r)
				return nil
			}
		}
		_, err = tx.Kept(backupClass, system, &wanted)
		return err
	})
	return wanted, err
}

func (p *Part) backupDir() string { return filepath.Join(p.env.Home, "snapshots", "efs") }

// backup saves all volumes of a file system in a file, which is there when it is complete.
func (p *Part) backup(ctx context.Context, r account.Resource, volumes []machine.Named) (string, error) {
	m := manifest{Kind: manifestKind, FileSystem: r.ID, Stack: part.Stack(r), Taken: time.Now().UTC().Truncate(time.Millisecond)}
	var names []string
	for _, v := range volumes {
		names = append(names, v.Name)
		m.Directories = append(m.Directories, v.Labels[labelPath])
	}
	file := filepath.Join(p.backupDir(), r.ID+"-"+m.Taken.Format("20060102-150405.000")+extension)
	return file, snapshot.Write(file, func(to io.Writer) error {
		return p.holding(ctx, r.ID, names, func(id string) error {
			stream, _, err := p.env.Machine.Docker().CopyFromContainer(ctx, id, filepath.Dir(place(0)))
			if err != nil {
				return fmt.Errorf("reading files: %w", err)
			}
			defer func() { _ = stream.Close() }() // it was read to its end, or that failed
			return pack(to, m, stream)
		})
	})
}

// pack writes a manifest and then the files of an archive.
func pack(to io.Writer, m manifest, files io.Reader) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(to)
	// Most of what a site stores is compressed already.
	zipped, err := gzip.NewWriterLevel(buffered, gzip.BestSpeed)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(zipped)
	if err := archive.WriteHeader(&tar.Header{
		Name: manifestName, Mode: 0o600, Size: int64(len(text)), ModTime: m.Taken,
	}); err != nil {
		return err
	}
	if _, err := archive.Write(text); err != nil {
		return err
	}
	if err := transfer(archive, tar.NewReader(files)); err != nil {
		return err
	}
	return errors.Join(archive.Close(), zipped.Close(), buffered.Flush())
}

// transfer copies the entries of an archive.
func transfer(to *tar.Writer, from *tar.Reader) error {
	for {
		header, err := from.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading an archive: %w", err)
		}
		if err := to.WriteHeader(header); err != nil {
			return fmt.Errorf("writing %s: %w", header.Name, err)
		}
		if _, err := io.Copy(to, from); err != nil {
			return fmt.Errorf("writing %s: %w", header.Name, err)
		}
	}
}
