package service

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"wordpress-ecs/image"
)

const (
	httpPort = 80
	// idleTimeout is the load balancer's, in seconds. nginx keeps connections longer, or requests would meet
	// a closing one.
	idleTimeout = 300
	// deregistrationDelay is what a task that stops has left for requests in flight, in seconds. It is paid
	// in full for every task that a deployment replaces.
	deregistrationDelay = 30
	// The check of the target group, in seconds and in checks.
	healthInterval  = 10
	healthTimeout   = 5
	healthThreshold = 2
	// unhealthyThreshold leaves a task time in which all workers wait for a database that went silent.
	unhealthyThreshold = 6
)

// frontDoor is how requests reach the tasks.
type frontDoor struct {
	balancer *lb.LoadBalancer
	targets  *lb.TargetGroup
	listener *lb.Listener
}

func (b *builder) frontDoor() (*frontDoor, error) {
	// A load balancer towards the internet needs the route to it: AWS refuses it without.
	balancer, err := lb.NewLoadBalancer(b.ctx, b.name+"-alb", &lb.LoadBalancerArgs{
		LoadBalancerType:         pulumi.String("application"),
		Subnets:                  b.args.PublicSubnetIDs,
		SecurityGroups:           pulumi.StringArray{b.args.LoadBalancerGroupID},
		IdleTimeout:              pulumi.Int(idleTimeout),
		DropInvalidHeaderFields:  pulumi.Bool(true),
		DesyncMitigationMode:     pulumi.String("defensive"),
		EnableDeletionProtection: pulumi.Bool(b.args.Protected),
	}, pulumi.Parent(b.service), pulumi.Protect(b.args.Protected), pulumi.DependsOn(b.args.Routes))
	if err != nil {
		return nil, fmt.Errorf("load balancer: %w", err)
	}
	targets, err := lb.NewTargetGroup(b.ctx, b.name+"-web", &lb.TargetGroupArgs{
		VpcId:               b.args.VPCID,
		TargetType:          pulumi.String("ip"),
		Protocol:            pulumi.String("HTTP"),
		Port:                pulumi.Int(image.Port),
		DeregistrationDelay: pulumi.Int(deregistrationDelay),
		HealthCheck: lb.TargetGroupHealthCheckArgs{
			Path: pulumi.String(image.HealthPath), Matcher: pulumi.String("200"),
			Interval: pulumi.Int(healthInterval), Timeout: pulumi.Int(healthTimeout),
			HealthyThreshold: pulumi.Int(healthThreshold), UnhealthyThreshold: pulumi.Int(unhealthyThreshold),
		},
	}, pulumi.Parent(b.service))
	if err != nil {
		return nil, fmt.Errorf("target group: %w", err)
	}
	listener, err := lb.NewListener(b.ctx, b.name+"-http", &lb.ListenerArgs{
		LoadBalancerArn: balancer.Arn,
		Protocol:        pulumi.String("HTTP"),
		Port:            pulumi.Int(httpPort),
		DefaultActions: lb.ListenerDefaultActionArray{
			lb.ListenerDefaultActionArgs{Type: pulumi.String("forward"), TargetGroupArn: targets.Arn},
		},
	}, pulumi.Parent(b.service))
	if err != nil {
		return nil, fmt.Errorf("listener: %w", err)
	}
	return &frontDoor{balancer: balancer, targets: targets, listener: listener}, nil
}
