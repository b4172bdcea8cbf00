package task

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// errNoExec is AWS's refusal of ECS Exec.
var errNoExec = errors.New("InvalidParameterException: The execute command failed because execute command was not enabled " +
	"when the task was run or the execute command agent isn’t running. Wait and try again or run a new task with execute " +
	"command enabled and try again.")

// Locate finds the engine's id of a running container for ECS Exec, by the name that Find takes.
func (p *Part) Locate(name string) (id string, err error) {
	if err := p.load(); err != nil {
		return "", err
	}
	t, c, err := Find(p.Tasks(), name)
	if err != nil {
		return "", err
	}
	if !t.Exec {
		return "", errNoExec
	}
	if err := p.mayExec(t); err != nil {
		return "", err
	}
	return c.ID, nil
}

// Find finds a running container by "TASK/CONTAINER", "CONTAINER", or "TASK" where the task has no other. A task is
// named by its id or its beginning. A container that several tasks have is that of the one that began last.
func Find(tasks []Task, name string) (Task, Container, error) {
	tasks = slices.DeleteFunc(slices.Clone(tasks), func(t Task) bool { return len(t.runningContainers()) == 0 })
	slices.SortStableFunc(tasks, func(a, b Task) int { return b.Created.Compare(a.Created) })
	of, container, both := strings.Cut(name, "/")
	var matching []Task
	for _, t := range tasks {
		if of != "" && strings.HasPrefix(t.ID, of) {
			matching = append(matching, t)
		}
	}
	switch {
	case len(matching) > 1:
		return Task{}, Container{}, fmt.Errorf("several tasks begin with %q: %s", of, strings.Join(choices(matching), ", "))
	case len(matching) == 1 && !both:
		running := matching[0].runningContainers()
		if len(running) == 1 {
			return matching[0], running[0], nil
		}
		return Task{}, Container{}, fmt.Errorf("task %s has several containers: say which, one of %s",
			of, strings.Join(choices(matching), ", "))
	case !both:
		matching, container = tasks, name
	}
	for _, t := range matching {
		for _, c := range t.runningContainers() {
			if c.Name == container {
				return t, c, nil
			}
		}
	}
	if len(tasks) == 0 {
		return Task{}, Container{}, errors.New("no task runs")
	}
	return Task{}, Container{}, fmt.Errorf("no running container or task is called %q; there are %s", name,
		strings.Join(choices(tasks), ", "))
}

func (t Task) runningContainers() []Container {
	return slices.DeleteFunc(slices.Clone(t.Containers), func(c Container) bool { return c.Status != Running })
}

// choices are the names by which running containers can be called.
func choices(tasks []Task) []string {
	var list []string
	for _, t := range tasks {
		for _, c := range t.runningContainers() {
			list = append(list, short(t.ID)+"/"+c.Name)
		}
	}
	return list
}
