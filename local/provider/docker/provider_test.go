package docker_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"wordpress-ecs/local/provider"
	"wordpress-ecs/local/provider/docker"
	"wordpress-ecs/local/registry"
)

const (
	imageType = "docker:index/image:Image"
	password  = "hunter2"
	host      = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
)

func TestCheckAddsWhatTheRealProviderAdds(t *testing.T) {
	t.Parallel()
	c := connect(t, withoutEngine)
	dir := buildContext(t)
	checked := c.check(t, imageInputs(dir, host+"/site:one"))
	build := checked["build"].ObjectValue()
	require.Len(t, build["contextDigest"].StringValue(), 64)
	require.Equal(t, "linux/"+runtime.GOARCH, build["platform"].StringValue())
	require.True(t, checked["registry"].ObjectValue()["password"].IsSecret(), "also when the program says nothing")

	again := c.check(t, imageInputs(dir, host+"/site:one"))
	require.Equal(t, build["contextDigest"], again["build"].ObjectValue()["contextDigest"])
	require.NoError(t, os.WriteFile(filepath.Join(dir, "index.html"), []byte("two"), 0o600))
	changed := c.check(t, imageInputs(dir, host+"/site:one"))
	require.NotEqual(t, build["contextDigest"], changed["build"].ObjectValue()["contextDigest"])
}

func TestCheckWaitsForWhatIsUnknown(t *testing.T) {
	t.Parallel()
	c := connect(t, withoutEngine)
	in := imageInputs(buildContext(t), "")
	in["imageName"] = resource.MakeComputed(resource.NewStringProperty(""))
	checked := c.check(t, in)
	require.True(t, checked["imageName"].IsComputed())
}

func TestCheckRefusals(t *testing.T) {
	t.Parallel()
	c := connect(t, withoutEngine)
	dir := buildContext(t)
	for name, tc := range map[string]struct {
		token  string
		change func(resource.PropertyMap)
		want   string
	}{
		"no Dockerfile": {imageType, func(in resource.PropertyMap) {
			in["build"].ObjectValue()["dockerfile"] = resource.NewStringProperty("missing/Dockerfile")
		}, "could not open dockerfile at relative path missing/Dockerfile"},
		"no context": {imageType, func(in resource.PropertyMap) {
			in["build"].ObjectValue()["context"] = resource.NewStringProperty("missing")
		}, "reading the build context missing"},
		"name without a host": {imageType, func(in resource.PropertyMap) {
			in["imageName"] = resource.NewStringProperty("site:one")
		}, "fully qualified"},
		"name with a digest": {imageType, func(in resource.PropertyMap) {
			in["imageName"] = resource.NewStringProperty(host + "/site@sha256:" + strings.Repeat("0", 64))
		}, "a push takes a tag"},
		"another resource": {"docker:index/container:Container", func(resource.PropertyMap) {},
			"the local cloud has no docker:index/container:Container"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := imageInputs(dir, host+"/site:one")
			tc.change(in)
			_, err := c.Check(t.Context(), &pulumirpc.CheckRequest{Urn: urnOf(t), Type: tc.token, News: marshal(t, in)})
			require.ErrorContains(t, err, tc.want)
		})
	}
}

func TestDiffComparesInputs(t *testing.T) {
	t.Parallel()
	c := connect(t, withoutEngine)
	dir := buildContext(t)
	for name, tc := range map[string]struct {
		change func(resource.PropertyMap)
		want   []string
	}{
		"nothing": {func(resource.PropertyMap) {}, nil},
		"password and user": {func(in resource.PropertyMap) {
			in["registry"].ObjectValue()["password"] = resource.MakeSecret(resource.NewStringProperty("new"))
			in["registry"].ObjectValue()["username"] = resource.NewStringProperty("new")
		}, nil},
		"server": {func(in resource.PropertyMap) {
			in["registry"].ObjectValue()["server"] = resource.NewStringProperty("other")
		}, []string{"registry"}},
		"content": {func(in resource.PropertyMap) {
			in["build"].ObjectValue()["contextDigest"] = resource.NewStringProperty("other")
		}, []string{"build"}},
		"name not known yet": {func(in resource.PropertyMap) {
			in["imageName"] = resource.MakeComputed(resource.NewStringProperty(""))
		}, []string{"imageName"}},
		"one more, one less": {func(in resource.PropertyMap) {
			in["skipPush"] = resource.NewBoolProperty(true)
			delete(in, "registry")
		}, []string{"registry", "skipPush"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			olds := imageInputs(dir, host+"/site:one")
			news := imageInputs(dir, host+"/site:one")
			tc.change(news)
			diff, err := c.Diff(t.Context(), &pulumirpc.DiffRequest{
				Urn: urnOf(t), Id: "x", OldInputs: marshal(t, olds), Olds: marshal(t, olds), News: marshal(t, news),
			})
			require.NoError(t, err)
			require.Equal(t, tc.want, diff.GetDiffs())
			require.Empty(t, diff.GetReplaces())
			require.Equal(t, len(tc.want) > 0, diff.GetChanges() == pulumirpc.DiffResponse_DIFF_SOME)
		})
	}
}

func TestPreviewBuildsAndPushesNothing(t *testing.T) {
	t.Parallel()
	c := connect(t, "")
	in := imageInputs(buildContext(t), host+"/site:one")
	created, err := c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: urnOf(t), Properties: marshal(t, in), Preview: true})
	require.NoError(t, err)
	state := unmarshal(t, created.GetProperties())
	require.True(t, state["repoDigest"].IsComputed())
	require.Equal(t, host+"/site:one", state["imageName"].StringValue())
	c.requireDigests(t)
	require.Empty(t, c.lines.all())
}

func TestWithoutAnEngineTheDigestComesFromTheContext(t *testing.T) {
	t.Parallel()
	c := connect(t, withoutEngine)
	dir := buildContext(t)
	first := c.create(t, imageInputs(dir, host+"/site:one"))
	require.Regexp(t, `^`+host+`/site@sha256:[0-9a-f]{64}$`, first["repoDigest"].StringValue())
	require.Equal(t, first, c.create(t, imageInputs(dir, host+"/site:one")), "equal contexts, equal digests")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "index.html"), []byte("two"), 0o600))
	require.NotEqual(t, first["repoDigest"], c.create(t, imageInputs(dir, host+"/site:one"))["repoDigest"])

	require.Len(t, c.lines.all(), 3, "one line for each")
	require.Contains(t, c.lines.all()[0], "no Docker engine answers")
	c.requireNoPassword(t, first)
}

func TestPushNeedsTheRepository(t *testing.T) {
	t.Parallel()
	c := connect(t, withoutEngine)
	in := imageInputs(buildContext(t), host+"/other:one")
	_, err := c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: urnOf(t), Properties: marshal(t, in)})
	require.ErrorContains(t, err,
		"name unknown: The repository with name 'other' does not exist in the registry with id '123456789012'")
}

func TestReadAndDeleteLeaveTheRegistryAlone(t *testing.T) {
	t.Parallel()
	c := connect(t, withoutEngine)
	in := imageInputs(buildContext(t), host+"/site:one")
	state := marshal(t, c.create(t, in))
	read, err := c.Read(t.Context(), &pulumirpc.ReadRequest{Id: "x", Urn: urnOf(t), Inputs: marshal(t, in), Properties: state})
	require.NoError(t, err)
	require.Equal(t, state.AsMap(), read.GetProperties().AsMap())
	require.Equal(t, "x", read.GetId())
	_, err = c.Delete(t.Context(), &pulumirpc.DeleteRequest{Id: "x", Urn: urnOf(t), Properties: state})
	require.NoError(t, err)
}

func TestPulumiIsToldBesideTheResource(t *testing.T) {
	t.Parallel()
	c := connect(t, withoutEngine)
	told := &engine{}
	_, err := c.Attach(t.Context(), &pulumirpc.PluginAttach{Address: told.serve(t)})
	require.NoError(t, err)
	c.create(t, imageInputs(buildContext(t), host+"/site:one"))
	require.Len(t, told.lines(), 1)
	require.Equal(t, urnOf(t), told.lines()[0].GetUrn())
	require.Contains(t, told.lines()[0].GetMessage(), "no Docker engine answers")
	require.Empty(t, c.lines.all(), "who was told there need not be told twice")
}

// withoutEngine is a Docker host that nothing listens on.
const withoutEngine = "unix:///nonexistent/docker.sock"

// client is a provider reached as Pulumi's engine reaches it.
type client struct {
	pulumirpc.ResourceProviderClient
	registry *registry.Registry
	lines    *lines
}

// connect serves a provider whose account has the repository "site".
func connect(t *testing.T, dockerHost string) *client {
	t.Helper()
	reg, err := registry.Open(t.TempDir())
	require.NoError(t, err)
	log := &lines{}
	listener, err := provider.Serve(docker.New(reg, repositories{"site"}, log.add), 0)
	require.NoError(t, err)
	t.Cleanup(listener.Close)
	connection, err := grpc.NewClient(fmt.Sprintf("127.0.0.1:%d", listener.Port()),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, connection.Close()) })
	c := &client{pulumirpc.NewResourceProviderClient(connection), reg, log}
	c.configure(t, dockerHost)
	return c
}

func (c *client) configure(t *testing.T, dockerHost string) {
	t.Helper()
	_, err := c.Configure(t.Context(), &pulumirpc.ConfigureRequest{
		Args: &structpb.Struct{Fields: map[string]*structpb.Value{"host": structpb.NewStringValue(dockerHost)}},
	})
	require.NoError(t, err)
}

func (c *client) check(t *testing.T, in resource.PropertyMap) resource.PropertyMap {
	t.Helper()
	checked, err := c.Check(t.Context(), &pulumirpc.CheckRequest{Urn: urnOf(t), Type: imageType, News: marshal(t, in)})
	require.NoError(t, err)
	require.Empty(t, checked.GetFailures())
	return unmarshal(t, checked.GetInputs())
}

func (c *client) create(t *testing.T, in resource.PropertyMap) resource.PropertyMap {
	t.Helper()
	created, err := c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: urnOf(t), Properties: marshal(t, c.check(t, in))})
	require.NoError(t, err)
	require.Equal(t, in["imageName"].StringValue(), created.GetId())
	return unmarshal(t, created.GetProperties())
}

// requireDigests asserts what the repository "site" holds.
func (c *client) requireDigests(t *testing.T, want ...string) {
	t.Helper()
	digests, err := c.registry.Digests("site")
	require.NoError(t, err)
	require.ElementsMatch(t, want, digests)
}

func (c *client) requireNoPassword(t *testing.T, state resource.PropertyMap) {
	t.Helper()
	require.NotContains(t, fmt.Sprint(state), password)
	require.NotContains(t, strings.Join(c.lines.all(), "\n"), password)
}

func imageInputs(dir, name string) resource.PropertyMap {
	return resource.NewPropertyMapFromMap(map[string]any{
		"imageName": name,
		"build":     map[string]any{"context": dir, "dockerfile": filepath.Join(dir, "Dockerfile")},
		"registry":  map[string]any{"server": host, "username": "AWS", "password": password},
	})
}

// urnOf names a test's image after the test: the layers kept for the next build are shared by
// the images of one URN, and what one test removes must not be missing in another.
func urnOf(t *testing.T) string {
	t.Helper()
	return "urn:pulumi:test::" + slug(t) + "::docker:index/image:Image::site"
}

func slug(t *testing.T) string {
	t.Helper()
	return strings.ToLower(strings.ReplaceAll(t.Name(), "/", "-"))
}

// buildContext is a context that every engine can build: it needs no base image. No other test
// builds the same image, for the reason that urnOf gives.
func buildContext(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	dockerfile := "FROM scratch\nCOPY index.html /" + slug(t) + "/\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(dockerfile), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "index.html"), []byte("one"), 0o600))
	return dir
}

func marshal(t *testing.T, m resource.PropertyMap) *structpb.Struct {
	t.Helper()
	s, err := provider.Marshal("test", m)
	require.NoError(t, err)
	return s
}

func unmarshal(t *testing.T, s *structpb.Struct) resource.PropertyMap {
	t.Helper()
	m, err := provider.Unmarshal("test", s)
	require.NoError(t, err)
	return m
}

// repositories is an account that holds the repositories of these names.
type repositories []string

func (r repositories) HasRepository(name string) (bool, error) {
	for _, repository := range r {
		if repository == name {
			return true, nil
		}
	}
	return false, nil
}

type lines struct {
	mu   sync.Mutex
	list []string
}

func (l *lines) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, line)
}

func (l *lines) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.list...)
}

// engine stands in for Pulumi's engine and keeps what it is told.
type engine struct {
	pulumirpc.UnimplementedEngineServer
	mu   sync.Mutex
	logs []*pulumirpc.LogRequest
}

func (e *engine) Log(_ context.Context, req *pulumirpc.LogRequest) (*emptypb.Empty, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.logs = append(e.logs, req)
	return &emptypb.Empty{}, nil
}

func (e *engine) lines() []*pulumirpc.LogRequest {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]*pulumirpc.LogRequest(nil), e.logs...)
}

func (e *engine) serve(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	pulumirpc.RegisterEngineServer(server, e)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}
