package cache

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/docker/docker/api/types/container"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/part"
	"wordpress-ecs/local/runtime/snapshot"
)

const (
	dataExtension     = ".rdb"
	manifestExtension = ".json"
	// manifestKind says what a file is.
	manifestKind = "ElastiCache snapshot"
)

// manifest says what a snapshot is. It is written last: a snapshot without one is incomplete.
type manifest struct {
	Kind   string    `json:"kind"`
	Name   string    `json:"name"`
	Group  string    `json:"group"`
	Engine string    `json:"engine"`
	Stack  string    `json:"stack"`
	Taken  time.Time `json:"taken"`
	Bytes  int64     `json:"bytes"`
}

func (p *Part) snapshotDir() string { return filepath.Join(p.env.Home, "snapshots", "elasticache") }

// save writes what a group holds into a file. Its primary answers.
func (p *Part) save(ctx context.Context, r account.Resource, name string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g, s, err := p.known(r)
	if err != nil {
		return "", err
	}
	found, err := p.env.Machine.Find(ctx, map[string]string{machine.LabelKind: kind, machine.LabelID: s.Primary})
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", fmt.Errorf("its primary %s is not there", s.Primary)
	}
	c, err := p.connect(ctx, g, s, found[0].ID)
	if err != nil {
		return "", err
	}
	defer c.close()
	file := filepath.Join(p.snapshotDir(), name)
	if err := snapshot.Write(file+dataExtension, c.dump); err != nil {
		return "", err
	}
	about, err := os.Stat(file + dataExtension)
	if err != nil {
		return "", err
	}
	m := manifest{manifestKind, name, g.id, g.engine, g.stack, time.Now().UTC(), about.Size()}
	return file + dataExtension, snapshot.Describe(file+manifestExtension, m)
}

// located finds a snapshot by the path of its data or by its name.
func (p *Part) located(name string) (file string, m manifest, err error) {
	file = filepath.Join(p.snapshotDir(), filepath.Base(name)+dataExtension)
	if filepath.Ext(name) == dataExtension {
		file = name
	}
	text, err := os.ReadFile(file[:len(file)-len(dataExtension)] + manifestExtension)
	if errors.Is(err, os.ErrNotExist) {
		return file, m, fmt.Errorf("there is no snapshot %s of a cache in %s: \"restore\" without arguments tells which there are",
			name, filepath.Dir(file))
	}
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		return file, m, fmt.Errorf("snapshot %s: %w", name, err)
	}
	about, err := os.Stat(file)
	if err != nil {
		return file, m, fmt.Errorf("snapshot %s: %w", name, err)
	}
	if m.Kind != manifestKind || m.Bytes != about.Size() {
		return file, m, fmt.Errorf("%s is no complete snapshot of a cache", file)
	}
	return file, m, nil
}

// readable refuses what an engine does not read: Redis 8 writes a newer form than Valkey 8 knows.
func (m manifest) readable(engine string) error {
	if m.Engine == "redis" && engine == "valkey" {
		return fmt.Errorf("snapshot %s is of redis, and valkey does not read it", m.Name)
	}
	return nil
}

// seed puts a snapshot where an engine that starts for the first time reads it: as the base of its log of changes.
func (p *Part) seed(ctx context.Context, g group, name, id string) error {
	file, m, err := p.located(name)
	if err != nil {
		return fmt.Errorf("cache %s: %w", g.id, err)
	}
	if err := m.readable(g.engine); err != nil {
		return fmt.Errorf("cache %s: %w", g.id, err)
	}
	data, err := os.Open(file) //nolint:gosec // the person says which
	if err != nil {
		return fmt.Errorf("cache %s: %w", g.id, err)
	}
	defer func() { _ = data.Close() }() // it was only read
	reading, writing := io.Pipe()
	go func() { _ = writing.CloseWithError(packSeed(writing, data, m.Bytes)) }() // always nil
	err = p.env.Machine.Docker().CopyToContainer(ctx, id, "/", reading, container.CopyToContainerOptions{})
	_ = reading.Close() // always nil; it ends the packing if the engine did not read to the end
	if err != nil {
		return fmt.Errorf("cache %s: restoring %s: %w", g.id, file, err)
	}
	return nil
}

func packSeed(to io.Writer, data io.Reader, size int64) error {
	const list = "file appendonly.aof.1.base.rdb seq 1 type b\n"
	archive := tar.NewWriter(to)
	now := time.Now()
	for _, header := range []*tar.Header{
		{Name: "data/appendonlydir/", Typeflag: tar.TypeDir, Mode: 0o700, Uid: owner, Gid: owner, ModTime: now},
		{Name: "data/appendonlydir/appendonly.aof.1.base.rdb", Mode: 0o600, Size: size, Uid: owner, Gid: owner, ModTime: now},
		{Name: "data/appendonlydir/appendonly.aof.manifest", Mode: 0o600, Size: int64(len(list)), Uid: owner, Gid: owner, ModTime: now},
	} {
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		var err error
		switch header.Size {
		case 0:
		case int64(len(list)):
			_, err = io.WriteString(archive, list)
		default:
			_, err = io.Copy(archive, data)
		}
		if err != nil {
			return err
		}
	}
	return archive.Close()
}

// restore brings a snapshot back into a group: what the group has now is lost.
func (p *Part) restore(ctx context.Context, args []string, say part.Say) error {
	if len(args) != 2 {
		return errors.New("restore wants a snapshot and where it goes: restore FILE|ID CACHE")
	}
	r, err := p.find(args[1])
	if err != nil {
		return err
	}
	file, m, err := p.located(args[0])
	if err != nil {
		return err
	}
	if err := m.readable(r.Outputs.String("engine")); err != nil {
		return err
	}
	if file, err = filepath.Abs(file); err != nil {
		return err
	}
	say(fmt.Sprintf("restoring %s, as of %s, into %s", m.Group, m.Taken.Format(time.DateTime), r.ID))
	if err := p.begin(ctx, r, file); err != nil {
		return err
	}
	return p.settle(ctx, r, say)
}

// begin empties a group and lets it begin again with a snapshot.
func (p *Part) begin(ctx context.Context, r account.Resource, file string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.remove(ctx, r.ID, func(string) bool { return true }); err != nil {
		return err
	}
	return p.env.Account.Update(func(tx *account.Tx) error {
		g, err := groupOf(tx, r)
		if err != nil {
			return err
		}
		s, err := stateOf(tx, g)
		if err != nil {
			return err
		}
		s.Seed = file
		return tx.Keep(stateClass, g.id, s)
	})
}
