package docker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/distribution/reference"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/provider/docker/buildcontext"
	"wordpress-ecs/local/provider/docker/builder"
)

// apply builds and pushes what the inputs ask for and returns the resource's state. In a
// preview it does neither, and the digest stays unknown.
func (s *server) apply(ctx context.Context, urn string, news resource.PropertyMap, preview bool,
) (resource.PropertyMap, error) {
	in := readInputs(news)
	state := resource.PropertyMap{
		"imageName":      resource.NewStringProperty(in.imageName),
		"baseImageName":  resource.NewStringProperty(in.imageName),
		"registryServer": resource.NewStringProperty(in.server),
		"context":        resource.NewStringProperty(in.context),
		"dockerfile":     resource.NewStringProperty(in.dockerfile),
		"platform":       resource.NewStringProperty(in.platform),
		"repoDigest":     resource.MakeComputed(resource.NewStringProperty("")),
	}
	if !preview {
		digest, err := s.produce(ctx, urn, in)
		if err != nil {
			return nil, err
		}
		state["repoDigest"] = resource.NewStringProperty(digest)
		return state, nil
	}
	if unknown(news["imageName"]) {
		state["imageName"], state["baseImageName"] = state["repoDigest"], state["repoDigest"]
	}
	if unknown(news["registry"]) {
		state["registryServer"] = state["repoDigest"]
	}
	if unknown(news["build"]) {
		state["context"], state["dockerfile"] = state["repoDigest"], state["repoDigest"]
		state["platform"] = state["repoDigest"]
	}
	return state, nil
}

// produce makes the image and returns "repository@digest".
func (s *server) produce(ctx context.Context, urn string, in inputs) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.cancelled, cancel)()

	name, err := parseName(in.imageName)
	if err != nil {
		return "", err
	}
	if !in.skipPush {
		if err := s.checkRepository(reference.Path(name)); err != nil {
			return "", err
		}
	}
	report, done, err := s.reporter(ctx, urn)
	if err != nil {
		return "", err
	}
	defer done()
	files, err := buildcontext.Read(in.context, in.dockerfile)
	if err != nil {
		return "", err
	}
	engine, err := s.connect(ctx)
	if errors.Is(err, builder.ErrNoEngine) {
		report.Info(fmt.Sprintf("%v: the image is not built, its digest is computed from the build context", err))
		return withoutEngine(name, files)
	}
	if err != nil {
		return "", err
	}
	defer func() { _ = engine.Close() }() // nothing is under way any more
	return s.buildAndPush(ctx, engine, in, name, files, builder.CacheTag(resource.URN(urn)), report)
}

// checkRepository refuses a push to a repository that is not there with ECR's words.
func (s *server) checkRepository(repository string) error {
	found, err := s.account.HasRepository(repository)
	if err != nil {
		return fmt.Errorf("looking for repository %q: %w", repository, err)
	}
	if !found {
		return fmt.Errorf("name unknown: The repository with name '%s' does not exist in the registry with id '%s'",
			repository, account.ID)
	}
	return nil
}

// withoutEngine stands in for the digest of an image: equal contexts have equal digests.
func withoutEngine(name reference.Named, files *buildcontext.Context) (string, error) {
	content, err := files.Digest()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(content))
	return name.Name() + "@sha256:" + hex.EncodeToString(sum[:]), nil
}

// unbuilt tells whether the registry lacks an image that this machine can build: no Docker
// engine answered when it was deployed, and now one does.
func (s *server) unbuilt(ctx context.Context, in inputs, repoDigest string) (bool, error) {
	name, err := parseName(in.imageName)
	if err != nil || in.skipPush {
		return false, nil // Check said so already
	}
	_, digest, _ := strings.Cut(repoDigest, "@")
	pushed, err := s.registry.Digests(reference.Path(name))
	if err != nil || slices.Contains(pushed, digest) {
		return false, err
	}
	engine, err := s.connect(ctx)
	if errors.Is(err, builder.ErrNoEngine) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, engine.Close()
}

func (s *server) buildAndPush(ctx context.Context, engine *builder.Engine, in inputs, name reference.NamedTagged,
	files *buildcontext.Context, cache string, report builder.Reporter,
) (string, error) {
	if in.platform != engine.Platform {
		report.Info(fmt.Sprintf("building for %s, which this machine runs; AWS gets %s", engine.Platform, in.platform))
	}
	start := time.Now()
	id, err := engine.Build(ctx, builder.Options{
		Context: files, Tags: []string{name.String()}, Cache: cache, Args: in.args, Target: in.target,
	}, report)
	if err != nil {
		return "", err
	}
	built := time.Since(start).Round(time.Second)
	if in.skipPush {
		report.Info(fmt.Sprintf("built %s in %s", name, built))
		return id, nil
	}
	digest, err := s.push(ctx, engine, id, name, report)
	if err != nil {
		return "", err
	}
	report.Info(fmt.Sprintf("built in %s and pushed in %s: %s", built,
		time.Since(start).Round(time.Second)-built, digest))
	if err := engine.Forget(ctx, name.Name(), name.String()); err != nil {
		report.Info(fmt.Sprintf("older images stay on this machine: %v", err))
	}
	return name.Name() + "@" + digest, nil
}

// push serves the registry for as long as the push takes.
func (s *server) push(ctx context.Context, engine *builder.Engine, id string, name reference.NamedTagged,
	report builder.Reporter,
) (string, error) {
	listener, err := s.registry.Serve(0)
	if err != nil {
		return "", err
	}
	defer listener.Close()
	target := fmt.Sprintf("127.0.0.1:%d/%s:%s", listener.Port(), reference.Path(name), name.Tag())
	report.Status("pushing " + name.String())
	return engine.Push(ctx, id, target, report)
}

// forget takes the names of a deleted image off this machine. Without an engine there are none,
// and one that fails is no reason to keep the resource.
func (s *server) forget(ctx context.Context, imageName string) {
	name, err := parseName(imageName)
	if err != nil {
		return
	}
	engine, err := s.connect(ctx)
	if err != nil {
		return
	}
	defer func() { _ = engine.Close() }() // nothing is under way any more
	_ = engine.Forget(ctx, name.Name(), "")
}

func (s *server) connect(ctx context.Context) (*builder.Engine, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return builder.Connect(ctx, s.host)
}
