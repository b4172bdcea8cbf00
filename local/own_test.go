package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/daemon"
	"wordpress-ecs/local/runtime/logs"
	"wordpress-ecs/local/runtime/part"
)

func TestOwnArgumentsStandInAnyOrder(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"":                        "logs needs NAME (see `go run ./local help`)",
		"nginx":                   "nginx  100",
		"nginx --tail 5":          "nginx  5",
		"--tail=5 nginx php":      "nginx php 5",
		"nginx php more":          "logs takes no argument \"more\" (see `go run ./local help`)",
		"--tail many nginx":       `logs: invalid value "many" for flag -tail: parse error (see ` + "`go run ./local help`)",
		"nginx --nonsense --tail": "logs: flag provided but not defined: -nonsense (see `go run ./local help`)",
	} {
		tail := 100
		values, err := parseOwn("logs", strings.Fields(line), []string{"NAME", "[KEY]"}, func(flags *flag.FlagSet) {
			flags.IntVar(&tail, "tail", tail, "")
		})
		if err != nil {
			require.EqualError(t, err, want, line)
			continue
		}
		require.Equal(t, want, strings.Join(values, " ")+" "+strconv.Itoa(tail), line)
	}
}

func TestTheStatusIsATable(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		now  daemon.Status
		want string
	}{
		"nothing runs":     {daemon.Status{Reason: "no Docker engine answers"}, "Nothing runs: no Docker engine answers.\n"},
		"nothing runs yet": {daemon.Status{Running: true}, "Nothing runs yet.\n"},
		"a service and what belongs to it": {daemon.Status{Running: true, Rows: []part.Row{
			{Kind: "container", Name: "nginx", Parent: "1a2b", State: "RUNNING"},
			{Kind: "database", Name: "db", State: "available", Address: "127.0.0.1:3306"},
			{Kind: "service", Name: "site", State: "ACTIVE", Detail: "1 of 1"},
			{Kind: "task", Name: "1a2b", Parent: "site", State: "RUNNING"},
			{Kind: "target", Name: "10.0.0.1:80", Parent: "elsewhere", State: "healthy"},
		}}, "" +
			"KIND           NAME         STATE      ADDRESS         DETAIL\n" +
			"database       db           available  127.0.0.1:3306  \n" +
			"service        site         ACTIVE                     1 of 1\n" +
			"  task         1a2b         RUNNING                    \n" +
			"    container  nginx        RUNNING                    \n" +
			"target         10.0.0.1:80  healthy                    \n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			require.NoError(t, writeStatus(&out, tc.now))
			require.Equal(t, tc.want, out.String())
		})
	}
}

func TestRowsThatNameEachOtherAreAllShown(t *testing.T) {
	t.Parallel()
	rows := []part.Row{
		{Kind: "task", Name: "a", Parent: "b"}, {Kind: "task", Name: "b", Parent: "a"}, {Kind: "task", Name: "c", Parent: "c"},
	}
	require.Len(t, nested(rows), len(rows))
}

func logStore(t *testing.T) *logs.Store {
	t.Helper()
	store, err := logs.Open(filepath.Join(t.TempDir(), "logs"))
	require.NoError(t, err)
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.Local)
	for i, event := range []struct{ group, stream, line string }{
		{"site-nginx-dev", "nginx/nginx/1a2b3c4d5e6f", "first"},
		{"site-php-dev", "php/php-fpm/1a2b3c4d5e6f", "second"},
		{"site-nginx-dev", "nginx/nginx/ffff3c4d5e6f", "third"},
		{"/aws/rds/db/error", "db-1", "fourth"},
	} {
		require.NoError(t, store.Append(event.group, event.stream, at.Add(time.Duration(i)*time.Second), event.line))
	}
	return store
}

func TestLogsOfAContainerATaskOrAGroup(t *testing.T) {
	t.Parallel()
	store := logStore(t)
	for name, tc := range map[string]struct {
		chosen selection
		tail   int
		want   string
	}{
		"all":               {want: "first second third fourth"},
		"a container":       {chosen: selection{name: "nginx"}, want: "first third"},
		"a task":            {chosen: selection{name: "1a2b"}, want: "first second"},
		"one of a task":     {chosen: selection{name: "1a2b3c4d5e6f/php-fpm"}, want: "second"},
		"a group":           {chosen: selection{name: "site-nginx-dev"}, want: "first third"},
		"the end of one":    {chosen: selection{name: "error"}, want: "fourth"},
		"the newest":        {tail: 2, want: "third fourth"},
		"those of a stack":  {chosen: selection{groups: []string{"site-php-dev"}}, want: "second"},
		"a stack with none": {chosen: selection{groups: []string{}}, want: ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var lines []string
			_, err := showTail(store, tc.chosen, tc.tail, func(e logs.Event) error {
				lines = append(lines, e.Line)
				return nil
			})
			require.NoError(t, err)
			require.Equal(t, tc.want, strings.Join(lines, " "))
		})
	}
	_, err := showTail(store, selection{name: "1a2"}, 0, nil)
	require.EqualError(t, err, `logs: there is no container, task or log group "1a2"; `+
		"there are /aws/rds/db/error, nginx, php-fpm, site-nginx-dev, site-php-dev")
}

func TestLogLinesSayWhereTheyComeFrom(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	_, err := showTail(logStore(t), selection{name: "php-fpm"}, 1, printer(&out, false))
	require.NoError(t, err)
	require.Equal(t, "2026-11-20 12:00:01.000 php-fpm/1a2b3c4d  second\n", out.String())
	out.Reset()
	_, err = showTail(logStore(t), selection{name: "db-1"}, 1, printer(&out, true))
	require.NoError(t, err)
	require.Contains(t, out.String(), `"line":"fourth"`)
}

// Nothing of this needs an account, and nothing makes one.
func TestRestoreTellsWhatThereIs(t *testing.T) {
	t.Chdir(t.TempDir())
	var out bytes.Buffer
	require.NoError(t, listSnapshots(&out, "snapshots"))
	require.Equal(t, "There is no snapshot and no backup in snapshots.\n", out.String())

	file := filepath.Join("snapshots", "rds", "last.tar.gz")
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
	for _, name := range []string{file, "snapshots/rds/last.json", "snapshots/rds/.snapshot-123"} {
		require.NoError(t, os.WriteFile(name, make([]byte, 2_000_000), 0o600))
	}
	made := time.Date(2026, 1, 2, 3, 4, 5, 0, time.Local)
	require.NoError(t, os.Chtimes(file, made, made))
	out.Reset()
	require.NoError(t, listSnapshots(&out, "snapshots"))
	require.Equal(t, "FILE                       MADE                 SIZE\n"+
		"snapshots/rds/last.tar.gz  2026-01-02 03:04:05  2.0 MB\n", out.String())

	args, err := fromHere([]string{file, "site"})
	require.NoError(t, err)
	require.True(t, filepath.IsAbs(args[0]))
	require.FileExists(t, args[0])
	require.Equal(t, "site", args[1])
}

func TestOwnCommandsOnAnEmptyHome(t *testing.T) {
	t.Chdir("..") // to the project, which commands enter
	for line, want := range map[string]string{
		"status --json":             "",
		"stop":                      "",
		"start":                     "",
		"stop now":                  `stop takes no argument "now"`,
		"start -s dev":              "start takes no --stack: all stacks of a home run or are stopped together",
		"exec":                      "exec needs TASK|CONTAINER",
		"exec nginx --":             "there is no command after --",
		"exec nginx":                "nothing is deployed",
		"failover":                  "failover needs CLUSTER|GROUP",
		"drain":                     "drain needs INSTANCE",
		"terminate i-1 i-2":         `terminate takes no argument "i-2"`,
		"restore":                   "",
		"restore one":               "restore needs TARGET",
		"restore one site":          "nothing is deployed",
		"aws help":                  "",
		"aws ecs help":              "",
		"aws ecs describe-services": "nothing is deployed",
		"secret":                    "secret needs NAME",
		"logs --tail -1":            "logs: --tail -1 is not allowed: 0 (all lines) or more",
		"status --clock 5":          "--clock is not for `status`: it goes with up, preview, refresh, destroy, start and serve",
		"up --clock 0":              "--clock 0 is not allowed: 1 (as slow as AWS's) to 100; 10 unless given",
		"up --clock fast":           "--clock fast is not a number: 1 (as slow as AWS's) to 100 are allowed",
		"serve --port 70000":        "serve: --port 70000 is not allowed: 0 (free ports) to 65000",
	} {
		home := filepath.Join(t.TempDir(), "home")
		code, err := dispatch(context.Background(), append([]string{"--home", home}, strings.Fields(line)...))
		if want == "" {
			require.NoError(t, err, line)
			require.Zero(t, code, line)
		} else {
			require.ErrorContains(t, err, want, line)
			require.Equal(t, 1, code, line)
		}
		require.NoFileExists(t, filepath.Join(home, "account.db"), line)
	}
}
