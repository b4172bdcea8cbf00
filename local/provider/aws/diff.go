package aws

import (
	"context"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"wordpress-ecs/local/provider/face"
)

// Diff says which inputs change, and which of the changes make a new resource.
func (s *server) Diff(_ context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	k, err := s.kind(req.GetType(), req.GetUrn())
	if err != nil {
		return nil, err
	}
	return face.Diff(k, req)
}
