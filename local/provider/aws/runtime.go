package aws

import (
	"context"
	"errors"
	"fmt"
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

// request is what the engine asks about one resource.
type request interface {
	GetUrn() string
	GetTimeout() float64
}

// settle waits until a resource works, for AWS's time at least, and returns what it is like then.
func (s *server) settle(ctx context.Context, k *kind.Declared, req request, r account.Resource, lasts time.Duration,
) (account.Resource, error) {
	s.changed()
	err := s.pass(ctx, k, req, untilMade, lasts)
	if err == nil && s.runs != nil {
		ctx, cancel := context.WithTimeout(ctx, patienceOf(req.GetTimeout()))
		defer cancel()
		err = s.telling(ctx, req.GetUrn(), func(say func(string)) error { return s.runs.Await(ctx, r, say) })
	}
	if s.runs == nil && s.pace <= 0 {
		return r, nil
	}
	var now *account.Resource
	looking := s.account.View(func(tx *account.Tx) (err error) {
		now, err = k.Look(tx, r.Region, r.ID, time.Now())
		return err
	})
	if now != nil {
		r = *now
	}
	return r, errors.Join(err, looking)
}

// end is what a request waits for, in the words of the real provider.
type end string

const (
	untilMade end = "state to become 'available'"
	untilGone end = "resource to be gone"
)

// pass lets the time pass that AWS takes, or as much of it as the program allows.
func (s *server) pass(ctx context.Context, k *kind.Declared, req request, end end, lasts time.Duration) error {
	if lasts <= 0 {
		return nil
	}
	var late error
	if timeout := time.Duration(req.GetTimeout() * float64(time.Second)); timeout > 0 && s.pace.Of(timeout) < lasts {
		lasts = s.pace.Of(timeout)
		late = fmt.Errorf("waiting for %s: timeout while waiting for %s (timeout: %s)", k.Title, end, timeout)
	}
	timer := time.NewTimer(lasts)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return late
	}
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
		found, err = k.Look(tx, region, req.GetId(), time.Now())
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

// noting keeps what is said during an attempt, and forgets what an earlier one said.
func noting(said *[]string) func(line string) {
	*said = nil
	return func(line string) { *said = append(*said, line) }
}

// tell passes on what was said while a change was made. The change stands, heard or not.
func (s *server) tell(ctx context.Context, urn string, said []string) {
	if len(said) == 0 {
		return
	}
	_ = s.telling(ctx, urn, func(say func(string)) error {
		for _, line := range said {
			say(line)
		}
		return nil
	})
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
