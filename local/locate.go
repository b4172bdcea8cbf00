package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/part"
)

// labelContainer is the label by which package task names the containers of a task.
const labelContainer = "wordpress-ecs.container"

// errExecDisabled is AWS's answer where a service does not allow ECS Exec.
var errExecDisabled = errors.New("InvalidParameterException: The execute command failed because execute command was not " +
	"enabled when the task was run or the execute command agent isn't running. Wait and try again or run a new task " +
	"with execute command enabled and try again")

// locate finds the container that a person means, as the ECS API does before an exec.
func locate(ctx context.Context, home string, acct *account.Account, name string) (string, error) {
	m, err := machine.Connect(ctx, home)
	if err != nil {
		return "", err
	}
	defer m.Close()
	all, err := m.Find(ctx, map[string]string{machine.LabelKind: "task"})
	if err != nil {
		return "", err
	}
	found, err := choose(all, name)
	if err != nil {
		return "", err
	}
	allowed, err := allowsExec(acct, found.Labels[machine.LabelStack])
	if err != nil {
		return "", err
	}
	if !allowed {
		return "", errExecDisabled
	}
	return found.ID, nil
}

// choose picks a running container by its name, which takes that of the newest task, by the beginning of its task's
// id, which takes the first by name, or by both.
func choose(all []machine.Container, name string) (machine.Container, error) {
	running := slices.DeleteFunc(slices.Clone(all), func(c machine.Container) bool {
		return c.State != "running" || c.Labels[labelContainer] == ""
	})
	slices.SortFunc(running, func(a, b machine.Container) int {
		if newer := b.Created.Compare(a.Created); a.Labels[labelContainer] == b.Labels[labelContainer] && newer != 0 {
			return newer
		}
		return strings.Compare(a.Labels[labelContainer], b.Labels[labelContainer])
	})
	var names []string
	for _, c := range running {
		container, task := c.Labels[labelContainer], c.Labels[machine.LabelID]
		if name == container || isTask(name, task) || matchesBoth(name, task, container) {
			return c, nil
		}
		names = append(names, task[:min(8, len(task))]+"/"+container)
	}
	if len(names) == 0 {
		return machine.Container{}, errors.New("no task runs")
	}
	return machine.Container{}, fmt.Errorf("there is no container or task %q; there are %s", name, strings.Join(names, ", "))
}

// matchesBoth is for the beginning of a task's id, a slash and a container's name.
func matchesBoth(name, task, container string) bool {
	beginning, last, both := strings.Cut(name, "/")
	return both && last == container && isTask(beginning, task)
}

// allowsExec tells whether a stack's service enables ECS Exec.
func allowsExec(acct *account.Account, stack string) (allowed bool, err error) {
	err = acct.View(func(tx *account.Tx) error {
		services, err := tx.ByType("aws:ecs/service:Service")
		for _, s := range services {
			enabled, _ := s.Outputs["enableExecuteCommand"].(bool)
			allowed = allowed || enabled && part.Stack(s) == stack
		}
		return err
	})
	return allowed, err
}
