package machine

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
)

// Usage is what a container uses of the machine.
type Usage struct {
	// CPU is the time that it has used of all cores since it was started.
	CPU time.Duration
	// Memory is in bytes, without the files that the kernel could forget at once.
	Memory int64
	// At is when it was read.
	At time.Time
}

// usageTimeout is how long the engine may take to say what a container uses: what comes later is of no use.
const usageTimeout = 5 * time.Second

// Usage reads what a container uses; false when it does not run.
func (m *Machine) Usage(ctx context.Context, id string) (Usage, bool, error) {
	whole := ctx
	ctx, cancel := context.WithTimeout(ctx, usageTimeout)
	defer cancel()
	response, err := m.docker.ContainerStatsOneShot(ctx, id)
	if cerrdefs.IsNotFound(err) || cerrdefs.IsConflict(err) {
		return Usage{}, false, nil
	}
	if ctx.Err() != nil && whole.Err() == nil {
		return Usage{}, false, nil
	}
	if err != nil {
		return Usage{}, false, fmt.Errorf("reading what container %s uses: %w", short(id), err)
	}
	defer func() { _ = response.Body.Close() }() // it was read
	var stats container.StatsResponse
	if err := json.NewDecoder(response.Body).Decode(&stats); err != nil {
		return Usage{}, false, fmt.Errorf("reading what container %s uses: %w", short(id), err)
	}
	return usage(stats), !stats.Read.IsZero() && stats.CPUStats.CPUUsage.TotalUsage > 0, nil
}

func usage(stats container.StatsResponse) Usage {
	memory := stats.MemoryStats.Usage
	// The names of control groups' version 1 and 2.
	for _, name := range []string{"total_inactive_file", "inactive_file"} {
		if files, ok := stats.MemoryStats.Stats[name]; ok {
			memory -= min(files, memory)
			break
		}
	}
	return Usage{
		CPU:    time.Duration(stats.CPUStats.CPUUsage.TotalUsage), //nolint:gosec // 292 years fit
		Memory: int64(memory),                                     //nolint:gosec // no machine has so much
		At:     stats.Read,
	}
}
