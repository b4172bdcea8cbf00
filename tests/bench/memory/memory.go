// Package memory measures what the local cloud itself takes while it runs the prod stack and visitors come.
//
// It deploys prod, asks for the front page 50 times a second for 30 seconds, and prints the peak resident memory of
// the background process and of what it has started, from /proc: containers are the Docker engine's and do not
// count. It fails above 300 MB, and when a request fails. Linux with a Docker engine only.
package memory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	// limit is how many MB (of a million bytes) the processes may take.
	limit = 300
	// rate is in requests per second.
	rate   = 50
	length = 30 * time.Second
	// patience is how long one request may take.
	patience = 20 * time.Second
	// farewell is how long the stack may take to be destroyed.
	farewell = 15 * time.Minute
)

// Run measures and prints. The working directory is that of the project.
func Run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "wordpress-bench-memory-")
	if err != nil {
		return err
	}
	c := cloud{local: filepath.Join(dir, "local"), home: filepath.Join(dir, "home")}
	build := exec.CommandContext(ctx, "go", "build", "-o", c.local, "./local") //nolint:gosec // a directory of its own
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return errors.Join(fmt.Errorf("building the local cloud: %w", err), os.RemoveAll(dir))
	}
	measured := c.measure(ctx)
	// An interrupted benchmark leaves nothing behind either.
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	if _, err := c.run(after, "destroy", "--yes", "--non-interactive"); err != nil {
		return errors.Join(measured, fmt.Errorf("%w\nthe account is kept in %s", err, dir))
	}
	return errors.Join(measured, os.RemoveAll(dir))
}

// cloud is a local cloud of its own.
type cloud struct{ local, home string }

func (c cloud) run(ctx context.Context, args ...string) (output string, err error) {
	cmd := exec.CommandContext(ctx, c.local, append(args, "--stack", "prod", "--home", c.home)...) //nolint:gosec // built above
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("local %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out)), nil
}

func (c cloud) measure(ctx context.Context) error {
	begin := time.Now()
	// Else the stack could not be destroyed.
	if _, err := c.run(ctx, "up", "--yes", "--skip-preview", "--non-interactive", "--config", "protected=false"); err != nil {
		return err
	}
	fmt.Printf("prod is deployed after %.0f s\n", time.Since(begin).Seconds())
	url, err := c.run(ctx, "stack", "output", "url")
	if err != nil {
		return err
	}
	pid, err := c.process()
	if err != nil {
		return err
	}
	served, err := visit(ctx, url)
	if err != nil {
		return err
	}
	peak, err := peak(pid)
	if err != nil {
		return err
	}
	const mega = 1e6
	fmt.Printf("peak memory of the local cloud with prod running and %d requests answered: %.0f MB (limit %d)\n",
		served, float64(peak)/mega, limit)
	if peak > limit*mega {
		return fmt.Errorf("the local cloud takes %.0f MB, more than %d", float64(peak)/mega, limit)
	}
	return nil
}

// process is the id of the background process.
func (c cloud) process() (int, error) {
	file, err := os.ReadFile(filepath.Join(c.home, "daemon.json"))
	if err != nil {
		return 0, fmt.Errorf("looking for the background process: %w", err)
	}
	var info struct{ PID int }
	if err := json.Unmarshal(file, &info); err != nil {
		return 0, fmt.Errorf("looking for the background process: %w", err)
	}
	if info.PID == 0 {
		return 0, errors.New("looking for the background process: daemon.json names none")
	}
	return info.PID, nil
}

// visit asks for the front page at an even pace, whether or not answers keep up.
func visit(ctx context.Context, url string) (served int, err error) {
	client := &http.Client{Timeout: patience, Transport: &http.Transport{
		MaxIdleConnsPerHost: rate,
		// As browsers do, take every name below localhost for this machine; the resolver here does not.
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			_, port, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			return (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
		},
	}}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var failed []error
	var visitors sync.WaitGroup
	tick := time.NewTicker(time.Second / rate)
	defer tick.Stop()
	for range int(length/time.Second) * rate {
		select {
		case <-ctx.Done():
			visitors.Wait()
			return 0, ctx.Err()
		case <-tick.C:
		}
		visitors.Go(func() {
			err := get(ctx, client, url)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed = append(failed, err)
				return
			}
			served++
		})
	}
	visitors.Wait()
	if len(failed) > 0 {
		return served, fmt.Errorf("%d of %d requests failed, the first with: %w", len(failed), len(failed)+served, failed[0])
	}
	return served, nil
}

func get(ctx context.Context, client *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, response.Body)
	if response.StatusCode != http.StatusOK {
		err = errors.Join(err, errors.New(response.Status))
	}
	return errors.Join(err, response.Body.Close())
}
