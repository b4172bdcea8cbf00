package service

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	awsecs "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// shownEvents is how many of a service's newest events go into an error.
const shownEvents = 5

// reasonTimeout bounds the question for ECS's reason, which comes on top of a failure that is certain.
const reasonTimeout = 30 * time.Second

// confirmed is the task definition that the service runs after an update. When the circuit breaker rolls a
// deployment back, the service is steady again, on the old tasks, and the provider reports success
// (https://github.com/pulumi/pulumi-aws/issues/4487): so ask what runs, and fail if it is not what was
// registered. The service's own output is no help, the provider has read the old revision back into it.
// A preview asks nothing: what runs before an update is no news about it.
func (b *builder) confirmed(service *ecs.Service, definition *ecs.TaskDefinition) pulumi.StringOutput {
	if b.ctx.DryRun() {
		return definition.Arn
	}
	running := ecs.LookupServiceOutput(b.ctx, ecs.LookupServiceOutputArgs{
		ClusterArn: service.Cluster, ServiceName: service.Name,
	}, pulumi.Parent(b.service)).TaskDefinition()
	return pulumi.StringArray{
		definition.Arn, running, service.Cluster, service.Name,
	}.ToStringArrayOutput().ApplyT(func(v []string) (string, error) {
		wanted, running, cluster, name := v[0], v[1], v[2], v[3]
		if revision(wanted) == revision(running) {
			return running, nil
		}
		return "", rolledBack(b.ctx.Context(), b.args.Region, cluster, name, wanted, running)
	}).(pulumi.StringOutput)
}

// revision is the family and number of a task definition, which may come as an ARN or without.
func revision(definition string) string {
	return definition[strings.LastIndex(definition, "/")+1:]
}

// rolledBack is the error of an update whose deployment ECS took back.
func rolledBack(ctx context.Context, region, cluster, service, wanted, running string) error {
	reason, err := rollbackReason(ctx, region, cluster, service)
	if err != nil {
		reason = fmt.Sprintf("its reason could not be read (%v); see: aws ecs describe-services --cluster %s --services %s",
			err, cluster, service)
	}
	return fmt.Errorf("ECS rolled the deployment of %s back: service %s runs %s; %s. "+
		"Correct the cause, then run `pulumi up --refresh`",
		revision(wanted), service, revision(running), reason)
}

// rollbackReason asks ECS for the service's deployments and newest events, with the credentials of the
// default chain, as the provider does.
func rollbackReason(ctx context.Context, region, cluster, service string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, reasonTimeout)
	defer cancel()
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(region))
	if err != nil {
		return "", err
	}
	out, err := awsecs.NewFromConfig(cfg).DescribeServices(ctx, &awsecs.DescribeServicesInput{
		Cluster: &cluster, Services: []string{service},
	})
	if err != nil {
		return "", err
	}
	if len(out.Services) == 0 {
		return "", errors.New("no such service")
	}
	var lines []string
	for _, d := range out.Services[0].Deployments {
		if d.RolloutStateReason != nil {
			lines = append(lines, *d.RolloutStateReason)
		}
	}
	for i, e := range out.Services[0].Events {
		if i < shownEvents && e.Message != nil {
			lines = append(lines, *e.Message)
		}
	}
	return strings.Join(lines, "; "), nil
}
