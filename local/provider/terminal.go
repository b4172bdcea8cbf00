package provider

import (
	"context"
	"fmt"
	"sync"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Terminal is the way to the person in front of Pulumi: its engine, which tells every provider its address.
// Embed it beside Base.
type Terminal struct {
	mu      sync.Mutex
	address string
}

// Attach takes the address of the engine.
func (t *Terminal) Attach(_ context.Context, req *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.address = req.GetAddress()
	return &emptypb.Empty{}, nil
}

// Lines shows lines beside the resource that they belong to.
type Lines struct {
	ctx        context.Context // of the request that the lines belong to
	connection *grpc.ClientConn
	engine     pulumirpc.EngineClient
	urn        string
}

// Lines opens the way for the lines about one resource, for as long as a request lasts. It is nil when no
// engine has attached.
func (t *Terminal) Lines(ctx context.Context, urn string) (*Lines, error) {
	t.mu.Lock()
	address := t.address
	t.mu.Unlock()
	if address == "" {
		return nil, nil
	}
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, fmt.Errorf("connecting to Pulumi's engine: %w", err)
	}
	return &Lines{ctx: ctx, connection: connection, engine: pulumirpc.NewEngineClient(connection), urn: urn}, nil
}

// Info shows a line that stays.
func (l *Lines) Info(line string) { l.send(line, false) }

// Status shows a line until the next one comes.
func (l *Lines) Status(line string) { l.send(line, true) }

func (l *Lines) send(line string, ephemeral bool) {
	// A line that gets lost is no reason to stop what it is about.
	_, _ = l.engine.Log(l.ctx, &pulumirpc.LogRequest{
		Severity: pulumirpc.LogSeverity_INFO, Message: line, Urn: l.urn, Ephemeral: ephemeral,
	})
}

// Close ends the way when there is nothing more to tell.
func (l *Lines) Close() { _ = l.connection.Close() } // nothing is under way any more
