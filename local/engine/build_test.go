package engine_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/engine"
)

func writeTree(t *testing.T, files map[string]string) engine.Project {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return engine.Project{Dir: dir, Name: "tiny", ProgramDir: dir}
}

func TestTheCLIVersionStandsInOnePlace(t *testing.T) {
	t.Parallel()
	p := writeTree(t, map[string]string{
		"tools/pulumi/go.mod": "module x\n\nrequire (\n\tgithub.com/pulumi/pulumi/pkg/v3 v3.1.2 // indirect\n)\n",
	})
	version, err := p.CLIVersion()
	require.NoError(t, err)
	require.Equal(t, "v3.1.2", version)

	_, err = writeTree(t, map[string]string{"tools/pulumi/go.mod": "module x\n"}).CLIVersion()
	require.ErrorContains(t, err, "does not require github.com/pulumi/pulumi/pkg/v3")
}

func TestABuiltProgramIsLeftAlone(t *testing.T) {
	t.Parallel()
	p := writeTree(t, map[string]string{
		"go.mod":  "module tiny\n\ngo 1.26\n",
		"main.go": "package main\n\nfunc main() {}\n",
	})
	path, err := p.BuildProgram(t.Context(), &bytes.Buffer{})
	require.NoError(t, err)
	first, err := os.Stat(path)
	require.NoError(t, err)

	again, err := p.BuildProgram(t.Context(), &bytes.Buffer{})
	require.NoError(t, err)
	second, err := os.Stat(again)
	require.NoError(t, err)
	require.True(t, os.SameFile(first, second))
}

func TestCompileErrorsAreToldPlainly(t *testing.T) {
	t.Parallel()
	p := writeTree(t, map[string]string{
		"go.mod":  "module tiny\n\ngo 1.26\n",
		"main.go": "package main\n\nfunc main() { undefined() }\n",
	})
	_, err := p.BuildProgram(t.Context(), &bytes.Buffer{})
	require.ErrorContains(t, err, "compiling the program: ")
	require.ErrorContains(t, err, "main.go:3:15: undefined: undefined")
}

func TestAnInterruptedBuildLeavesNothingThatLooksDone(t *testing.T) {
	t.Parallel()
	p := writeTree(t, map[string]string{
		"go.mod":              "module tiny\n\ngo 1.26\n",
		"main.go":             "package main\n\nfunc main() {}\n",
		"tools/pulumi/go.mod": "module x\n\ngo 1.26\n\nrequire github.com/pulumi/pulumi/pkg/v3 v3.1.2\n",
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := p.BuildCLI(ctx, &bytes.Buffer{})
	require.ErrorIs(t, err, context.Canceled)
	require.NoFileExists(t, filepath.Join(p.Dir, ".local", "bin", "pulumi-v3.1.2"))
}

func TestFindingTheProject(t *testing.T) {
	t.Parallel()
	p := writeTree(t, map[string]string{
		"Pulumi.yaml":         "name: shop\nruntime: go\nmain: program\n",
		"Pulumi.dev.yaml":     "",
		"Pulumi.eu-west.yaml": "",
		"deep/down/file":      "",
	})
	found, err := engine.FindProject(filepath.Join(p.Dir, "deep", "down"))
	require.NoError(t, err)
	require.Equal(t, p.Dir, found.Dir)
	require.Equal(t, "shop", found.Name)
	require.Equal(t, filepath.Join(p.Dir, "program"), found.ProgramDir)
	stacks, err := found.Stacks()
	require.NoError(t, err)
	require.Equal(t, []string{"dev", "eu-west"}, stacks)

	_, err = engine.FindProject(t.TempDir())
	require.ErrorContains(t, err, "no Pulumi.yaml in ")
}

func TestTheCloudIsServedUntilItIsEnded(t *testing.T) {
	t.Parallel()
	l := newLocal(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := l.Serve(ctx, 0, func(env []string) {
		require.Regexp(t, `^PULUMI_DEBUG_PROVIDERS=fake:\d+$`, env[0])
		require.Regexp(t, `^AWS_ENDPOINT_URL_ECS=http://127\.0\.0\.1:\d+/ecs$`, env[1])
		holder, held := l.CurrentHolder()
		require.True(t, held)
		require.Equal(t, "serve", holder.Command)
		require.Empty(t, l.things())
		cancel()
	})
	require.NoError(t, err)
	l.must(preview())
}

func TestOneBuildAtATime(t *testing.T) {
	t.Parallel()
	p := writeTree(t, map[string]string{
		"go.mod":  "module tiny\n\ngo 1.26\n",
		"main.go": "package main\n\nfunc main() {}\n",
	})
	require.NoError(t, os.MkdirAll(filepath.Join(p.Dir, ".local", "bin"), 0o700))
	other, err := os.Create(filepath.Join(p.Dir, ".local", "bin", "program.lock"))
	require.NoError(t, err)
	defer other.Close()
	require.NoError(t, syscall.Flock(int(other.Fd()), syscall.LOCK_EX))

	built := make(chan error, 1)
	go func() {
		_, err := p.BuildProgram(t.Context(), &bytes.Buffer{})
		built <- err
	}()
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = p.BuildProgram(impatient, &bytes.Buffer{})
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, built)
	require.NoError(t, other.Close())
	require.NoError(t, <-built)
}
