package image

import (
	"encoding/json"
	"fmt"
	"regexp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// keptImages is how many builds a repository keeps: enough to roll back through a month of releases.
const keptImages = 30

func (i *Image) repository(ctx *pulumi.Context, name string, args *Args) (*ecr.Repository, error) {
	repository, err := ecr.NewRepository(ctx, name, &ecr.RepositoryArgs{
		ImageTagMutability: pulumi.String("IMMUTABLE"),
		ImageScanningConfiguration: ecr.RepositoryImageScanningConfigurationArgs{
			ScanOnPush: pulumi.Bool(true),
		},
		// ECR deletes no repository that holds images unless it is told to.
		ForceDelete: pulumi.Bool(!args.Protected),
	}, pulumi.Parent(i), pulumi.Protect(args.Protected))
	if err != nil {
		return nil, err
	}
	rules, err := json.Marshal(lifecyclePolicy{Rules: []lifecycleRule{{
		RulePriority: 1,
		Description:  fmt.Sprintf("Keep the newest %d images", keptImages),
		Selection:    lifecycleSelection{TagStatus: "any", CountType: "imageCountMoreThan", CountNumber: keptImages},
		Action:       lifecycleAction{Type: "expire"},
	}}})
	if err != nil {
		return nil, fmt.Errorf("lifecycle policy: %w", err)
	}
	_, err = ecr.NewLifecyclePolicy(ctx, name, &ecr.LifecyclePolicyArgs{
		Repository: repository.Name, Policy: pulumi.String(string(rules)),
	}, pulumi.Parent(i))
	return repository, err
}

// lifecyclePolicy is the JSON of an ECR lifecycle policy, as far as it is used here.
type lifecyclePolicy struct {
	Rules []lifecycleRule `json:"rules"`
}

type lifecycleRule struct {
	RulePriority int                `json:"rulePriority"`
	Description  string             `json:"description"`
	Selection    lifecycleSelection `json:"selection"`
	Action       lifecycleAction    `json:"action"`
}

type lifecycleSelection struct {
	TagStatus   string `json:"tagStatus"`
	CountType   string `json:"countType"`
	CountNumber int    `json:"countNumber"`
}

type lifecycleAction struct {
	Type string `json:"type"`
}

var ecrReference = regexp.MustCompile(`^([0-9]{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/([a-z0-9._/-]+)@sha256:`)

// repositoryARN is the ARN of the ECR repository that a reference names, or empty for another registry.
func repositoryARN(reference string) string {
	m := ecrReference.FindStringSubmatch(reference)
	if m == nil {
		return ""
	}
	return fmt.Sprintf("arn:aws:ecr:%s:%s:repository/%s", m[2], m[1], m[3])
}
