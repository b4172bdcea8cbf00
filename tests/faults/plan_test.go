package faults_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/cloud"
)

// part is a resource of the program.
type part struct{ Type, Name string }

// resource is a part that exists.
type resource struct {
	part
	ID string
}

// recorded are the resources of a stack in Pulumi's state, without components and providers.
func recorded(t *testing.T, c *cloud.Cloud) []resource {
	t.Helper()
	var export struct {
		Deployment struct {
			Resources []struct {
				URN, Type, ID    string
				Custom, External bool
			}
		}
	}
	out := c.OK("stack", "export", "--stack", "prod").Stdout
	require.NoError(t, json.Unmarshal([]byte(out), &export), out)
	var list []resource
	for _, r := range export.Deployment.Resources {
		if r.Custom && !r.External && !strings.HasPrefix(r.Type, "pulumi:") {
			list = append(list, resource{part{r.Type, r.URN[strings.LastIndex(r.URN, "::")+2:]}, r.ID})
		}
	}
	return list
}

func parts(list []resource) []part {
	var all []part
	for _, r := range list {
		all = append(all, r.part)
	}
	return all
}

// plan writes a plan by which the next call about each of the parts fails, and returns the flag that names it.
func plan(t *testing.T, call, fault string, of []part) string {
	t.Helper()
	var text strings.Builder
	text.WriteString("faults:\n")
	for _, p := range of {
		fmt.Fprintf(&text, "  - {call: %s, type: %q, name: %q, %s}\n", call, p.Type, p.Name, fault)
	}
	file := filepath.Join(t.TempDir(), "faults.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text.String()), 0o600))
	return "--faults=" + file
}

// faultLine may come after dots with which Pulumi shows that it works.
var faultLine = regexp.MustCompile(`local: fault \S+: (?:create|delete) of (\S+) (\S+)`)

// failed are the parts whose calls have failed in a run.
func failed(out string) []part {
	var list []part
	for _, match := range faultLine.FindAllStringSubmatch(out, -1) {
		list = append(list, part{match[1], match[2]})
	}
	return list
}

// without are the parts that are not among others, which all are.
func without(t *testing.T, all, others []part) []part {
	t.Helper()
	require.Subset(t, all, others)
	return slices.DeleteFunc(slices.Clone(all), func(p part) bool { return slices.Contains(others, p) })
}

// requireInOrder checks that the account holds what the state holds, and like that.
func requireInOrder(t *testing.T, c *cloud.Cloud) {
	t.Helper()
	type thing struct{ Type, ID string }
	var state, account []thing
	for _, r := range recorded(t, c) {
		if strings.HasPrefix(r.Type, "aws:") { // others are in the state alone
			state = append(state, thing{r.Type, r.ID})
		}
	}
	for _, r := range c.Resources() {
		account = append(account, thing{r.Type, r.ID})
	}
	require.ElementsMatch(t, state, account)
	c.OK("refresh", "--stack", "prod", "--yes", "--skip-preview", "--expect-no-changes", "--non-interactive")
	c.Unchanged("prod")
}
