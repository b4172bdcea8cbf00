package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/engine"
)

func TestArgumentsAreSplit(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]invocation{
		"up":                      {command: engine.Command{Words: []string{"up"}}},
		"up --stack prod --yes":   {command: engine.Command{Words: []string{"up"}, Stack: "prod", Rest: []string{"--yes"}}},
		"up --stack=prod":         {command: engine.Command{Words: []string{"up"}, Stack: "prod"}},
		"up -s prod":              {command: engine.Command{Words: []string{"up"}, Stack: "prod"}},
		"up -sprod":               {command: engine.Command{Words: []string{"up"}, Stack: "prod"}},
		"up -s=prod":              {command: engine.Command{Words: []string{"up"}, Stack: "prod"}},
		"up -yfs prod":            {command: engine.Command{Words: []string{"up"}, Stack: "prod", Rest: []string{"-yf"}}},
		"--stack prod up":         {command: engine.Command{Words: []string{"up"}, Stack: "prod"}},
		"stack -s prod output":    {command: engine.Command{Words: []string{"stack", "output"}, Stack: "prod"}},
		"stack output siteUrl":    {command: engine.Command{Words: []string{"stack", "output"}, Rest: []string{"siteUrl"}}},
		"--color never -v 3 up":   {command: engine.Command{Words: []string{"up"}, Rest: []string{"--color", "never", "-v", "3"}}},
		"up -c size=3 -m message": {command: engine.Command{Words: []string{"up"}, Rest: []string{"-c", "size=3", "-m", "message"}}},
		"up -p 4 -tsome::urn":     {command: engine.Command{Words: []string{"up"}, Rest: []string{"-p", "4", "-tsome::urn"}}},
		"up --config-file a.yaml": {command: engine.Command{Words: []string{"up"}, ConfigFile: "a.yaml"}},
		"up -- --stack prod":      {command: engine.Command{Words: []string{"up"}, Rest: []string{"--", "--stack", "prod"}}},
		"up --help":               {help: true, command: engine.Command{Words: []string{"up"}}},
		"help up":                 {command: engine.Command{Words: []string{"help"}, Rest: []string{"up"}}},
		"logs nginx -f":           {command: engine.Command{Words: []string{"logs"}, Rest: []string{"nginx", "-f"}}},
		"--clock 50 up":           {clock: "50", command: engine.Command{Words: []string{"up"}}},
		"--home h -C d up --program p": {
			home: "h", cwd: "d", program: "p", command: engine.Command{Words: []string{"up"}},
		},
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			got, err := parseArguments(strings.Fields(line))
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

func TestAFlagWithoutItsValue(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"up --stack", "up -s", "up --home=", "-C"} {
		_, err := parseArguments(strings.Fields(line))
		require.ErrorContains(t, err, "needs a value", line)
	}
}

func TestEveryCommandHasItsWay(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]engine.Command{
		"up -y":                     {Words: []string{"up"}, Rest: []string{"-y"}, Way: engine.Operate},
		"destroy":                   {Words: []string{"destroy"}, Way: engine.Operate},
		"refresh":                   {Words: []string{"refresh"}, Way: engine.Operate},
		"preview --json":            {Words: []string{"preview"}, Rest: []string{"--json"}, Way: engine.Preview},
		"config":                    {Words: []string{"config"}, Way: engine.Configure},
		"config get size":           {Words: []string{"config", "get"}, Rest: []string{"size"}, Way: engine.Configure},
		"stack":                     {Words: []string{"stack"}, Way: engine.Read},
		"stack ls":                  {Words: []string{"stack", "ls"}, Way: engine.Show},
		"stack output url":          {Words: []string{"stack", "output"}, Rest: []string{"url"}, Way: engine.Read},
		"stack select prod":         {Words: []string{"stack", "select"}, Rest: []string{}, Stack: "prod", Way: engine.Select},
		"stack init prod":           {Words: []string{"stack", "select"}, Stack: "prod", Way: engine.Select},
		"stack init -s prod":        {Words: []string{"stack", "select"}, Stack: "prod", Way: engine.Select},
		"stack rm --yes dev":        {Words: []string{"stack", "rm"}, Rest: []string{"--yes"}, Stack: "dev", Way: engine.Configure},
		"state unprotect --all":     {Words: []string{"state", "unprotect"}, Rest: []string{"--all"}, Way: engine.Change},
		"state move --dest b urn:x": {Words: []string{"state", "move"}, Rest: []string{"--dest", "b", "urn:x"}, Way: engine.Select},
		"about":                     {Words: []string{"about"}, Way: engine.Show},
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			inv, err := parseArguments(strings.Fields(line))
			require.NoError(t, err)
			got, err := classify(inv.command)
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

func TestCommandsThatMakeNoSenseSayWhatToDo(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"config set size 3":    "`config set` is not for the local cloud: edit Pulumi.<stack>.yaml, or pass --config key=value to one run",
		"config rm size":       "edit Pulumi.<stack>.yaml",
		"config cp -d prod":    "edit Pulumi.<stack>.yaml",
		"config refresh":       "edit Pulumi.<stack>.yaml",
		"stack rename x":       "rename Pulumi.<stack>.yaml",
		"stack init":           "needs the name of the stack",
		"login":                "there is nothing to log in to",
		"logout":               "there is nothing to log out of",
		"cancel":               "Ctrl-C ends a running command",
		"new aws-go":           "the project is here already",
		"org get-default":      "Pulumi Cloud",
		"plugin install":       "the local cloud brings the providers",
		"import aws:x/y:Z a b": "language host",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			inv, err := parseArguments(strings.Fields(line))
			require.NoError(t, err)
			_, err = classify(inv.command)
			require.ErrorContains(t, err, want)
		})
	}
}

func TestHelpOfTheLocalCloud(t *testing.T) {
	t.Parallel()
	for line, own := range map[string]bool{
		"": true, "--help": true, "help": true, "help serve": true, "serve --help": true, "resources -h": true,
		"help logs": true, "exec --help": true,
		"--nonsense": false, "help up": false, "up --help": false, "up": false, "serve": false,
	} {
		inv, err := parseArguments(strings.Fields(line))
		require.NoError(t, err, line)
		require.Equal(t, own, asksForHelp(inv), line)
	}
}

// A mistyped flag is no reason to answer with help and success.
func TestAFlagWithoutACommand(t *testing.T) {
	t.Parallel()
	code, err := dispatch(t.Context(), []string{"--nonsense"})
	require.Equal(t, 1, code)
	require.ErrorContains(t, err, "--nonsense without a command")
}
