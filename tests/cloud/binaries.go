package cloud

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Binaries are what the tests of a package run, built once.
type Binaries struct {
	// Local is the command of the local cloud, Program the Pulumi program.
	Local, Program string
	// root is the root of the repository.
	root string
}

// Main builds the binaries, runs the tests of a package and returns the exit code. Root leads from the package
// to the root of the repository.
func Main(m *testing.M, root string, b *Binaries) int {
	dir, err := os.MkdirTemp("", "wordpress-tests-")
	if err == nil {
		defer os.RemoveAll(dir)
		*b, err = build(dir, root)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// build compiles the program and the command of the local cloud, and has the latter build its CLI.
func build(dir, root string) (Binaries, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return Binaries{}, err
	}
	b := Binaries{Local: filepath.Join(dir, "local"), Program: filepath.Join(dir, "program"), root: root}
	for _, args := range [][]string{
		{"go", "build", "-o", b.Local, "./local"},
		{"go", "build", "-o", b.Program, "."},
		{b.Local, "version"},
	} {
		cmd := exec.Command(args[0], args[1:]...) //nolint:gosec // the commands above
		cmd.Dir = root
		if out, err := cmd.CombinedOutput(); err != nil {
			return b, fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	return b, nil
}
