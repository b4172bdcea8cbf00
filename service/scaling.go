package service

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appautoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// More tasks come quickly and go slowly: a spike is a reason to grow, its end not yet one to shrink.
const (
	scaleOutCooldownSeconds = 60
	scaleInCooldownSeconds  = 300
)

// scaling adds and removes tasks by CPU and by requests per task.
func (b *builder) scaling(service *ecs.Service) error {
	target, err := appautoscaling.NewTarget(b.ctx, b.name+"-tasks", &appautoscaling.TargetArgs{
		ServiceNamespace:  pulumi.String("ecs"),
		ScalableDimension: pulumi.String("ecs:service:DesiredCount"),
		ResourceId:        pulumi.Sprintf("service/%s/%s", b.args.Cluster.Name, service.Name),
		MinCapacity:       pulumi.Int(b.args.Min),
		MaxCapacity:       pulumi.Int(b.args.Max),
	}, pulumi.Parent(b.service))
	if err != nil {
		return err
	}
	if err := b.targetTracking(target, "cpu", b.args.CPUTarget, metric{
		PredefinedMetricType: pulumi.String("ECSServiceAverageCPUUtilization"),
	}); err != nil {
		return err
	}
	return b.targetTracking(target, "requests", b.args.RequestsTarget, metric{
		PredefinedMetricType: pulumi.String("ALBRequestCountPerTarget"),
		ResourceLabel:        pulumi.Sprintf("%s/%s", b.args.Edge.BalancerSuffix, b.args.Edge.TargetGroupSuffix),
	})
}

type metric = appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs

func (b *builder) targetTracking(target *appautoscaling.Target, name string, value int, m metric) error {
	_, err := appautoscaling.NewPolicy(b.ctx, b.name+"-tasks-"+name, &appautoscaling.PolicyArgs{
		PolicyType:        pulumi.String("TargetTrackingScaling"),
		ServiceNamespace:  target.ServiceNamespace,
		ScalableDimension: target.ScalableDimension,
		ResourceId:        target.ResourceId,
		TargetTrackingScalingPolicyConfiguration: appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs{
			TargetValue:                   pulumi.Float64(float64(value)),
			ScaleOutCooldown:              pulumi.Int(scaleOutCooldownSeconds),
			ScaleInCooldown:               pulumi.Int(scaleInCooldownSeconds),
			PredefinedMetricSpecification: m,
		},
	}, pulumi.Parent(b.service))
	if err != nil {
		return fmt.Errorf("policy %s: %w", name, err)
	}
	return nil
}
