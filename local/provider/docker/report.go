package docker

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"

	"wordpress-ecs/local/provider/docker/builder"
)

// Attach takes the address of the engine, which is told what happens.
func (s *server) Attach(_ context.Context, req *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pulumi = req.GetAddress()
	return &emptypb.Empty{}, nil
}

// reporter tells what happens to a resource to Pulumi's engine or, without one, to the log.
// Call done when there is nothing more to tell.
func (s *server) reporter(ctx context.Context, urn string) (report builder.Reporter, done func(), err error) {
	s.mu.Lock()
	address := s.pulumi
	s.mu.Unlock()
	if address == "" {
		return logReporter{s.log}, func() {}, nil
	}
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, nil, fmt.Errorf("connecting to Pulumi's engine: %w", err)
	}
	done = func() { _ = connection.Close() } // nothing is under way any more
	return &engineReporter{ctx: ctx, engine: pulumirpc.NewEngineClient(connection), urn: urn}, done, nil
}

// statusInterval is how often the line that shows what is going on changes. A build says several
// hundred lines, and where there is no terminal each of them stays.
const statusInterval = time.Second

// engineReporter shows lines beside the resource that they belong to.
type engineReporter struct {
	ctx    context.Context // of the request that the lines belong to
	engine pulumirpc.EngineClient
	urn    string

	mu   sync.Mutex
	last time.Time // when the last status was shown
}

func (r *engineReporter) Info(line string) { r.send(line, false) }

// Status shows every step of a build, and between steps what goes on, now and then.
func (r *engineReporter) Status(line string) {
	if r.due(line, time.Now()) {
		r.send(line, true)
	}
}

func (r *engineReporter) due(line string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !strings.HasPrefix(line, "Step ") && now.Sub(r.last) < statusInterval {
		return false
	}
	r.last = now
	return true
}

func (r *engineReporter) send(line string, ephemeral bool) {
	// A line that gets lost is no reason to stop a build.
	_, _ = r.engine.Log(r.ctx, &pulumirpc.LogRequest{
		Severity: pulumirpc.LogSeverity_INFO, Message: line, Urn: r.urn, Ephemeral: ephemeral,
	})
}

type logReporter struct{ log func(line string) }

func (r logReporter) Info(line string)   { r.log(line) }
func (r logReporter) Status(line string) { r.log(line) }
