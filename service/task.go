package service

import (
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"wordpress-ecs/image"
)

// logGroups are the groups that the containers log to: nginx to its own, everything that runs PHP to the other.
type logGroups struct {
	nginx, php *cloudwatch.LogGroup
}

func (b *builder) logGroups() (*logGroups, error) {
	nginx, err := b.logGroup(image.Nginx)
	if err != nil {
		return nil, err
	}
	php, err := b.logGroup(image.PHP)
	if err != nil {
		return nil, err
	}
	b.service.LogGroups = []pulumi.StringOutput{nginx.Name, php.Name}
	return &logGroups{nginx: nginx, php: php}, nil
}

func (b *builder) logGroup(container string) (*cloudwatch.LogGroup, error) {
	return cloudwatch.NewLogGroup(b.ctx, b.name+"-"+container, &cloudwatch.LogGroupArgs{
		RetentionInDays: pulumi.Int(b.args.LogRetentionDays),
	}, pulumi.Parent(b.service))
}

func (b *builder) taskDefinition(logs *logGroups, roles *roles) (*ecs.TaskDefinition, error) {
	stores, edge := b.args.Stores, b.args.Edge
	distribution, bucket := edge.told()
	definitions := pulumi.StringArray{
		b.args.Image, logs.nginx.Name, logs.php.Name, edge.URL,
		stores.DatabaseHost, stores.DatabaseSecretARN, stores.CacheHost, stores.CacheSecretARN,
		stores.KeysSecretARN, stores.AdminSecretARN, distribution, bucket, edge.passwordSecret(),
	}.ToStringArrayOutput().ApplyT(func(v []string) (string, error) {
		return b.args.containerDefinitions(resolved{
			image: v[0], nginxLogs: v[1], phpLogs: v[2], url: v[3],
			databaseHost: v[4], databaseSecret: v[5], cacheHost: v[6], cacheSecret: v[7],
			keysSecret: v[8], adminSecret: v[9], distribution: v[10], bucket: v[11], visitorsSecret: v[12],
		})
	}).(pulumi.StringOutput)
	return ecs.NewTaskDefinition(b.ctx, b.name, &ecs.TaskDefinitionArgs{
		Family:                  pulumi.Sprintf("%s-%s", b.name, b.ctx.Stack()),
		RequiresCompatibilities: pulumi.StringArray{pulumi.String("EC2")},
		NetworkMode:             pulumi.String("awsvpc"),
		Cpu:                     pulumi.String(strconv.Itoa(b.args.CPU)),
		Memory:                  pulumi.String(strconv.Itoa(b.args.Memory)),
		RuntimePlatform: ecs.TaskDefinitionRuntimePlatformArgs{
			OperatingSystemFamily: pulumi.String("LINUX"),
			CpuArchitecture:       pulumi.String(b.args.Architecture.ECS()),
		},
		ExecutionRoleArn:     roles.execution.Arn,
		TaskRoleArn:          roles.task.Arn,
		ContainerDefinitions: definitions,
		Volumes: ecs.TaskDefinitionVolumeArray{ecs.TaskDefinitionVolumeArgs{
			Name: pulumi.String(contentVolume),
			EfsVolumeConfiguration: ecs.TaskDefinitionVolumeEfsVolumeConfigurationArgs{
				FileSystemId:      stores.FileSystemID,
				TransitEncryption: pulumi.String("ENABLED"),
				AuthorizationConfig: ecs.TaskDefinitionVolumeEfsVolumeConfigurationAuthorizationConfigArgs{
					AccessPointId: stores.AccessPointID, Iam: pulumi.String("ENABLED"),
				},
			},
		}},
	}, pulumi.Parent(b.service))
}
