package database

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"

	"wordpress-ecs/local/runtime/machine"
)

const (
	// owner is the user of the server in the image.
	owner   = 999
	dataDir = "/var/lib/mysql"
	// settingsDir is where the account's settings are in a container.
	settingsDir = "/etc/aurora/server/"
	labelSpec   = "wordpress-ecs.spec"

	// startTimeout is how long a server may take to answer: it may have a crash to recover from.
	startTimeout = 2 * time.Minute
)

// errPaused is for a server that someone has paused on purpose.
var errPaused = errors.New("is paused")

// startError is why a server ended instead of starting: starting it again will not help.
type startError struct{ instance, reason string }

func (e startError) Error() string {
	return fmt.Sprintf("instance %s: MariaDB does not start: %s", e.instance, e.reason)
}

// server is a running container of an instance.
type server struct {
	member
	container string
	// start tells this start of the server from others; fresh that it began with the parameters as they are.
	start string
	fresh bool
}

// serve makes sure that an instance's server answers on its socket.
func (t *tending) serve(ctx context.Context, m member) (server, error) {
	t.mu.Lock()
	c, there := t.containers[m.id]
	t.mu.Unlock()
	if there && c.State == paused {
		return server{}, fmt.Errorf("instance %s %w", m.id, errPaused)
	}
	spec := t.spec(m)
	if there && c.Labels[labelSpec] != spec.Labels[labelSpec] {
		t.mu.Lock()
		err := t.end(ctx, c)
		t.mu.Unlock()
		if err != nil {
			return server{}, err
		}
		there = false
	}
	id := c.ID
	if !there {
		var err error
		if id, err = t.create(ctx, m, spec); err != nil {
			return server{}, err
		}
	}
	fresh := !there || c.State != running
	if fresh {
		t.unready(m.id)
		done := t.busy(t.c.ID, "starting MariaDB for "+m.id)
		defer done()
		if err := t.configure(ctx, m, id); err != nil {
			return server{}, err
		}
		if err := t.env.Machine.Start(ctx, id); err != nil {
			return server{}, err
		}
	}
	if err := t.answers(ctx, m, id); err != nil {
		return server{}, err
	}
	now, ok, err := t.env.Machine.Inspect(ctx, id)
	if err != nil || !ok {
		return server{}, errors.Join(err, fmt.Errorf("instance %s: its container is gone", m.id))
	}
	return server{m, id, id + " " + now.State.StartedAt, fresh}, nil
}

func (t *tending) spec(m member) machine.Spec {
	t.mu.Lock()
	volume := t.c.state.Volumes[m.id]
	t.mu.Unlock()
	sum := sha256.Sum256([]byte(strings.Join([]string{t.image, t.network, volume, m.endpoint, strconv.Itoa(t.c.port)}, "\n")))
	labels := t.labels(m.id)
	labels[labelSpec] = hex.EncodeToString(sum[:8])
	names := []string{m.endpoint}
	if m.id == t.c.state.Writer {
		names = append(names, t.c.endpoint())
		if len(t.c.members) == 1 {
			names = append(names, t.c.readerEndpoint())
		}
	}
	return machine.Spec{
		Name: t.env.Machine.Name("database-" + m.id), Labels: labels, Image: t.image,
		Mounts:  []mount.Mount{{Type: mount.TypeVolume, Source: t.env.Machine.Name(volume), Target: dataDir}},
		CapDrop: []string{"ALL"}, NoNewPrivileges: true,
		Network: t.network, Aliases: names, Publish: []int{t.c.port},
		Health: &container.HealthConfig{
			Test:     []string{"CMD", "mariadb", "--defaults-file=/etc/aurora/base.cnf", "--execute=DO 1"},
			Interval: 15 * time.Second, Timeout: 5 * time.Second, StartPeriod: startTimeout, Retries: 3,
		},
		StopTimeout: stopGrace,
	}
}

// create makes the container of an instance, with its certificate.
func (t *tending) create(ctx context.Context, m member, spec machine.Spec) (string, error) {
	t.mu.Lock()
	volume := t.c.state.Volumes[m.id]
	t.mu.Unlock()
	if err := t.ensureVolume(ctx, volume); err != nil {
		return "", err
	}
	// Each may become the writer.
	pair, err := t.env.Authority.Issue(m.endpoint, t.c.endpoint(), t.c.readerEndpoint(), "localhost", "127.0.0.1")
	if err != nil {
		return "", err
	}
	id, err := t.env.Machine.Create(ctx, spec)
	if err != nil {
		return "", err
	}
	err = t.env.Machine.Put(ctx, id,
		machine.File{Path: settingsDir + "ca.crt", Content: t.env.Authority.Certificate(), Mode: 0o644, UID: owner, GID: owner},
		machine.File{Path: settingsDir + "server.crt", Content: pair.Certificate, Mode: 0o644, UID: owner, GID: owner},
		machine.File{Path: settingsDir + "server.key", Content: pair.Key, Mode: 0o600, UID: owner, GID: owner})
	if err != nil {
		return "", errors.Join(err, t.env.Machine.Remove(ctx, id))
	}
	return id, nil
}

// configure writes the option file: what it says holds from the next start on.
func (t *tending) configure(ctx context.Context, m member, id string) error {
	return t.env.Machine.Put(ctx, id, machine.File{
		Path: settingsDir + "server.cnf", Content: []byte(t.options(m)), Mode: 0o600, UID: owner, GID: owner,
	})
}

func (t *tending) options(m member) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var b strings.Builder
	b.WriteString("!include /etc/aurora/base.cnf\n[mariadbd]\n")
	fmt.Fprintf(&b, "port = %d\nserver-id = %d\nreport-host = %s\nreport-port = %d\n",
		t.c.port, t.c.state.Servers[m.id], m.endpoint, t.c.port)
	for option, name := range map[string]string{"ca": "ca.crt", "cert": "server.crt", "key": "server.key"} {
		b.WriteString("ssl-" + option + " = " + settingsDir + name + "\n")
	}
	b.WriteString("plugin-load-add = server_audit\nloose-server-audit-file-path = /var/log/aurora/audit\n")
	for _, p := range t.c.settings(m) {
		b.WriteString(p.option())
	}
	return b.String()
}

// answers waits until the server takes statements on its socket.
func (t *tending) answers(ctx context.Context, m member, id string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	code, _, err := t.env.Machine.Exec(ctx, id, "", "sh", "-c", fmt.Sprintf(
		"for i in $(seq %d); do mariadb --defaults-file=/etc/aurora/base.cnf -e 'DO 1' >/dev/null 2>&1 && exit; sleep 0.1; done; exit 1",
		startTimeout/(100*time.Millisecond)))
	if err == nil && code == 0 {
		return nil
	}
	for range 20 { // the engine may not have noticed its end yet
		now, ok, looking := t.env.Machine.Inspect(ctx, id)
		if looking == nil && ok && !now.State.Running && !now.State.Paused {
			return startError{m.id, t.last(id)}
		}
		if looking != nil || wait(ctx, 100*time.Millisecond) != nil {
			break
		}
	}
	return errors.Join(fmt.Errorf("instance %s does not answer", m.id), err)
}

// last is what a server complained about before it ended.
func (t *tending) last(id string) string {
	var errs []string
	_ = t.env.Machine.Output(context.Background(), id, time.Time{}, false, func(_ time.Time, line string) error {
		if strings.Contains(line, "Completed initialization") || strings.Contains(line, "Starting MariaDB") {
			errs = nil // an earlier start
		}
		if _, text, found := strings.Cut(line, "[ERROR] "); found && !strings.Contains(text, "Aborting") {
			errs = append(errs, text)
		}
		return nil
	})
	if len(errs) == 0 {
		return "it said nothing"
	}
	return strings.Join(errs[max(0, len(errs)-3):], "; ")
}
