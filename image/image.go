// Package image builds the WordPress image and pushes it to the stack's own repository, or takes a prebuilt one.
package image

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
	"github.com/pulumi/pulumi-docker/sdk/v4/go/docker"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"wordpress-ecs/settings"
)

const token = "wordpress:index:Image"

// Arguments of the Dockerfile.
const (
	mirrorArg   = "WORDPRESS_MIRROR"
	revisionArg = "REVISION"
)

// Args are the inputs of Image.
type Args struct {
	// Prebuilt is an image by digest (repository@sha256:...). When it is set nothing is built, and neither a
	// preview nor an update needs a Docker engine.
	Prebuilt string
	// Context is the folder with the Dockerfile, relative to the program's working directory.
	Context string
	// Architecture is that of the instances that run the image.
	Architecture settings.Architecture
	// Mirror is where the build gets WordPress from; empty for wordpress.org.
	Mirror string
	// Protected keeps a repository that holds images from being deleted.
	Protected bool
}

func (a *Args) validate() error {
	switch {
	case a == nil:
		return errors.New("args are required")
	case a.Prebuilt != "" && !strings.Contains(a.Prebuilt, "@sha256:"):
		return fmt.Errorf("Prebuilt: %q has no digest; want repository@sha256:...", a.Prebuilt)
	case a.Prebuilt == "" && a.Context == "":
		return errors.New("Context or Prebuilt is required")
	case a.Prebuilt == "" && a.Architecture == "":
		return errors.New("Architecture is required to build")
	}
	return nil
}

// Image is the image that all containers of a task run.
type Image struct {
	pulumi.ResourceState

	// Reference names the image by digest: a tag is not content, and would start no new tasks.
	Reference pulumi.StringOutput `pulumi:"reference"`
	// RepositoryURL is where builds are pushed; empty with a prebuilt image.
	RepositoryURL pulumi.StringOutput `pulumi:"repositoryUrl"`
	// RepositoryARN is what tasks need the right to pull from; empty where that takes no right of ours.
	RepositoryARN pulumi.StringOutput
}

// New registers an Image.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Image, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("image %q: %w", name, err)
	}
	i := &Image{}
	if err := ctx.RegisterComponentResource(token, name, i, opts...); err != nil {
		return nil, fmt.Errorf("image %q: %w", name, err)
	}
	if args.Prebuilt != "" {
		i.Reference = pulumi.String(args.Prebuilt).ToStringOutput()
		i.RepositoryURL = pulumi.String("").ToStringOutput()
		i.RepositoryARN = pulumi.String(repositoryARN(args.Prebuilt)).ToStringOutput()
	} else if err := i.build(ctx, name, args); err != nil {
		return nil, fmt.Errorf("image %q: %w", name, err)
	}
	return i, ctx.RegisterResourceOutputs(i, pulumi.Map{
		"reference":     i.Reference,
		"repositoryUrl": i.RepositoryURL,
	})
}

func (i *Image) build(ctx *pulumi.Context, name string, args *Args) error {
	repository, err := i.repository(ctx, name, args)
	if err != nil {
		return fmt.Errorf("repository: %w", err)
	}
	// Tags are immutable, so a tag follows from what is built: the same content is the same tag.
	content, err := contentTag(args.Context, args.Architecture, args.Mirror)
	if err != nil {
		return fmt.Errorf("context %s: %w", args.Context, err)
	}
	login := ecr.GetAuthorizationTokenOutput(ctx, ecr.GetAuthorizationTokenOutputArgs{
		RegistryId: repository.RegistryId,
	}, pulumi.Parent(i))
	built, err := docker.NewImage(ctx, name, &docker.ImageArgs{
		ImageName: pulumi.Sprintf("%s:%s", repository.RepositoryUrl, content),
		Build: docker.DockerBuildArgs{
			Args:       buildArgs(args, content),
			Context:    pulumi.String(args.Context),
			Dockerfile: pulumi.String(filepath.Join(args.Context, dockerfile)),
			// The provider's default is the machine that runs Pulumi, which differs between laptop and CI.
			Platform: pulumi.String(args.Architecture.Platform()),
		},
		Registry: docker.RegistryArgs{
			Server:   repository.RepositoryUrl,
			Username: login.UserName(),
			Password: pulumi.ToSecret(login.Password()).(pulumi.StringOutput),
		},
	}, pulumi.Parent(i))
	if err != nil {
		return err
	}
	i.RepositoryURL = repository.RepositoryUrl
	i.RepositoryARN = repository.Arn
	i.Reference = built.RepoDigest.ApplyT(func(digest string) (string, error) {
		// Some engines give no digest after a push, and the provider then answers with a placeholder.
		if !strings.Contains(digest, "@sha256:") {
			return "", fmt.Errorf("the push gave no digest (%q); run the update again", digest)
		}
		return digest, nil
	}).(pulumi.StringOutput)
	return nil
}

// buildArgs are what the Dockerfile is told. It has defaults for what is missing.
func buildArgs(args *Args, content string) pulumi.StringMap {
	values := pulumi.StringMap{revisionArg: pulumi.String(content)}
	if args.Mirror != "" {
		values[mirrorArg] = pulumi.String(args.Mirror)
	}
	return values
}
