package image_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/image"
	"wordpress-ecs/settings"
	"wordpress-ecs/tests/graph"
)

const (
	repository = "aws:ecr/repository:Repository"
	build      = "docker:index/image:Image"
	prebuilt   = graph.Account + ".dkr.ecr.us-west-2.amazonaws.com/team/site@" + graph.Digest
)

// context is a folder to build, with a change.
func context(t *testing.T, change func(dir string)) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "Dockerfile", "FROM scratch\n")
	write(t, dir, ".dockerignore", "*.md\nnotes\n")
	write(t, dir, "bin/start", "#!/bin/sh\n")
	if change != nil {
		change(dir)
	}
	return dir
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
}

func program(args *image.Args) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		in, err := graph.Cloud(ctx)
		if err != nil {
			return err
		}
		i, err := image.New(ctx, "site", args, in)
		if err != nil {
			return err
		}
		ctx.Export("reference", i.Reference)
		ctx.Export("repositoryUrl", i.RepositoryURL)
		ctx.Export("repositoryArn", i.RepositoryARN)
		return nil
	}
}

// registered is what an image of a folder registers.
func registered(t *testing.T, dir string, changes ...func(*image.Args)) *graph.Graph {
	t.Helper()
	args := &image.Args{Context: dir, Architecture: settings.X86}
	for _, change := range changes {
		change(args)
	}
	g := graph.Run{}.Of(t, program(args))
	g.Check(t)
	return g
}

func TestGraphHolds(t *testing.T) {
	t.Parallel()
	dir := context(t, nil)
	for mode, run := range graph.Modes() {
		run.Of(t, program(&image.Args{Context: dir, Architecture: settings.X86})).Check(t)
		g := run.Of(t, program(&image.Args{Prebuilt: prebuilt}))
		g.Check(t)
		require.Equal(t, prebuilt, g.Exports()["reference"].Value, mode)
	}
}

func TestArgsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args *image.Args
		want string
	}{
		"nil":             {nil, `image "site": args are required`},
		"nothing":         {&image.Args{}, "Context or Prebuilt is required"},
		"no architecture": {&image.Args{Context: "image"}, "Architecture is required to build"},
		"tag":             {&image.Args{Prebuilt: "wordpress:6"}, `Prebuilt: "wordpress:6" has no digest`},
		"no folder":       {&image.Args{Context: "no-such-folder", Architecture: settings.X86}, "context no-such-folder: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := graph.Run{}.Try(program(tc.args))
			require.ErrorContains(t, err, tc.want)
		})
	}
}

func TestRepository(t *testing.T) {
	t.Parallel()
	for _, protected := range []bool{true, false} {
		g := registered(t, context(t, nil), func(a *image.Args) { a.Protected = protected })
		r := g.Only(t, repository)
		require.Equal(t, "IMMUTABLE", r.At("imageTagMutability"))
		require.Equal(t, true, r.At("imageScanningConfiguration.scanOnPush"))
		require.Equal(t, !protected, r.At("forceDelete"))
		require.Equal(t, protected, r.Protect)
		var lifecycle struct {
			Rules []struct {
				Selection struct {
					TagStatus, CountType string
					CountNumber          int
				}
				Action struct{ Type string }
			}
		}
		policy := g.Only(t, "aws:ecr/lifecyclePolicy:LifecyclePolicy")
		require.Equal(t, r.ID, policy.At("repository"))
		require.NoError(t, json.Unmarshal([]byte(policy.Text(t, "policy")), &lifecycle))
		require.Len(t, lifecycle.Rules, 1)
		require.Equal(t, "any", lifecycle.Rules[0].Selection.TagStatus)
		require.Equal(t, "imageCountMoreThan", lifecycle.Rules[0].Selection.CountType)
		require.GreaterOrEqual(t, lifecycle.Rules[0].Selection.CountNumber, 10, "there is something to roll back to")
		require.Equal(t, "expire", lifecycle.Rules[0].Action.Type)
	}
}

func TestBuild(t *testing.T) {
	t.Parallel()
	dir := context(t, nil)
	g := registered(t, dir)
	r := g.Only(t, build)
	url := g.Only(t, repository).Computed("repositoryUrl").(string)
	require.Regexp(t, "^"+url+":[0-9a-f]{16}$", r.At("imageName"))
	require.Equal(t, dir, r.At("build.context"))
	require.Equal(t, filepath.Join(dir, "Dockerfile"), r.At("build.dockerfile"))
	require.Equal(t, url, r.At("registry.server"))
	require.Equal(t, "AWS", r.At("registry.username"))
	require.Equal(t, graph.Secret("registry"), r.At("registry.password"))
	require.True(t, r.Secret("registry.password"))
	require.Equal(t, url+"@"+graph.Digest, g.Exports()["reference"].Value, "by digest: a tag is not content")
	require.Equal(t, g.Only(t, repository).Computed("arn"), g.Exports()["repositoryArn"].Value)
}

// The build is told what it is, and where to get WordPress from if that is not wordpress.org. An image from
// elsewhere is another image: its push would meet a tag that is taken.
func TestBuildArguments(t *testing.T) {
	t.Parallel()
	plain := registered(t, context(t, nil)).Only(t, build)
	content := filepath.Base(plain.Text(t, "imageName"))
	_, content, _ = strings.Cut(content, ":")
	require.Equal(t, map[string]any{"REVISION": content}, plain.At("build.args"))
	mirrored := registered(t, context(t, nil), func(a *image.Args) { a.Mirror = "https://mirror.example.com" }).Only(t, build)
	require.Equal(t, "https://mirror.example.com", mirrored.At("build.args.WORDPRESS_MIRROR"))
	require.NotEqual(t, content, mirrored.At("build.args.REVISION"))
}

// The platform follows the instances, not the machine that runs Pulumi.
func TestPlatform(t *testing.T) {
	t.Parallel()
	for architecture, platform := range map[settings.Architecture]string{
		settings.X86: "linux/amd64", settings.ARM: "linux/arm64",
	} {
		r := registered(t, context(t, nil), func(a *image.Args) { a.Architecture = architecture }).Only(t, build)
		require.Equal(t, platform, r.At("build.platform"))
	}
}

// Some engines give no digest after a push: what the provider then answers is not an image to run.
func TestAPlaceholderIsNoDigest(t *testing.T) {
	t.Parallel()
	run := graph.Run{Outputs: map[string]func(resource.PropertyMap) resource.PropertyMap{
		build: func(inputs resource.PropertyMap) resource.PropertyMap {
			return resource.PropertyMap{"repoDigest": inputs["imageName"]}
		},
	}}
	_, err := run.Try(program(&image.Args{Context: context(t, nil), Architecture: settings.X86}))
	require.ErrorContains(t, err, "the push gave no digest")
	require.ErrorContains(t, err, "run the update again")
}

func TestAPrebuiltImageNeedsNeitherRepositoryNorDocker(t *testing.T) {
	t.Parallel()
	for reference, arn := range map[string]string{
		prebuilt: "arn:aws:ecr:us-west-2:" + graph.Account + ":repository/team/site",
		"docker.io/library/wordpress@" + graph.Digest: "",
	} {
		g := graph.Run{}.Of(t, program(&image.Args{Prebuilt: reference}))
		require.Len(t, g.All(), 2, "the provider and the component")
		require.Empty(t, g.Calls())
		require.Equal(t, reference, g.Exports()["reference"].Value)
		require.Empty(t, g.Exports()["repositoryUrl"].Value)
		require.Equal(t, arn, g.Exports()["repositoryArn"].Value, "what tasks need the right to pull from")
	}
}
