// Package awsx answers the engine as Pulumi's Crosswalk provider does for
// awsx:ec2:Vpc: it registers the same children under the same names, and leaves to
// the AWS provider of the program what becomes of them.
package awsx

import (
	"context"
	"fmt"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	component "github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"wordpress-ecs/local/provider"
)

// version is the package version that the component is built after.
const version = "2.22.0"

// vpcType is the one component of this package.
const vpcType = "awsx:ec2:Vpc"

// New makes providers.
func New() provider.Factory {
	return func() pulumirpc.ResourceProviderServer {
		return &server{Base: provider.Base{Package: "awsx", Version: version}}
	}
}

type server struct {
	provider.Base
	mu     sync.Mutex
	engine *grpc.ClientConn
}

// Attach connects to the engine, to which the component logs.
func (s *server) Attach(_ context.Context, req *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	conn, err := grpc.NewClient(req.GetAddress(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, fmt.Errorf("connecting to the engine at %s: %w", req.GetAddress(), err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.engine != nil {
		_ = s.engine.Close() // the engine was attached to before; nothing uses that connection
	}
	s.engine = conn
	return &emptypb.Empty{}, nil
}

// Cancel lets go of the engine, which is about to end.
func (s *server) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.engine != nil {
		_ = s.engine.Close() // nothing is left to say to the engine
		s.engine = nil
	}
	return &emptypb.Empty{}, nil
}

// Construct registers a component and its children with the engine.
func (s *server) Construct(ctx context.Context, req *pulumirpc.ConstructRequest) (*pulumirpc.ConstructResponse, error) {
	s.mu.Lock()
	engine := s.engine
	s.mu.Unlock()
	return component.Construct(ctx, req, engine, construct)
}

func construct(ctx *pulumi.Context, typ, name string, inputs component.ConstructInputs, options pulumi.ResourceOption,
) (*component.ConstructResult, error) {
	if typ != vpcType {
		return nil, status.Errorf(codes.InvalidArgument, "the local cloud has no component %s, only %s", typ, vpcType)
	}
	var args vpcArgs
	if err := inputs.CopyTo(&args); err != nil {
		return nil, fmt.Errorf("inputs of %s %q: %w", typ, name, err)
	}
	vpc := &pulumi.ResourceState{}
	if err := ctx.RegisterComponentResource(typ, name, vpc, options); err != nil {
		return nil, fmt.Errorf("registering %s %q: %w", typ, name, err)
	}
	decided, err := decide(ctx, vpc, name, args)
	if err != nil {
		return nil, err
	}
	c := newChildren(ctx, name, args, decided)
	if err := c.register(vpc); err != nil {
		return nil, err
	}
	outputs := c.outputs()
	if err := ctx.RegisterResourceOutputs(vpc, outputs); err != nil {
		return nil, fmt.Errorf("outputs of %s %q: %w", typ, name, err)
	}
	return &component.ConstructResult{URN: vpc.URN(), State: outputs}, nil
}
