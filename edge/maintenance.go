package edge

import (
	_ "embed"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"wordpress-ecs/image"
	"wordpress-ecs/policy"
)

const (
	// passHeader tells the load balancer who may pass, where the CDN is the one that knows addresses.
	passHeader = "X-Maintenance"
	passValue  = "pass"

	lambdaService   = "lambda.amazonaws.com"
	balancerService = "elasticloadbalancing.amazonaws.com"
	lambdaRuntime   = "nodejs22.x"
	lambdaMemory    = 128 // MiB, the least
	lambdaTimeout   = 3   // seconds
	lambdaLogDays   = 7
)

// maintenancePage answers visitors. A function, because a fixed response of a load balancer cannot say Retry-After,
// and because it needs no task.
//
//go:embed maintenance/index.js
var maintenancePage string

// maintenance registers the page and the rules that lead visitors to it and administrators past it.
func (b *builder) maintenance() error {
	function, err := b.maintenanceFunction()
	if err != nil {
		return fmt.Errorf("maintenance: %w", err)
	}
	// Names of target groups end at 32 characters, stack and random part included.
	page, err := lb.NewTargetGroup(b.ctx, b.name+"-page", &lb.TargetGroupArgs{
		TargetType: pulumi.String("lambda"),
	}, b.owned()...)
	if err != nil {
		return fmt.Errorf("maintenance: target group: %w", err)
	}
	allowed, err := lambda.NewPermission(b.ctx, b.name+"-maintenance", &lambda.PermissionArgs{
		Action: pulumi.String("lambda:InvokeFunction"), Function: function.Name,
		Principal: pulumi.String(balancerService), SourceArn: page.Arn,
	}, b.owned()...)
	if err != nil {
		return fmt.Errorf("maintenance: permission: %w", err)
	}
	// The load balancer tries the function when it gets it.
	target, err := lb.NewTargetGroupAttachment(b.ctx, b.name+"-maintenance", &lb.TargetGroupAttachmentArgs{
		TargetGroupArn: page.Arn, TargetId: function.Arn,
	}, b.owned(pulumi.DependsOn([]pulumi.Resource{allowed}))...)
	if err != nil {
		return fmt.Errorf("maintenance: target: %w", err)
	}
	// Monitoring goes on.
	health, err := b.rule("maintenance-health", healthPriority, b.forward(), nil, b.fromCDN(onPath(image.HealthPath))...)
	if err != nil {
		return err
	}
	before := []pulumi.Resource{target, health}
	if admins := b.admins(); admins != nil {
		pass, err := b.rule("maintenance-admins", adminsPriority, b.forward(), nil, b.fromCDN(*admins)...)
		if err != nil {
			return err
		}
		before = append(before, pass)
	}
	_, err = b.rule("maintenance", maintenancePriority, lb.ListenerRuleActionArgs{
		Type: pulumi.String("forward"), TargetGroupArn: page.Arn,
	}, before, anyPath())
	return err
}

// admins is how administrators are told from visitors; nil when there is none.
func (b *builder) admins() *lb.ListenerRuleConditionArgs {
	if len(b.s.AdminAddresses) == 0 {
		return nil
	}
	condition := lb.ListenerRuleConditionArgs{
		SourceIp: lb.ListenerRuleConditionSourceIpArgs{Values: pulumi.ToStringArray(texts(b.s.AdminAddresses))},
	}
	if b.s.CDN.On {
		condition = onHeader(passHeader, pulumi.String(passValue))
	}
	return &condition
}

// fromCDN adds to conditions that the CDN has sent the request, where there is one.
func (b *builder) fromCDN(conditions ...lb.ListenerRuleConditionArgs) []lb.ListenerRuleConditionArgs {
	if b.origin == nil {
		return conditions
	}
	return append(conditions, onHeader(secretHeader, b.origin.secrets...))
}

// maintenanceFunction registers the function and what it may do, which is to write its log.
func (b *builder) maintenanceFunction() (*lambda.Function, error) {
	group, err := cloudwatch.NewLogGroup(b.ctx, b.name+"-maintenance", &cloudwatch.LogGroupArgs{
		RetentionInDays: pulumi.Int(lambdaLogDays),
	}, b.owned()...)
	if err != nil {
		return nil, fmt.Errorf("log group: %w", err)
	}
	role, err := iam.NewRole(b.ctx, b.name+"-maintenance", &iam.RoleArgs{AssumeRolePolicy: policy.Trust(lambdaService)}, b.owned()...)
	if err != nil {
		return nil, fmt.Errorf("role: %w", err)
	}
	_, err = iam.NewRolePolicy(b.ctx, b.name+"-maintenance", &iam.RolePolicyArgs{
		Role: role.Name, Policy: policy.Of(func(arns []string) []policy.Statement {
			return []policy.Statement{{
				Sid: "Log", Effect: policy.Allow, Action: []string{"logs:CreateLogStream", "logs:PutLogEvents"},
				Resource: []string{arns[0] + ":*"},
			}}
		}, group.Arn),
	}, b.owned()...)
	if err != nil {
		return nil, fmt.Errorf("role: %w", err)
	}
	function, err := lambda.NewFunction(b.ctx, b.name+"-maintenance", &lambda.FunctionArgs{
		Role: role.Arn, Runtime: pulumi.String(lambdaRuntime), Handler: pulumi.String("index.handler"),
		MemorySize: pulumi.Int(lambdaMemory), Timeout: pulumi.Int(lambdaTimeout),
		Code:          pulumi.NewAssetArchive(map[string]any{"index.js": pulumi.NewStringAsset(maintenancePage)}),
		LoggingConfig: lambda.FunctionLoggingConfigArgs{LogFormat: pulumi.String("Text"), LogGroup: group.Name},
	}, b.owned()...)
	if err != nil {
		return nil, fmt.Errorf("function: %w", err)
	}
	return function, nil
}
