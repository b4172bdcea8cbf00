package engine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Project is a Pulumi project directory.
type Project struct {
	// Dir holds Pulumi.yaml.
	Dir string
	// Name is the project's name.
	Name string
	// ProgramDir holds the Go program: Dir unless Pulumi.yaml says otherwise in "main".
	ProgramDir string

	// startedIn is the directory that the command was started in.
	startedIn string
}

// FindProject loads the project of dir: the nearest directory upwards with a Pulumi.yaml.
func FindProject(dir string) (Project, error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return Project{}, fmt.Errorf("finding the project: %w", err)
	}
	startedIn, err := os.Getwd()
	if err != nil {
		return Project{}, fmt.Errorf("finding the project: %w", err)
	}
	for at := start; ; at = filepath.Dir(at) {
		text, err := os.ReadFile(filepath.Join(at, "Pulumi.yaml")) //nolint:gosec // a person names the directory
		switch {
		case err == nil:
			p, err := parseProject(at, text)
			p.startedIn = startedIn
			return p, err
		case !errors.Is(err, os.ErrNotExist):
			return Project{}, fmt.Errorf("reading the project file: %w", err)
		case at == filepath.Dir(at):
			return Project{}, fmt.Errorf("no Pulumi.yaml in %s or above: run this in the project, or name it with --cwd DIR", start)
		}
	}
}

func parseProject(dir string, text []byte) (Project, error) {
	var file struct {
		Name string `yaml:"name"`
		Main string `yaml:"main"`
	}
	path := filepath.Join(dir, "Pulumi.yaml")
	if err := yaml.Unmarshal(text, &file); err != nil {
		return Project{}, fmt.Errorf("reading %s: %w", path, err)
	}
	if file.Name == "" {
		return Project{}, fmt.Errorf("%s has no name", path)
	}
	return Project{Dir: dir, Name: file.Name, ProgramDir: filepath.Join(dir, file.Main)}, nil
}

// Stacks are the stacks that have a settings file, sorted.
func (p Project) Stacks() ([]string, error) {
	files, err := filepath.Glob(filepath.Join(p.Dir, "Pulumi.*.yaml"))
	if err != nil {
		return nil, fmt.Errorf("listing the stacks' settings files: %w", err)
	}
	var stacks []string
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "Pulumi."), ".yaml")
		stacks = append(stacks, name)
	}
	slices.Sort(stacks)
	return stacks, nil
}

func (p Project) settingsFile(stack string) string {
	return filepath.Join(p.Dir, "Pulumi."+stack+".yaml")
}

// cliModule is the module that pins the Pulumi CLI, below the repository of the local cloud.
const cliModule = "tools/pulumi"

// repository is where the local cloud itself is: above the project, or, for a project that is elsewhere,
// above the directory that the command runs in.
func (p Project) repository() (string, error) {
	for _, start := range []string{p.Dir, p.startedIn} {
		for at := start; ; at = filepath.Dir(at) {
			if _, err := os.Stat(filepath.Join(at, cliModule, "go.mod")); err == nil {
				return at, nil
			}
			if at == filepath.Dir(at) {
				break
			}
		}
	}
	return "", fmt.Errorf("no %s/go.mod, which pins the Pulumi CLI, above %s or %s: run the command in the repository of the local cloud",
		cliModule, p.Dir, p.startedIn)
}

// binDir holds what was compiled, which is one for all homes: the CLI in the repository of the local cloud,
// a program in its own project.
func binDir(dir string) string { return filepath.Join(dir, ".local", "bin") }
