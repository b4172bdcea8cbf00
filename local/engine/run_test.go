package engine_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/engine"
)

func TestAStackLivesFromUpToDestroy(t *testing.T) {
	t.Parallel()
	l := newLocal(t)

	require.Contains(t, l.must(up()), "size  : 3")
	require.Equal(t, []string{"first"}, l.things())
	l.must(preview("--expect-no-changes"))
	l.must(command(engine.Operate, "refresh", "--yes", "--non-interactive", "--expect-no-changes"))

	require.Contains(t, l.must(up("--config", "size=4")), "1 updated")
	result, output, err := l.try(preview("--expect-no-changes"))
	require.NoError(t, err)
	require.NotZero(t, result.Code, "a setting that was given to one run holds for that run only:\n%s", output)

	l.must(destroy())
	require.Empty(t, l.things())
	l.must(up())
	require.Equal(t, []string{"first"}, l.things())
}

func TestNothingIsWrittenIntoTheProject(t *testing.T) {
	t.Parallel()
	l := newLocal(t)
	before := projectFiles(t, l.Project.Dir)

	l.must(up("--config", "size=9"))
	l.must(command(engine.Configure, "config"))
	l.must(on("prod", up("--config", "protected=false")))
	l.must(on("prod", destroy()))
	l.must(on("prod", command(engine.Configure, "stack rm", "--yes")))

	require.Equal(t, before, projectFiles(t, l.Project.Dir))
}

func projectFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	contents := map[string]string{}
	for _, file := range files {
		text, _ := os.ReadFile(file)
		contents[filepath.Base(file)] = string(text)
	}
	return contents
}

func TestTheProgramsErrorIsToldOnce(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]string{
		"error": "the mode is error",
		"exit":  "program exited with non-zero exit code: 7",
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			l := newLocal(t)
			result, output, err := l.try(preview("--config", "mode="+mode))
			require.NoError(t, err)
			require.NotZero(t, result.Code)
			require.Contains(t, output, want)
			require.NotContains(t, output, "exit status")
		})
	}
}

func TestTheProgramHasNoWayToAWS(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
	t.Setenv("AWS_PROFILE", "production")
	t.Setenv("PULUMI_ACCESS_TOKEN", "pul-1234")
	l := newLocal(t)
	output := l.must(preview())
	require.Contains(t, output, "printed by the program")
	require.Contains(t, output, "AWS_ENDPOINT_URL=http://127.0.0.1:9")
	require.Contains(t, output, "AWS_EC2_METADATA_DISABLED=true")
	require.Contains(t, output, "AWS_ACCESS_KEY_ID=local")
	require.Regexp(t, `AWS_ENDPOINT_URL_ECS=http://127\.0\.0\.1:\d+/ecs`, output)
	require.NotContains(t, output, "AKIAIOSFODNN7EXAMPLE")
	require.NotContains(t, output, "production")
}

func TestAProtectedStackSaysSo(t *testing.T) {
	t.Parallel()
	l := newLocal(t)
	l.must(on("prod", up()))

	result, output, err := l.try(on("prod", destroy()))
	require.NoError(t, err)
	require.NotZero(t, result.Code)
	require.True(t, result.Protected, output)
	require.Equal(t, "prod", result.Stack)
	require.Equal(t, []string{"first"}, l.things())

	l.must(on("prod", up("--config", "protected=false")))
	l.must(on("prod", destroy()))
	require.Empty(t, l.things())
}

func TestAnUnknownStackNamesThoseThatExist(t *testing.T) {
	t.Parallel()
	l := newLocal(t)
	_, _, err := l.try(on("staging", up()))
	require.EqualError(t, err, `there is no stack "staging": Pulumi.staging.yaml is missing (stacks of this project: dev, prod)`)
}

func TestTheSelectedStackIsUsed(t *testing.T) {
	t.Parallel()
	l := newLocal(t)
	l.must(on("prod", command(engine.Select, "stack select")))
	require.Contains(t, l.must(up("--config", "protected=false")), "size  : 5")
	require.Contains(t, l.must(command(engine.Read, "stack output", "size")), "5")
	var stacks []struct {
		Name    string
		Current bool
	}
	l.must(command(engine.Show, "stack ls", "--json"))
	require.NoError(t, json.Unmarshal(l.stdout.Bytes(), &stacks))
	require.Len(t, stacks, 1)
	require.True(t, stacks[0].Current)
}

func TestSecretsStayReadableWithThePassphraseOnly(t *testing.T) {
	t.Parallel()
	l := newLocal(t)
	l.must(up())
	require.NotContains(t, l.must(command(engine.Read, "stack export")), "hunter2")
	require.Contains(t, l.must(command(engine.Read, "stack output", "--show-secrets")), "hunter2")

	info, err := os.Stat(filepath.Join(l.Home, "passphrase"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	require.NoError(t, os.Remove(filepath.Join(l.Home, "passphrase")))
	_, _, err = l.try(up())
	require.ErrorContains(t, err, "passphrase is missing")
}
