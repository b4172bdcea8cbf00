package main

import (
	"fmt"
	"strings"

	"wordpress-ecs/local/engine"
)

// ways says how each of Pulumi's commands is run. What is not listed only shows
// something and needs no stack.
//
//nolint:goconst // a command is named as people type it
var ways = map[string]engine.Way{
	"up": engine.Operate, "update": engine.Operate, "refresh": engine.Operate,
	"destroy": engine.Operate, "down": engine.Operate, "dn": engine.Operate,
	"preview": engine.Preview, "pre": engine.Preview,

	"config": engine.Configure, "config get": engine.Configure,
	"stack remove": engine.Configure, "stack rm": engine.Configure, "stack delete": engine.Configure,

	"stack import": engine.Change, "stack tag": engine.Change,
	"state delete": engine.Change, "state remove": engine.Change, "state rm": engine.Change,
	"state edit": engine.Change, "state update": engine.Change, "state modify": engine.Change,
	"state protect": engine.Change, "state unprotect": engine.Change,
	"state rename": engine.Change, "state repair": engine.Change,
	"state taint": engine.Change, "state untaint": engine.Change,

	"stack select": engine.Select, "stack unselect": engine.Select,
	"state move": engine.Select, "state mv": engine.Select, "state upgrade": engine.Select,

	"stack": engine.Read, "stack output": engine.Read, "stack export": engine.Read,
	"stack history": engine.Read, "stack hist": engine.Read, "stack graph": engine.Read,
	"stack get": engine.Read, "state get": engine.Read,
}

const (
	settingsAreFiles = "edit Pulumi.<stack>.yaml, or pass --config key=value to one run"
	cloudOnly        = "it works with Pulumi Cloud, which the local cloud never talks to"
	noHost           = "it needs Pulumi's own language host, which the local cloud does not use"
	noPlugins        = "there is nothing to install: the local cloud brings the providers"
	oneProject       = "the project is here already"
)

// refusals say why a command makes no sense here, and what to do instead.
var refusals = map[string]string{
	"config set": settingsAreFiles, "config set-all": settingsAreFiles,
	"config rm": settingsAreFiles, "config remove": settingsAreFiles, "config delete": settingsAreFiles,
	"config rm-all": settingsAreFiles, "config remove-all": settingsAreFiles, "config delete-all": settingsAreFiles,
	"config cp": settingsAreFiles, "config copy": settingsAreFiles, "config refresh": settingsAreFiles,
	"config env":   settingsAreFiles,
	"stack rename": "rename Pulumi.<stack>.yaml; the next `up` makes a stack of that name",
	"stack change-secrets-provider": "the local cloud encrypts with a passphrase of its own; " +
		"Pulumi.<stack>.yaml keeps its secrets provider",
	"stack migrate": cloudOnly, "stack schedule": cloudOnly, "stack webhook": cloudOnly, "stack drift": cloudOnly,
	"cancel": "Ctrl-C ends a running command; after one that was killed, the next command puts things in order",
	"login":  "there is nothing to log in to: the state is in the home directory (.local, or --home)",
	"logout": "there is nothing to log out of: the state is in the home directory (.local, or --home)",
	"new":    oneProject,
	"watch":  noHost, "import": noHost, "convert": noHost,
	"install": noPlugins, "plugin": noPlugins,
	"console": cloudOnly, "org": cloudOnly, "env": cloudOnly, "project": cloudOnly, "deployment": cloudOnly,
	"api": cloudOnly, "insights": cloudOnly, "neo": cloudOnly,
	"do": "change the program instead: the emulated account is what the program makes it",
}

// classify completes a command of Pulumi's with how it has to be run, or refuses it.
func classify(c engine.Command) (engine.Command, error) {
	name := strings.Join(c.Words, " ")
	for _, asked := range []string{name, c.Words[0]} {
		if reason, ok := refusals[asked]; ok {
			return c, fmt.Errorf("`%s` is not for the local cloud: %s", asked, reason)
		}
	}
	switch name {
	case "stack init", "stack new", "stack create", "stack setup":
		// Selecting creates the stack when it is not there, from its settings file.
		c = withStackArgument(c)
		if c.Stack == "" {
			return c, fmt.Errorf("`%s` needs the name of the stack", name)
		}
		c.Words, c.Rest = []string{"stack", "select"}, nil
	case "stack select", "stack rm", "stack remove", "stack delete":
		c = withStackArgument(c)
	}
	way, listed := ways[strings.Join(c.Words, " ")]
	if !listed {
		way = engine.Show
	}
	c.Way = way
	return c, nil
}

// withStackArgument takes the stack from the arguments where it may stand without --stack.
func withStackArgument(c engine.Command) engine.Command {
	for i, arg := range c.Rest {
		if c.Stack == "" && !strings.HasPrefix(arg, "-") {
			c.Stack = arg
			c.Rest = append(c.Rest[:i:i], c.Rest[i+1:]...)
			break
		}
	}
	return c
}
