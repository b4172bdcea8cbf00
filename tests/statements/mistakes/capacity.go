package main

import (
	"encoding/base64"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appautoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"wordpress-ecs/policy"
)

func capacityPrograms() map[string]program {
	return map[string]program{
		"drain": drain, "association": association, "boot": boot, "spare": spare, "interfaces": interfaces,
		"replacement": replacement, "metadata": metadata, "other stack": otherStack,
	}
}

// fleet is a cluster with instances of a group.
type fleet struct {
	cluster  *ecs.Cluster
	group    *autoscaling.Group
	provider *ecs.CapacityProvider
}

// fleetArgs are what mistakes are made with, and the options of the capacity provider; the rest is as it should be.
type fleetArgs struct {
	min, max       int
	forceDelete    bool
	targetCapacity int
	provider       []pulumi.ResourceOption
	template       *ec2.LaunchTemplateArgs
	// waits is what has to be there before an instance boots.
	waits []pulumi.Resource
}

func (p *place) fleet(args fleetArgs) *fleet {
	f := &fleet{cluster: must(ecs.NewCluster(p.ctx, "fleet", nil))}
	role := must(iam.NewRole(p.ctx, "instance", &iam.RoleArgs{AssumeRolePolicy: policy.Trust("ec2.amazonaws.com")}))
	right := must(iam.NewRolePolicyAttachment(p.ctx, "instance", &iam.RolePolicyAttachmentArgs{
		Role: role.Name, PolicyArn: pulumi.String("arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role"),
	}))
	profile := must(iam.NewInstanceProfile(p.ctx, "instance", &iam.InstanceProfileArgs{Role: role.Name}))
	template := args.template
	if template == nil {
		template = p.template(nil)
	}
	template.IamInstanceProfile = ec2.LaunchTemplateIamInstanceProfileArgs{Arn: profile.Arn}
	if template.UserData == nil {
		template.UserData = userData(f.cluster, "")
	}
	instances := must(ec2.NewLaunchTemplate(p.ctx, "fleet", template))
	f.group = must(autoscaling.NewGroup(p.ctx, "fleet", &autoscaling.GroupArgs{
		LaunchTemplate: autoscaling.GroupLaunchTemplateArgs{
			Id: instances.ID(), Version: pulumi.Sprintf("%d", instances.LatestVersion),
		},
		MinSize: pulumi.Int(args.min), MaxSize: pulumi.Int(args.max), VpcZoneIdentifiers: p.subnetIDs(),
		WaitForCapacityTimeout: pulumi.String("0"), ProtectFromScaleIn: pulumi.Bool(true),
		ForceDelete: pulumi.Bool(args.forceDelete),
		Tags: autoscaling.GroupTagArray{autoscaling.GroupTagArgs{
			Key: pulumi.String("AmazonECSManaged"), Value: pulumi.String(""), PropagateAtLaunch: pulumi.Bool(true),
		}},
	}, after(append(args.waits, right)...)))
	target := args.targetCapacity
	if target == 0 {
		target = 80
	}
	provider := &ecs.CapacityProviderArgs{
		AutoScalingGroupProvider: ecs.CapacityProviderAutoScalingGroupProviderArgs{
			AutoScalingGroupArn: f.group.Arn, ManagedTerminationProtection: pulumi.String("ENABLED"),
			ManagedScaling: ecs.CapacityProviderAutoScalingGroupProviderManagedScalingArgs{
				Status: pulumi.String("ENABLED"), TargetCapacity: pulumi.Int(target),
			},
		},
	}
	f.provider = must(ecs.NewCapacityProvider(p.ctx, "fleet", provider, args.provider...))
	return f
}

// associate gives the capacity provider to the cluster.
func (f *fleet) associate(ctx *pulumi.Context, opts ...pulumi.ResourceOption) pulumi.Resource {
	return must(ecs.NewClusterCapacityProviders(ctx, "fleet", &ecs.ClusterCapacityProvidersArgs{
		ClusterName: f.cluster.Name, CapacityProviders: pulumi.StringArray{f.provider.Name},
	}, opts...))
}

// userData configures the ECS agent.
func userData(cluster *ecs.Cluster, more string) pulumi.StringOutput {
	return cluster.Name.ApplyT(func(name string) string {
		return base64.StdEncoding.EncodeToString(fmt.Appendf(nil,
			"#!/bin/sh\ncat >>/etc/ecs/ecs.config <<'CONFIG'\nECS_CLUSTER=%s\n%sCONFIG\n", name, more))
	}).(pulumi.StringOutput)
}

// drain waits for instances to end that wait for an answer which nobody gives any more.
func drain(ctx *pulumi.Context, mistake string) error {
	p := newPlace(ctx)
	way := p.table(p.wayOut())
	p.fleet(fleetArgs{min: 1, max: 1, forceDelete: mistake == "", waits: way}).associate(ctx)
	return nil
}

// association lets a service use a capacity provider before its cluster has it.
func association(ctx *pulumi.Context, mistake string) error {
	p := newPlace(ctx)
	f := p.fleet(fleetArgs{max: 1, forceDelete: true})
	if mistake != "" {
		f.associate(ctx, after(p.service(f, nil)))
		return nil
	}
	p.service(f, nil, after(f.associate(ctx)))
	return nil
}

// service runs a task, a plain one unless changed, on the fleet's capacity, or as launched on EC2 where there is none.
func (p *place) service(f *fleet, change func(*ecs.ServiceArgs), opts ...pulumi.ResourceOption) *ecs.Service {
	args := &ecs.ServiceArgs{
		Cluster: f.cluster.Arn, DesiredCount: pulumi.Int(1),
		NetworkConfiguration: ecs.ServiceNetworkConfigurationArgs{Subnets: p.subnetIDs()},
	}
	if f.provider != nil {
		args.CapacityProviderStrategies = ecs.ServiceCapacityProviderStrategyArray{
			ecs.ServiceCapacityProviderStrategyArgs{CapacityProvider: f.provider.Name, Weight: pulumi.Int(1)},
		}
	}
	if change != nil {
		change(args)
	}
	if args.TaskDefinition == nil {
		args.TaskDefinition = plainTask(p.ctx).Arn
	}
	return must(ecs.NewService(p.ctx, "web", args, opts...))
}

// boot starts instances that have no way out yet.
func boot(ctx *pulumi.Context, mistake string) error {
	p := newPlace(ctx)
	nat := p.wayOut()
	if mistake != "" {
		f := p.fleet(fleetArgs{min: 1, max: 1, forceDelete: true})
		way := p.table(nat, after(f.group))
		p.service(f, steady, after(append(way, f.associate(ctx))...))
		return nil
	}
	f := p.fleet(fleetArgs{min: 1, max: 1, forceDelete: true, waits: p.table(nat)})
	p.service(f, steady, after(f.associate(ctx)))
	return nil
}

// steady waits until the tasks of a service run.
func steady(args *ecs.ServiceArgs) { args.WaitForSteadyState = pulumi.Bool(true) }

// spare keeps no instance free for what comes suddenly.
func spare(ctx *pulumi.Context, mistake string) error {
	target := 80
	if mistake == "full instances" {
		target = 100
	}
	p := newPlace(ctx)
	f := p.fleet(fleetArgs{max: 4, forceDelete: true, targetCapacity: target})
	s := p.service(f, nil, after(f.associate(ctx)), pulumi.IgnoreChanges([]string{"desiredCount"}))
	percent := 60.0
	if mistake == "busy tasks" {
		percent = 95
	}
	scaled(ctx, f, s, 1, 4, percent)
	return nil
}

func scaled(ctx *pulumi.Context, f *fleet, s *ecs.Service, low, high int, percent float64) {
	target := must(appautoscaling.NewTarget(ctx, "web", &appautoscaling.TargetArgs{
		ServiceNamespace: pulumi.String("ecs"), ScalableDimension: pulumi.String("ecs:service:DesiredCount"),
		ResourceId:  pulumi.Sprintf("service/%s/%s", f.cluster.Name, s.Name),
		MinCapacity: pulumi.Int(low), MaxCapacity: pulumi.Int(high),
	}))
	must(appautoscaling.NewPolicy(ctx, "web", &appautoscaling.PolicyArgs{
		PolicyType: pulumi.String("TargetTrackingScaling"), ServiceNamespace: target.ServiceNamespace,
		ScalableDimension: target.ScalableDimension, ResourceId: target.ResourceId,
		TargetTrackingScalingPolicyConfiguration: appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs{
			TargetValue: pulumi.Float64(percent),
			PredefinedMetricSpecification: appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs{
				PredefinedMetricType: pulumi.String("ECSServiceAverageCPUUtilization"),
			},
		},
	}))
}

// interfaces lets a service grow to more tasks than its instances have network interfaces for.
func interfaces(ctx *pulumi.Context, mistake string) error {
	instances := 5
	if mistake != "" {
		instances = 4
	}
	p := newPlace(ctx)
	f := p.fleet(fleetArgs{max: instances, forceDelete: true})
	s := p.service(f, nil, after(f.associate(ctx)), pulumi.IgnoreChanges([]string{"desiredCount"}))
	scaled(ctx, f, s, 1, 9, 60)
	return nil
}

// replacement makes the next capacity provider before the last one is gone, whose group and name it needs; or takes
// one away that its cluster still has.
func replacement(ctx *pulumi.Context, mistake string) error {
	args := fleetArgs{max: 1, forceDelete: true, provider: []pulumi.ResourceOption{pulumi.DeleteBeforeReplace(true)}}
	together := []pulumi.ResourceOption{
		pulumi.ReplaceOnChanges([]string{"capacityProviders"}), pulumi.DeleteBeforeReplace(true),
	}
	switch mistake {
	case "next one first":
		args.provider = nil
	case "association stays":
		together = nil
	}
	newPlace(ctx).fleet(args).associate(ctx, together...)
	return nil
}

// metadata lets containers read what is meant for their instance.
func metadata(ctx *pulumi.Context, mistake string) error {
	p := newPlace(ctx)
	template := p.template(nil)
	hops, more := 1, "ECS_AWSVPC_BLOCK_IMDS=true\n"
	options := ec2.LaunchTemplateMetadataOptionsArgs{HttpTokens: pulumi.String("required")}
	switch mistake {
	case "two hops":
		hops = 2
	case "agent":
		more = ""
	case "no token":
		options.HttpTokens = pulumi.String("optional")
	}
	options.HttpPutResponseHopLimit = pulumi.Int(hops)
	template.MetadataOptions = options
	cluster := must(ecs.NewCluster(ctx, "joined", nil))
	template.UserData = userData(cluster, more)
	p.fleet(fleetArgs{max: 1, forceDelete: true, template: template})
	return nil
}

// otherStack takes a cluster by its name from a stack that has to be run by hand before.
func otherStack(ctx *pulumi.Context, mistake string) error {
	p := newPlace(ctx)
	if mistake == "" {
		p.service(&fleet{cluster: must(ecs.NewCluster(ctx, "fleet", nil))}, nil)
		return nil
	}
	must(ecs.NewService(ctx, "web", &ecs.ServiceArgs{
		Cluster: pulumi.String("of-another-stack"), TaskDefinition: plainTask(ctx).Arn,
		NetworkConfiguration: ecs.ServiceNetworkConfigurationArgs{Subnets: p.subnetIDs()},
	}))
	return nil
}
