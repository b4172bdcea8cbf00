package graph

import (
	"cmp"
	"context"
	"fmt"
	"net"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// monitor records what a program registers and answers in place of the engine and its providers.
type monitor struct {
	pulumirpc.UnimplementedResourceMonitorServer
	graph *Graph
}

// console takes what a program tells the engine about itself.
type console struct {
	pulumirpc.UnimplementedEngineServer
	root string
}

// serve answers a program on loopback. The second result ends it.
func serve(g *Graph) (string, func(), error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := grpc.NewServer()
	pulumirpc.RegisterResourceMonitorServer(server, &monitor{graph: g})
	pulumirpc.RegisterEngineServer(server, &console{})
	go func() { _ = server.Serve(listener) }()
	return listener.Addr().String(), server.Stop, nil
}

// features are those of an engine as far as they change what a program sends.
var features = []pulumirpc.ResourceMonitorFeature{
	pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_SECRETS,
	pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
	pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
	pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_DELETED_WITH,
	pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_PARAMETERIZATION,
}

// GetDeploymentInfo says what the mocks can do.
func (m *monitor) GetDeploymentInfo(context.Context, *emptypb.Empty) (*pulumirpc.DeploymentInfo, error) {
	return &pulumirpc.DeploymentInfo{Project: project, Stack: m.graph.run.Stack, SupportedFeatures: features}, nil
}

// RegisterResource records a resource and answers with its state.
func (m *monitor) RegisterResource(_ context.Context, rpc *pulumirpc.RegisterResourceRequest) (
	*pulumirpc.RegisterResourceResponse, error,
) {
	urn := m.urn(rpc.GetParent(), rpc.GetType(), rpc.GetName())
	if rpc.GetType() == string(resource.RootStackType) {
		return &pulumirpc.RegisterResourceResponse{Urn: string(urn)}, nil
	}
	inputs, err := read(rpc.GetObject())
	if err != nil {
		return nil, err
	}
	r := &Resource{
		Type: rpc.GetType(), Name: rpc.GetName(), URN: string(urn), Parent: rpc.GetParent(),
		Custom: rpc.GetCustom(), Remote: rpc.GetRemote(),
		Provider: rpc.GetProvider(), Providers: rpc.GetProviders(),
		Inputs: inputs, Dependencies: rpc.GetDependencies(), Protect: rpc.GetProtect(),
		IgnoreChanges: rpc.GetIgnoreChanges(), ReplaceOnChanges: rpc.GetReplaceOnChanges(),
		DeleteBeforeReplace: rpc.GetDeleteBeforeReplace(),
	}
	for _, alias := range rpc.GetAliases() {
		was := alias.GetSpec()
		urn := m.urn(cmp.Or(was.GetParentUrn(), r.Parent), cmp.Or(was.GetType(), r.Type), cmp.Or(was.GetName(), r.Name))
		r.Aliases = append(r.Aliases, string(urn))
	}
	r.ID, r.state = m.state(r)
	m.graph.add(r)
	object, err := write(r.state)
	return &pulumirpc.RegisterResourceResponse{Urn: r.URN, Id: r.ID, Object: object}, err
}

// RegisterResourceOutputs records the outputs of a component.
func (m *monitor) RegisterResourceOutputs(_ context.Context, rpc *pulumirpc.RegisterResourceOutputsRequest) (*emptypb.Empty, error) {
	outputs, err := read(rpc.GetOutputs())
	m.graph.finish(rpc.GetUrn(), outputs)
	return &emptypb.Empty{}, err
}

// Invoke records a function and answers it.
func (m *monitor) Invoke(_ context.Context, rpc *pulumirpc.ResourceInvokeRequest) (*pulumirpc.ResourceInvokeResponse, error) {
	args, err := read(rpc.GetArgs())
	if err != nil {
		return nil, err
	}
	answer, err := m.answer(rpc.GetTok(), rpc.GetProvider(), args)
	if err != nil {
		return nil, err
	}
	result, err := write(answer)
	return &pulumirpc.ResourceInvokeResponse{Return: result}, err
}

// SignalAndWaitForShutdown ends a program that is done.
func (m *monitor) SignalAndWaitForShutdown(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// GetRootResource is the stack.
func (c *console) GetRootResource(context.Context, *pulumirpc.GetRootResourceRequest) (*pulumirpc.GetRootResourceResponse, error) {
	return &pulumirpc.GetRootResourceResponse{Urn: c.root}, nil
}

// SetRootResource names the stack, before anything else is registered.
func (c *console) SetRootResource(_ context.Context, rpc *pulumirpc.SetRootResourceRequest) (*pulumirpc.SetRootResourceResponse, error) {
	c.root = rpc.GetUrn()
	return &pulumirpc.SetRootResourceResponse{}, nil
}

// Log drops the log of a program.
func (c *console) Log(context.Context, *pulumirpc.LogRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// urn is the URN that the engine gives a resource.
func (m *monitor) urn(parent, typ, name string) resource.URN {
	parentType := tokens.Type("")
	if urn := resource.URN(parent); urn != "" && urn.QualifiedType() != resource.RootStackType {
		parentType = urn.QualifiedType()
	}
	return resource.NewURN(tokens.QName(m.graph.run.Stack), project, parentType, tokens.Type(typ), name)
}

var kept = plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, KeepResources: true}

func read(values *structpb.Struct) (resource.PropertyMap, error) {
	read, err := plugin.UnmarshalProperties(values, kept)
	if err != nil {
		return nil, fmt.Errorf("reading properties: %w", err)
	}
	return read, nil
}

func write(values resource.PropertyMap) (*structpb.Struct, error) {
	written, err := plugin.MarshalProperties(values, kept)
	if err != nil {
		return nil, fmt.Errorf("writing properties: %w", err)
	}
	return written, nil
}
