package engine

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/constant"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
)

// outputPatience is how long a program's output is waited for when the program has
// ended and something that it started still holds the pipe.
const outputPatience = 2 * time.Second

// LanguageHost runs a compiled program for the engine, as pulumi-language-go does.
type LanguageHost struct {
	pulumirpc.UnimplementedLanguageRuntimeServer

	program func(context.Context) (string, error)
	env     []string
	server  *grpc.Server
	address string
	done    chan struct{}
}

// ServeLanguage answers the engine on loopback. The program is asked for when the
// engine first wants to run it: refresh and destroy do not. Env is added to the
// program's environment.
func ServeLanguage(program func(context.Context) (string, error), env ...string) (*LanguageHost, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening for the engine: %w", err)
	}
	host := &LanguageHost{
		program: program,
		env:     env,
		server:  grpc.NewServer(),
		address: listener.Addr().String(),
		done:    make(chan struct{}),
	}
	pulumirpc.RegisterLanguageRuntimeServer(host.server, host)
	go func() {
		defer close(host.done)
		_ = host.server.Serve(listener) // ends with Close
	}()
	return host, nil
}

// Address is what the CLI gets as --client.
func (h *LanguageHost) Address() string { return h.address }

// Close ends the program, if it runs, and stops answering.
func (h *LanguageHost) Close() {
	h.server.Stop()
	<-h.done
}

// Handshake has nothing to agree on.
func (h *LanguageHost) Handshake(
	context.Context, *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

// GetPluginInfo names no version: this host is not a plugin that is installed.
func (h *LanguageHost) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{}, nil
}

// GetRequiredPackages asks for none: every provider is attached already.
func (h *LanguageHost) GetRequiredPackages(
	context.Context, *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

// Run runs the program to its end, or until the engine gives up.
func (h *LanguageHost) Run(ctx context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	if len(req.GetArgs()) == 0 {
		return nil, errors.New("running the program: the engine did not tell its address")
	}
	program, err := h.program(ctx)
	if err != nil {
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}
	env, err := h.programEnvironment(req)
	if err != nil {
		return nil, fmt.Errorf("running the program: %w", err)
	}
	conn, err := grpc.NewClient(req.GetArgs()[0], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, fmt.Errorf("connecting to the engine: %w", err)
	}
	defer conn.Close()

	log := pulumirpc.NewEngineClient(conn)
	stdout, stderr := logLines(ctx, log, 1), logLines(ctx, log, 2)
	cmd := exec.CommandContext(ctx, program) //nolint:gosec // the program that the person asked to run
	cmd.Dir = req.GetPwd()
	cmd.Env = env
	cmd.Stdout, cmd.Stderr = stdout, stderr
	ownGroup(cmd)
	cmd.WaitDelay = outputPatience
	err = cmd.Run()
	stdout.end()
	stderr.end()
	return programResult(ctx, err), nil
}

// ownGroup keeps a Ctrl-C of the terminal from the program, so that the engine decides how
// it ends, and makes the end of its context the end of all that it started.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}

// programResult words the end of a program as the official language host does.
func programResult(ctx context.Context, err error) *pulumirpc.RunResponse {
	var exit *exec.ExitError
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay):
		return &pulumirpc.RunResponse{}
	case ctx.Err() != nil:
		return &pulumirpc.RunResponse{Error: "the program was stopped"}
	case !errors.As(err, &exit):
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("starting the program: %v", err)}
	case exit.ExitCode() == constant.ExitStatusLoggedError:
		return &pulumirpc.RunResponse{Bail: true} // the program has told the engine what is wrong
	case exit.ExitCode() < 0:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("program ended: %v", exit)}
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("program exited with non-zero exit code: %d", exit.ExitCode())}
	}
}

// programEnvironment is how a Go program learns what it is run for.
func (h *LanguageHost) programEnvironment(req *pulumirpc.RunRequest) ([]string, error) {
	config, err := json.Marshal(req.GetConfig())
	if err != nil {
		return nil, fmt.Errorf("passing the configuration: %w", err)
	}
	secretKeys, err := json.Marshal(append([]string{}, req.GetConfigSecretKeys()...)) // [] and never null
	if err != nil {
		return nil, fmt.Errorf("passing the secret configuration keys: %w", err)
	}
	env := append(scrubbed(),
		"PWD="+req.GetPwd(),
		pulumi.EnvOrganization+"="+req.GetOrganization(),
		pulumi.EnvProject+"="+req.GetProject(),
		pulumi.EnvPulumiRootDirectory+"="+req.GetInfo().GetRootDirectory(),
		pulumi.EnvStack+"="+req.GetStack(),
		pulumi.EnvConfig+"="+string(config),
		pulumi.EnvConfigSecretKeys+"="+string(secretKeys),
		pulumi.EnvDryRun+"="+strconv.FormatBool(req.GetDryRun()),
		pulumi.EnvParallel+"="+strconv.Itoa(int(req.GetParallel())),
		pulumi.EnvMonitor+"="+req.GetMonitorAddress(),
		pulumi.EnvEngine+"="+req.GetArgs()[0],
	)
	return append(env, h.env...), nil
}

// lineLog sends what a program prints to the engine's log, a line at a time.
type lineLog struct {
	*io.PipeWriter
	done sync.WaitGroup
}

func logLines(ctx context.Context, engine pulumirpc.EngineClient, stream int32) *lineLog {
	reader, writer := io.Pipe()
	log := &lineLog{PipeWriter: writer}
	log.done.Go(func() {
		lines := bufio.NewReader(reader)
		for {
			line, err := lines.ReadString('\n')
			if line != "" {
				// A line that the engine no longer takes is not worth failing the program.
				_, _ = engine.Log(ctx, &pulumirpc.LogRequest{
					Severity: pulumirpc.LogSeverity_INFO, Message: line, StreamId: stream,
				})
			}
			if err != nil {
				return
			}
		}
	})
	return log
}

// end waits until the last line is sent.
func (l *lineLog) end() {
	_ = l.Close() // a pipe's writer always closes
	l.done.Wait()
}
