// Package aws answers the engine as Pulumi's AWS provider does, for the kinds and
// functions that package local/aws declares, against an emulated account. It knows
// the protocol; what a service accepts and computes is written there.
package aws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"wordpress-ecs/local/account"
	localaws "wordpress-ecs/local/aws"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/region"
	"wordpress-ecs/local/provider"
	"wordpress-ecs/local/provider/face"
)

// version is the package version that the kinds are declared after.
const version = "6.83.2"

// patience is how long to wait for what stands in the way of a change and may be
// gone in a moment. On AWS it is minutes; here everything else takes milliseconds.
const patience = 10 * time.Second

// patienceOfAWS is how long the real provider waits for that, where things take AWS's time.
const patienceOfAWS = 15 * time.Minute

// Options are how the providers of an account answer.
type Options struct {
	// Catalog has the kinds and functions; nil is all that local/aws declares.
	Catalog *kind.Catalog
	// Pace is how many times faster than on AWS things are made and deleted; 0 is at once.
	Pace kind.Pace
	// Objects are what S3 buckets hold; nil where they hold nothing.
	Objects kind.Objects
}

// New makes providers for an account. The images are what its ECR repositories hold; what is deployed runs in
// the runtime, or nowhere when that is nil.
func New(acct *account.Account, images account.Images, runs Runtime, options Options) provider.Factory {
	return newFactory(acct, images, runs, options, max(patience, options.Pace.Of(patienceOfAWS)))
}

func newFactory(acct *account.Account, images account.Images, runs Runtime, options Options, wait time.Duration,
) provider.Factory {
	catalog, err := options.Catalog, error(nil)
	if catalog == nil {
		catalog, err = localaws.Catalog()
	}
	return func() pulumirpc.ResourceProviderServer {
		return &server{
			Base:    provider.Base{Package: "aws", Version: version},
			account: acct, images: images, runs: runs, catalog: catalog, broken: err, pace: options.Pace, patience: wait,
			objects: options.Objects,
		}
	}
}

// server is the provider of one connection, with the configuration of one provider
// resource.
type server struct {
	provider.Base
	provider.Terminal
	account  *account.Account
	images   account.Images
	objects  kind.Objects
	runs     Runtime
	catalog  *kind.Catalog
	broken   error
	pace     kind.Pace
	patience time.Duration

	mu     sync.RWMutex
	config config
}

// config is what a provider resource sets.
type config struct {
	region      string
	defaultTags account.Props
}

// current is the configuration; the engine sets it before it asks for anything else.
func (s *server) current() (config, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.config.region == "" {
		return config{}, status.Error(codes.FailedPrecondition,
			"the AWS provider is not configured on this connection: run the command again")
	}
	return s.config, nil
}

// Attach takes the address of the engine.
func (s *server) Attach(ctx context.Context, req *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	return s.Terminal.Attach(ctx, req)
}

// CheckConfig refuses a provider without a region, or with one that is not known.
func (s *server) CheckConfig(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	news, err := provider.Unmarshal("provider inputs", req.GetNews())
	if err != nil {
		return nil, err
	}
	resp := &pulumirpc.CheckResponse{Inputs: req.GetNews()}
	if news["region"].ContainsUnknowns() || news["defaultTags"].ContainsUnknowns() {
		return resp, nil
	}
	if _, err := read(news); err != nil {
		resp.Failures = append(resp.Failures, &pulumirpc.CheckFailure{Property: "region", Reason: err.Error()})
	}
	return resp, nil
}

// DiffConfig replaces the provider, and so all that it made, when the region changes.
func (s *server) DiffConfig(_ context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	olds, err := provider.Unmarshal("old provider inputs", req.GetOldInputs())
	if err != nil {
		return nil, err
	}
	news, err := provider.Unmarshal("provider inputs", req.GetNews())
	if err != nil {
		return nil, err
	}
	resp := &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}
	if diff := olds.Diff(news); diff != nil {
		resp.Changes = pulumirpc.DiffResponse_DIFF_SOME
		for _, key := range diff.ChangedKeys() {
			resp.Diffs = append(resp.Diffs, string(key))
		}
		if diff.Changed("region") {
			resp.Replaces = []string{"region"}
		}
	}
	return resp, nil
}

// Configure keeps the region and the default tags. Credentials, profiles and
// endpoints are not looked at: there is no account but the emulated one.
func (s *server) Configure(ctx context.Context, req *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	if s.broken != nil {
		return nil, status.Error(codes.FailedPrecondition, s.broken.Error())
	}
	args, err := provider.Unmarshal("provider configuration", req.GetArgs())
	if err != nil {
		return nil, err
	}
	c, err := read(args)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	s.mu.Lock()
	s.config = c
	s.mu.Unlock()
	return s.Base.Configure(ctx, req)
}

var errNoRegion = errors.New("missing required configuration key \"aws:region\": The region where AWS operations will " +
	"take place. Examples are us-east-1, us-west-2, etc.\n" +
	"Set a value using the command `pulumi config set aws:region <value>`")

// read takes the configuration out of the inputs of a provider resource.
func read(inputs resource.PropertyMap) (config, error) {
	props, _, err := face.FromProperties(inputs)
	if err != nil {
		return config{}, err
	}
	c := config{region: props.String("region"), defaultTags: account.Props{}}
	if c.region == "" {
		return c, errNoRegion
	}
	if _, known := region.Find(c.region); !known {
		return c, fmt.Errorf("invalid AWS Region: %s (this cloud knows the regions of table `regions` in local/aws/region)", c.region)
	}
	tags := props["defaultTags"]
	if text, ok := tags.(string); ok { // SDKs send what is nested as JSON
		if err := json.Unmarshal([]byte(text), &tags); err != nil {
			return c, fmt.Errorf("defaultTags: %w", err)
		}
	}
	if nested, ok := tags.(map[string]any); ok {
		c.defaultTags = account.Props(nested).Object("tags")
	}
	return c, nil
}

// kind returns the kind of a request's type.
func (s *server) kind(typ, urn string) (*kind.Declared, error) {
	if typ == "" {
		typ = string(resource.URN(urn).Type())
	}
	if k, ok := s.catalog.Kind(typ); ok {
		return k, nil
	}
	return nil, status.Errorf(codes.InvalidArgument, "the local cloud has no resource type %s: "+
		"declare it in a package of local/aws, or deploy to AWS", typ)
}

// call is a request to the services, but for its transaction.
func (s *server) call(c config, urn string, timeout float64) *kind.Call {
	return &kind.Call{
		Region: c.region, URN: urn, Now: time.Now(), Timeout: time.Duration(timeout * float64(time.Second)),
		Images: s.images, Objects: s.objects, Ports: s.ports(), Pace: s.pace, Catalog: s.catalog,
	}
}

// attempt runs a change, and again for a while if what refuses it may pass.
func (s *server) attempt(ctx context.Context, change func(tx *account.Tx) error) error {
	const pause = 50 * time.Millisecond
	deadline := time.Now().Add(s.patience)
	for {
		err := s.account.Update(change)
		if err == nil || errors.Is(err, errRehearsed) {
			return nil
		}
		if !kind.Passing(err) || time.Now().After(deadline) {
			return refusal(err)
		}
		select {
		case <-ctx.Done():
			return refusal(err)
		case <-time.After(pause):
		}
	}
}

// refusal is an error as the provider words it. The code says that nothing happened.
func refusal(err error) error {
	return status.Errorf(codes.FailedPrecondition, "1 error occurred:\n\t* %s\n\n", err)
}
