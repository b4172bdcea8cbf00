package engine_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// settings are the parsed copy of a stack's settings.
type settings struct {
	Salt     string         `yaml:"encryptionsalt"`
	Provider string         `yaml:"secretsprovider"`
	Config   map[string]any `yaml:"config"`
}

func (l *local) copied(stack string) settings {
	l.t.Helper()
	text, err := os.ReadFile(filepath.Join(l.Home, "settings", "Pulumi."+stack+".yaml"))
	require.NoError(l.t, err)
	var s settings
	require.NoError(l.t, yaml.Unmarshal(text, &s))
	return s
}

func (l *local) writeSettings(stack, text string) {
	l.t.Helper()
	path := filepath.Join(l.Project.Dir, "Pulumi."+stack+".yaml")
	require.NoError(l.t, os.WriteFile(path, []byte(text), 0o600))
}

func TestTheCopyFollowsTheFileAndKeepsItsSalt(t *testing.T) {
	t.Parallel()
	l := newLocal(t)
	l.must(preview("--config", "size=8"))
	first := l.copied("dev")
	require.NotEmpty(t, first.Salt)
	require.Equal(t, map[string]any{"tiny:size": "8"}, first.Config)

	l.writeSettings("dev", "config:\n  tiny:size: 6\n")
	l.must(preview())
	second := l.copied("dev")
	require.Equal(t, first.Salt, second.Salt)
	require.Equal(t, map[string]any{"tiny:size": 6}, second.Config)
}

func TestEncryptionOfAnotherBackendIsLeftOut(t *testing.T) {
	t.Parallel()
	l := newLocal(t)
	l.writeSettings("dev", `secretsprovider: awskms://alias/production
encryptedkey: AQEBAHg=
config:
  tiny:size: 6
  tiny:token:
    secure: AAABAFg=
  tiny:nested:
    list:
      - secure: AAABAFg=
`)
	output := l.must(preview())
	require.Contains(t, output, "tiny:token is encrypted with a key that the local cloud has not: left out")
	require.Contains(t, output, "tiny:nested is encrypted")
	copied := l.copied("dev")
	require.Empty(t, copied.Provider)
	require.Equal(t, map[string]any{"tiny:size": 6}, copied.Config)
}

func TestSettingsFromAnotherFile(t *testing.T) {
	t.Parallel()
	l := newLocal(t)
	file := filepath.Join(t.TempDir(), "other.yaml")
	require.NoError(t, os.WriteFile(file, []byte("config:\n  tiny:size: 11\n"), 0o600))
	c := on("branch", preview())
	c.ConfigFile = file
	require.Contains(t, l.must(c), "size  : 11")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "config:\n  tiny:size: 11\n", string(text))
}

func TestSettingsThatAreNoMapping(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"a list": "- a\n", "no YAML": "a: b: c\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLocal(t)
			l.writeSettings("dev", text)
			_, _, err := l.try(preview())
			require.ErrorContains(t, err, "Pulumi.dev.yaml: ")
		})
	}
}

func TestAStackOutlivesItsSettingsFile(t *testing.T) {
	t.Parallel()
	l := newLocal(t)
	l.must(up())
	require.NoError(t, os.Remove(filepath.Join(l.Project.Dir, "Pulumi.dev.yaml")))
	l.must(on("dev", destroy()))
	require.Empty(t, l.things())
}
