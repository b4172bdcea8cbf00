// Package service runs WordPress: an ECS service of tasks with setup, php-fpm, nginx and cron.
package service

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"wordpress-ecs/image"
	"wordpress-ecs/settings"
)

const token = "wordpress:index:Service"

const (
	// minimumHealthy and maximumHealthy let new tasks start before old ones stop, in percent.
	minimumHealthy = 100
	maximumHealthy = 200
	// healthCheckGrace is how long a task that runs may fail the load balancer's check, in seconds. php-fpm is
	// healthy before it runs, and nginx starts at once.
	healthCheckGrace = 60
	// maxProving leaves room below the longest start period of a health check, which is 300 seconds.
	maxProving = 240
	// updateTimeout bounds the wait for the steady state: an instance may have to start first.
	updateTimeout = "30m"
)

// Args are the inputs of Service.
type Args struct {
	// Region is the AWS region, which the log driver wants to know.
	Region string
	// SubnetIDs and GroupID are the subnets and the security group of the tasks.
	SubnetIDs pulumi.StringArrayInput
	GroupID   pulumi.StringInput
	// Edge is how requests reach the tasks.
	Edge Edge

	// Cluster says where tasks run.
	Cluster Cluster
	// Image is the container image by digest, RepositoryARN the ECR repository to pull it from, which is
	// empty for a registry that asks for no right of ours.
	Image, RepositoryARN pulumi.StringInput
	Architecture         settings.Architecture
	// Stores say what tasks read and write.
	Stores Stores
	// Site says what WordPress is told about itself.
	Site Site

	// CPU is in CPU units and Memory in MiB, for a whole task.
	CPU, Memory int
	// Min and Max bound the number of tasks.
	Min, Max int
	// ProvingSeconds is how long php-fpm of a new release runs before its task gets visitors, 0 to 240.
	ProvingSeconds int
	// CPUTarget is in percent, RequestsTarget in requests per task and minute.
	CPUTarget, RequestsTarget int

	// LogRetentionDays is how long the containers' logs are kept.
	LogRetentionDays int
	// Protected keeps the service from being deleted.
	Protected bool
	// Ready must exist before the first task.
	Ready []pulumi.Resource
}

// Edge is what stands between visitors and tasks.
type Edge struct {
	// URL is the site's, TargetGroupARN where tasks register.
	URL, TargetGroupARN pulumi.StringInput
	// BalancerSuffix and TargetGroupSuffix are what metrics call load balancer and target group.
	BalancerSuffix, TargetGroupSuffix pulumi.StringInput
	// HSTSSeconds is for how long browsers are told to keep to HTTPS.
	HSTSSeconds int
	// SearchEngines may index the site.
	SearchEngines bool
	// BasicAuthUser is who may see the site; everybody when it is empty or when the CDN asks. The secret has the
	// password.
	BasicAuthUser      string
	BasicAuthSecretARN pulumi.StringInput
	// VisitorHeader is the header with the visitor's address; empty for X-Forwarded-For.
	VisitorHeader string
	// CDN is the distribution to tell of what is published; nil without one.
	CDN *CDN
	// Media is the bucket that uploads are copied to; nil without one.
	Media *Media
}

// CDN is a CloudFront distribution.
type CDN struct{ ID, ARN pulumi.StringInput }

// Media is an S3 bucket.
type Media struct{ Bucket, ARN pulumi.StringInput }

// Cluster is an ECS cluster with a capacity provider and the log group of its ECS Exec sessions.
type Cluster struct {
	ARN, Name, CapacityProvider, ExecLogGroupARN pulumi.StringInput
}

// Stores are the endpoints, names and secrets of what tasks read and write.
type Stores struct {
	DatabaseHost, DatabaseSecretARN pulumi.StringInput
	DatabaseName, DatabaseUser      string
	CacheHost, CacheSecretARN       pulumi.StringInput
	CachePort                       int
	KeysSecretARN, AdminSecretARN   pulumi.StringInput
	KeyNames                        []string
	FileSystemID, FileSystemARN     pulumi.StringInput
	AccessPointID, AccessPointARN   pulumi.StringInput
}

// Site is how a site presents itself and what it allows.
type Site struct {
	// Title, AdminUser and AdminEmail fill an empty database; later changes are made in WordPress.
	Title, AdminUser, AdminEmail string
	// FileChanges lets administrators install plugins and themes.
	FileChanges bool
	// XMLRPC opens xmlrpc.php.
	XMLRPC bool
	// TrustedProxies is the address range that may say who a visitor is.
	TrustedProxies string
	Mail           Mail
}

// Mail is the server that takes mail; without a Host there is none.
type Mail struct {
	Host string
	Port int
	From string
	// SecretARN is a secret with username and password; empty for a server that asks for none.
	SecretARN string
}

func (a *Args) validate() error {
	switch {
	case a == nil:
		return errors.New("args are required")
	case a.Region == "":
		return errors.New("Region is required")
	case a.SubnetIDs == nil || a.GroupID == nil:
		return errors.New("SubnetIDs and GroupID are required")
	case a.Edge.URL == nil || a.Edge.TargetGroupARN == nil || a.Edge.BalancerSuffix == nil || a.Edge.TargetGroupSuffix == nil:
		return errors.New("Edge: URL, TargetGroupARN, BalancerSuffix and TargetGroupSuffix are required")
	case a.Edge.BasicAuthUser != "" && a.Edge.BasicAuthSecretARN == nil:
		return errors.New("Edge: BasicAuthUser needs BasicAuthSecretARN")
	case a.Cluster.ARN == nil || a.Cluster.Name == nil || a.Cluster.CapacityProvider == nil || a.Cluster.ExecLogGroupARN == nil:
		return errors.New("Cluster: every field is required")
	case a.Image == nil || a.RepositoryARN == nil || a.Architecture == "":
		return errors.New("Image, RepositoryARN and Architecture are required")
	case a.Site.Title == "" || a.Site.AdminUser == "" || a.Site.AdminEmail == "":
		return errors.New("Site: Title, AdminUser and AdminEmail are required")
	case a.Site.Mail.Host != "" && (a.Site.Mail.Port == 0 || a.Site.Mail.From == ""):
		return errors.New("Site: Mail with a Host needs Port and From")
	case a.phpMemory() < image.PHPMemoryMin:
		return fmt.Errorf("Memory: %d MiB leaves %d for php-fpm, which needs %d; nginx takes %d and cron %d",
			a.Memory, a.phpMemory(), image.PHPMemoryMin, image.NginxMemory, image.CronMemory)
	case a.ProvingSeconds < 0 || a.ProvingSeconds > maxProving:
		return fmt.Errorf("ProvingSeconds: %d is outside 0..%d", a.ProvingSeconds, maxProving)
	case a.Min < 1 || a.Max < a.Min:
		return fmt.Errorf("Min and Max: %d..%d is not a range of tasks", a.Min, a.Max)
	case len(a.Ready) == 0:
		return errors.New("Ready: tasks need routes, stores, capacity and a listener before they start")
	}
	return nil
}

// Service is the site.
type Service struct {
	pulumi.ResourceState

	Name           pulumi.StringOutput `pulumi:"name"`
	TaskDefinition pulumi.StringOutput `pulumi:"taskDefinition"`

	// LogGroups are the names of the containers' log groups.
	LogGroups []pulumi.StringOutput
}

// New registers a Service. In an update the service's task definition resolves only when the tasks that run
// are the tasks that were asked for; if ECS rolled the deployment back, the update fails with ECS's reason.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Service, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("service %q: %w", name, err)
	}
	s := &Service{}
	if err := ctx.RegisterComponentResource(token, name, s, opts...); err != nil {
		return nil, fmt.Errorf("service %q: %w", name, err)
	}
	b := &builder{ctx: ctx, service: s, args: args, name: name}
	if err := b.build(); err != nil {
		return nil, fmt.Errorf("service %q: %w", name, err)
	}
	return s, ctx.RegisterResourceOutputs(s, pulumi.Map{
		"name":           s.Name,
		"taskDefinition": s.TaskDefinition,
	})
}

// builder carries what every part of the component needs while it is put together.
type builder struct {
	ctx     *pulumi.Context
	service *Service
	args    *Args
	name    string
}

func (b *builder) build() error {
	logs, err := b.logGroups()
	if err != nil {
		return fmt.Errorf("log groups: %w", err)
	}
	roles, err := b.roles(logs)
	if err != nil {
		return fmt.Errorf("roles: %w", err)
	}
	definition, err := b.taskDefinition(logs, roles)
	if err != nil {
		return fmt.Errorf("task definition: %w", err)
	}
	service, err := b.ecsService(definition, roles)
	if err != nil {
		return err
	}
	if err := b.scaling(service); err != nil {
		return fmt.Errorf("scaling: %w", err)
	}
	b.service.Name = service.Name
	b.service.TaskDefinition = b.confirmed(service, definition)
	return nil
}

func (b *builder) ecsService(definition *ecs.TaskDefinition, roles *roles) (*ecs.Service, error) {
	// Without its roles' policies a task cannot start, and a service that outlives them cannot stop.
	after := slices.Concat(b.args.Ready, roles.policies)
	return ecs.NewService(b.ctx, b.name, &ecs.ServiceArgs{
		Cluster:        b.args.Cluster.ARN,
		TaskDefinition: definition.Arn,
		DesiredCount:   pulumi.Int(b.args.Min),
		// No launch type: with one, ECS would ignore the capacity provider and never add an instance.
		CapacityProviderStrategies: ecs.ServiceCapacityProviderStrategyArray{
			ecs.ServiceCapacityProviderStrategyArgs{
				CapacityProvider: b.args.Cluster.CapacityProvider, Weight: pulumi.Int(1),
			},
		},
		OrderedPlacementStrategies: ecs.ServiceOrderedPlacementStrategyArray{
			ecs.ServiceOrderedPlacementStrategyArgs{
				Type: pulumi.String("spread"), Field: pulumi.String("attribute:ecs.availability-zone"),
			},
			ecs.ServiceOrderedPlacementStrategyArgs{
				Type: pulumi.String("spread"), Field: pulumi.String("instanceId"),
			},
		},
		NetworkConfiguration: ecs.ServiceNetworkConfigurationArgs{
			Subnets:        b.args.SubnetIDs,
			SecurityGroups: pulumi.StringArray{b.args.GroupID},
		},
		LoadBalancers: ecs.ServiceLoadBalancerArray{
			ecs.ServiceLoadBalancerArgs{
				TargetGroupArn: b.args.Edge.TargetGroupARN,
				ContainerName:  pulumi.String(image.Nginx), ContainerPort: pulumi.Int(image.Port),
			},
		},
		DeploymentMinimumHealthyPercent: pulumi.Int(minimumHealthy),
		DeploymentMaximumPercent:        pulumi.Int(maximumHealthy),
		DeploymentCircuitBreaker: ecs.ServiceDeploymentCircuitBreakerArgs{
			Enable: pulumi.Bool(true), Rollback: pulumi.Bool(true),
		},
		HealthCheckGracePeriodSeconds: pulumi.Int(healthCheckGrace),
		EnableExecuteCommand:          pulumi.Bool(true),
		EnableEcsManagedTags:          pulumi.Bool(true),
		PropagateTags:                 pulumi.String("SERVICE"),
		WaitForSteadyState:            pulumi.Bool(true),
	},
		pulumi.Parent(b.service),
		pulumi.DependsOn(after),
		// Of what a destroy deletes the service comes early. Protected it ends a destroy that skips its preview
		// while the site is still up.
		pulumi.Protect(b.args.Protected),
		// The count belongs to scaling once the service exists.
		pulumi.IgnoreChanges([]string{"desiredCount"}),
		pulumi.Timeouts(&pulumi.CustomTimeouts{
			Create: updateTimeout, Update: updateTimeout, Delete: updateTimeout,
		}),
	)
}
