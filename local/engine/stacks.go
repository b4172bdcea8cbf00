package engine

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// defaultStack is used when no stack is named and none is selected.
const defaultStack = "dev"

// stackExists says whether Pulumi's state knows the stack.
func (e *Engine) stackExists(stack string) bool {
	return isFile(filepath.Join(e.stacksDir(), stack+".json"))
}

// stacksDir is where Pulumi keeps the project's stacks.
func (e *Engine) stacksDir() string {
	return filepath.Join(e.stateDir(), ".pulumi", "stacks", e.Project.Name)
}

// resolveStack is the stack that was named, the selected one, or dev.
func (e *Engine) resolveStack(ctx context.Context, p *cli, named string) (string, error) {
	if named != "" {
		// Pulumi takes organization/project/stack as well; files know the last part only.
		return named[strings.LastIndex(named, "/")+1:], nil
	}
	output, err := p.capture(ctx, e.Project.Dir, "stack", "ls", "--json")
	if err != nil {
		return "", fmt.Errorf("finding the selected stack: %w", err)
	}
	var stacks []struct {
		Name    string `json:"name"`
		Current bool   `json:"current"`
	}
	if err := json.Unmarshal(output, &stacks); err != nil {
		return "", fmt.Errorf("finding the selected stack: %w", err)
	}
	for _, stack := range stacks {
		if stack.Current {
			return stack.Name, nil
		}
	}
	return defaultStack, nil
}

// prepareStack copies the stack's settings and creates the stack when it is used first.
// It returns the path of the copy.
func (e *Engine) prepareStack(ctx context.Context, p *cli, stack, source string) (string, error) {
	path, leftOut, err := e.copySettings(stack, source)
	if err != nil {
		return "", err
	}
	for _, key := range leftOut {
		e.say("%s is encrypted with a key that the local cloud has not: left out (--config %s=... gives a value)", key, key)
	}
	if e.stackExists(stack) {
		return path, nil
	}
	// Pulumi writes the encryption salt into the settings file beside Pulumi.yaml, so the
	// stack is made in the directory of the copies.
	if err := e.copyProjectFile(); err != nil {
		return "", err
	}
	if _, err := p.capture(ctx, e.settingsDir(), "stack", "init", stack, "--no-select", "--non-interactive"); err != nil {
		return "", fmt.Errorf("creating stack %s: %w", stack, err)
	}
	// Pulumi wrote every value as a string along with the salt; the first run shall see
	// the settings as every later run does.
	path, _, err = e.copySettings(stack, source)
	return path, err
}

func (e *Engine) copyProjectFile() error {
	text, err := os.ReadFile(filepath.Join(e.Project.Dir, "Pulumi.yaml"))
	if err != nil {
		return fmt.Errorf("copying the project file: %w", err)
	}
	return writeFile(filepath.Join(e.settingsDir(), "Pulumi.yaml"), text)
}

// ensurePassphrase makes the passphrase that encrypts the secrets in this home's state.
func (e *Engine) ensurePassphrase() error {
	_, err := os.Stat(e.passphraseFile())
	if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if entries, err := os.ReadDir(e.stacksDir()); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is missing, and the stacks in %s are encrypted with it: "+
			"put it back, or start again with another --home", e.passphraseFile(), e.stateDir())
	}
	// Of two commands that begin here at once, the second takes what the first has made.
	mine := e.passphraseFile() + "." + strconv.Itoa(os.Getpid())
	defer os.Remove(mine)
	if err := writeFile(mine, []byte(rand.Text()+"\n")); err != nil {
		return err
	}
	if err := os.Link(mine, e.passphraseFile()); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("making the passphrase: %w", err)
	}
	return nil
}
