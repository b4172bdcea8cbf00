package engine_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"

	"wordpress-ecs/local/engine"
)

// logSink is an engine that keeps what is logged.
type logSink struct {
	pulumirpc.UnimplementedEngineServer
	mu    sync.Mutex
	lines []string
}

func (s *logSink) Log(_ context.Context, req *pulumirpc.LogRequest) (*emptypb.Empty, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, req.GetMessage())
	return &emptypb.Empty{}, nil
}

func (s *logSink) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.lines...)
}

// startSink serves a log sink and returns its address.
func startSink(t *testing.T) (*logSink, string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	sink, server := &logSink{}, grpc.NewServer()
	pulumirpc.RegisterEngineServer(server, sink)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return sink, listener.Addr().String()
}

// hostOf serves a language host whose program is a shell script.
func hostOf(t *testing.T, script string) pulumirpc.LanguageRuntimeClient {
	t.Helper()
	program := filepath.Join(t.TempDir(), "program")
	require.NoError(t, os.WriteFile(program, []byte("#!/bin/sh\n"+script), 0o700))
	host, err := engine.ServeLanguage(func(context.Context) (string, error) { return program, nil })
	require.NoError(t, err)
	t.Cleanup(host.Close)
	conn, err := grpc.NewClient(host.Address(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return pulumirpc.NewLanguageRuntimeClient(conn)
}

func runRequest(t *testing.T, engineAddress string) *pulumirpc.RunRequest {
	t.Helper()
	return &pulumirpc.RunRequest{
		Project: "tiny", Stack: "dev", Organization: "organization",
		Pwd: t.TempDir(), Args: []string{engineAddress}, MonitorAddress: "127.0.0.1:1",
		Config: map[string]string{"tiny:size": "3"}, DryRun: true, Parallel: 8,
		Info: &pulumirpc.ProgramInfo{RootDirectory: "/project"},
	}
}

func TestTheEndOfAProgram(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		script string
		bail   bool
		err    string
	}{
		"well":                    {script: "exit 0"},
		"after it told its error": {script: "exit 32", bail: true},
		"another exit code":       {script: "exit 5", err: "program exited with non-zero exit code: 5"},
		"a signal":                {script: "kill -9 $$", err: "program ended: signal: killed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, address := startSink(t)
			resp, err := hostOf(t, tc.script).Run(t.Context(), runRequest(t, address))
			require.NoError(t, err)
			require.Equal(t, tc.bail, resp.GetBail())
			require.Equal(t, tc.err, resp.GetError())
		})
	}
}

func TestWhatAProgramPrintsReachesTheEngine(t *testing.T) {
	t.Parallel()
	sink, address := startSink(t)
	_, err := hostOf(t, "echo one\necho two >&2\nprintf three").Run(t.Context(), runRequest(t, address))
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"one\n", "two\n", "three"}, sink.all())
}

func TestAProgramLearnsWhatItRunsFor(t *testing.T) {
	t.Parallel()
	sink, address := startSink(t)
	_, err := hostOf(t, "pwd; env").Run(t.Context(), runRequest(t, address))
	require.NoError(t, err)
	printed := strings.Join(sink.all(), "")
	for _, entry := range []string{
		"PULUMI_PROJECT=tiny", "PULUMI_STACK=dev", "PULUMI_ORGANIZATION=organization",
		"PULUMI_ROOT_DIRECTORY=/project", `PULUMI_CONFIG={"tiny:size":"3"}`, "PULUMI_CONFIG_SECRET_KEYS=[]",
		"PULUMI_DRY_RUN=true", "PULUMI_PARALLEL=8", "PULUMI_MONITOR=127.0.0.1:1", "PULUMI_ENGINE=" + address,
	} {
		require.Contains(t, printed, entry+"\n")
	}
}

func TestAProgramEndsWithTheEnginesRequest(t *testing.T) {
	t.Parallel()
	sink, address := startSink(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	client := hostOf(t, "echo $$\nsleep 600 & wait")
	go func() {
		_, err := client.Run(ctx, runRequest(t, address))
		ended <- err
	}()
	require.Eventually(t, func() bool { return len(sink.all()) > 0 }, time.Minute, 10*time.Millisecond)
	cancel()
	require.Error(t, <-ended)
	group := strings.TrimSpace(sink.all()[0])
	require.Eventually(t, func() bool { return !groupAlive(t, group) }, time.Minute, 10*time.Millisecond,
		"neither the program nor what it started is left")
}

// groupAlive says whether a process of the group is left.
func groupAlive(t *testing.T, group string) bool {
	t.Helper()
	id, err := strconv.Atoi(group)
	require.NoError(t, err)
	return syscall.Kill(-id, 0) == nil
}
