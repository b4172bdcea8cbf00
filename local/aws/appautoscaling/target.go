package appautoscaling

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appautoscaling"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

func target() kind.Kind {
	both := kind.Making | kind.Changing
	return kind.Kind{
		Type: Target, Title: "Application AutoScaling Target", Args: appautoscaling.TargetArgs{}, State: appautoscaling.Target{},
		API: kind.API{
			Service: "application-autoscaling",
			Create:  "RegisterScalableTarget", Change: "RegisterScalableTarget", Delete: "DeregisterScalableTarget",
		},
		Source:  register,
		Replace: []string{"resourceId", "scalableDimension", "serviceNamespace"},
		Rules: []kind.Rule{
			kind.Range("minCapacity", 0, 100000).API(invalid), kind.Range("maxCapacity", 0, 100000).API(invalid),
			kind.Whole("minimum not above maximum", func(in account.Props) string {
				if in.Number("minCapacity") > in.Number("maxCapacity") {
					return fmt.Sprintf("Maximum capacity (%v) cannot be less than minimum capacity (%v)",
						in.Number("maxCapacity"), in.Number("minCapacity"))
				}
				return ""
			}, "minCapacity", "maxCapacity").API(invalid),
			kind.Whole("dimension fits the service", fitting, "scalableDimension", "serviceNamespace", "resourceId").API(invalid),
			kind.Whole("least capacity of the dimension", func(in account.Props) string {
				if d, ok := find(in.String("scalableDimension")); ok && in.Has("minCapacity") && in.Number("minCapacity") < d.least {
					return fmt.Sprintf("Minimum capacity for %s must be at least %v", d.name, d.least)
				}
				return ""
			}, "scalableDimension", "minCapacity").API(invalid),
			kind.Whole("most readers", func(in account.Props) string {
				if in.String("serviceNamespace") == "rds" && in.Number("maxCapacity") > mostReaders {
					return fmt.Sprintf("Maximum capacity cannot be greater than %d for rds:cluster:ReadReplicaCount", mostReaders)
				}
				return ""
			}, "serviceNamespace", "maxCapacity").API(invalid).From("Aurora user guide, Using Aurora Auto Scaling"),
			kind.ARN("roleArn").API(invalid),
		},
		Guards: []kind.Guard{
			kind.Quota("targets per resource type", 500, kind.Fault{
				Code: "LimitExceededException", Message: "You have reached the limit of 500 scalable targets for this resource type.",
			}, kind.Alike(Target, "scalableDimension")).From(quotas),
			{Name: "the resource exists", Source: "terraform-provider-aws internal/service/appautoscaling/target.go", On: both, Check: exists},
			{Name: "the cache can be scaled", Source: "ElastiCache user guide, Auto Scaling", On: both, Check: eligible},
		},
		NotFound: kind.Fault{Code: "ObjectNotFoundException", Message: "No scalable target found for resource ID: %s"},
		Create: func(c *kind.Call) error {
			c.ID = c.In.String("resourceId")
			d, _ := find(c.In.String("scalableDimension"))
			// AWS takes its own role, whatever was asked for.
			c.Out["roleArn"] = c.GlobalARN("iam", "role/aws-service-role/"+d.principal()+"/AWSServiceRoleForApplicationAutoScaling_"+d.role)
			c.Set(account.Props{
				"arn": c.ARN("application-autoscaling", "scalable-target/"+account.NewHex(32)),
				"suspendedState": map[string]any{
					"dynamicScalingInSuspended": false, "dynamicScalingOutSuspended": false, "scheduledScalingSuspended": false,
				},
			})
			return lift(c)
		},
		Update: lift,
		Delete: dropPolicies,
	}
}

// dropPolicies takes the policies of a target away with it, as AWS does.
func dropPolicies(c *kind.Call) error {
	all, err := c.All(Policy)
	if err != nil {
		return err
	}
	for _, p := range all {
		if !same(c, p) {
			continue
		}
		if err := c.Tx.Delete(Policy, c.Region, p.ID); err != nil {
			return err
		}
	}
	return nil
}

// mostReaders is Aurora's limit beside the writer.
const mostReaders = 15

// principal is who the service-linked role trusts.
func (d dimension) principal() string { return d.namespace + ".application-autoscaling.amazonaws.com" }

// fitting wants the namespace and the id to fit the dimension.
func fitting(in account.Props) string {
	d, ok := find(in.String("scalableDimension"))
	id := in.String("resourceId")
	switch {
	case !ok:
		return fmt.Sprintf("Unsupported service namespace, resource type or scalable dimension: %s", in.String("scalableDimension"))
	case d.namespace != in.String("serviceNamespace"):
		return fmt.Sprintf("Scalable dimension %s does not belong to the service namespace %s", d.name, in.String("serviceNamespace"))
	case !strings.HasPrefix(id, d.prefix):
		return fmt.Sprintf("Invalid resource id %q: for %s it begins with %q", id, d.name, d.prefix)
	}
	return ""
}

// exists wants the resource. The provider asks again for a while, because ECS tells others late of a new service.
func exists(c *kind.Call) error {
	r, err := scaled(c)
	if err != nil || r != nil {
		return err
	}
	id := c.In.String("resourceId")
	switch c.In.String("serviceNamespace") {
	case "ecs":
		return kind.RefuseForNow(invalid, "ECS service doesn't exist: %s", id)
	case "rds":
		return kind.Refuse(invalid, "DB cluster does not exist: %s", id)
	default:
		return kind.Refuse(invalid, "Replication group does not exist: %s", id)
	}
}

// eligible refuses the cache groups that AWS does not scale.
func eligible(c *kind.Call) error {
	if c.In.String("serviceNamespace") != "elasticache" {
		return nil
	}
	group, err := scaled(c)
	if err != nil || group == nil {
		return err
	}
	if !group.Outputs.Bool("clusterEnabled") {
		return kind.Refuse(invalid, "ElastiCache auto scaling is only supported for groups with cluster mode enabled")
	}
	parts := strings.Split(strings.TrimPrefix(group.Outputs.String("nodeType"), "cache."), ".")
	families := []string{"r7g", "r6g", "r6gd", "r5", "m7g", "m6g", "m5", "c7gn"}
	if len(parts) != 2 || !slices.Contains(families, parts[0]) || !slices.Contains([]string{"large", "xlarge", "2xlarge"}, parts[1]) {
		return kind.Refuse(invalid, "ElastiCache auto scaling does not support the node type %s", group.Outputs.String("nodeType"))
	}
	return nil
}

// lift brings a service that has fewer tasks than the least, or more than the most, into its bounds, as AWS does on
// registration. Readers of a database take their time: what runs them brings them inside.
func lift(c *kind.Call) error {
	if c.In.String("serviceNamespace") != "ecs" {
		return nil
	}
	service, err := scaled(c)
	if err != nil || service == nil {
		return err
	}
	count := service.Outputs.Number("desiredCount")
	bounded := min(max(count, c.In.Number("minCapacity")), c.In.Number("maxCapacity"))
	if bounded == count {
		return nil
	}
	service.Observe("desiredCount", bounded)
	return c.Tx.Put(*service)
}
