package docker_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/image"
	dockerclient "github.com/docker/docker/client"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/emptypb"

	"wordpress-ecs/local/provider/docker/builder"
	"wordpress-ecs/tests/containers"
)

func TestImageIsBuiltAndPushed(t *testing.T) {
	t.Parallel()
	docker := containers.Client(t)
	c := connect(t, "")
	repository := uniqueHost(t, docker) + "/site"
	dir := buildContext(t)
	removeCacheAfter(t, docker)

	first := c.create(t, imageInputs(dir, repository+":one"))
	digest := digestOf(t, first, repository)
	c.requireDigests(t, digest)
	require.Equal(t, []string{repository + ":one"}, tags(t, docker, repository), "no name of the loopback registry is left")
	require.Contains(t, strings.Join(c.lines.all(), "\n"), "COPY index.html", "people see the build")
	c.requireNoPassword(t, first)

	require.NoError(t, os.WriteFile(filepath.Join(dir, "index.html"), []byte("two"), 0o600))
	second := c.create(t, imageInputs(dir, repository+":two"))
	require.NotEqual(t, first["repoDigest"], second["repoDigest"])
	c.requireDigests(t, digest, digestOf(t, second, repository))
	require.Equal(t, []string{repository + ":two"}, tags(t, docker, repository), "old images don't pile up here")

	_, err := c.Delete(t.Context(), &pulumirpc.DeleteRequest{Id: "x", Urn: urnOf(t), Properties: marshal(t, second)})
	require.NoError(t, err)
	require.Empty(t, tags(t, docker, repository))
	c.requireDigests(t, digest, digestOf(t, second, repository))
}

func TestImageDeployedWithoutAnEngineIsBuiltWhenOneAnswers(t *testing.T) {
	t.Parallel()
	docker := containers.Client(t)
	c := connect(t, withoutEngine)
	dir := buildContext(t)
	removeCacheAfter(t, docker)
	in := c.check(t, imageInputs(dir, uniqueHost(t, docker)+"/site:one"))
	diff := func(state resource.PropertyMap) []string {
		answer, err := c.Diff(t.Context(), &pulumirpc.DiffRequest{
			Urn: urnOf(t), Id: "x", OldInputs: marshal(t, in), Olds: marshal(t, state), News: marshal(t, in),
		})
		require.NoError(t, err)
		return answer.GetDiffs()
	}
	state := c.create(t, in)
	require.Empty(t, diff(state), "nothing can be done about it yet")
	c.configure(t, "")
	require.Equal(t, []string{"repoDigest"}, diff(state))
	require.Empty(t, diff(c.create(t, in)))
}

func TestTakenTagIsRefusedAsByECR(t *testing.T) {
	t.Parallel()
	docker := containers.Client(t)
	c := connect(t, "")
	repository := uniqueHost(t, docker) + "/site"
	dir := buildContext(t)
	removeCacheAfter(t, docker)
	first := c.create(t, imageInputs(dir, repository+":one"))
	require.Equal(t, first, c.create(t, imageInputs(dir, repository+":one")), "the same image again is fine")

	require.NoError(t, os.WriteFile(filepath.Join(dir, "index.html"), []byte("two"), 0o600))
	_, err := c.Update(t.Context(), &pulumirpc.UpdateRequest{
		Id: "x", Urn: urnOf(t), News: marshal(t, c.check(t, imageInputs(dir, repository+":one"))),
	})
	require.ErrorContains(t, err, "The image tag 'one' already exists in the 'site' repository "+
		"and cannot be overwritten because the tag is immutable")
}

func TestFailedBuildSaysWhere(t *testing.T) {
	t.Parallel()
	docker := containers.Client(t)
	c := connect(t, "")
	dir := buildContext(t)
	removeCacheAfter(t, docker)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("FROM scratch\nCOPY missing.html /\n"), 0o600))
	_, err := c.Create(t.Context(), &pulumirpc.CreateRequest{
		Urn: urnOf(t), Properties: marshal(t, imageInputs(dir, uniqueHost(t, docker)+"/site:one")),
	})
	require.ErrorContains(t, err, "missing.html")
	require.ErrorContains(t, err, "Step 2/2")
	c.requireDigests(t)
}

func TestAnotherPlatformIsBuiltForThisMachine(t *testing.T) {
	t.Parallel()
	docker := containers.Client(t)
	c := connect(t, "")
	dir := buildContext(t)
	removeCacheAfter(t, docker)
	in := imageInputs(dir, uniqueHost(t, docker)+"/site:one")
	in["build"].ObjectValue()["platform"] = resource.NewStringProperty("linux/s390x")
	state := c.create(t, in)
	require.Equal(t, "linux/s390x", state["platform"].StringValue())
	version, err := docker.ServerVersion(t.Context())
	require.NoError(t, err)
	require.Contains(t, c.lines.all(), fmt.Sprintf(
		"building for %s/%s, which this machine runs; AWS gets linux/s390x", version.Os, version.Arch))
}

func TestArgumentsAndTargetReachTheBuild(t *testing.T) {
	t.Parallel()
	docker := containers.Client(t)
	c := connect(t, "")
	dir := buildContext(t)
	removeCacheAfter(t, docker)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(
		"FROM scratch AS wanted\nARG color\nLABEL color=$color\nCOPY index.html /\nFROM scratch\nCOPY missing /\n"), 0o600))
	in := imageInputs(dir, uniqueHost(t, docker)+"/site:one")
	in["skipPush"] = resource.NewBoolProperty(true)
	build := in["build"].ObjectValue()
	build["target"] = resource.NewStringProperty("wanted")
	build["args"] = resource.NewObjectProperty(resource.PropertyMap{
		"color": resource.MakeSecret(resource.NewStringProperty("blue")),
	})
	state := c.create(t, in)

	built, err := docker.ImageInspect(t.Context(), state["repoDigest"].StringValue())
	require.NoError(t, err, "an image that isn't pushed is named by its id")
	require.Equal(t, map[string]string{"color": "blue"}, built.Config.Labels)
	c.requireDigests(t)
}

func TestCancelStopsABuild(t *testing.T) {
	t.Parallel()
	docker := containers.Client(t)
	c := connect(t, "")
	dir := buildContext(t)
	label := uniqueHost(t, docker)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(
		"FROM public.ecr.aws/docker/library/debian:trixie-slim\nLABEL test="+label+"\nRUN sleep 1000\n"), 0o600))
	mine := filters.NewArgs(filters.Arg("label", "test="+label))
	t.Cleanup(func() {
		steps, err := docker.ImageList(context.Background(), image.ListOptions{All: true, Filters: mine})
		require.NoError(t, err)
		for _, step := range steps {
			removeImage(t, docker, step.ID)
		}
	})
	request := &pulumirpc.CreateRequest{Urn: urnOf(t), Properties: marshal(t, imageInputs(dir, label+"/site:one"))}
	ended := make(chan error, 1)
	go func() {
		_, err := c.Create(t.Context(), request)
		ended <- err
	}()
	building := func() int {
		list, err := docker.ContainerList(t.Context(), container.ListOptions{All: true, Filters: mine})
		require.NoError(t, err)
		return len(list)
	}
	require.Eventually(t, func() bool {
		select {
		case err := <-ended:
			require.NoError(t, err, "the build ended before it was to be cancelled")
		default:
		}
		return building() == 1
	}, 15*time.Minute, 200*time.Millisecond, "the build runs")

	_, err := c.Cancel(t.Context(), &emptypb.Empty{})
	require.NoError(t, err)
	require.ErrorContains(t, <-ended, "canceled")
	require.Eventually(t, func() bool { return building() == 0 }, time.Minute, 200*time.Millisecond, "nothing is left running")
}

// uniqueHost keeps tests that run at once apart, and removes what a failed test left behind.
func uniqueHost(t *testing.T, docker *dockerclient.Client) string {
	t.Helper()
	unique := fmt.Sprintf("%d.%s.test.invalid", os.Getpid(), strings.ToLower(t.Name()))
	t.Cleanup(func() {
		for _, tag := range tags(t, docker, unique+"/site") {
			removeImage(t, docker, tag)
		}
	})
	return unique
}

func tags(t *testing.T, docker *dockerclient.Client, repository string) []string {
	t.Helper()
	// Not the test's own context: cleanups call this too.
	images, err := docker.ImageList(context.Background(), image.ListOptions{
		Filters: filters.NewArgs(filters.Arg("reference", repository)),
	})
	require.NoError(t, err)
	var found []string
	for _, summary := range images {
		for _, tag := range summary.RepoTags {
			if strings.HasPrefix(tag, repository+":") {
				found = append(found, tag)
			}
		}
	}
	return found
}

// removeCacheAfter removes the image that keeps the layers for the next build.
func removeCacheAfter(t *testing.T, docker *dockerclient.Client) {
	t.Helper()
	t.Cleanup(func() { removeImage(t, docker, builder.CacheTag(resource.URN(urnOf(t)))) })
}

func removeImage(t *testing.T, docker *dockerclient.Client, name string) {
	t.Helper()
	_, err := docker.ImageRemove(context.Background(), name, image.RemoveOptions{PruneChildren: true})
	if !cerrdefs.IsNotFound(err) {
		require.NoError(t, err)
	}
}

// digestOf takes the digest out of a repoDigest, which names the repository without its tag.
func digestOf(t *testing.T, state resource.PropertyMap, repository string) string {
	t.Helper()
	name, digest, found := strings.Cut(state["repoDigest"].StringValue(), "@")
	require.True(t, found)
	require.Equal(t, repository, name)
	return digest
}
