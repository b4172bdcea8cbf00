package database

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/mount"

	"wordpress-ecs/local/runtime/machine"
)

// write brings up the writer.
func (t *tending) write(ctx context.Context, m member) error {
	s, err := t.serve(ctx, m)
	if errors.Is(err, errPaused) {
		return nil
	}
	if err != nil {
		return err
	}
	role := "STOP ALL SLAVES;\nRESET SLAVE ALL;\nSET GLOBAL read_only = OFF;\nSET SESSION sql_log_bin = 1;\n"
	if name := t.c.Outputs.String("databaseName"); name != "" && !t.c.state.Filled {
		role += "CREATE DATABASE IF NOT EXISTS `" + strings.ReplaceAll(name, "`", "``") + "`;\n"
	}
	settled, err := t.settle(ctx, s, role)
	if err != nil || settled {
		return err
	}
	if !t.c.state.Filled {
		t.c.state.Filled = true
		if err := t.save(t.c); err != nil {
			return err
		}
	}
	if err := t.check(ctx, s); err != nil {
		return err
	}
	t.works(s)
	return nil
}

func (p *Part) works(s server) {
	p.mu.Lock()
	p.ready[s.id] = s.container
	p.mu.Unlock()
}

// settle tells a server its accounts, its parameters and its role, unless it was told since it started.
func (t *tending) settle(ctx context.Context, s server, role string) (settled bool, err error) {
	t.mu.Lock()
	accounts, options := t.c.accounts(), fmt.Sprint(t.c.settings(s.member))
	t.mu.Unlock()
	sum := sha256.Sum256([]byte(accounts + options + role))
	now := s.start + " " + hex.EncodeToString(sum[:])
	t.Part.mu.Lock()
	before := t.settled[s.id]
	t.Part.mu.Unlock()
	if before == now {
		return true, nil
	}
	if _, err := t.sql(ctx, s, accounts+role); err != nil {
		return false, err
	}
	if err := t.apply(ctx, s); err != nil {
		return false, err
	}
	t.Part.mu.Lock()
	t.settled[s.id] = now
	t.Part.mu.Unlock()
	return false, nil
}

// apply sets the parameters that a running server takes, keeps the others for its next start, and says which it does
// not know.
func (t *tending) apply(ctx context.Context, s server) error {
	if err := t.configure(ctx, s.member, s.container); err != nil {
		return err
	}
	text, err := t.sql(ctx, s,
		"SELECT LOWER(variable_name), read_only, COALESCE(global_value, '') FROM information_schema.system_variables;\n")
	if err != nil {
		return err
	}
	known := map[string][]string{}
	for line := range strings.SplitSeq(text, "\n") {
		if row := strings.Split(line, "\t"); len(row) == 3 {
			known[row[0]] = row[1:]
		}
	}
	for _, p := range t.c.settings(s.member) {
		reason := p.reason()
		if known[p.name] == nil && reason == "" {
			reason = "MariaDB does not know it"
		}
		if reason != "" || !word.MatchString(p.name) {
			t.once(t.c.ID, fmt.Sprintf("database %s: parameter %s is not applied: %s", t.c.ID, p.name, reason))
			continue
		}
		value := known[p.name][1]
		if same(value, p.value) {
			continue
		}
		fixed := known[p.name][0] == "YES"
		if fixed && s.fresh {
			t.once(t.c.ID, fmt.Sprintf("database %s: parameter %s is %q here", t.c.ID, p.name, value))
			continue
		}
		if fixed || (p.reboot && !s.fresh) {
			t.once(t.c.ID, fmt.Sprintf("database %s: parameter %s waits for a reboot: "+
				"stop and start, or a failover of a cluster with one instance", t.c.ID, p.name))
			continue
		}
		if _, err := t.sql(ctx, s, p.statement()); err != nil {
			return fmt.Errorf("parameter %s = %q: %w", p.name, p.value, err)
		}
	}
	return nil
}

// same tells whether a value is the one asked for, as far as it can be told from the text.
func same(value, asked string) bool {
	on := map[string]string{"1": "ON", "TRUE": "ON", "0": "OFF", "FALSE": "OFF"}
	a, b := strings.ToUpper(value), strings.ToUpper(asked)
	return a == b || a == on[b]
}

// read brings up a reader.
func (t *tending) read(ctx context.Context, writer, m member) error {
	t.mu.Lock()
	volume := t.c.state.Volumes[m.id]
	t.mu.Unlock()
	if volume == "" {
		t.Part.mu.Lock()
		_, ready := t.ready[writer.id]
		t.Part.mu.Unlock()
		if !ready {
			return nil // the writer first
		}
		if err := t.copy(ctx, writer, m); err != nil {
			return fmt.Errorf("instance %s: %w", m.id, err)
		}
	}
	s, err := t.serve(ctx, m)
	if errors.Is(err, errPaused) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := t.named(ctx, s, []string{m.endpoint, t.c.readerEndpoint()}); err != nil {
		return err
	}
	if _, err := t.settle(ctx, s, "SET GLOBAL read_only = ON;\n"); err != nil {
		return err
	}
	return t.replicate(ctx, writer, s)
}

// named gives a server its names in the network, if it has others.
func (t *tending) named(ctx context.Context, s server, names []string) error {
	now, err := t.env.Machine.Names(ctx, s.container, t.network)
	if err != nil {
		return err
	}
	slices.Sort(now)
	slices.Sort(names)
	if slices.Equal(slices.Compact(now), slices.Compact(names)) {
		return nil
	}
	if err := t.hangUp(ctx, s); err != nil {
		return err
	}
	return t.env.Machine.Rename(ctx, s.container, t.network, names)
}

// name gives the writer its names: the reader endpoint is one of them while there is no reader.
func (t *tending) name(ctx context.Context, m member) error {
	t.Part.mu.Lock()
	container, ready := t.ready[m.id]
	t.Part.mu.Unlock()
	if !ready {
		return nil
	}
	names := []string{m.endpoint, t.c.endpoint()}
	if len(t.c.members) == 1 {
		names = append(names, t.c.readerEndpoint())
	}
	now, err := t.env.Machine.Names(ctx, container, t.network)
	if err != nil {
		return err
	}
	s := server{member: m, container: container}
	lacks := slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(now, name) })
	if !lacks && len(now) > len(names) {
		// It has the reader endpoint, too. That does no harm: taking it away breaks connections, so it waits.
		if n, err := t.clients(ctx, s); err != nil || n > 0 {
			return err
		}
	}
	return t.named(ctx, s, names)
}

// copy makes the volume of a reader from that of the running writer.
func (t *tending) copy(ctx context.Context, writer, m member) error {
	done := t.busy(t.c.ID, "copying the data of the writer for "+m.id)
	defer done()
	words := t.volume()
	if err := t.ensureVolume(ctx, words); err != nil {
		return err
	}
	t.mu.Lock()
	source := t.c.state.Volumes[writer.id]
	t.mu.Unlock()
	err := t.helper(ctx, []mount.Mount{
		{Type: mount.TypeVolume, Source: t.env.Machine.Name(source), Target: dataDir},
		{Type: mount.TypeVolume, Source: t.env.Machine.Name(words), Target: "/copy"},
	}, func(id string) error {
		if err := t.env.Machine.Start(ctx, id); err != nil {
			return err
		}
		code, err := t.env.Machine.Wait(ctx, id)
		if err != nil || code == 0 {
			return err
		}
		return fmt.Errorf("copying the data of the writer: %s", t.last(id))
	})
	if err != nil {
		return errors.Join(err, t.env.Machine.RemoveVolume(context.WithoutCancel(ctx), words))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.c.state.Volumes[m.id] = words
	return t.save(t.c)
}

// helper makes a container beside the servers, lets f use it, and removes it.
func (t *tending) helper(ctx context.Context, mounts []mount.Mount, f func(id string) error) error {
	words := t.volume()
	id, err := t.env.Machine.Create(ctx, machine.Spec{
		Name: t.env.Machine.Name(words), Labels: t.env.Machine.Labels(copyKind, words, map[string]string{
			labelCluster: t.c.ID, machine.LabelStack: t.c.stack,
		}),
		Image: t.image, Entrypoint: []string{"copy"}, Mounts: mounts, CapDrop: []string{"ALL"}, NoNewPrivileges: true,
	})
	if err != nil {
		return err
	}
	err = f(id)
	return errors.Join(err, t.env.Machine.Remove(context.WithoutCancel(ctx), id))
}

// replicate lets a reader follow the writer. One that cannot gets a new copy.
func (t *tending) replicate(ctx context.Context, writer member, s server) error {
	status, err := t.replica(ctx, s)
	if err != nil {
		return err
	}
	if status["Master_Host"] != writer.endpoint || status["Master_Port"] != strconv.Itoa(t.c.port) {
		t.unready(s.id)
		if err := t.attach(ctx, writer, s); err != nil {
			return err
		}
		return t.caughtUp(ctx, s)
	}
	if lost(status) {
		t.tell(t.c.ID, fmt.Sprintf("database %s: reader %s cannot follow the writer (%s%s): it gets a new copy",
			t.c.ID, s.id, status["Last_IO_Error"], status["Last_SQL_Error"]))
		t.mu.Lock()
		defer t.mu.Unlock()
		if err := t.end(ctx, t.containers[s.id]); err != nil {
			return err
		}
		delete(t.c.state.Volumes, s.id)
		return errors.Join(t.save(t.c), fmt.Errorf("instance %s is copied again", s.id))
	}
	if status["Slave_IO_Running"] == "No" || status["Slave_SQL_Running"] == "No" {
		if _, err := t.sql(ctx, s, "START SLAVE;\n"); err != nil {
			return err
		}
		return t.caughtUp(ctx, s)
	}
	if status["Slave_IO_Running"] == "Yes" && status["Slave_SQL_Running"] == "Yes" {
		t.works(s)
	}
	return nil
}

// attach tells a reader whom to follow, from where its own data ends.
func (t *tending) attach(ctx context.Context, writer member, s server) error {
	from, err := t.sql(ctx, s, "SELECT @@global.gtid_binlog_pos;\n")
	if err != nil {
		return err
	}
	if from == "" { // it is a fresh copy, which knows where it was made
		_, text, err := t.env.Machine.Exec(ctx, s.container, "", "sh", "-c",
			"cat "+dataDir+"/mariadb_backup_binlog_info "+dataDir+"/xtrabackup_binlog_info 2>/dev/null | head -n 1")
		if err != nil {
			return err
		}
		if words := strings.Fields(text); len(words) > 2 {
			from = words[2]
		}
	}
	t.mu.Lock()
	password := t.c.state.Replication
	t.mu.Unlock()
	_, err = t.sql(ctx, s, fmt.Sprintf("STOP ALL SLAVES;\nRESET SLAVE ALL;\nSET GLOBAL gtid_slave_pos = %s;\n"+
		"CHANGE MASTER TO MASTER_HOST = %s, MASTER_PORT = %d, MASTER_USER = %s, MASTER_PASSWORD = %s, MASTER_SSL = 1, "+
		"MASTER_SSL_CA = %s, MASTER_SSL_VERIFY_SERVER_CERT = 1, MASTER_CONNECT_RETRY = 1, MASTER_USE_GTID = slave_pos;\nSTART SLAVE;\n",
		quoted(from), quoted(writer.endpoint), t.c.port, quoted(replicationUser), quoted(password), quoted(settingsDir+"ca.crt")))
	return err
}

// caughtUp waits a little for a reader to have the writer's data.
func (t *tending) caughtUp(ctx context.Context, s server) error {
	var status map[string]string
	for range 50 {
		var err error
		if status, err = t.replica(ctx, s); err != nil {
			return err
		}
		if status["Slave_IO_Running"] == "Yes" && status["Slave_SQL_Running"] == "Yes" && status["Seconds_Behind_Master"] == "0" {
			t.works(s)
			return nil
		}
		if lost(status) {
			break
		}
		if err := wait(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	return fmt.Errorf("instance %s does not follow the writer yet: %s%s", s.id, status["Last_IO_Error"], status["Last_SQL_Error"])
}

// lost tells errors from which a reader does not recover: what it lacks is gone, or it has what the writer lacks.
func lost(status map[string]string) bool {
	const gone = "1236"
	return status["Last_IO_Errno"] == gone || (status["Last_SQL_Errno"] != "" && status["Last_SQL_Errno"] != "0")
}

// fields takes apart an answer with a value a line.
func fields(text string) map[string]string {
	all := map[string]string{}
	for line := range strings.SplitSeq(text, "\n") {
		if name, value, found := strings.Cut(line, ":"); found {
			all[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	return all
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
