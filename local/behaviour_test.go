package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/engine"
)

func behaving(t *testing.T, line string) (*engine.Engine, error) {
	t.Helper()
	inv, err := parseArguments(strings.Fields(line))
	require.NoError(t, err)
	e := &engine.Engine{}
	return e, behave(e, inv)
}

func TestHowTheAccountBehaves(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "faults.yaml")
	const plan = "faults: [{call: create, fault: lost}]"
	require.NoError(t, os.WriteFile(file, []byte(plan), 0o600))
	e, err := behaving(t, "up --clock 20 --latency 50 --rules=off --faults "+file)
	require.NoError(t, err)
	require.Equal(t, &engine.Engine{Clock: 20, Latency: 50, Lenient: true, Faults: plan}, e)
	e, err = behaving(t, "preview --rules on")
	require.NoError(t, err)
	require.Equal(t, &engine.Engine{}, e)
}

func TestBehaviourThatIsRefused(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "faults.yaml")
	require.NoError(t, os.WriteFile(file, []byte("faults: [{call: create, fault: los}]"), 0o600))
	for line, want := range map[string]string{
		"up --rules no":            "--rules no is not allowed: on (unless given) or off",
		"up --latency 0.5":         "--latency 0.5 is not allowed: 1 (as slow as AWS) to 1000",
		"up --latency soon":        "--latency soon is not allowed",
		"status --latency 5":       "--latency is not for `status`: it goes with up, preview, refresh, destroy and serve",
		"stack --rules off":        "--rules is not for `stack`",
		"start --faults x":         "--faults is not for `start`",
		"up --faults /none":        "reading --faults: open /none",
		"destroy --faults " + file: `faults.yaml: line 1: faults[0].fault: "los" is not allowed: throttling, timeout, lost`,
		"up --clock fast":          "--clock fast is not a number",
	} {
		_, err := behaving(t, line)
		require.ErrorContains(t, err, want, line)
	}
}
