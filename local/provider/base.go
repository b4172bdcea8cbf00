package provider

import (
	"context"
	"encoding/json"
	"fmt"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Base answers what every provider answers alike. Embed it and override the rest.
type Base struct {
	pulumirpc.UnimplementedResourceProviderServer

	// Package is the name of the Pulumi package, such as "aws".
	Package string
	// Version of the package that this provider behaves like, such as "6.83.2".
	Version string
}

// Handshake tells the engine that secrets, resource references and autonaming
// settings are understood. Output values are not asked for: secrets and unknowns
// carry all that a provider needs.
func (b Base) Handshake(context.Context, *pulumirpc.ProviderHandshakeRequest,
) (*pulumirpc.ProviderHandshakeResponse, error) {
	return &pulumirpc.ProviderHandshakeResponse{
		AcceptSecrets:                   true,
		AcceptResources:                 true,
		SupportsAutonamingConfiguration: true,
	}, nil
}

// Configure repeats what Handshake said, as the protocol wants it.
func (b Base) Configure(context.Context, *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	return &pulumirpc.ConfigureResponse{
		AcceptSecrets:                   true,
		AcceptResources:                 true,
		SupportsPreview:                 true,
		SupportsAutonamingConfiguration: true,
	}, nil
}

// Attach is called because the engine did not start this process. There is
// nothing to do: whoever needs the engine's address gets it with a request.
func (b Base) Attach(context.Context, *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// GetPluginInfo names the version of the package.
func (b Base) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: b.Version}, nil
}

// GetSchema answers with a schema that has a name and a version only: the
// program's SDK carries the types, and the engine does not need them to deploy.
func (b Base) GetSchema(context.Context, *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	schema, err := json.Marshal(map[string]string{"name": b.Package, "version": b.Version})
	if err != nil {
		return nil, fmt.Errorf("schema of package %s: %w", b.Package, err)
	}
	return &pulumirpc.GetSchemaResponse{Schema: string(schema)}, nil
}

// GetMapping has no mapping from other ecosystems.
func (b Base) GetMapping(context.Context, *pulumirpc.GetMappingRequest) (*pulumirpc.GetMappingResponse, error) {
	return &pulumirpc.GetMappingResponse{}, nil
}

// GetMappings lists no mapping either.
func (b Base) GetMappings(context.Context, *pulumirpc.GetMappingsRequest) (*pulumirpc.GetMappingsResponse, error) {
	return &pulumirpc.GetMappingsResponse{}, nil
}

// Cancel is advisory; a call that is running ends in a moment by itself.
func (b Base) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// CheckConfig accepts the configuration as it is.
func (b Base) CheckConfig(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return &pulumirpc.CheckResponse{Inputs: req.GetNews()}, nil
}

// DiffConfig never asks for the provider to be replaced: its resources stay
// manageable whatever is configured.
func (b Base) DiffConfig(context.Context, *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_UNKNOWN}, nil
}

// Diff finds no changes, which is right for components: their children have diffs.
func (b Base) Diff(context.Context, *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
}
