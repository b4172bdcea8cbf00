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

// encryptionKeys are the entries of a settings file that say how its secrets are
// encrypted. They belong to one backend: the local cloud has its own.
var encryptionKeys = []string{"secretsprovider", "encryptedkey", "encryptionsalt"}

// copySettings writes the settings of a stack for one run, so that Pulumi, which writes
// into the file it is given, never writes into the project's. The copy keeps the
// encryption salt of the earlier copy. Source "" means the project's Pulumi.<stack>.yaml.
// Values that are encrypted with another key are left out; they are returned by name.
func (e *Engine) copySettings(stack, source string) (path string, leftOut []string, err error) {
	path = filepath.Join(e.settingsDir(), "Pulumi."+stack+".yaml")
	if source == "" {
		source = e.Project.settingsFile(stack)
		if !isFile(source) {
			if e.stackExists(stack) && isFile(path) {
				return path, nil, nil // its settings file is gone; the copy can still destroy it
			}
			return "", nil, e.unknownStack(stack)
		}
	}
	text, err := os.ReadFile(source) //nolint:gosec // a settings file that a person names
	if err != nil {
		return "", nil, fmt.Errorf("reading the settings of stack %s: %w", stack, err)
	}
	settings, err := parseSettings(text)
	if err != nil {
		return "", nil, fmt.Errorf("reading %s: %w", source, err)
	}
	earlier, err := e.earlierEncryption(path)
	if err != nil {
		return "", nil, err
	}
	leftOut = replaceEncryption(settings, earlier)
	if text, err = yaml.Marshal(settings); err != nil {
		return "", nil, fmt.Errorf("copying the settings of stack %s: %w", stack, err)
	}
	return path, leftOut, writeFile(path, text)
}

func (e *Engine) unknownStack(stack string) error {
	stacks, err := e.Project.Stacks()
	if err != nil {
		return err
	}
	file := filepath.Base(e.Project.settingsFile(stack))
	if len(stacks) == 0 {
		return fmt.Errorf("there is no stack %q: %s is missing, and so is any other stack's", stack, file)
	}
	return fmt.Errorf("there is no stack %q: %s is missing (stacks of this project: %s)",
		stack, file, strings.Join(stacks, ", "))
}

// parseSettings returns the mapping that a settings file is.
func parseSettings(text []byte) (*yaml.Node, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	if len(document.Content) == 0 {
		return &yaml.Node{Kind: yaml.MappingNode}, nil // an empty file is a stack of defaults
	}
	if document.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New("not a mapping of keys to values")
	}
	return document.Content[0], nil
}

// earlierEncryption is what Pulumi wrote about the encryption into the earlier copy.
func (e *Engine) earlierEncryption(path string) ([]*yaml.Node, error) {
	text, err := os.ReadFile(path) //nolint:gosec // a path of our own
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the earlier settings copy: %w", err)
	}
	settings, err := parseSettings(text)
	if err != nil {
		return nil, nil // a half-written copy: Pulumi makes a new salt
	}
	var kept []*yaml.Node
	for i := 0; i+1 < len(settings.Content); i += 2 {
		if slices.Contains(encryptionKeys, settings.Content[i].Value) {
			kept = append(kept, settings.Content[i], settings.Content[i+1])
		}
	}
	return kept, nil
}

// replaceEncryption puts the local cloud's encryption in the place of the file's own, and
// returns the keys of the encrypted values that it had to leave out.
func replaceEncryption(settings *yaml.Node, encryption []*yaml.Node) (leftOut []string) {
	removePairs(settings, func(key string, _ *yaml.Node) bool { return slices.Contains(encryptionKeys, key) })
	settings.Content = append(settings.Content, encryption...)
	for i := 0; i+1 < len(settings.Content); i += 2 {
		if settings.Content[i].Value != "config" {
			continue
		}
		removePairs(settings.Content[i+1], func(key string, value *yaml.Node) bool {
			if isEncrypted(value) {
				leftOut = append(leftOut, key)
				return true
			}
			return false
		})
	}
	return leftOut
}

func removePairs(mapping *yaml.Node, remove func(key string, value *yaml.Node) bool) {
	if mapping.Kind != yaml.MappingNode {
		return
	}
	var kept []*yaml.Node
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if !remove(mapping.Content[i].Value, mapping.Content[i+1]) {
			kept = append(kept, mapping.Content[i], mapping.Content[i+1])
		}
	}
	mapping.Content = kept
}

// isEncrypted says whether a value is, or holds, what `pulumi config set --secret` writes.
func isEncrypted(value *yaml.Node) bool {
	if value.Kind == yaml.MappingNode && len(value.Content) == 2 && value.Content[0].Value == "secure" {
		return true
	}
	return slices.ContainsFunc(value.Content, isEncrypted)
}

// writeFile replaces a file in one step, readable by its owner only.
func writeFile(path string, text []byte) error {
	unfinished := path + ".unfinished"
	if err := os.WriteFile(unfinished, text, 0o600); err != nil { //nolint:gosec // below the home that a person names
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := os.Rename(unfinished, path); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
