package main

import (
	"fmt"
	"strings"

	"wordpress-ecs/local/engine"
)

// invocation is what the command line asks for.
type invocation struct {
	// home is --home; "" means .local in the project.
	home string
	// cwd is --cwd; "" means the current directory.
	cwd string
	// program is --program: a compiled program to use instead of compiling.
	program string
	// command is what to run: a command of our own or one of Pulumi's.
	command engine.Command
	// clock is --clock; "" leaves the clock as it is.
	clock string
	// latency is --latency; "" is none.
	latency string
	// rules is --rules: "on" or "off"; "" is on.
	rules string
	// faults is --faults: the file of a plan; "" is none.
	faults string
	// help is true when the flags ask for help.
	help bool
}

// valueFlags are Pulumi's global flags that take the next argument as their value. They
// may stand before the command, where that value must not be taken for the command.
var valueFlags = map[string]bool{
	"--color": true, "--memprofilerate": true, "--otel-traces": true, "--profiling": true,
	"--tracing": true, "--verbose": true, "-v": true,
}

// plainLetters are the one-letter flags without a value that people write in front of
// another in one word, as in -ys dev.
const plainLetters = "ydfjiueQ"

// groups are the commands that have commands of their own.
//
//nolint:goconst // a command is named as people type it
var groups = map[string]bool{
	"stack": true, "state": true, "config": true, "plugin": true, "policy": true, "package": true, "template": true,
}

// parser walks over the arguments once.
type parser struct {
	args []string
	inv  invocation
}

// parseArguments splits the command line into the flags of the local cloud, the command,
// and what is Pulumi's to understand.
func parseArguments(args []string) (invocation, error) {
	p := &parser{args: args}
	for len(p.args) > 0 {
		if err := p.next(); err != nil {
			return invocation{}, err
		}
	}
	return p.inv, nil
}

func (p *parser) next() error {
	arg := p.args[0]
	p.args = p.args[1:]
	c := &p.inv.command
	if arg == "--" {
		c.Rest = append(append(c.Rest, arg), p.args...)
		p.args = nil
		return nil
	}
	name, value, joined := strings.Cut(arg, "=")
	if target := p.captured(name); target != nil {
		return p.take(target, name, value, joined)
	}
	if letters, stack, ok := bundledStack(arg); ok {
		if letters != "" {
			c.Rest = append(c.Rest, "-"+letters)
		}
		return p.take(&c.Stack, "-s", strings.TrimPrefix(stack, "="), stack != "")
	}
	switch {
	case arg == "--help" || arg == "-h":
		p.inv.help = true
	case strings.HasPrefix(arg, "-"):
		c.Rest = append(c.Rest, arg)
		if valueFlags[arg] && len(p.args) > 0 {
			c.Rest = append(c.Rest, p.args[0])
			p.args = p.args[1:]
		}
	case len(c.Words) == 0 || len(c.Words) == 1 && groups[c.Words[0]]:
		c.Words = append(c.Words, arg)
	default:
		c.Rest = append(c.Rest, arg)
	}
	return nil
}

// captured is where the value of a flag goes that the local cloud has to know; nil for others.
func (p *parser) captured(flag string) *string {
	switch flag {
	case "--home":
		return &p.inv.home
	case "--cwd", "-C":
		return &p.inv.cwd
	case "--program":
		return &p.inv.program
	case "--clock":
		return &p.inv.clock
	case "--latency":
		return &p.inv.latency
	case "--rules":
		return &p.inv.rules
	case "--faults":
		return &p.inv.faults
	case "--stack":
		return &p.inv.command.Stack
	case "--config-file":
		return &p.inv.command.ConfigFile
	}
	return nil
}

func (p *parser) take(target *string, name, value string, joined bool) error {
	if !joined {
		if len(p.args) == 0 {
			return fmt.Errorf("%s needs a value", name)
		}
		value, p.args = p.args[0], p.args[1:]
	}
	if value == "" {
		return fmt.Errorf("%s needs a value", name)
	}
	*target = value
	return nil
}

// bundledStack finds -s in a word of one-letter flags: "-s", "-sdev", "-ys" and "-ysdev".
// It returns the letters before it and what follows it.
func bundledStack(arg string) (letters, stack string, ok bool) {
	if len(arg) < 2 || arg[0] != '-' || arg[1] == '-' {
		return "", "", false
	}
	for i := 1; i < len(arg); i++ {
		if arg[i] == 's' {
			return arg[1:i], arg[i+1:], true
		}
		if !strings.ContainsRune(plainLetters, rune(arg[i])) {
			return "", "", false // a flag that takes the rest of the word as its value
		}
	}
	return "", "", false
}
