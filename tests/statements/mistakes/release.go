package main

import (
	"encoding/json"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi-docker/sdk/v4/go/docker"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func releasePrograms() map[string]program {
	return map[string]program{"pushed": pushed, "release": release, "lifecycle": lifecycle, "two images": twoImages}
}

func repository(ctx *pulumi.Context, mutability string) *ecr.Repository {
	return must(ecr.NewRepository(ctx, "site", &ecr.RepositoryArgs{
		ImageTagMutability: pulumi.String(mutability), ForceDelete: pulumi.Bool(true),
	}))
}

// built is the image of the folder site of the project.
func built(ctx *pulumi.Context, home *ecr.Repository, tag string) *docker.Image {
	login := ecr.GetAuthorizationTokenOutput(ctx, ecr.GetAuthorizationTokenOutputArgs{RegistryId: home.RegistryId})
	return must(docker.NewImage(ctx, "site", &docker.ImageArgs{
		ImageName: pulumi.Sprintf("%s:%s", home.RepositoryUrl, tag),
		Build: docker.DockerBuildArgs{
			Context: pulumi.String("site"), Dockerfile: pulumi.String("site/Dockerfile"), Platform: pulumi.String("linux/amd64"),
		},
		Registry: docker.RegistryArgs{
			Server: home.RepositoryUrl, Username: login.UserName(), Password: pulumi.ToSecret(login.Password()).(pulumi.StringOutput),
		},
	}))
}

// pushed runs an image that somebody has to push by hand before.
func pushed(ctx *pulumi.Context, mistake string) error {
	home := repository(ctx, "MUTABLE")
	image := pulumi.Sprintf("%s:latest", home.RepositoryUrl)
	if mistake == "" {
		image = built(ctx, home, "latest").RepoDigest
	}
	task(ctx, nil, container(pulumi.Map{"image": image}))
	return nil
}

// release names the image in a way that a new one does not change.
func release(ctx *pulumi.Context, mistake string) error {
	image := built(ctx, repository(ctx, "MUTABLE"), "latest")
	reference := image.RepoDigest
	if mistake != "" {
		reference = image.ImageName
	}
	definition := task(ctx, nil, container(pulumi.Map{"image": reference}))
	p := newPlace(ctx)
	p.service(onInstances(ctx), func(args *ecs.ServiceArgs) { args.TaskDefinition = definition.Arn })
	return nil
}

// lifecycle lets the registry throw away the image that runs.
func lifecycle(ctx *pulumi.Context, mistake string) error {
	mutability, status, count := "IMMUTABLE", "any", 30
	switch mistake {
	case "untagged":
		mutability, status = "MUTABLE", "untagged"
	case "newest":
		count = 1
	}
	home := repository(ctx, mutability)
	type object = map[string]any
	text, err := json.Marshal(object{"rules": []object{{
		"rulePriority": 1, "action": object{"type": "expire"},
		"selection": object{"tagStatus": status, "countType": "imageCountMoreThan", "countNumber": count},
	}}})
	if err != nil {
		return err
	}
	must(ecr.NewLifecyclePolicy(ctx, "site", &ecr.LifecyclePolicyArgs{
		Repository: home.Name, Policy: pulumi.String(string(text)),
	}))
	return nil
}

// twoImages serves static files of one release and runs the code of another.
func twoImages(ctx *pulumi.Context, mistake string) error {
	image, change := someImage, func(*ecs.TaskDefinitionArgs) {}
	mounts := pulumi.Array{}
	switch mistake {
	case "image":
		image = "public.ecr.aws/docker/library/php@sha256:0a1b2c3d84c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a080"
	case "host":
		change = func(args *ecs.TaskDefinitionArgs) {
			args.Volumes = ecs.TaskDefinitionVolumeArray{ecs.TaskDefinitionVolumeArgs{
				Name: pulumi.String("code"), HostPath: pulumi.String("/srv/code"),
			}}
		}
		mounts = pulumi.Array{pulumi.Map{"sourceVolume": pulumi.String("code"), "containerPath": pulumi.String("/var/www/html")}}
	}
	task(ctx, change, container(pulumi.Map{"mountPoints": mounts}), container(pulumi.Map{
		"name": pulumi.String("php-fpm"), "image": pulumi.String(image), "portMappings": pulumi.Array{}, "mountPoints": mounts,
	}))
	return nil
}
