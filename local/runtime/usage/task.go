package usage

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/metrics"
	"wordpress-ecs/local/runtime/task"
)

const definitionType = "aws:ecs/taskDefinition:TaskDefinition"

const (
	// unitsPerCore are ECS's CPU units.
	unitsPerCore = 1024
	mebibyte     = 1 << 20
)

// size is what a task has reserved.
type size struct {
	// cpu is in cores, memory in bytes. 0 is none: there is no percentage of it.
	cpu, memory float64
}

// measured is a task that runs.
type measured struct {
	service    string
	size       size
	containers []string
}

// running lists the tasks of services that run, with the size that their definition gives them.
func (u *Usage) running() []measured {
	var list []measured
	for _, t := range u.Tasks.Tasks() {
		service, ok := strings.CutPrefix(t.Group, "service:")
		if !ok || t.Status != task.Running {
			continue
		}
		size, err := u.sizeOf(t.Definition)
		if err != nil {
			u.Say("a task is not measured: " + err.Error())
		}
		m := measured{service: t.Cluster[strings.LastIndex(t.Cluster, "/")+1:] + "/" + service, size: size}
		for _, c := range t.Containers {
			if c.ID != "" && c.Exit == nil {
				m.containers = append(m.containers, c.ID)
			}
		}
		list = append(list, m)
	}
	return list
}

// sizeOf reads a definition once: it never changes, and tasks may outlive it.
func (u *Usage) sizeOf(definition string) (size, error) {
	if known, ok := u.sizes[definition]; ok {
		return known, nil
	}
	var found size
	err := u.Account.View(func(tx *account.Tx) error {
		all, err := tx.ByType(definitionType)
		for _, r := range all {
			if r.Outputs.String("arn") == definition {
				found, err = reserved(r.Outputs)
			}
		}
		return err
	})
	u.sizes[definition] = found
	return found, err
}

// reserved is the size of a task: its own, or what its containers have together.
func reserved(definition account.Props) (size, error) {
	var containers []struct{ CPU, Memory, MemoryReservation float64 }
	if err := json.Unmarshal([]byte(definition.String("containerDefinitions")), &containers); err != nil {
		return size{}, fmt.Errorf("containers of %s: %w", definition.String("family"), err)
	}
	var units, memory float64
	for _, c := range containers {
		units += c.CPU
		if c.MemoryReservation > 0 {
			memory += c.MemoryReservation
		} else {
			memory += c.Memory
		}
	}
	if own, err := strconv.ParseFloat(definition.String("cpu"), 64); err == nil && own > 0 {
		units = own
	}
	if own, err := strconv.ParseFloat(definition.String("memory"), 64); err == nil && own > 0 {
		memory = own
	}
	return size{cpu: units / unitsPerCore, memory: memory * mebibyte}, nil
}

// putTask puts what a task used in a period, in percent of what it has reserved.
func (u *Usage) putTask(t measured, period time.Time, before map[string]machine.Usage) {
	cores, known := u.busy(t.containers, before)
	if known && t.size.cpu > 0 {
		u.put(metrics.ECS, metrics.CPUUtilization, t.service, period, percent(cores, t.size.cpu))
	}
	var memory float64
	for _, id := range t.containers {
		memory += float64(u.readings[id].Memory)
	}
	if memory > 0 && t.size.memory > 0 {
		u.put(metrics.ECS, metrics.MemoryUtilization, t.service, period, percent(memory, t.size.memory))
	}
}

func percent(part, whole float64) float64 { return part / whole * 100 }
