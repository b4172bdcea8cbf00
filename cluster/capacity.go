package cluster

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	// managedTag is what ECS puts on a group that a capacity provider manages. Set from the start it is no
	// difference on the next preview, and instances of before the association carry it too.
	managedTag = "AmazonECSManaged"
	// instanceLifetimeSeconds replaces instances after 30 days, so that the machine image stays fresh. One that
	// is protected from scale-in because it runs tasks stays until it is free or a refresh comes.
	instanceLifetimeSeconds = 30 * 24 * 3600
	instanceWarmupSeconds   = 120
	// groupDeleteTimeout leaves time for instances to end.
	groupDeleteTimeout = "30m"
)

// capacity registers the group, the capacity provider on it, and its association with the cluster.
func (b *builder) capacity() error {
	template, rolePolicies, err := b.launchTemplate()
	if err != nil {
		return fmt.Errorf("launch template: %w", err)
	}
	group, err := autoscaling.NewGroup(b.ctx, b.name, &autoscaling.GroupArgs{
		LaunchTemplate: autoscaling.GroupLaunchTemplateArgs{
			Id: template.ID(),
			// The number itself, because "$Latest" never looks changed and starts no refresh.
			Version: pulumi.Sprintf("%d", template.LatestVersion),
		},
		// No desired capacity: it belongs to managed scaling.
		MinSize: pulumi.Int(b.args.Min),
		MaxSize: pulumi.Int(b.args.Max),
		// No wait for instances. At the start it would let them register before the capacity provider is there,
		// which ECS may then not count as its own; later the provider wants exactly as many as Pulumi's state
		// says, which managed scaling has changed. The service waits for its tasks instead.
		WaitForCapacityTimeout: pulumi.String("0"),
		VpcZoneIdentifiers:     b.args.SubnetIDs,
		ProtectFromScaleIn:     pulumi.Bool(b.args.Protected),
		MaxInstanceLifetime:    pulumi.Int(instanceLifetimeSeconds),
		// Managed draining leaves a lifecycle hook on the group that only the capacity provider answers, and that
		// one is deleted first: instances would wait for the hook's hour and the destroy would fail before. No
		// task is left to drain by then, as the service goes before the capacity provider.
		ForceDelete: pulumi.Bool(!b.args.Protected),
		InstanceRefresh: autoscaling.GroupInstanceRefreshArgs{
			Strategy: pulumi.String("Rolling"),
			Preferences: autoscaling.GroupInstanceRefreshPreferencesArgs{
				// A new instance serves before an old one goes.
				MinHealthyPercentage: pulumi.Int(100),
				MaxHealthyPercentage: pulumi.Int(200),
				// Instances in use are protected; without this the refresh would wait for ever.
				ScaleInProtectedInstances: pulumi.String("Refresh"),
			},
		},
		Tags: b.groupTags(),
	},
		pulumi.Parent(b.cluster),
		// Everything an instance needs at boot: routes, the right to register, the cluster's name in user data.
		pulumi.DependsOn(append(slices.Clone(b.args.Routes), rolePolicies...)),
		pulumi.Timeouts(&pulumi.CustomTimeouts{Delete: groupDeleteTimeout}),
	)
	if err != nil {
		return fmt.Errorf("Auto Scaling group: %w", err)
	}
	provider, err := ecs.NewCapacityProvider(b.ctx, b.name, &ecs.CapacityProviderArgs{
		AutoScalingGroupProvider: ecs.CapacityProviderAutoScalingGroupProviderArgs{
			AutoScalingGroupArn: group.Arn,
			ManagedDraining:     pulumi.String("ENABLED"),
			// Both must agree with the group's scale-in protection, which ECS otherwise changes by itself.
			ManagedTerminationProtection: pulumi.String(onOff(b.args.Protected)),
			ManagedScaling: ecs.CapacityProviderAutoScalingGroupProviderManagedScalingArgs{
				Status:               pulumi.String("ENABLED"),
				TargetCapacity:       pulumi.Int(b.args.TargetCapacity),
				InstanceWarmupPeriod: pulumi.Int(instanceWarmupSeconds),
			},
		},
	}, pulumi.Parent(b.cluster))
	if err != nil {
		return fmt.Errorf("capacity provider: %w", err)
	}
	association, err := ecs.NewClusterCapacityProviders(b.ctx, b.name, &ecs.ClusterCapacityProvidersArgs{
		ClusterName:       b.cluster.Name,
		CapacityProviders: pulumi.StringArray{provider.Name},
		DefaultCapacityProviderStrategies: ecs.ClusterCapacityProvidersDefaultCapacityProviderStrategyArray{
			ecs.ClusterCapacityProvidersDefaultCapacityProviderStrategyArgs{
				CapacityProvider: provider.Name, Weight: pulumi.Int(1),
			},
		},
	}, pulumi.Parent(b.cluster))
	if err != nil {
		return fmt.Errorf("association of the capacity provider: %w", err)
	}
	b.cluster.CapacityProvider = provider.Name
	b.cluster.Ready = append(b.cluster.Ready, association)
	return nil
}

func (b *builder) groupTags() autoscaling.GroupTagArray {
	tags := maps.Clone(b.args.Tags)
	if tags == nil {
		tags = map[string]string{}
	}
	tags["Name"] = b.name
	tags[managedTag] = ""
	list := make(autoscaling.GroupTagArray, 0, len(tags))
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, autoscaling.GroupTagArgs{
			Key: pulumi.String(key), Value: pulumi.String(tags[key]), PropagateAtLaunch: pulumi.Bool(true),
		})
	}
	return list
}

func onOff(on bool) string {
	if on {
		return "ENABLED"
	}
	return "DISABLED"
}

// textBool is a boolean where EC2's API takes a string.
func textBool(b bool) pulumi.String {
	return pulumi.String(strconv.FormatBool(b))
}
