package awsx

import (
	"context"
	"fmt"
	"maps"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"wordpress-ecs/local/provider"
)

// monitor is the part of the engine that a component registers its children with.
type monitor struct {
	pulumirpc.UnimplementedResourceMonitorServer
	mu   sync.Mutex
	seen []*pulumirpc.RegisterResourceRequest
}

func (m *monitor) SupportsFeature(context.Context, *pulumirpc.SupportsFeatureRequest,
) (*pulumirpc.SupportsFeatureResponse, error) {
	return &pulumirpc.SupportsFeatureResponse{HasSupport: true}, nil
}

func (m *monitor) Invoke(_ context.Context, req *pulumirpc.ResourceInvokeRequest) (*pulumirpc.ResourceInvokeResponse, error) {
	if req.GetTok() == "pulumi:pulumi:getResource" { // the SDK looks the provider up
		result, err := structpb.NewStruct(map[string]any{
			"urn": req.GetArgs().GetFields()["urn"].GetStringValue(), "id": "provider-id", "state": map[string]any{},
		})
		return &pulumirpc.ResourceInvokeResponse{Return: result}, err
	}
	result, err := structpb.NewStruct(map[string]any{
		"id": "eu-west-1", "names": []any{"eu-west-1a", "eu-west-1b", "eu-west-1c"}, "zoneIds": []any{}, "groupNames": []any{},
	})
	return &pulumirpc.ResourceInvokeResponse{Return: result}, err
}

func (m *monitor) RegisterResource(_ context.Context, req *pulumirpc.RegisterResourceRequest,
) (*pulumirpc.RegisterResourceResponse, error) {
	m.mu.Lock()
	m.seen = append(m.seen, req)
	m.mu.Unlock()
	object := &structpb.Struct{Fields: maps.Clone(req.GetObject().GetFields())}
	if object.Fields == nil {
		object.Fields = map[string]*structpb.Value{}
	}
	object.Fields["allocationId"] = structpb.NewStringValue("eipalloc-" + req.GetName())
	return &pulumirpc.RegisterResourceResponse{
		Urn: urnOf(req.GetType(), req.GetName()), Id: req.GetName() + "-id", Object: object,
	}, nil
}

func (m *monitor) RegisterResourceOutputs(context.Context, *pulumirpc.RegisterResourceOutputsRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// ofType are the registrations of a type, by name. The type may be shortened to
// what follows the last colon.
func (m *monitor) ofType(typ string) map[string]*pulumirpc.RegisterResourceRequest {
	m.mu.Lock()
	defer m.mu.Unlock()
	found := map[string]*pulumirpc.RegisterResourceRequest{}
	for _, req := range m.seen {
		if strings.HasSuffix(req.GetType(), ":"+typ) && strings.HasPrefix(req.GetType(), "aws:") {
			found[req.GetName()] = req
		}
	}
	return found
}

func urnOf(typ, name string) string {
	return string(resource.NewURN("test", "site", "", tokens.Type(typ), name))
}

// construct builds the component over connections, as the engine has it built.
func build(t *testing.T, inputs map[string]any) (*monitor, *pulumirpc.ConstructResponse, error) {
	t.Helper()
	m := &monitor{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	engine := grpc.NewServer()
	pulumirpc.RegisterResourceMonitorServer(engine, m)
	go func() { _ = engine.Serve(listener) }() // until Stop
	t.Cleanup(engine.Stop)

	served, err := provider.Serve(New(), 0)
	require.NoError(t, err)
	t.Cleanup(served.Close)
	conn, err := grpc.NewClient(fmt.Sprintf("127.0.0.1:%d", served.Port()), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	client := pulumirpc.NewResourceProviderClient(conn)
	_, err = client.Attach(t.Context(), &pulumirpc.PluginAttach{Address: listener.Addr().String()})
	require.NoError(t, err)

	wire, err := provider.Marshal("inputs", resource.NewPropertyMapFromMap(inputs))
	require.NoError(t, err)
	protect := true
	resp, err := client.Construct(t.Context(), &pulumirpc.ConstructRequest{
		Project: "site", Stack: "test", Type: vpcType, Name: "net", Inputs: wire, Parallel: 8, Protect: &protect,
		MonitorEndpoint: listener.Addr().String(), Parent: urnOf("pulumi:pulumi:Stack", "site-test"),
		Providers: map[string]string{"aws": urnOf("pulumi:providers:aws", "mine") + "::provider-id"},
	})
	return m, resp, err
}
