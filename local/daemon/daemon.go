// Package daemon is the background process of the local cloud, and the way to it: one process per home directory
// owns the account, the registry, the providers and what runs; commands connect to it. It starts when a command
// needs it, and ends by itself when no command is connected and nothing runs.
//
// In the home directory it keeps
//
//	daemon.json   where the process answers; there only while one does
//	daemon.lock   held by the process for as long as it lives
//	daemon.log    what it said
package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/provider"
	"wordpress-ecs/local/runtime/part"
)

// Cloud is an account that is open, with the providers in front of it and what runs behind it.
type Cloud struct {
	// Providers are the resource providers for what a session is wanted for, by package name, such as "aws".
	Providers func(Asked) map[string]provider.Factory
	Account   *account.Account
	Runtime   Runtime
	// Locate finds the Docker container of a task that a person means by a name, where ECS Exec is allowed.
	Locate func(ctx context.Context, name string) (container string, err error)
	// Forget takes a resource out of the account, whatever would refuse its deletion.
	Forget func(tx *account.Tx, r account.Resource) error
	// AWS answers a command of the AWS CLI.
	AWS func(ctx context.Context, words []string) Answer
}

// Runtime runs what the account holds; see package local/runtime.
type Runtime interface {
	// Absence is why nothing can run, or nil.
	Absence() error
	// Start runs the account until Stop, Suspend or a failure, which Failed tells.
	Start(ctx context.Context)
	Stop()
	Suspend(ctx context.Context, say part.Say) error
	Failed() <-chan error
	// Busy tells whether the Docker engine has anything of the account.
	Busy(ctx context.Context) (bool, error)
	Changed()
	Await(ctx context.Context, r account.Resource, say func(line string)) error
	Release(ctx context.Context, r account.Resource, say func(line string)) error
	Status(ctx context.Context) ([]part.Row, error)
	Act(ctx context.Context, name string, args []string, say part.Say) error
	// API answers AWS's own clients.
	API() http.Handler
	Close() error
}

// Open opens the account of a home directory. What happens there goes to say, line by line.
type Open func(ctx context.Context, home string, say func(line string)) (*Cloud, error)

// info is daemon.json.
type info struct {
	// Address is 127.0.0.1:port.
	Address string `json:"address"`
	// Token opens it to those who may read the file.
	Token string `json:"token"`
	PID   int    `json:"pid"`
	// Build tells programs and engines apart; see build.
	Build string    `json:"build"`
	Since time.Time `json:"since"`
}

// LogFile is what the process of a home says.
func LogFile(home string) string { return filepath.Join(home, "daemon.log") }

// AccountFile is where a home keeps its emulated account.
func AccountFile(home string) string { return filepath.Join(home, "account.db") }

func infoFile(home string) string { return filepath.Join(home, "daemon.json") }
func lockFile(home string) string { return filepath.Join(home, "daemon.lock") }

// readInfo returns nil when no process has said where it answers.
func readInfo(home string) *info {
	text, err := os.ReadFile(infoFile(home))
	if err != nil {
		return nil
	}
	var i info
	if json.Unmarshal(text, &i) != nil || i.Address == "" {
		return nil
	}
	return &i
}

// write puts the file there in one step, for its owner only.
func (i info) write(home string) error {
	text, err := json.Marshal(i)
	if err != nil {
		return fmt.Errorf("saying where the local cloud answers: %w", err)
	}
	unfinished := infoFile(home) + ".unfinished"
	if err := os.WriteFile(unfinished, text, 0o600); err != nil {
		return fmt.Errorf("saying where the local cloud answers: %w", err)
	}
	if err := os.Rename(unfinished, infoFile(home)); err != nil {
		return fmt.Errorf("saying where the local cloud answers: %w", err)
	}
	return nil
}

// removed tells whether the file is gone or another process's. One that cannot be read just now, for too many open
// files, is neither.
func (i info) removed(home string) bool {
	if now := readInfo(home); now != nil {
		return now.Token != i.Token
	}
	_, err := os.Lstat(infoFile(home))
	return errors.Is(err, os.ErrNotExist)
}

// remove takes the file away unless it is another process's.
func (i info) remove(home string) error {
	if i.removed(home) {
		return nil
	}
	if err := os.Remove(infoFile(home)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("removing what says where the local cloud answers: %w", err)
	}
	return nil
}
