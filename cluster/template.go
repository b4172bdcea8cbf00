package cluster

import (
	"encoding/base64"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"wordpress-ecs/policy"
)

const (
	// rootDevice is the root volume of the ECS-optimised Amazon Linux 2023 image, which is 30 GiB large.
	rootDevice  = "/dev/xvda"
	rootSizeGiB = 30
)

// instancePolicies let an instance join its cluster, pull and log, and be reached by Session Manager in
// place of SSH. AWS maintains both.
var instancePolicies = []struct{ name, arn string }{
	{"ecs", "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role"},
	{"ssm", "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"},
}

// userData configures the ECS agent. Tasks cannot reach the instance's metadata and with it its role: they
// have one of their own. Images are named by digest, so one pull is enough; "prefer-cached" would also save
// pulls, but ends the cleanup of old images, and the disk fills up with every deployment.
const userData = `#!/bin/sh
cat >>/etc/ecs/ecs.config <<'CONFIG'
ECS_CLUSTER=%s
ECS_AWSVPC_BLOCK_IMDS=true
ECS_CONTAINER_STOP_TIMEOUT=120s
ECS_IMAGE_PULL_BEHAVIOR=once
ECS_ENABLE_TASK_IAM_ROLE=true
CONFIG
`

// launchTemplate registers the template of the instances, and their role. The second result is what the
// role may do, which has to exist before an instance uses it.
func (b *builder) launchTemplate() (*ec2.LaunchTemplate, []pulumi.Resource, error) {
	role, err := iam.NewRole(b.ctx, b.name+"-instance", &iam.RoleArgs{
		AssumeRolePolicy: policy.Trust("ec2.amazonaws.com"),
	}, pulumi.Parent(b.cluster))
	if err != nil {
		return nil, nil, fmt.Errorf("role: %w", err)
	}
	policies := make([]pulumi.Resource, 0, len(instancePolicies))
	for _, p := range instancePolicies {
		attachment, err := iam.NewRolePolicyAttachment(b.ctx, b.name+"-instance-"+p.name, &iam.RolePolicyAttachmentArgs{
			Role: role.Name, PolicyArn: pulumi.String(p.arn),
		}, pulumi.Parent(b.cluster))
		if err != nil {
			return nil, nil, fmt.Errorf("policy %s: %w", p.name, err)
		}
		policies = append(policies, attachment)
	}
	profile, err := iam.NewInstanceProfile(b.ctx, b.name+"-instance", &iam.InstanceProfileArgs{
		Role: role.Name,
	}, pulumi.Parent(b.cluster))
	if err != nil {
		return nil, nil, fmt.Errorf("instance profile: %w", err)
	}
	template, err := ec2.NewLaunchTemplate(b.ctx, b.name, b.templateArgs(profile), pulumi.Parent(b.cluster))
	return template, policies, err
}

func (b *builder) templateArgs(profile *iam.InstanceProfile) *ec2.LaunchTemplateArgs {
	return &ec2.LaunchTemplateArgs{
		// Resolved when an instance starts: a newer image is no difference on the next preview.
		ImageId:              pulumi.String("resolve:ssm:" + b.args.Architecture.MachineImageParameter()),
		InstanceType:         pulumi.String(b.args.InstanceType),
		UpdateDefaultVersion: pulumi.Bool(true),
		IamInstanceProfile:   ec2.LaunchTemplateIamInstanceProfileArgs{Arn: profile.Arn},
		MetadataOptions: ec2.LaunchTemplateMetadataOptionsArgs{
			HttpEndpoint: pulumi.String("enabled"),
			HttpTokens:   pulumi.String("required"),
			// The machine image's default of two hops is enough to reach the metadata from a container.
			HttpPutResponseHopLimit: pulumi.Int(1),
		},
		BlockDeviceMappings: ec2.LaunchTemplateBlockDeviceMappingArray{
			ec2.LaunchTemplateBlockDeviceMappingArgs{
				DeviceName: pulumi.String(rootDevice),
				Ebs: ec2.LaunchTemplateBlockDeviceMappingEbsArgs{
					VolumeSize: pulumi.Int(rootSizeGiB), VolumeType: pulumi.String("gp3"),
					Encrypted: pulumi.String("true"), DeleteOnTermination: pulumi.String("true"),
				},
			},
		},
		NetworkInterfaces: ec2.LaunchTemplateNetworkInterfaceArray{
			ec2.LaunchTemplateNetworkInterfaceArgs{
				AssociatePublicIpAddress: textBool(b.args.PublicAddresses),
				DeleteOnTermination:      pulumi.String("true"),
				SecurityGroups:           pulumi.StringArray{b.args.SecurityGroupID},
			},
		},
		TagSpecifications: ec2.LaunchTemplateTagSpecificationArray{
			ec2.LaunchTemplateTagSpecificationArgs{
				ResourceType: pulumi.String("volume"), Tags: pulumi.ToStringMap(b.args.Tags),
			},
		},
		UserData: b.cluster.Name.ApplyT(func(cluster string) string {
			return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, userData, cluster))
		}).(pulumi.StringOutput),
	}
}
