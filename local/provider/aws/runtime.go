package aws

import (
	"context"
	"errors"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Runtime makes real what the account holds.
type Runtime interface {
	kind.Ports
	// Changed is told of every change of the account.
	Changed()
	// Await blocks until a resource that was made or changed works; say is told what it waits for.
	Await(ctx context.Context, r account.Resource, say func(line string)) error
	// Release ends what runs for a resource that is about to be deleted.
	Release(ctx context.Context, r account.Resource, say func(line string)) error
}

// waitTimeout is how long the provider waits where the program sets no timeout of its own.
const waitTimeout = 20 * time.Minute

func (s *server) ports() kind.Ports {
	if s.runs == nil {
		return nil
	}
	return s.runs
}

func (s *server) changed() {
	if s.runs != nil {
		s.runs.Changed()
	}
}

// settle waits until a resource works, and returns what it is like then.
func (s *server) settle(ctx context.Context, urn string, timeout float64, r account.Resource) (account.Resource, error) {
	if s.runs == nil {
		return r, nil
	}
	s.runs.Changed()
	ctx, cancel := context.WithTimeout(ctx, patienceOf(timeout))
	defer cancel()
	err := s.telling(ctx, urn, func(say func(string)) error { return s.runs.Await(ctx, r, say) })
	var now *account.Resource
	looking := s.account.View(func(tx *account.Tx) (err error) {
		now, err = tx.Get(r.Type, r.Region, r.ID)
		return err
	})
	if now != nil {
		r = *now
	}
	return r, errors.Join(err, looking)
}

// release ends what runs for a resource, after asking whether AWS would delete it at all.
func (s *server) release(ctx context.Context, k *kind.Declared, region string, req *pulumirpc.DeleteRequest,
	remove func(tx *account.Tx) error,
) error {
	if s.runs == nil {
		return nil
	}
	if err := s.attempt(ctx, rehearsed(remove)); err != nil {
		return err
	}
	var found *account.Resource
	err := s.account.View(func(tx *account.Tx) (err error) {
		found, err = k.Look(tx, region, req.GetId())
		return err
	})
	if err != nil || found == nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patienceOf(req.GetTimeout()))
	defer cancel()
	err = s.telling(ctx, req.GetUrn(), func(say func(string)) error { return s.runs.Release(ctx, *found, say) })
	if err != nil {
		return refusal(err)
	}
	return nil
}

// errRehearsed takes back what a change did.
var errRehearsed = errors.New("taken back")

// rehearsed tries a change without making it. It succeeds where the change would.
func rehearsed(change func(tx *account.Tx) error) func(tx *account.Tx) error {
	return func(tx *account.Tx) error {
		if err := change(tx); err != nil {
			return err
		}
		return errRehearsed
	}
}

func patienceOf(seconds float64) time.Duration {
	if seconds <= 0 {
		return waitTimeout
	}
	return time.Duration(seconds * float64(time.Second))
}

// telling shows beside its resource what something waits for.
func (s *server) telling(ctx context.Context, urn string, wait func(say func(string)) error) error {
	lines, err := s.Lines(ctx, urn)
	if err != nil {
		return err
	}
	if lines == nil {
		return wait(func(string) {})
	}
	defer lines.Close()
	return wait(lines.Info)
}

// partly is the error of a resource that exists and does not work, as the real providers report it: it is kept
// in the state, and the next update tries again.
func partly(id string, properties, inputs *structpb.Struct, cause error) error {
	said := status.New(codes.Unknown, "1 error occurred:\n\t* "+cause.Error()+"\n\n")
	detailed, err := said.WithDetails(&pulumirpc.ErrorResourceInitFailed{
		Id: id, Properties: properties, Inputs: inputs, Reasons: []string{cause.Error()},
	})
	if err != nil {
		return said.Err()
	}
	return detailed.Err()
}
