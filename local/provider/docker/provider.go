// Package docker is the resource provider of docker:index/image:Image on this machine. It does
// what version 4.11.2 of Pulumi's Docker provider does, with these differences: the registry that
// it pushes to is the local one that stands for ECR; without a Docker engine it goes on with a
// digest of the build context, and builds the image as soon as an engine answers; and the names
// of an image go from this machine with its resource.
package docker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"wordpress-ecs/local/provider"
	"wordpress-ecs/local/provider/docker/buildcontext"
	"wordpress-ecs/local/registry"
)

const imageType = "docker:index/image:Image"

// Repositories says whether an ECR repository exists in the account.
type Repositories interface {
	HasRepository(name string) (bool, error)
}

// New makes providers that push to reg, where acct knows the repository. What happens is told
// to the engine; log gets it, line by line, when there is no engine to tell.
func New(reg *registry.Registry, acct Repositories, log func(line string)) provider.Factory {
	return func() pulumirpc.ResourceProviderServer {
		cancelled, cancel := context.WithCancel(context.Background())
		return &server{
			Base:      provider.Base{Package: "docker", Version: "4.11.2"},
			registry:  reg,
			account:   acct,
			log:       log,
			cancelled: cancelled,
			cancel:    cancel,
		}
	}
}

// server answers one connection of the engine.
type server struct {
	provider.Base
	provider.Terminal

	registry *registry.Registry
	account  Repositories
	log      func(line string)

	// cancelled ends with the engine's Cancel, which is a call of its own.
	cancelled context.Context
	cancel    context.CancelFunc

	mu   sync.Mutex
	host string // of the Docker engine, when the program configures one
}

// Attach takes the address of the engine.
func (s *server) Attach(ctx context.Context, req *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	return s.Terminal.Attach(ctx, req)
}

// Configure takes the Docker host that a program may name.
func (s *server) Configure(ctx context.Context, req *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	s.mu.Lock()
	s.host = req.GetArgs().GetFields()["host"].GetStringValue()
	s.mu.Unlock()
	return s.Base.Configure(ctx, req)
}

// Cancel stops the builds and pushes that are under way.
func (s *server) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	s.cancel()
	return &emptypb.Empty{}, nil
}

// Check finds the Dockerfile and adds the digest of the build context, which is how a changed
// file shows in the plan.
func (s *server) Check(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	if req.GetType() != imageType {
		return nil, fmt.Errorf("the local cloud has no %s; of package docker it has %s", req.GetType(), imageType)
	}
	news, err := provider.Unmarshal("image inputs", req.GetNews())
	if err != nil {
		return nil, err
	}
	markPassword(news)
	if err := checkBuild(news); err != nil {
		return nil, err
	}
	in := readInputs(news)
	if !in.skipPush && !unknown(news["imageName"]) {
		if _, err := parseName(in.imageName); err != nil {
			return nil, err
		}
	}
	checked, err := provider.Marshal("image inputs", news)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.CheckResponse{Inputs: checked}, nil
}

// checkBuild completes the build input. Nothing can be said about one that is not known yet.
func checkBuild(news resource.PropertyMap) error {
	if unknown(news["build"]) {
		return nil
	}
	in := readInputs(news)
	if _, err := os.Stat(in.dockerfile); errors.Is(err, fs.ErrNotExist) {
		message := fmt.Errorf("could not open dockerfile at relative path %s: %w", in.dockerfile, err)
		if inContext := filepath.Join(in.context, in.dockerfile); exists(inContext) {
			return fmt.Errorf("%w. Try setting `dockerfile` to %q", message, inContext)
		}
		return message
	}
	c, err := buildcontext.Read(in.context, in.dockerfile)
	if err != nil {
		return err
	}
	digest, err := c.Digest()
	if err != nil {
		return err
	}
	setIn(news, "build", "contextDigest", resource.NewStringProperty(digest))
	setIn(news, "build", "platform", resource.NewStringProperty(in.platform))
	return nil
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// Diff compares inputs. Of the registry only the server counts: a password changes all the time.
// An image that was deployed without a Docker engine is built as soon as one answers.
func (s *server) Diff(ctx context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	olds, err := provider.Unmarshal("old image inputs", req.GetOldInputs())
	if err != nil {
		return nil, err
	}
	news, err := provider.Unmarshal("new image inputs", req.GetNews())
	if err != nil {
		return nil, err
	}
	state, err := provider.Unmarshal("image state", req.GetOlds())
	if err != nil {
		return nil, err
	}
	changes := diffInputs(olds, news)
	if len(changes) == 0 {
		unbuilt, err := s.unbuilt(ctx, readInputs(news), text(state["repoDigest"]))
		if err != nil {
			return nil, err
		}
		if unbuilt {
			changes["repoDigest"] = &pulumirpc.PropertyDiff{Kind: pulumirpc.PropertyDiff_UPDATE}
		}
	}
	if len(changes) == 0 {
		return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
	}
	return &pulumirpc.DiffResponse{
		Changes:         pulumirpc.DiffResponse_DIFF_SOME,
		Diffs:           slices.Sorted(maps.Keys(changes)),
		DetailedDiff:    changes,
		HasDetailedDiff: true,
	}, nil
}

func diffInputs(olds, news resource.PropertyMap) map[string]*pulumirpc.PropertyDiff {
	changes := map[string]*pulumirpc.PropertyDiff{}
	before, after := compared(olds), compared(news)
	for key, is := range after {
		was, had := before[key]
		switch {
		case !had:
			changes[string(key)] = &pulumirpc.PropertyDiff{Kind: pulumirpc.PropertyDiff_ADD, InputDiff: true}
		case !reflect.DeepEqual(was, is):
			changes[string(key)] = &pulumirpc.PropertyDiff{Kind: pulumirpc.PropertyDiff_UPDATE, InputDiff: true}
		}
	}
	for key := range before {
		if _, has := after[key]; !has {
			changes[string(key)] = &pulumirpc.PropertyDiff{Kind: pulumirpc.PropertyDiff_DELETE, InputDiff: true}
		}
	}
	return changes
}

// Create builds and pushes the image.
func (s *server) Create(ctx context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	name, state, err := s.made(ctx, req.GetUrn(), req.GetProperties(), req.GetPreview())
	if err != nil {
		return nil, err
	}
	if req.GetPreview() {
		name = "" // no id: there is no image yet
	}
	return &pulumirpc.CreateResponse{Id: name, Properties: state}, nil
}

// Update builds and pushes the image as Create does.
func (s *server) Update(ctx context.Context, req *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	_, state, err := s.made(ctx, req.GetUrn(), req.GetNews(), req.GetPreview())
	if err != nil {
		return nil, err
	}
	return &pulumirpc.UpdateResponse{Properties: state}, nil
}

// made makes the image that the inputs describe, and returns its name and the resource's state.
func (s *server) made(ctx context.Context, urn string, inputs *structpb.Struct, preview bool,
) (string, *structpb.Struct, error) {
	news, err := provider.Unmarshal("image inputs", inputs)
	if err != nil {
		return "", nil, err
	}
	state, err := s.apply(ctx, urn, news, preview)
	if err != nil {
		return "", nil, err
	}
	properties, err := provider.Marshal("image state", state)
	return readInputs(news).imageName, properties, err
}

// Read returns the state as it is: the real provider doesn't look either.
func (s *server) Read(_ context.Context, req *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	return &pulumirpc.ReadResponse{Id: req.GetId(), Inputs: req.GetInputs(), Properties: req.GetProperties()}, nil
}

// Delete leaves the image in the registry, where it goes with its repository. Its names on this
// machine go now.
func (s *server) Delete(ctx context.Context, req *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	state, err := provider.Unmarshal("image state", req.GetProperties())
	if err != nil {
		return nil, err
	}
	s.forget(ctx, text(state["imageName"]))
	return &emptypb.Empty{}, nil
}
