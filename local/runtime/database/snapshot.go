package database

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/part"
	snapshotfile "wordpress-ecs/local/runtime/snapshot"
)

const (
	dataExtension     = ".tar.gz"
	manifestExtension = ".json"
	// format says what a file is: the data directory of a MariaDB that was stopped in order.
	format = "data directory of MariaDB 11.8"
)

// snapshot says what a snapshot is. Its file is written last: one without it is incomplete.
type snapshot struct {
	Name    string `json:"name"`
	Format  string `json:"format"`
	Cluster string `json:"cluster"`
	// Resource tells the cluster from others of its name.
	Resource string    `json:"clusterResourceId"`
	Engine   string    `json:"engine"`
	Version  string    `json:"engineVersion"`
	Master   string    `json:"masterUsername"`
	First    string    `json:"databaseName,omitempty"`
	Stack    string    `json:"stack"`
	Region   string    `json:"region"`
	Taken    time.Time `json:"taken"`
	Bytes    int64     `json:"bytes"`
	// Expires is when an automated backup goes; zero for never.
	Expires time.Time      `json:"expires,omitzero"`
	Tags    map[string]any `json:"tags,omitempty"`
}

func (p *Part) dir() string { return filepath.Join(p.env.Home, "snapshots", "rds") }

// file is where a snapshot's files are, without their ending.
func (p *Part) file(name string) string { return filepath.Join(p.dir(), url.PathEscape(name)) }

// keepSnapshots writes what the program wants to stay of a cluster whose servers have ended.
func (t *tending) keepSnapshots(ctx context.Context) error {
	final := ""
	if !t.c.Outputs.Bool("skipFinalSnapshot") {
		final = t.c.Outputs.String("finalSnapshotIdentifier")
	}
	automated := ""
	if automatic, said := t.c.Outputs.At("deleteAutomatedBackups").(bool); said && !automatic {
		automated = "rds:" + t.c.ID + "-" + time.Now().UTC().Format("2006-01-02-15-04")
	}
	for _, name := range nonempty(final, automated) {
		if err := t.take(ctx, name, name == automated); err != nil {
			return err
		}
	}
	return nil
}

// take writes a snapshot of a cluster whose servers have ended, unless it is there.
func (t *tending) take(ctx context.Context, name string, automated bool) error {
	resource := t.c.Outputs.String("clusterResourceId")
	if s, err := t.located(name); err == nil {
		if s.Cluster != t.c.ID || s.Resource != resource {
			return fmt.Errorf("snapshot %s exists already: %s", name, t.file(name)+dataExtension)
		}
		return t.record(s) // an earlier attempt got this far
	}
	done := t.busy(t.c.ID, fmt.Sprintf("database %s: writing snapshot %s", t.c.ID, name))
	defer done()
	if err := t.prepare(ctx); err != nil {
		return err
	}
	words := t.c.state.Kept
	if words == "" {
		words = t.c.state.Volumes[t.c.state.Writer]
	}
	if words == "" { // it never had an instance
		var err error
		if words, err = t.origin(ctx); err != nil {
			return err
		}
	}
	s := snapshot{
		Name: name, Format: format, Cluster: t.c.ID, Resource: resource, Engine: t.c.Outputs.String("engine"),
		Version: t.c.Outputs.String("engineVersionActual"), Master: t.c.Outputs.String("masterUsername"),
		First: t.c.Outputs.String("databaseName"), Stack: t.c.stack, Region: t.c.Region, Taken: time.Now().UTC(),
	}
	if t.c.Outputs.Bool("copyTagsToSnapshot") {
		s.Tags = t.c.Outputs.Object("tagsAll")
	}
	if automated {
		s.Expires = s.Taken.AddDate(0, 0, max(1, t.c.Outputs.Int("backupRetentionPeriod")))
	}
	if err := t.store(ctx, &s, words); err != nil {
		return fmt.Errorf("snapshot %s: %w", name, err)
	}
	t.tell(t.c.ID, fmt.Sprintf("database %s: snapshot %s is in %s", t.c.ID, name, t.file(name)+dataExtension))
	return t.record(s)
}

// store writes the files of a snapshot, the manifest last.
func (t *tending) store(ctx context.Context, s *snapshot, words string) error {
	file := t.file(s.Name)
	if err := snapshotfile.Write(file+dataExtension, func(to io.Writer) error { return t.pack(ctx, words, to) }); err != nil {
		return err
	}
	about, err := os.Stat(file + dataExtension)
	if err != nil {
		return err
	}
	s.Bytes = about.Size()
	return snapshotfile.Describe(file+manifestExtension, s)
}

// record lets the account know a snapshot, so that a cluster can be made of it.
func (p *Part) record(s snapshot) error {
	if err := p.env.Account.Update(func(tx *account.Tx) error { return tx.Keep(snapshotClass, s.Name, s) }); err != nil {
		return fmt.Errorf("keeping snapshot %s: %w", s.Name, err)
	}
	return nil
}

// pack writes the content of a volume. The engine reads volumes of a container that does not run.
func (t *tending) pack(ctx context.Context, words string, to io.Writer) error {
	return t.helper(ctx, t.data(words), func(id string) error {
		content, _, err := t.env.Machine.Docker().CopyFromContainer(ctx, id, dataDir)
		if err != nil {
			return err
		}
		defer func() { _ = content.Close() }() // only read from
		packed, err := gzip.NewWriterLevel(to, gzip.BestSpeed)
		if err != nil {
			return err
		}
		_, err = io.Copy(packed, content)
		return errors.Join(err, packed.Close())
	})
}

// unpack makes a volume with the content of a snapshot.
func (t *tending) unpack(ctx context.Context, name, words string) error {
	s, err := t.located(name)
	if err != nil {
		return err
	}
	data, err := os.Open(t.file(s.Name) + dataExtension)
	if err != nil {
		return fmt.Errorf("snapshot %s: %w", name, err)
	}
	defer func() { _ = data.Close() }() // only read from
	if err := t.ensureVolume(ctx, words); err != nil {
		return err
	}
	target := t.data(words)
	target[0].VolumeOptions = &mount.VolumeOptions{NoCopy: true} // not what a new volume begins with
	err = t.helper(ctx, target, func(id string) error {
		content, err := gzip.NewReader(data)
		if err != nil {
			return err
		}
		return t.env.Machine.Docker().CopyToContainer(ctx, id, filepath.Dir(dataDir), content, container.CopyToContainerOptions{})
	})
	if err != nil {
		return errors.Join(fmt.Errorf("restoring snapshot %s: %w", name, err), t.env.Machine.RemoveVolume(context.WithoutCancel(ctx), words))
	}
	return nil
}

func (t *tending) data(words string) []mount.Mount {
	return []mount.Mount{{Type: mount.TypeVolume, Source: t.env.Machine.Name(words), Target: dataDir}}
}

// located finds a snapshot by its name, its ARN or the path of its file.
func (p *Part) located(name string) (s snapshot, err error) {
	if _, id, found := strings.Cut(name, ":cluster-snapshot:"); found {
		name = id
	}
	file := p.file(name)
	if strings.HasSuffix(name, dataExtension) {
		plain, err := url.PathUnescape(strings.TrimSuffix(filepath.Base(name), dataExtension))
		if err != nil {
			return s, fmt.Errorf("snapshot %s: %w", name, err)
		}
		file = p.file(plain)
	}
	text, err := os.ReadFile(file + manifestExtension) //nolint:gosec // below the directory of snapshots
	if errors.Is(err, os.ErrNotExist) {
		return s, fmt.Errorf("there is no snapshot %s of a database in %s: \"restore\" without arguments tells which there are", name, p.dir())
	}
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		return s, fmt.Errorf("snapshot %s: %w", name, err)
	}
	about, err := os.Stat(file + dataExtension)
	if err != nil {
		return s, fmt.Errorf("snapshot %s: %w", name, err)
	}
	if s.Format != format || s.Bytes != about.Size() {
		return s, fmt.Errorf("%s is no complete snapshot of a database", file+dataExtension)
	}
	return s, nil
}

// expire removes automated backups whose time is over, and makes the account's records those of the files.
func (p *Part) expire() error {
	entries, err := filepath.Glob(filepath.Join(p.dir(), "*"+manifestExtension))
	if err != nil {
		return err
	}
	found := map[string]snapshot{}
	for _, entry := range entries {
		name, err := url.PathUnescape(strings.TrimSuffix(filepath.Base(entry), manifestExtension))
		if err != nil {
			continue
		}
		s, err := p.located(name)
		if err != nil {
			continue // someone's own, or half of one
		}
		if !s.Expires.IsZero() && time.Now().After(s.Expires) {
			err := errors.Join(os.Remove(entry), os.Remove(p.file(name)+dataExtension))
			if err != nil {
				return err
			}
			continue
		}
		found[s.Name] = s
	}
	return p.reconcile(found)
}

func (p *Part) reconcile(found map[string]snapshot) error {
	var kept []snapshot
	if err := p.env.Account.View(func(tx *account.Tx) (err error) {
		kept, err = account.AllKept[snapshot](tx, snapshotClass)
		return err
	}); err != nil {
		return fmt.Errorf("reading the snapshots: %w", err)
	}
	var gone []string
	for _, s := range kept {
		if _, there := found[s.Name]; !there {
			gone = append(gone, s.Name)
		}
		delete(found, s.Name)
	}
	if len(gone)+len(found) == 0 {
		return nil
	}
	err := p.env.Account.Update(func(tx *account.Tx) error {
		for _, name := range gone {
			if err := tx.Drop(snapshotClass, name); err != nil {
				return err
			}
		}
		for name, s := range found {
			if err := tx.Keep(snapshotClass, name, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keeping the snapshots: %w", err)
	}
	return nil
}

// restore gives a cluster the content of a snapshot. What it had is kept as another.
func (p *Part) restore(ctx context.Context, args []string, say part.Say) error {
	if len(args) != 2 {
		return errors.New("restore wants a snapshot and where it goes: restore SNAPSHOT CLUSTER")
	}
	name, id := args[0], args[1]
	if err := p.mine(id); err != nil {
		return err
	}
	if _, err := p.located(name); err != nil {
		return err
	}
	defer p.listen(id, say)()
	if err := p.locked(ctx, id, func() error { return p.exchange(ctx, name, id) }); err != nil {
		return err
	}
	if err := p.patiently(ctx, id); err != nil {
		return err
	}
	say(fmt.Sprintf("database %s has the content of snapshot %s", id, name))
	return nil
}

func (p *Part) exchange(ctx context.Context, name, id string) error {
	c, err := p.read(id)
	if err != nil || c == nil {
		return err
	}
	t := &tending{Part: p, c: c}
	if err := t.look(ctx); err != nil {
		return err
	}
	p.tell(id, "database "+id+" stops for the restore")
	for _, container := range t.containers {
		if err := t.end(ctx, container); err != nil {
			return err
		}
	}
	if err := t.take(ctx, id+"-before-restore-"+time.Now().UTC().Format("2006-01-02-15-04-05"), false); err != nil {
		return err
	}
	words := t.volume()
	if err := t.unpack(ctx, name, words); err != nil {
		return err
	}
	s := &c.state
	s.Volumes, s.Kept, s.Filled = map[string]string{}, words, true
	if s.Writer != "" {
		s.Volumes[s.Writer], s.Kept = words, ""
	}
	return p.save(c)
}
