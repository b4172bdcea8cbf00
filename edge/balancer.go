package edge

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"wordpress-ecs/image"
)

const (
	httpPort  = 80
	httpsPort = 443
	// idleTimeout is the load balancer's, in seconds. nginx keeps connections longer, or requests would meet
	// a closing one.
	idleTimeout = 300
	// DeregistrationDelay is what a task that stops has left for requests in flight, in seconds. It is paid
	// in full for every task that a deployment replaces.
	DeregistrationDelay = 30
	// The check of the target group, in seconds and in checks.
	healthInterval  = 10
	healthTimeout   = 5
	healthThreshold = 2
	// unhealthyThreshold leaves a task time in which all workers wait for a database that went silent.
	unhealthyThreshold = 6
)

// loadBalancer registers the load balancer and the target group of the tasks.
func (b *builder) loadBalancer() error {
	// A load balancer towards the internet needs the route to it: AWS refuses it without. It tries to write to the
	// bucket of its logs as soon as it is told to.
	after := b.args.Routes
	args := &lb.LoadBalancerArgs{
		LoadBalancerType:         pulumi.String("application"),
		Subnets:                  b.args.PublicSubnetIDs,
		SecurityGroups:           pulumi.StringArray{b.args.GroupID},
		IdleTimeout:              pulumi.Int(idleTimeout),
		DropInvalidHeaderFields:  pulumi.Bool(true),
		DesyncMitigationMode:     pulumi.String("defensive"),
		EnableDeletionProtection: pulumi.Bool(b.args.Protected),
	}
	if b.logs != nil {
		args.AccessLogs = lb.LoadBalancerAccessLogsArgs{
			Bucket: b.logs.bucket.Bucket, Prefix: pulumi.String(balancerLogs), Enabled: pulumi.Bool(true),
		}
		after = append([]pulumi.Resource{b.logs.policy}, after...)
	}
	balancer, err := lb.NewLoadBalancer(b.ctx, b.name+"-alb", args,
		b.fromService(pulumi.Protect(b.args.Protected), pulumi.DependsOn(after))...)
	if err != nil {
		return fmt.Errorf("load balancer: %w", err)
	}
	targets, err := lb.NewTargetGroup(b.ctx, b.name+"-web", &lb.TargetGroupArgs{
		VpcId:               b.args.VPCID,
		TargetType:          pulumi.String("ip"),
		Protocol:            pulumi.String("HTTP"),
		Port:                pulumi.Int(image.Port),
		DeregistrationDelay: pulumi.Int(DeregistrationDelay),
		HealthCheck: lb.TargetGroupHealthCheckArgs{
			Path: pulumi.String(image.HealthPath), Matcher: pulumi.String("200"),
			Interval: pulumi.Int(healthInterval), Timeout: pulumi.Int(healthTimeout),
			HealthyThreshold: pulumi.Int(healthThreshold), UnhealthyThreshold: pulumi.Int(unhealthyThreshold),
		},
	}, b.fromService()...)
	if err != nil {
		return fmt.Errorf("target group: %w", err)
	}
	b.balancer, b.targets = balancer, targets
	b.edge.LoadBalancerName, b.edge.BalancerSuffix = balancer.Name, balancer.ArnSuffix
	b.edge.TargetGroupARN, b.edge.TargetGroupSuffix = targets.Arn, targets.ArnSuffix
	b.edge.URL = pulumi.Sprintf("http://%s", balancer.DnsName)
	if b.s.Domain != "" {
		b.edge.URL = pulumi.String("https://" + b.s.Domain).ToStringOutput()
	}
	return nil
}
