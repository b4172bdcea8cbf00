// Package live_test deploys the committed stacks to the local cloud with everything running, and uses, changes and
// breaks the sites as visitors, editors and operators do.
package live_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/cloud"
	"wordpress-ecs/tests/containers"
)

var built cloud.Binaries

func TestMain(m *testing.M) { os.Exit(cloud.Main(m, "../..", &built)) }

// patience is how long what happens by itself may take on a busy machine.
const patience = 5 * time.Minute

// deployment is a stack that runs.
type deployment struct {
	*cloud.Cloud
	stack, url string
	// repository is the name of the stack's own in ECR.
	repository string
}

// newCloud makes an empty account. It skips the test where there is no Docker engine, except in CI.
func newCloud(t *testing.T) *cloud.Cloud {
	t.Helper()
	containers.Connect(t)
	return cloud.New(t, built)
}

// deploy deploys a stack whose settings may have been changed before. Prod is not protected, so that it goes
// with one command.
func deploy(t *testing.T, c *cloud.Cloud, stack string) deployment {
	t.Helper()
	c.Set(stack, "protected", "false")
	// All visitors of this machine have one address.
	c.Set(stack, "firewallRequestLimit", "1000000")
	c.Set(stack, "firewallWriteLimit", "1000000")
	start := time.Now()
	c.Up(stack)
	outputs := c.Outputs(stack)
	d := deployment{Cloud: c, stack: stack, url: outputs["url"], repository: path.Base(outputs["repository"])}
	require.Contains(t, d.page(t, d.url+"/"), "</html>")
	t.Logf("%s: from the command to its front page in %s", stack, time.Since(start).Round(time.Second))
	return d
}

// password is the generated one of the first administrator.
func (d deployment) password(t *testing.T) string {
	t.Helper()
	return strings.TrimSpace(d.OK("secret", d.Outputs(d.stack)["adminSecret"], "password").Stdout)
}

// page reads a page that must be there.
func (d deployment) page(t *testing.T, address string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	require.NoError(t, err)
	response, err := cloud.Client().Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode, "%s: %.500s", address, body)
	return string(body)
}

// tasks are the ids of the tasks that run.
func (d deployment) tasks() []string {
	var ids []string
	for _, row := range d.Status(d.stack, "task") {
		if row.State == "RUNNING" {
			ids = append(ids, row.Name)
		}
	}
	return ids
}

// healthy counts the targets that get requests.
func (d deployment) healthy() int {
	n := 0
	for _, row := range d.Status(d.stack, "target") {
		if row.State == "healthy" {
			n++
		}
	}
	return n
}

// eventually waits for something that happens by itself.
func eventually(t *testing.T, condition func() bool, what string) {
	t.Helper()
	require.Eventually(t, condition, patience, time.Second, what)
}

// docker runs a command of the Docker CLI, as an operator who looks into the engine does.
func docker(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "docker", args...).CombinedOutput()
	require.NoError(t, err, "docker %s: %s", strings.Join(args, " "), out)
	return strings.TrimSpace(string(out))
}
