// Package statements_test holds this program to what people have reported of others: a test for each statement of
// docs/statements.md that fails on the mistake.
//
// Where AWS refuses the mistake, or shows it as a change, the local cloud has to. Where AWS takes it, a check of
// what was deployed has to find it. The mistakes are in mistakes/; nothing runs, no engine is needed.
package statements_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/cloud"
)

// root leads to the root of the repository.
const root = "../.."

var (
	// built are the local cloud and this program.
	built cloud.Binaries
	// mistakes is the compiled mistakes/.
	mistakes string
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "wordpress-mistakes-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	mistakes = filepath.Join(dir, "mistakes")
	if out, err := exec.Command("go", "build", "-o", mistakes, "./mistakes").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "mistakes: %v\n%s", err, out)
		return 1
	}
	return cloud.Main(m, root, &built)
}

// stack is the one that the small programs have.
const stack = "dev"

// try makes an account for a small program and its mistake; nothing is deployed yet.
func try(t *testing.T, program, mistake string) *cloud.Cloud {
	t.Helper()
	small := built
	small.Program = mistakes
	c := cloud.WithoutEngine(t, small)
	for _, name := range []string{"Pulumi.yaml", "Pulumi.dev.yaml"} {
		text, err := os.ReadFile(filepath.Join("mistakes", name))
		require.NoError(t, err)
		c.Write(name, string(text))
	}
	change(c, program, mistake)
	return c
}

// change lets the account's program make another mistake, or none.
func change(c *cloud.Cloud, program, mistake string) {
	c.Write("Pulumi."+stack+".yaml", fmt.Sprintf(
		"config:\n  aws:region: eu-central-1\n  mistakes:program: %s\n  mistakes:mistake: %q\n", program, mistake))
}

// refused updates the stack, which must fail with the words.
func refused(t *testing.T, c *cloud.Cloud, words ...string) {
	t.Helper()
	requireRefused(t, c.TryUp(stack), words...)
}

func requireRefused(t *testing.T, r cloud.Result, words ...string) {
	t.Helper()
	require.NotZero(t, r.Code, r.Out)
	for _, part := range words {
		require.Contains(t, r.Out, part)
	}
}

// destroy is a destroy of the stack that may fail.
func destroy(c *cloud.Cloud) cloud.Result {
	return c.Run("destroy", "--stack", stack, "--yes", "--skip-preview", "--non-interactive")
}

// preview tells whether the stack has changes to make.
func preview(c *cloud.Cloud) cloud.Result {
	return c.Run("preview", "--stack", stack, "--expect-no-changes", "--diff", "--non-interactive")
}

// check finds what breaks a statement in what was deployed, one line each. It finds fault with a stack that has
// nothing of what the statement is about.
type check func(s state) []string

// requireStatement checks a statement that AWS does not enforce: the mistakes of a small program break it, the
// same program without them keeps it, and so does this program.
func requireStatement(t *testing.T, broken check, program string, mistakes ...string) {
	t.Helper()
	require.Empty(t, broken(ours(t)), "this program")
	c := try(t, program, "")
	c.Up(stack)
	require.Empty(t, broken(exported(t, c, stack)), "%s without a mistake", program)
	for _, mistake := range mistakes {
		c := try(t, program, mistake)
		c.Up(stack)
		require.NotEmpty(t, broken(exported(t, c, stack)), "%s with the mistake %q", program, mistake)
	}
}

// prod is the prod stack as committed, deployed once for all tests.
var prod struct {
	once  sync.Once
	state state
}

// ours is what the committed prod stack deploys.
func ours(t *testing.T) state {
	t.Helper()
	prod.once.Do(func() {
		c := cloud.WithoutEngine(t, built)
		c.Up("prod")
		prod.state = exported(t, c, "prod")
	})
	require.NotEmpty(t, prod.state, "the deployment of the prod stack failed in another test")
	return prod.state
}
