// Package makespan computes how long the prod stack takes on AWS to come up and to go, and sets it against the limit: the
// longest chain that AWS itself forces. Beside it stand the same resources in four stacks that are run by hand, one after
// the other. Times are those that AWS usually takes; nothing is measured here but the graph.
//
// It fails when an update takes more than upLimit times the limit, or a destroy more than destroyLimit times.
package makespan

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"wordpress-ecs/local/aws"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/pace"
)

const (
	upLimit      = 1.10
	destroyLimit = 1.25
)

// Run deploys prod to an account of its own, for its graph, computes and prints. The working directory is the project's.
func Run(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp("", "wordpress-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	stack, err := deployed(ctx, dir)
	if err != nil {
		return err
	}
	up, destroy, err := Of(stack)
	if err != nil {
		return err
	}
	up.print()
	destroy.print()
	return errors.Join(up.Kept(), destroy.Kept())
}

// Of computes an update that makes a stack, and a destroy of it.
func Of(stack pace.Stack) (up, destroy Compared, err error) {
	catalog, err := aws.Catalog()
	if err != nil {
		return up, destroy, err
	}
	figures := pace.For(catalog, stack)
	up, destroy = Compared{name: "up", most: upLimit}, Compared{name: "destroy", most: destroyLimit}
	if up.ours, err = pace.Run(pace.Up(stack, figures.Create), pace.Workers); err != nil {
		return up, destroy, err
	}
	if up.limit, err = pace.Run(pace.Limit(catalog, stack, kind.Making, figures.Create), len(stack)); err != nil {
		return up, destroy, err
	}
	if destroy.ours, err = pace.Run(pace.Destroy(stack, figures.Delete), pace.Workers); err != nil {
		return up, destroy, err
	}
	if destroy.limit, err = pace.Run(pace.Limit(catalog, stack, kind.Deleting, figures.Delete), len(stack)); err != nil {
		return up, destroy, err
	}
	up.byHand, destroy.byHand, err = byHand(stack, figures)
	return up, destroy, err
}

// Compared is an update or a destroy beside its limit.
type Compared struct {
	name        string
	most        float64
	ours, limit pace.Schedule
	byHand      pace.Schedule
}

func (c Compared) ratio() float64 { return float64(c.ours.Makespan) / float64(c.limit.Makespan) }

// Kept is the error of one that takes longer than was promised.
func (c Compared) Kept() error {
	if c.ratio() > c.most {
		return fmt.Errorf("%s takes %.2f times what AWS forces, more than %.2f", c.name, c.ratio(), c.most)
	}
	return nil
}

// String is what both take.
func (c Compared) String() string {
	return fmt.Sprintf("%.1f min, of which AWS forces %.1f", c.ours.Makespan.Minutes(), c.limit.Makespan.Minutes())
}

func (c Compared) print() {
	fmt.Printf("prod %-7s %5.1f min  limit of AWS %5.1f min  ratio %.2f (limit %.2f)  four stacks by hand %5.1f min\n",
		c.name, c.ours.Makespan.Minutes(), c.limit.Makespan.Minutes(), c.ratio(), c.most, c.byHand.Makespan.Minutes())
	for _, path := range []struct {
		name string
		of   pace.Schedule
	}{{"critical path", c.ours}, {"limit", c.limit}, {"by hand", c.byHand}} {
		fmt.Printf("  %s of %s\n", path.name, c.name)
		for _, line := range path.of.Lines() {
			fmt.Println("   ", line)
		}
	}
}

// deployed is the state of prod after an update.
func deployed(ctx context.Context, dir string) (pace.Stack, error) {
	local, program := filepath.Join(dir, "local"), filepath.Join(dir, "program")
	flags := []string{"--home", filepath.Join(dir, "home"), "--program", program, "--stack", "prod"}
	for _, args := range [][]string{
		{"go", "build", "-o", local, "./local"},
		{"go", "build", "-o", program, "."},
		append([]string{local, "up", "--yes", "--skip-preview", "--non-interactive"}, flags...),
	} {
		if err := command(ctx, args...).Run(); err != nil {
			return nil, fmt.Errorf("%s: %w", args[1], err)
		}
	}
	export, err := command(ctx, append([]string{local, "stack", "export"}, flags...)...).Output()
	if err != nil {
		return nil, fmt.Errorf("stack export: %w", err)
	}
	return pace.Read(export)
}

func command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // programs that this command has built
	cmd.Stderr = os.Stderr
	cmd.Env = append(os.Environ(), "DOCKER_HOST=unix:///nonexistent.sock") // the graph is the same without an engine
	return cmd
}
