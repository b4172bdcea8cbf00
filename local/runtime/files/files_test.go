package files_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/files"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/part"
	"wordpress-ecs/tests/containers"
)

const (
	wait = 10 * time.Second
	tick = 50 * time.Millisecond

	system = "fs-1"
	point  = "fsap-1"
	root   = "/wordpress"
	urn    = "urn:pulumi:dev::wordpress::aws:efs/fileSystem:FileSystem::files"
)

func fileSystem(id string) account.Resource {
	return account.Resource{Type: "aws:efs/fileSystem:FileSystem", ID: id, Region: "eu-central-1", URN: urn, Outputs: account.Props{
		"dnsName": id + ".efs.eu-central-1.amazonaws.com",
	}}
}

func accessPoint(id, system, path string) account.Resource {
	return account.Resource{Type: "aws:efs/accessPoint:AccessPoint", ID: id, Region: "eu-central-1", Outputs: account.Props{
		"fileSystemId": system, "rootDirectory": map[string]any{"path": path, "creationInfo": map[string]any{
			"ownerUid": 33.0, "ownerGid": 44.0, "permissions": "2750",
		}},
	}}
}

func mountTarget(system string) account.Resource {
	return account.Resource{Type: "aws:efs/mountTarget:MountTarget", ID: "fsmt-" + system, Region: "eu-central-1",
		Outputs: account.Props{"fileSystemId": system, "subnetId": "subnet-1"}}
}

func backupPolicy(status string) account.Resource {
	return account.Resource{Type: "aws:efs/backupPolicy:BackupPolicy", ID: system, Region: "eu-central-1",
		Outputs: account.Props{"fileSystemId": system, "backupPolicy": map[string]any{"status": status}}}
}

type fixture struct {
	*files.Part
	account *account.Account
	machine *machine.Machine
	home    string
	said    []string
}

func open(t *testing.T, resources ...account.Resource) *fixture {
	t.Helper()
	containers.Connect(t)
	f := &fixture{home: t.TempDir()}
	var err error
	f.account, err = account.Open(filepath.Join(f.home, "account.db"))
	require.NoError(t, err)
	f.machine, err = machine.Connect(t.Context(), f.home)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, f.machine.RemoveAll(context.Background()))
		require.NoError(t, f.machine.Close())
		require.NoError(t, f.account.Close())
	})
	f.put(t, resources...)
	f.Part = files.New(files.Env{Account: f.account, Machine: f.machine, Home: f.home, Say: func(line string) {
		f.said = append(f.said, line)
	}})
	return f
}

func (f *fixture) put(t *testing.T, resources ...account.Resource) {
	t.Helper()
	require.NoError(t, f.account.Update(func(tx *account.Tx) error {
		var failed []error
		for _, r := range resources {
			failed = append(failed, tx.Put(r))
		}
		return errors.Join(failed...)
	}))
}

func (f *fixture) drop(t *testing.T, r account.Resource) {
	t.Helper()
	require.NoError(t, f.account.Update(func(tx *account.Tx) error { return tx.Delete(r.Type, r.Region, r.ID) }))
}

// with calls f with a container that has a volume at /v. It is never started.
func (f *fixture) with(t *testing.T, volume string, g func(id string)) {
	t.Helper()
	image, err := f.machine.EnsureImage(t.Context(), "files", os.DirFS("image"), func(string) {})
	require.NoError(t, err)
	id, err := f.machine.Create(t.Context(), machine.Spec{
		Name: f.machine.Name("look"), Labels: f.machine.Labels("test", "", nil), Image: image, Command: []string{"/none"},
		Mounts: []mount.Mount{{
			Type: mount.TypeVolume, Source: volume, Target: "/v", VolumeOptions: &mount.VolumeOptions{NoCopy: true},
		}},
	})
	require.NoError(t, err)
	g(id)
	require.NoError(t, f.machine.Remove(t.Context(), id))
}

// in tells what is in a volume, by path.
func (f *fixture) in(t *testing.T, volume string) (headers map[string]*tar.Header, content map[string]string) {
	t.Helper()
	headers, content = map[string]*tar.Header{}, map[string]string{}
	f.with(t, volume, func(id string) {
		stream, _, err := f.machine.Docker().CopyFromContainer(t.Context(), id, "/v")
		require.NoError(t, err)
		archive := tar.NewReader(stream)
		for {
			header, err := archive.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			text, err := io.ReadAll(archive)
			require.NoError(t, err)
			headers[header.Name], content[header.Name] = header, string(text)
		}
		require.NoError(t, stream.Close())
	})
	return headers, content
}

func (f *fixture) write(t *testing.T, volume, name, text string) {
	t.Helper()
	f.with(t, volume, func(id string) {
		var packed bytes.Buffer
		archive := tar.NewWriter(&packed)
		require.NoError(t, archive.WriteHeader(&tar.Header{Name: "v/" + name, Mode: 0o640, Size: int64(len(text)), Uid: 33, Gid: 44}))
		_, err := archive.Write([]byte(text))
		require.NoError(t, err)
		require.NoError(t, archive.Close())
		require.NoError(t, f.machine.Docker().CopyToContainer(t.Context(), id, "/", &packed, container.CopyToContainerOptions{}))
	})
}

func (f *fixture) volume(t *testing.T, system, point, directory string) string {
	t.Helper()
	m, err := f.Volume(t.Context(), files.Mount{System: system, Point: point, Root: directory})
	require.NoError(t, err)
	return m.Volume
}

func (f *fixture) left(t *testing.T) []string {
	t.Helper()
	left, err := f.machine.Left(t.Context())
	require.NoError(t, err)
	return left
}

func quiet(string) {}

func TestAnAccessPointMakesItsDirectory(t *testing.T) {
	t.Parallel()
	f := open(t, fileSystem(system), mountTarget(system), accessPoint(point, system, root),
		accessPoint("fsap-2", system, root), accessPoint("fsap-3", system, "/other"))
	volume := f.volume(t, system, point, "")
	headers, _ := f.in(t, volume)
	require.Equal(t, [3]int{33, 44, 0o2750}, [3]int{headers["v/"].Uid, headers["v/"].Gid, int(headers["v/"].Mode) & 0o7777})

	f.write(t, volume, "upload", "a picture")
	require.Equal(t, volume, f.volume(t, system, "fsap-2", "/"), "one path is one directory")
	require.NotEqual(t, volume, f.volume(t, system, "fsap-3", ""))
	require.Equal(t, volume, f.volume(t, system, "", root), "it is there now, so it can be mounted without the access point")
	_, content := f.in(t, volume)
	require.Equal(t, "a picture", content["v/upload"])
	rows, err := f.Status(t.Context())
	require.NoError(t, err)
	require.Len(t, rows, 1)
	require.Equal(t, part.Row{Kind: "file system", Name: system, State: "available", Stack: "dev", Detail: rows[0].Detail}, rows[0])
	require.Contains(t, rows[0].Detail, "/wordpress in volume "+volume)
}

// A task should not wait for what can be done before it comes.
func TestDirectoriesAreThereBeforeATaskIs(t *testing.T) {
	t.Parallel()
	f := open(t, fileSystem(system), accessPoint(point, system, root))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx, make(chan struct{})) }()
	require.Eventually(t, func() bool {
		left := f.left(t)
		return len(left) == 1 && strings.HasPrefix(left[0], "volume ")
	}, wait, tick)
	cancel()
	require.NoError(t, <-done)
}

func TestVolumesGoWithTheirFileSystemThoughNobodyReleasedIt(t *testing.T) {
	t.Parallel()
	f := open(t, fileSystem(system), accessPoint(point, system, root))
	require.NoError(t, f.Await(t.Context(), accessPoint(point, system, root), quiet))
	require.Len(t, f.left(t), 1)
	f.drop(t, fileSystem(system))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx, make(chan struct{})) }()
	require.Eventually(t, func() bool { return len(f.left(t)) == 0 }, wait, tick)
	cancel()
	require.NoError(t, <-done)
}

func TestMountsThatFailSayWhatECSSays(t *testing.T) {
	t.Parallel()
	f := open(t, fileSystem(system), mountTarget(system), accessPoint(point, system, root), fileSystem("fs-2"))
	for name, tc := range map[string]struct{ system, point, directory, want string }{
		"no file system":  {"fs-9", "", "", `Failed to resolve "fs-9.efs`},
		"no mount target": {"fs-2", "", "", `Failed to resolve "fs-2.efs.eu-central-1.amazonaws.com" - check that your file system ID is correct`},
		"no access point": {system, "fsap-9", "", "access denied by server while mounting 127.0.0.1:/ (fs-1 has no access point fsap-9)"},
		"no directory":    {system, "", "/none", "fs-1.efs.eu-central-1.amazonaws.com:/none failed, reason given by server: No such file or directory"},
	} {
		_, err := f.Volume(t.Context(), files.Mount{System: tc.system, Point: tc.point, Root: tc.directory})
		require.ErrorContains(t, err, "ResourceInitializationError: failed to invoke EFS utils commands", name)
		require.ErrorContains(t, err, tc.want, name)
	}
	require.Empty(t, f.left(t), "nothing is made for a mount that fails")
}

func TestADirectoryInsideAnotherIsSaid(t *testing.T) {
	t.Parallel()
	f := open(t, fileSystem(system), mountTarget(system), accessPoint(point, system, root))
	f.volume(t, system, point, "")
	require.Empty(t, f.said)
	f.volume(t, system, "", "/")
	require.Equal(t, []string{"fs-1: the directories /wordpress and / are separate here; on EFS one is in the other"}, f.said)
}

func TestABackupOutlivesItsFileSystem(t *testing.T) {
	t.Parallel()
	f := open(t, fileSystem(system), mountTarget(system), accessPoint(point, system, root), accessPoint("fsap-2", system, "/two"))
	volume := f.volume(t, system, point, "")
	f.write(t, volume, "upload", strings.Repeat("a picture", 1<<16))
	f.write(t, f.volume(t, system, "fsap-2", ""), "second", "two")
	// The policy goes before its file system, as with pulumi destroy.
	f.put(t, backupPolicy("ENABLED"))
	require.NoError(t, f.Await(t.Context(), backupPolicy("ENABLED"), quiet))
	require.NoError(t, f.Release(t.Context(), backupPolicy("ENABLED"), quiet))
	f.drop(t, backupPolicy("ENABLED"))
	for range 2 {
		require.NoError(t, f.Release(t.Context(), fileSystem(system), quiet))
	}
	require.Empty(t, f.left(t))
	f.drop(t, fileSystem(system))
	saved, err := filepath.Glob(filepath.Join(f.home, "snapshots", "efs", "*"))
	require.NoError(t, err)
	require.Len(t, saved, 1)
	require.True(t, strings.HasPrefix(filepath.Base(saved[0]), system+"-"))

	f.put(t, fileSystem("fs-2"), mountTarget("fs-2"), accessPoint("fsap-3", "fs-2", root))
	volume = f.volume(t, "fs-2", "fsap-3", "")
	f.write(t, volume, "newer", "stays")
	restore := f.Actions()["restore"]
	require.ErrorIs(t, restore(t.Context(), []string{saved[0], "my-database"}, quiet), part.ErrNotMine)
	require.ErrorContains(t, restore(t.Context(), []string{"fs-9", "fs-2"}, quiet), "there is no backup fs-9")
	require.NoError(t, restore(t.Context(), []string{strings.TrimSuffix(filepath.Base(saved[0]), ".tar.gz"), "fs-2"}, quiet))
	headers, content := f.in(t, volume)
	require.Equal(t, strings.Repeat("a picture", 1<<16), content["v/upload"])
	require.Equal(t, "stays", content["v/newer"])
	require.Equal(t, [3]int{33, 44, 0o640}, [3]int{headers["v/upload"].Uid, headers["v/upload"].Gid, int(headers["v/upload"].Mode) & 0o7777})
	_, content = f.in(t, f.volume(t, "fs-2", "", "/two"))
	require.Equal(t, "two", content["v/second"])
}

func TestADamagedBackupChangesNothing(t *testing.T) {
	t.Parallel()
	f := open(t, fileSystem(system), mountTarget(system), accessPoint(point, system, root), backupPolicy("ENABLED"))
	volume := f.volume(t, system, point, "")
	f.write(t, volume, "upload", strings.Repeat("a picture", 1<<10))
	require.NoError(t, f.Release(t.Context(), fileSystem(system), quiet))
	saved, err := filepath.Glob(filepath.Join(f.home, "snapshots", "efs", "*"))
	require.NoError(t, err)
	require.Len(t, saved, 1)
	whole, err := os.ReadFile(saved[0])
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(saved[0], whole[:len(whole)-20], 0o600))
	err = f.Actions()["restore"](t.Context(), []string{saved[0], system}, quiet)
	require.ErrorContains(t, err, "unexpected EOF")
	require.Empty(t, f.left(t))
}

func TestWithoutBackupsThereIsNoFile(t *testing.T) {
	t.Parallel()
	f := open(t, fileSystem(system), mountTarget(system), accessPoint(point, system, root))
	f.volume(t, system, point, "")
	require.NoError(t, f.Await(t.Context(), backupPolicy("ENABLED"), quiet))
	require.NoError(t, f.Await(t.Context(), backupPolicy("DISABLED"), quiet))
	require.NoError(t, f.Release(t.Context(), fileSystem(system), quiet))
	require.NoDirExists(t, filepath.Join(f.home, "snapshots"))
	require.Empty(t, f.left(t))
}
