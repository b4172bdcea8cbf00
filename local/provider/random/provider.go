// Package random answers the engine as Pulumi's random provider does. Values are made
// once, from the machine's source of randomness, and live in Pulumi's state only.
package random

import (
	"context"
	"maps"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/provider"
	"wordpress-ecs/local/provider/face"
)

// version is the package version that the types are declared after.
const version = "4.19.1"

// New makes providers.
func New() provider.Factory {
	types, err := catalog()
	return func() pulumirpc.ResourceProviderServer {
		return &server{Base: provider.Base{Package: "random", Version: version}, types: types, broken: err}
	}
}

type server struct {
	provider.Base
	types  *kind.Catalog
	broken error
}

func (s *server) kind(typ, urn string) (*kind.Declared, error) {
	if s.broken != nil {
		return nil, status.Error(codes.FailedPrecondition, s.broken.Error())
	}
	if typ == "" {
		typ = string(resource.URN(urn).Type())
	}
	if k, ok := s.types.Kind(typ); ok {
		return k, nil
	}
	return nil, status.Errorf(codes.InvalidArgument, "the local cloud has no resource type %s", typ)
}

// Check refuses inputs of the wrong type, and lengths that cannot be met.
func (s *server) Check(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	k, err := s.kind(req.GetType(), req.GetUrn())
	if err != nil {
		return nil, err
	}
	in, secrets, err := properties("inputs", req.GetNews())
	if err != nil {
		return nil, err
	}
	return &pulumirpc.CheckResponse{
		Inputs: req.GetNews(), Failures: face.Refusals(k, k.Check(in, secrets), secrets),
	}, nil
}

// Diff replaces the resource for any change.
func (s *server) Diff(_ context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	k, err := s.kind(req.GetType(), req.GetUrn())
	if err != nil {
		return nil, err
	}
	return face.Diff(k, req)
}

// Create makes the value.
func (s *server) Create(_ context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	k, err := s.kind(req.GetType(), req.GetUrn())
	if err != nil {
		return nil, err
	}
	in, secrets, err := properties("inputs", req.GetProperties())
	if err != nil {
		return nil, err
	}
	out := k.Preview(nil, nil, in)
	id := ""
	if !req.GetPreview() {
		var computed account.Props
		if id, computed, err = create(k.Type, in); err != nil {
			return nil, err
		}
		maps.Copy(out, computed)
		maps.DeleteFunc(out, func(_ string, v any) bool { return kind.IsUnknown(v) }) // left out by the program
	}
	properties, err := outputs(out, append(secrets, k.Secret...))
	return &pulumirpc.CreateResponse{Id: id, Properties: properties}, err
}

// Update has nothing to change but what is equal in another form.
func (s *server) Update(_ context.Context, req *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	k, err := s.kind(req.GetType(), req.GetUrn())
	if err != nil {
		return nil, err
	}
	in, secrets, err := properties("inputs", req.GetNews())
	if err != nil {
		return nil, err
	}
	before, _, err := properties("old inputs", req.GetOldInputs())
	if err != nil {
		return nil, err
	}
	old, oldSecrets, err := properties("old outputs", req.GetOlds())
	if err != nil {
		return nil, err
	}
	out, err := outputs(k.Preview(old, before, in), append(append(secrets, oldSecrets...), k.Secret...))
	return &pulumirpc.UpdateResponse{Properties: out}, err
}

// Read answers what the state has: the value is nowhere else. An import of a password
// or a string gives the value in place of the id.
func (s *server) Read(_ context.Context, req *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	k, err := s.kind(req.GetType(), req.GetUrn())
	if err != nil {
		return nil, err
	}
	if len(req.GetProperties().GetFields()) > 0 {
		return &pulumirpc.ReadResponse{Id: req.GetId(), Properties: req.GetProperties(), Inputs: req.GetInputs()}, nil
	}
	if k.Type == bytes {
		return nil, status.Error(codes.Unimplemented, "the local cloud cannot import a RandomId: create it")
	}
	id, computed, err := textOutputs(k.Type, req.GetId())
	if err != nil {
		return nil, err
	}
	in := account.Props{"length": float64(len(req.GetId()))}
	inputs, err := outputs(in, nil)
	if err != nil {
		return nil, err
	}
	maps.Copy(computed, in)
	properties, err := outputs(computed, k.Secret)
	return &pulumirpc.ReadResponse{Id: id, Properties: properties, Inputs: inputs}, err
}

// Delete forgets the value; Pulumi's state was the only place that had it.
func (s *server) Delete(context.Context, *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

func properties(label string, s *structpb.Struct) (account.Props, []string, error) {
	m, err := provider.Unmarshal(label, s)
	if err != nil {
		return nil, nil, err
	}
	return face.FromProperties(m)
}

func outputs(props account.Props, secrets []string) (*structpb.Struct, error) {
	return provider.Marshal("outputs", face.ToProperties(props, secrets))
}
