package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"wordpress-ecs/local/flock"
)

const (
	cliPackage = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
	// cliVersionVariable holds the version that the CLI reports. Without it, Pulumi's
	// own tools take the CLI for a development build.
	cliVersionVariable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
)

// cliRequirement is the line of tools/pulumi/go.mod that pins the CLI.
var cliRequirement = regexp.MustCompile(`(?m)^\s*(?:require\s+)?github\.com/pulumi/pulumi/pkg/v3\s+(v\S+)`)

// CLIVersion is the pinned version of the Pulumi CLI, "v3.259.0", as tools/pulumi/go.mod says.
func (p Project) CLIVersion() (string, error) {
	repository, err := p.repository()
	if err != nil {
		return "", err
	}
	path := filepath.Join(repository, cliModule, "go.mod")
	text, err := os.ReadFile(path) //nolint:gosec // a path of the project
	if err != nil {
		return "", fmt.Errorf("reading which Pulumi CLI to use: %w", err)
	}
	match := cliRequirement.FindSubmatch(text)
	if match == nil {
		return "", fmt.Errorf("%s does not require github.com/pulumi/pulumi/pkg/v3", path)
	}
	return string(match[1]), nil
}

// BuildCLI returns the path of the pinned Pulumi CLI, and builds it when it is not there.
func (p Project) BuildCLI(ctx context.Context, progress io.Writer) (string, error) {
	version, err := p.CLIVersion()
	if err != nil {
		return "", err
	}
	repository, err := p.repository()
	if err != nil {
		return "", err
	}
	bin := binDir(repository)
	target := filepath.Join(bin, "pulumi-"+version)
	if isFile(target) {
		return target, nil
	}
	lock, err := lockBuilds(ctx, bin, "pulumi.lock", progress)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if isFile(target) {
		return target, nil // another command has built it meanwhile
	}

	what := fmt.Sprintf("building the Pulumi CLI %s, once, about 4 minutes", version)
	done := showProgress(progress, what)
	unfinished := target + ".unfinished"
	flags := fmt.Sprintf("-s -w -X %s=%s", cliVersionVariable, version)
	err = goBuild(ctx, filepath.Join(repository, cliModule), lock, "-ldflags", flags, "-o", unfinished, cliPackage)
	done(err)
	if err != nil {
		return "", fmt.Errorf("building the Pulumi CLI: %w", err)
	}
	// Only a finished build gets the name under which the next command looks for it.
	if err := os.Rename(unfinished, target); err != nil {
		return "", fmt.Errorf("building the Pulumi CLI: %w", err)
	}
	return target, nil
}

// BuildProgram compiles the project's program as Pulumi does and returns its path. Go
// leaves an unchanged program alone, which takes about a second.
func (p Project) BuildProgram(ctx context.Context, progress io.Writer) (string, error) {
	bin := binDir(p.Dir)
	lock, err := lockBuilds(ctx, bin, "program.lock", progress)
	if err != nil {
		return "", err
	}
	defer lock.Close()

	target := filepath.Join(bin, "program")
	done := showProgress(progress, "compiling the program")
	err = goBuild(ctx, p.ProgramDir, lock, "-o", target, ".")
	done(err)
	if err != nil {
		return "", fmt.Errorf("compiling the program: %w", err)
	}
	return target, nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// lockBuilds waits until nobody else builds the same thing.
func lockBuilds(ctx context.Context, bin, name string, progress io.Writer) (*os.File, error) {
	if err := os.MkdirAll(bin, 0o750); err != nil {
		return nil, fmt.Errorf("creating the directory for binaries: %w", err)
	}
	lock, err := flock.Open(filepath.Join(bin, name))
	if err != nil {
		return nil, err
	}
	done := showProgress(progress, "waiting for another command that builds the same")
	err = flock.Wait(ctx, lock)
	done(err)
	if err != nil {
		_ = lock.Close()
		return nil, err
	}
	return lock, nil
}

// goBuild runs `go build` in dir. The compiler inherits the lock: should this process be
// killed, nobody else builds until the compiler has ended, too.
func goBuild(ctx context.Context, dir string, lock *os.File, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"build"}, args...)...) //nolint:gosec // arguments of our own
	cmd.Dir = dir
	// Compiling on the disk of the target lets Go rename the result and never half-copy it.
	cmd.Env = append(os.Environ(), "PWD="+dir, "GOTMPDIR="+filepath.Dir(lock.Name()), "GOWORK=off")
	cmd.ExtraFiles = []*os.File{lock}
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	err := cmd.Run()
	if errors.Is(err, exec.ErrNotFound) {
		return errors.New("there is no `go` on the PATH: install Go from https://go.dev/dl")
	}
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted: %w", ctx.Err())
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return fmt.Errorf("go build: %w\n%s", err, withoutDownloads(output.String()))
	}
	return err
}

// withoutDownloads drops the lines that say what Go fetched before the error.
func withoutDownloads(output string) string {
	var kept []string
	for line := range strings.Lines(output) {
		if !strings.HasPrefix(line, "go: downloading ") {
			kept = append(kept, line)
		}
	}
	return strings.TrimRight(strings.Join(kept, ""), "\n")
}

const (
	// quiet is how long something may take before a line about it is worth reading.
	quiet = 3 * time.Second
	// repeat is how often the line comes again where it cannot be rewritten.
	repeat = 30 * time.Second
)

// showProgress says what takes long, with the time so far, until the returned function is called.
func showProgress(out io.Writer, what string) (done func(error)) {
	start := time.Now()
	stop, stopped := make(chan struct{}), make(chan bool)
	go func() {
		shown := false
		defer func() { stopped <- shown }()
		rewritable, next := isTerminal(out), quiet
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Until(start.Add(next))):
			}
			shown = true
			if rewritable {
				_, _ = fmt.Fprintf(out, "\rlocal: %s … %s ", what, time.Since(start).Round(time.Second))
				next += time.Second
			} else {
				_, _ = fmt.Fprintf(out, "local: %s … %s\n", what, time.Since(start).Round(time.Second))
				next += repeat
			}
		}
	}()
	return func(err error) {
		close(stop)
		if !<-stopped {
			return
		}
		ending := "done"
		if err != nil {
			ending = "failed"
		}
		if isTerminal(out) {
			_, _ = fmt.Fprint(out, "\r")
		}
		_, _ = fmt.Fprintf(out, "local: %s … %s after %s\n", what, ending, time.Since(start).Round(time.Second))
	}
}
