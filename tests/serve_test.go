package tests

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/engine"
	"wordpress-ecs/tests/cloud"
)

// With the line that `serve` prints, a Pulumi CLI with a backend of its own deploys and destroys against the
// cloud. Only the language host is not the official one here.
func TestServe(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	serving := c.Start("serve")
	official := newOfficial(t, c, serving.Await(`export (PULUMI_DEBUG_PROVIDERS=\S+)`)[1])
	official.run("stack", "init", "dev")
	official.run("up", "--yes", "--client", official.language)
	official.run("preview", "--expect-no-changes", "--client", official.language)
	require.NotEmpty(t, c.Resources())
	official.run("destroy", "--yes", "--client", official.language)
	require.Empty(t, c.Resources())

	require.NoError(t, serving.End(syscall.SIGINT))
}

// official is a Pulumi CLI that knows nothing of the local cloud but one environment variable.
type official struct {
	t                   *testing.T
	path, dir, language string
	env                 []string
}

func newOfficial(t *testing.T, c *cloud.Cloud, providers string) *official {
	t.Helper()
	host, err := engine.ServeLanguage(func(context.Context) (string, error) { return built.Program, nil })
	require.NoError(t, err)
	t.Cleanup(host.Close)
	version, err := exec.Command(built.Local, "--cwd", "..", "version").Output()
	require.NoError(t, err)
	words := strings.Fields(string(version))
	path, err := filepath.Abs(filepath.Join("..", ".local", "bin", "pulumi-"+words[len(words)-1]))
	require.NoError(t, err)
	backend := t.TempDir()
	return &official{t: t, path: path, dir: c.Project, language: host.Address(), env: append(os.Environ(), providers,
		"PULUMI_BACKEND_URL=file://"+backend, "PULUMI_HOME="+backend, "PULUMI_CONFIG_PASSPHRASE=test",
		"PULUMI_SKIP_UPDATE_CHECK=true")}
}

func (o *official) run(args ...string) {
	o.t.Helper()
	cmd := exec.Command(o.path, append(args, "--non-interactive")...)
	cmd.Dir, cmd.Env = o.dir, o.env
	out, err := cmd.CombinedOutput()
	require.NoError(o.t, err, "pulumi %s\n%s", strings.Join(args, " "), out)
}
