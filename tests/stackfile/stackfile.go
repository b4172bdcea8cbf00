// Package stackfile reads Pulumi.yaml and the stack files beside it as the Pulumi CLI hands them to a program.
package stackfile

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"
)

// Project is Pulumi.yaml.
type Project struct {
	Name   string         `yaml:"name"`
	Config map[string]Key `yaml:"config"`
}

// Key is the declaration of a configuration key. Keys of providers and of Pulumi have a value and no type.
type Key struct {
	Type        string `yaml:"type"`
	Description string `yaml:"description"`
	Default     any    `yaml:"default"`
	Value       any    `yaml:"value"`
}

// ReadProject reads Pulumi.yaml in a folder.
func ReadProject(dir string) (*Project, error) {
	p := &Project{}
	return p, read(filepath.Join(dir, "Pulumi.yaml"), p)
}

// Full is the name of a key with its namespace, which is the project's unless it names another.
func (p *Project) Full(key string) string {
	if strings.Contains(key, ":") {
		return key
	}
	return p.Name + ":" + key
}

// Config is the configuration of a stack: what its file sets, and the defaults of Pulumi.yaml for the rest.
// Keys carry their namespace; values are text, as a program gets them.
func Config(dir, stack string) (map[string]string, error) {
	project, err := ReadProject(dir)
	if err != nil {
		return nil, err
	}
	merged := map[string]any{}
	for key, declared := range project.Config {
		merged[project.Full(key)] = declared.Default
		if declared.Value != nil {
			merged[project.Full(key)] = declared.Value
		}
	}
	set, err := Set(dir, stack)
	if err != nil {
		return nil, err
	}
	for key, value := range set {
		merged[project.Full(key)] = value
	}
	config := map[string]string{}
	for key, value := range merged {
		if config[key], err = text(value); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	return config, nil
}

// Set is what the file of a stack sets.
func Set(dir, stack string) (map[string]any, error) {
	var file struct {
		Config map[string]any `yaml:"config"`
	}
	err := read(filepath.Join(dir, "Pulumi."+stack+".yaml"), &file)
	return file.Config, err
}

// text is a value as a program gets it: as it is written, lists and objects as JSON.
func text(value any) (string, error) {
	switch value.(type) {
	case []any, map[string]any:
		b, err := json.Marshal(value)
		return string(b), err
	}
	return fmt.Sprint(value), nil
}

func read(path string, into any) error {
	b, err := os.ReadFile(path) //nolint:gosec // a file of the repository
	if err != nil {
		return err
	}
	if err := yaml.Unmarshal(b, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
