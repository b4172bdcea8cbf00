// Package files makes EFS real: every directory of a file system that tasks mount as their root is a volume of the
// Docker engine, made with the owner and mode that its access point wants.
//
// What differs from EFS: directories that are mounted are separate, even if the path of one is inside another's
// (it is said when it happens), and the user of an access point is not forced upon those who write: they need to be
// that user themselves. File systems have no size; the engine's disk is the limit.
package files

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/part"
)

const (
	fileSystemType   = "aws:efs/fileSystem:FileSystem"
	accessPointType  = "aws:efs/accessPoint:AccessPoint"
	mountTargetType  = "aws:efs/mountTarget:MountTarget"
	backupPolicyType = "aws:efs/backupPolicy:BackupPolicy"

	// kind is the label of volumes, and of the containers that hold them while files are copied.
	kind = "files"
	// labelPath is the directory of the file system that a volume is.
	labelPath = "wordpress-ecs.path"

	// detachTimeout bounds how long a deleted file system waits for the last containers to let go of it.
	detachTimeout = 30 * time.Second
	detachPause   = 200 * time.Millisecond
)

//go:embed image
var image embed.FS

// Env is what the part needs.
type Env struct {
	Account *account.Account
	Machine *machine.Machine
	// Home is the account's directory: backups go below it.
	Home string
	// Say gets what happens while nobody waits for it.
	Say part.Say
}

// Part keeps file systems.
type Part struct {
	env Env

	// mu guards the volumes: one is prepared, saved or removed at a time.
	mu sync.Mutex
}

// New returns the part.
func New(e Env) *Part { return &Part{env: e} }

// Types are those that it makes real.
func (p *Part) Types() []string {
	return []string{fileSystemType, accessPointType, mountTargetType, backupPolicyType}
}

// Run prepares the directories of access points before a task asks for them, and removes what a process that died
// has left behind.
func (p *Part) Run(ctx context.Context, wake <-chan struct{}) error {
	if err := p.tidy(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	told := map[string]bool{}
	for {
		points, err := p.all(accessPointType)
		if err != nil {
			return err
		}
		for _, r := range points {
			if err := p.prepareFor(ctx, r); err != nil && ctx.Err() == nil && !told[err.Error()] {
				told[err.Error()] = true // the task that needs it fails with it, too
				p.env.Say(err.Error())
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-wake:
		}
	}
}

// tidy removes helpers, and volumes of file systems that are gone.
func (p *Part) tidy(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.removeHelpers(ctx, ""); err != nil {
		return err
	}
	// The volumes first: a file system is in the account before it has any.
	volumes, err := p.env.Machine.FindVolumes(ctx, map[string]string{machine.LabelKind: kind})
	if err != nil {
		return err
	}
	systems, err := p.all(fileSystemType)
	if err != nil {
		return err
	}
	for _, v := range volumes {
		id := v.Labels[machine.LabelID]
		if slices.ContainsFunc(systems, func(r account.Resource) bool { return r.ID == id }) {
			continue
		}
		p.env.Say("removing what is left of file system " + id)
		if err := p.env.Machine.RemoveVolume(ctx, words(id, v.Labels[labelPath])); err != nil {
			p.env.Say(err.Error())
		}
	}
	return nil
}

// removeHelpers removes containers that a process has left behind, of a file system or of all.
func (p *Part) removeHelpers(ctx context.Context, system string) error {
	helpers, err := p.env.Machine.Find(ctx, map[string]string{machine.LabelKind: kind, machine.LabelID: system})
	if err != nil {
		return err
	}
	for _, c := range helpers {
		if err := p.env.Machine.Remove(ctx, c.ID); err != nil {
			return err
		}
	}
	return nil
}

// Await prepares what a task will mount, and notes whether backups are wanted.
func (p *Part) Await(ctx context.Context, r account.Resource, _ part.Say) error {
	switch r.Type {
	case accessPointType:
		return p.prepareFor(ctx, r)
	case backupPolicyType:
		return p.noteBackups(r, backupsOf(r))
	default:
		return nil
	}
}

// Release removes a file system's data, after a last backup where backups are on. Access points and mount targets
// have no data of their own.
func (p *Part) Release(ctx context.Context, r account.Resource, say part.Say) error {
	switch r.Type {
	case backupPolicyType:
		// The policy goes before its file system, and what AWS Backup has saved outlives both.
		if backupsOf(r) {
			return p.noteBackups(r, true)
		}
		return nil
	case fileSystemType:
		return p.releaseSystem(ctx, r, say)
	default:
		return nil
	}
}

func (p *Part) releaseSystem(ctx context.Context, r account.Resource, say part.Say) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.removeHelpers(ctx, r.ID); err != nil {
		return err
	}
	volumes, err := p.volumes(ctx, r.ID)
	if err != nil {
		return err
	}
	wanted, err := p.backupsWanted(r.ID)
	if err != nil {
		return err
	}
	if wanted && len(volumes) > 0 {
		file, err := p.backup(ctx, r, volumes)
		if err != nil {
			return fmt.Errorf("the last backup of %s: %w", r.ID, err)
		}
		say("saved the files of " + r.ID + " in " + file)
	}
	for _, v := range volumes {
		if err := p.removeVolume(ctx, words(r.ID, v.Labels[labelPath]), say); err != nil {
			return err
		}
	}
	return p.env.Account.Update(func(tx *account.Tx) error {
		for _, v := range volumes {
			if err := tx.Drop(directoryClass, v.Name); err != nil {
				return err
			}
		}
		return tx.Drop(backupClass, r.ID)
	})
}

// removeVolume waits for the containers that have it mounted.
func (p *Part) removeVolume(ctx context.Context, name string, say part.Say) error {
	ctx, cancel := context.WithTimeout(ctx, detachTimeout)
	defer cancel()
	told := false
	for {
		err := p.env.Machine.RemoveVolume(ctx, name)
		if err == nil {
			return nil
		}
		if !told {
			told = true
			say("waiting for the last containers to let go of the files")
		}
		select {
		case <-ctx.Done():
			return errors.Join(errors.New("the files are still in use"), err)
		case <-time.After(detachPause):
		}
	}
}

// Suspend has nothing to stop: volumes stay as they are.
func (p *Part) Suspend(context.Context, part.Say) error { return nil }

// Status tells of every file system, and where its directories are.
func (p *Part) Status(ctx context.Context) ([]part.Row, error) {
	systems, err := p.all(fileSystemType)
	if err != nil {
		return nil, err
	}
	rows := make([]part.Row, 0, len(systems))
	for _, r := range systems {
		volumes, err := p.volumes(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		var places []string
		for _, v := range volumes {
			places = append(places, v.Labels[labelPath]+" in volume "+v.Name)
		}
		rows = append(rows, part.Row{
			Kind: "file system", Name: r.ID, State: "available", Detail: strings.Join(places, ", "), Stack: part.Stack(r),
		})
	}
	return rows, nil
}

func (p *Part) all(typ string) (list []account.Resource, err error) {
	err = p.env.Account.View(func(tx *account.Tx) (err error) {
		list, err = tx.ByType(typ)
		return err
	})
	return list, err
}

// find returns a resource by id, or nil.
func (p *Part) find(typ, id string) (*account.Resource, error) {
	list, err := p.all(typ)
	for _, r := range list {
		if r.ID == id {
			return &r, nil
		}
	}
	return nil, err
}

func (p *Part) helperImage(ctx context.Context) (string, error) {
	files, err := fs.Sub(image, "image")
	if err != nil {
		return "", fmt.Errorf("image of files: %w", err)
	}
	return p.env.Machine.EnsureImage(ctx, "files", files, func(string) {})
}
