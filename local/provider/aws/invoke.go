package aws

import (
	"context"
	"slices"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/provider"
	"wordpress-ecs/local/provider/face"
)

// Invoke runs a function, which reads from the account and changes nothing that others could see.
func (s *server) Invoke(ctx context.Context, req *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	c, err := s.current()
	if err != nil {
		return nil, err
	}
	f, ok := s.catalog.Function(req.GetTok())
	if !ok {
		return nil, status.Errorf(codes.InvalidArgument, "the local cloud has no function %s: "+
			"declare it in a package of local/aws, or deploy to AWS", req.GetTok())
	}
	args, err := provider.Unmarshal("arguments", req.GetArgs())
	if err != nil {
		return nil, err
	}
	in, _, err := face.FromProperties(args)
	if err != nil {
		return nil, err
	}
	for name := range in {
		if !slices.Contains(f.Args, name) {
			return &pulumirpc.InvokeResponse{Failures: []*pulumirpc.CheckFailure{
				{Property: name, Reason: "Invalid or unknown key"},
			}}, nil
		}
	}
	var result account.Props
	var said []string
	run := func(tx *account.Tx) (err error) {
		call := s.call(c, "", 0)
		call.Tx, call.In, call.Say = tx, in, noting(&said)
		result, err = f.Run(call)
		return err
	}
	if f.Notes {
		err = s.account.Update(run)
	} else {
		err = s.account.View(run)
	}
	if err != nil {
		return nil, status.Errorf(codes.FailedPrecondition, "invoking %s: 1 error occurred:\n\t* %s\n\n", req.GetTok(), err)
	}
	s.tell(ctx, "", said)
	out, err := outputs(result, f.Secret)
	return &pulumirpc.InvokeResponse{Return: out}, err
}
