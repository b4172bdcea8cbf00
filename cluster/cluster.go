// Package cluster runs the EC2 instances that carry the tasks: an ECS cluster, an Auto Scaling group and the
// capacity provider between them.
package cluster

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"wordpress-ecs/settings"
)

const token = "wordpress:index:Cluster"

// Args are the inputs of Cluster.
type Args struct {
	// SubnetIDs are where instances start, one in each zone.
	SubnetIDs pulumi.StringArrayInput
	// SecurityGroupID is the instances' own group; tasks have another.
	SecurityGroupID pulumi.StringInput
	// PublicAddresses gives instances a public address, for subnets whose way out is the internet gateway.
	PublicAddresses bool
	// Routes must exist before the first instance boots, or it never registers.
	Routes []pulumi.Resource

	// InstanceType is an EC2 instance type and Architecture that of its processor.
	InstanceType string
	Architecture settings.Architecture
	// Min and Max bound the number of instances.
	Min, Max int
	// TargetCapacity is the percentage of the instances that managed scaling keeps in use, 1 to 99.
	TargetCapacity int

	// Tags go on the group and its instances, which the provider's default tags do not reach.
	Tags map[string]string
	// LogRetentionDays is how long records of ECS Exec sessions are kept.
	LogRetentionDays int
	// Protected keeps instances that run tasks from being scaled in.
	Protected bool
}

func (a *Args) validate() error {
	switch {
	case a == nil:
		return errors.New("args are required")
	case a.SubnetIDs == nil || a.SecurityGroupID == nil:
		return errors.New("SubnetIDs and SecurityGroupID are required")
	case len(a.Routes) == 0:
		return errors.New("Routes: instances need their way out before they boot")
	case a.InstanceType == "" || a.Architecture == "":
		return errors.New("InstanceType and Architecture are required")
	case a.Min < 0 || a.Max < 1 || a.Min > a.Max:
		return fmt.Errorf("Min and Max: %d..%d is not a range of instances", a.Min, a.Max)
	case a.TargetCapacity < 1 || a.TargetCapacity > 99:
		return fmt.Errorf("TargetCapacity: %d is outside 1..99; without headroom a new task waits for an instance", a.TargetCapacity)
	}
	return nil
}

// Cluster is an ECS cluster with its capacity.
type Cluster struct {
	pulumi.ResourceState

	Name             pulumi.StringOutput `pulumi:"name"`
	ARN              pulumi.StringOutput `pulumi:"arn"`
	CapacityProvider pulumi.StringOutput `pulumi:"capacityProvider"`
	// ExecLogGroup keeps what was typed and shown in ECS Exec sessions.
	ExecLogGroup    pulumi.StringOutput `pulumi:"execLogGroup"`
	ExecLogGroupARN pulumi.StringOutput

	// Ready is what a service waits for: ECS refuses a strategy with a capacity provider that is not
	// associated, and cannot end the association while a service uses it.
	Ready []pulumi.Resource
}

// New registers a Cluster.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Cluster, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("cluster %q: %w", name, err)
	}
	c := &Cluster{}
	if err := ctx.RegisterComponentResource(token, name, c, opts...); err != nil {
		return nil, fmt.Errorf("cluster %q: %w", name, err)
	}
	b := &builder{ctx: ctx, cluster: c, args: args, name: name}
	for _, step := range []func() error{b.ecsCluster, b.capacity} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("cluster %q: %w", name, err)
		}
	}
	return c, ctx.RegisterResourceOutputs(c, pulumi.Map{
		"name":             c.Name,
		"arn":              c.ARN,
		"capacityProvider": c.CapacityProvider,
		"execLogGroup":     c.ExecLogGroup,
	})
}

// builder carries what every part of the component needs while it is put together.
type builder struct {
	ctx     *pulumi.Context
	cluster *Cluster
	args    *Args
	name    string
}

func (b *builder) ecsCluster() error {
	execLog, err := cloudwatch.NewLogGroup(b.ctx, b.name+"-exec", &cloudwatch.LogGroupArgs{
		RetentionInDays: pulumi.Int(b.args.LogRetentionDays),
	}, pulumi.Parent(b.cluster))
	if err != nil {
		return fmt.Errorf("log group of ECS Exec: %w", err)
	}
	cluster, err := ecs.NewCluster(b.ctx, b.name, &ecs.ClusterArgs{
		Settings: ecs.ClusterSettingArray{
			ecs.ClusterSettingArgs{Name: pulumi.String("containerInsights"), Value: pulumi.String("enabled")},
		},
		Configuration: ecs.ClusterConfigurationArgs{
			ExecuteCommandConfiguration: ecs.ClusterConfigurationExecuteCommandConfigurationArgs{
				Logging: pulumi.String("OVERRIDE"),
				LogConfiguration: ecs.ClusterConfigurationExecuteCommandConfigurationLogConfigurationArgs{
					CloudWatchLogGroupName: execLog.Name,
				},
			},
		},
	}, pulumi.Parent(b.cluster))
	if err != nil {
		return err
	}
	b.cluster.Name = cluster.Name
	b.cluster.ARN = cluster.Arn
	b.cluster.ExecLogGroup = execLog.Name
	b.cluster.ExecLogGroupARN = execLog.Arn
	return nil
}
