package engine

import (
	"context"
	"os"
	"slices"
	"strings"
	"time"

	"wordpress-ecs/local/daemon"
)

// Command is a Pulumi command as it was asked for.
type Command struct {
	// Words name the command: {"up"}, {"stack", "output"}.
	Words []string
	// Rest are its arguments and flags, without --stack and --config-file.
	Rest []string
	// Stack is the value of --stack, or "".
	Stack string
	// ConfigFile is the value of --config-file, or "": the settings that are copied for the run.
	ConfigFile string
	// Way is how the command has to be run.
	Way Way
}

// Way is how a command of Pulumi's is run.
type Way int

// The ways, from the most to the least that the local cloud does about a command.
const (
	// Operate runs the engine: up, refresh, destroy.
	Operate Way = iota
	// Preview runs the engine and changes nothing.
	Preview
	// Configure reads or removes the settings copy of a stack, beside which it runs.
	Configure
	// Change works on a stack's state.
	Change
	// Select works on the stacks, and takes no --stack.
	Select
	// Read only reads a stack's state.
	Read
	// Show needs no stack at all.
	Show
)

// String is the command as a person would write it.
func (c Command) String() string {
	text := strings.Join(c.Words, " ")
	if c.Stack != "" {
		text += " --stack " + c.Stack
	}
	return text
}

// runsProgram says whether the command cannot do without the program.
func (c Command) runsProgram() bool {
	return c.Way == Preview || c.Way == Operate && c.Words[0] != "refresh" && c.Words[0] != "destroy"
}

// deploys says whether what the command makes shall run.
func (c Command) deploys() bool {
	return c.Way == Operate && (c.Words[0] == "up" || c.Words[0] == "update")
}

// destroys says whether the command deletes what there is.
func (c Command) destroys() bool {
	return slices.Contains([]string{"destroy", "down", "dn"}, c.Words[0])
}

// Result is how a command ended.
type Result struct {
	// Code is Pulumi's exit code.
	Code int
	// Stack is the stack that the command worked on; "" if none.
	Stack string
	// Protected is true when Pulumi refused because resources are protected.
	Protected bool
}

// Run runs a Pulumi command against the local cloud.
func (e *Engine) Run(ctx context.Context, c Command) (Result, error) {
	if err := e.checkSettings(c); err != nil {
		return Result{Code: 1}, err
	}
	if c.Way == Read || c.Way == Show {
		return e.read(ctx, c)
	}
	s, err := e.begin(ctx, c.String(), e.asked(daemon.Asked{Start: c.deploys()}))
	if err != nil {
		return Result{Code: 1}, err
	}
	defer s.end()
	if c.deploys() && s.served.Absence != "" {
		e.say("%s", s.served.Absence)
	}
	var result Result
	if c.Way == Operate || c.Way == Preview {
		result, err = s.operate(ctx, c)
	} else {
		result, err = s.change(ctx, c)
	}
	return result, s.checked(err)
}

// asked is what a session is wanted for, with how the account shall behave.
func (e *Engine) asked(a daemon.Asked) daemon.Asked {
	a.Dir, a.Faults, a.Lenient, a.Latency = e.Project.Dir, e.Faults, e.Lenient, e.Latency
	return a
}

// checkSettings refuses an unknown stack before anything is built for it.
func (e *Engine) checkSettings(c Command) error {
	named := c.Stack[strings.LastIndex(c.Stack, "/")+1:]
	if named == "" || c.ConfigFile != "" || e.stackExists(named) || isFile(e.Project.settingsFile(named)) {
		return nil
	}
	return e.unknownStack(named)
}

// operate runs the engine with the program.
func (s *session) operate(ctx context.Context, c Command) (Result, error) {
	e, failed := s.engine, Result{Code: 1}
	p, err := s.cli(ctx)
	if err != nil {
		return failed, err
	}
	stack, err := e.resolveStack(ctx, p, c.Stack)
	if err != nil {
		return failed, err
	}
	settings, err := e.prepareStack(ctx, p, stack, c.ConfigFile)
	if err != nil {
		return failed, err
	}
	program := e.programOnce()
	if c.runsProgram() {
		if _, err := program(ctx); err != nil {
			return failed, err
		}
	}
	host, err := ServeLanguage(program, ForProgram(s.cloud.ECS())...)
	if err != nil {
		return failed, err
	}
	defer host.Close()

	m := marker{Command: c.String(), Stack: stack, PID: os.Getpid(), Since: time.Now().Round(time.Second)}
	if c.Way == Operate {
		if err := e.setMarker(m); err != nil {
			return failed, err
		}
	}
	defer os.Remove(e.eventsFile())
	args := slices.Concat(c.Words, []string{
		"--stack", stack, "--config-file", settings, "--client", host.Address(), "--event-log", e.eventsFile(),
	}, c.Rest)
	tellPace, err := s.watchPace(ctx, p, c, stack)
	if err != nil {
		return failed, err
	}
	end, err := p.run(e.Project.Dir, e.Stdin, e.Stdout, e.Stderr, args...)
	if err != nil {
		return failed, err
	}
	tellPace()
	if c.deploys() && end.code == 0 && !end.killed && !s.isLost() {
		s.tellSite(context.WithoutCancel(ctx), p, stack)
	}
	if c.Way == Operate && !end.killed && !s.isLost() && !e.leftLocked() {
		if err := s.conclude(ctx, p, m, c, end); err != nil {
			return failed, err
		}
	}
	return Result{
		Code: end.code, Stack: stack,
		Protected: end.code != 0 && refusedAsProtected(e.eventsFile()),
	}, nil
}

// conclude takes the marker of a command away that has ended by itself, unless it has left something behind that
// nobody has recorded: an answer that was lost.
func (s *session) conclude(ctx context.Context, p *cli, m marker, c Command, end ending) error {
	ctx = context.WithoutCancel(ctx) // an interrupt has ended the command, not this
	if end.code == 0 || s.engine.settled(ctx, p, s.cloud, &m, c.destroys()) {
		return s.engine.clearMarker()
	}
	m.Ended = true
	return s.engine.setMarker(m)
}

// programOnce compiles the program when it is asked for, and only the first time.
func (e *Engine) programOnce() func(context.Context) (string, error) {
	path := e.Program
	return func(ctx context.Context) (string, error) {
		if path != "" {
			return path, nil
		}
		built, err := e.Project.BuildProgram(ctx, e.Stderr)
		if err == nil {
			path = built
		}
		return built, err
	}
}

// change runs a command that needs no engine.
func (s *session) change(ctx context.Context, c Command) (Result, error) {
	e := s.engine
	p, err := s.cli(ctx)
	if err != nil {
		return Result{Code: 1}, err
	}
	dir, args, stack := e.Project.Dir, slices.Clone(c.Words), c.Stack
	if c.Way != Select || c.Stack != "" {
		if stack, err = e.resolveStack(ctx, p, c.Stack); err != nil {
			return Result{Code: 1}, err
		}
		if _, err := e.prepareStack(ctx, p, stack, c.ConfigFile); err != nil {
			return Result{Code: 1}, err
		}
		args = append(args, "--stack", stack)
	}
	if c.Way == Configure {
		if err := e.copyProjectFile(); err != nil {
			return Result{Code: 1}, err
		}
		dir = e.settingsDir()
	}
	end, err := p.run(dir, e.Stdin, e.Stdout, e.Stderr, append(args, c.Rest...)...)
	return Result{Code: end.code, Stack: stack}, err
}

// read runs a command that may run beside all others: Pulumi replaces the files of its state in one step.
func (e *Engine) read(ctx context.Context, c Command) (Result, error) {
	failed := Result{Code: 1}
	if err := e.Prepare(); err != nil {
		return failed, err
	}
	if err := e.ensurePassphrase(); err != nil {
		return failed, err
	}
	path, err := e.Project.BuildCLI(ctx, e.Stderr)
	if err != nil {
		return failed, err
	}
	p := &cli{path: path, env: func(workDir string) []string { return e.cliEnvironment(workDir, "", "") }}
	args, stack := slices.Clone(c.Words), ""
	if c.Way == Read {
		if stack, err = e.resolveStack(ctx, p, c.Stack); err != nil {
			return failed, err
		}
		args = append(args, "--stack", stack)
	}
	end, err := p.run(e.Project.Dir, e.Stdin, e.Stdout, e.Stderr, append(args, c.Rest...)...)
	return Result{Code: end.code, Stack: stack}, err
}

// Help runs a command of Pulumi's that only prints, such as `up --help`.
func (e *Engine) Help(ctx context.Context, args []string) (Result, error) {
	return e.read(ctx, Command{Words: args, Way: Show})
}

// Serve serves the providers until the context ends. Ready gets what the official Pulumi
// CLI needs in its environment, as NAME=VALUE, once they answer; the first provider listens
// on firstPort, or all on free ports when it is 0.
func (e *Engine) Serve(ctx context.Context, firstPort int, ready func(env []string)) error {
	s, err := e.begin(ctx, "serve", e.asked(daemon.Asked{FirstPort: firstPort}))
	if err != nil {
		return err
	}
	defer s.end()
	if s.served.Absence != "" {
		e.say("%s", s.served.Absence)
	}
	ready(append([]string{"PULUMI_DEBUG_PROVIDERS=" + s.served.Providers}, ForProgram(s.cloud.ECS())...))
	select {
	case <-ctx.Done():
	case <-s.cloud.Lost():
	}
	return s.checked(nil)
}

// Stop stops what runs and keeps its data.
func (e *Engine) Stop(ctx context.Context) error {
	s, err := e.take(ctx, "stop")
	if err != nil {
		return err
	}
	defer s.end()
	return s.cloud.Suspend(ctx, func(line string) { e.say("%s", line) })
}

// Start runs what was stopped, and waits until it works.
func (e *Engine) Start(ctx context.Context) error {
	s, err := e.take(ctx, "start")
	if err != nil {
		return err
	}
	defer s.end()
	return s.cloud.Start(ctx, func(line string) { e.say("%s", line) })
}
