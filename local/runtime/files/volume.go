package files

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/part"
	"wordpress-ecs/local/runtime/reach"
)

// directoryClass is the class of records of directories that were made, by the name of their volume.
const directoryClass = "efs directory"

// directory is a directory of a file system that is somebody's root.
type directory struct {
	System string `json:"system"`
	Path   string `json:"path"`
}

// owner is whose a new directory is; mode is its permissions.
type owner struct {
	uid, gid int
	mode     int64
}

// rootOwner is whose the root of a new file system is.
var rootOwner = owner{mode: 0o755}

// Mount is how a task mounts a file system.
type Mount struct {
	// System and Point are ids; Point may be empty. Root is the directory that the task definition names, empty for "/".
	System, Point, Root string
	// From is the network interface of the task; without a subnet its way is not looked at.
	From reach.Interface
	// Role is the ARN of the role that is shown to the file system, Session the name that it is assumed by. Without
	// IAM authorization there is none.
	Role, Session string
	// TLS is transit encryption.
	TLS bool
}

// Mounted is what a task mounts.
type Mounted struct {
	// Volume is the engine's name for it.
	Volume string
	// ReadOnly is set when the role may not write.
	ReadOnly bool
}

// Volume is the volume that a task mounts: the root directory of the access point, or else the one that the mount
// names. It is made if it is not there. The error is what ECS says when the mount fails.
func (p *Part) Volume(ctx context.Context, m Mount) (Mounted, error) {
	system, point, readOnly, err := p.admit(m)
	if err != nil {
		return Mounted{}, err
	}
	root, maker := path.Clean("/"+m.Root), (*owner)(nil)
	if point != nil {
		if root, maker, err = rootOf(*point); err != nil {
			return Mounted{}, err
		}
	}
	name, err := p.prepare(ctx, *system, root, maker)
	return Mounted{name, readOnly}, err
}

// prepareFor makes the directory of an access point. One of a file system that is gone has none.
func (p *Part) prepareFor(ctx context.Context, point account.Resource) error {
	system, err := p.find(fileSystemType, point.Outputs.String("fileSystemId"))
	if err != nil || system == nil {
		return err
	}
	root, maker, err := rootOf(point)
	if err == nil {
		_, err = p.prepare(ctx, *system, root, maker)
	}
	return err
}

// rootOf is the directory that an access point shows, and whose it is when the access point makes it; nil if it
// does not.
func rootOf(point account.Resource) (string, *owner, error) {
	root := path.Clean("/" + point.Outputs.String("rootDirectory.path"))
	if !point.Outputs.Has("rootDirectory.creationInfo") {
		return root, nil, nil
	}
	info := point.Outputs.Object("rootDirectory.creationInfo")
	mode, err := strconv.ParseInt(info.String("permissions"), 8, 32)
	if err != nil {
		return "", nil, fmt.Errorf("%s: permissions %q are not an octal number", point.ID, info.String("permissions"))
	}
	return root, &owner{info.Int("ownerUid"), info.Int("ownerGid"), mode}, nil
}

// prepare makes a directory as EFS does when it is mounted first. One that is there keeps its owner and mode.
func (p *Part) prepare(ctx context.Context, system account.Resource, root string, maker *owner) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	name := words(system.ID, root)
	there, err := p.env.Machine.HasVolume(ctx, name)
	if err != nil {
		return "", err
	}
	volume := p.env.Machine.Name(name)
	made := false
	if there {
		if err := p.env.Account.View(func(tx *account.Tx) (err error) {
			made, err = tx.Kept(directoryClass, volume, &directory{})
			return err
		}); err != nil {
			return "", err
		}
	}
	if made {
		return volume, nil
	}
	if maker == nil && root == "/" {
		maker = &rootOwner
	}
	if maker == nil {
		return "", unmounted(fmt.Sprintf("mounting %s:%s failed, reason given by server: No such file or directory",
			system.Outputs.String("dnsName"), root))
	}
	if err := p.make(ctx, system, root, *maker); err != nil {
		return "", fmt.Errorf("directory %s of %s: %w", root, system.ID, err)
	}
	return volume, nil
}

func (p *Part) make(ctx context.Context, system account.Resource, root string, maker owner) error {
	before, err := p.volumes(ctx, system.ID)
	if err != nil {
		return err
	}
	name := words(system.ID, root)
	volume, err := p.env.Machine.EnsureVolume(ctx, name, p.env.Machine.Labels(kind, system.ID, map[string]string{
		labelPath: root, machine.LabelStack: part.Stack(system),
	}))
	if err != nil {
		return err
	}
	if err := p.holding(ctx, system.ID, []string{volume}, func(id string) error {
		var archive bytes.Buffer
		pack := tar.NewWriter(&archive)
		if err := pack.WriteHeader(&tar.Header{
			Typeflag: tar.TypeDir, Name: place(0)[1:] + "/", Uid: maker.uid, Gid: maker.gid, Mode: maker.mode, ModTime: time.Now(),
		}); err != nil {
			return err
		}
		if err := pack.Close(); err != nil {
			return err
		}
		return p.unpack(ctx, id, &archive)
	}); err != nil {
		return err
	}
	for _, other := range before {
		if at := other.Labels[labelPath]; at != root && (inside(root, at) || inside(at, root)) {
			p.env.Say(fmt.Sprintf("%s: the directories %s and %s are separate here; on EFS one is in the other", system.ID, at, root))
		}
	}
	return p.env.Account.Update(func(tx *account.Tx) error {
		return tx.Keep(directoryClass, volume, directory{system.ID, root})
	})
}

func inside(child, parent string) bool {
	return strings.HasPrefix(child, strings.TrimSuffix(parent, "/")+"/")
}

// holding calls f with a container that has volumes at place(0), place(1) and so on. It is never started: the engine
// copies files into and out of it as it is.
func (p *Part) holding(ctx context.Context, system string, volumes []string, f func(id string) error) error {
	helper, err := p.helperImage(ctx)
	if err != nil {
		return err
	}
	spec := machine.Spec{
		Name:   p.env.Machine.Name("files-" + account.NewHex(8)),
		Labels: p.env.Machine.Labels(kind, system, nil), Image: helper, Command: []string{"/none"},
	}
	for i, volume := range volumes {
		spec.Mounts = append(spec.Mounts, mount.Mount{
			Type: mount.TypeVolume, Source: volume, Target: place(i), VolumeOptions: &mount.VolumeOptions{NoCopy: true},
		})
	}
	// The engine would go on making what was called off, and nobody would know of it.
	id, err := p.env.Machine.Create(context.WithoutCancel(ctx), spec)
	if err != nil {
		return err
	}
	// It goes even if the work was called off.
	defer func() { _ = p.env.Machine.Remove(context.WithoutCancel(ctx), id) }()
	return f(id)
}

// place is where the holding container has a volume.
func place(n int) string { return "/directories/" + strconv.Itoa(n) }

// unpack writes an archive into the holding container, with its owners.
func (p *Part) unpack(ctx context.Context, id string, archive io.Reader) error {
	if err := p.env.Machine.Docker().CopyToContainer(ctx, id, "/", archive, container.CopyToContainerOptions{}); err != nil {
		return fmt.Errorf("writing files: %w", err)
	}
	return nil
}

// volumes are those of a file system, sorted by path.
func (p *Part) volumes(ctx context.Context, system string) ([]machine.Named, error) {
	list, err := p.env.Machine.FindVolumes(ctx, map[string]string{machine.LabelKind: kind, machine.LabelID: system})
	slices.SortFunc(list, func(a, b machine.Named) int { return strings.Compare(a.Labels[labelPath], b.Labels[labelPath]) })
	return list, err
}

// words name the volume of a directory.
func words(system, root string) string {
	sum := sha256.Sum256([]byte(root))
	return "efs-" + system + "-" + hex.EncodeToString(sum[:4])
}
