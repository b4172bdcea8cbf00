package appautoscaling

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appautoscaling"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ecs"
	"wordpress-ecs/local/aws/kind"
)

const (
	tracking = "targetTrackingScalingPolicyConfiguration"
	steps    = "stepScalingPolicyConfiguration"
)

func policy() kind.Kind {
	return kind.Kind{
		Type: Policy, Title: "Application AutoScaling Policy",
		Args: appautoscaling.PolicyArgs{}, State: appautoscaling.Policy{},
		API: kind.API{
			Service: "application-autoscaling", Create: "PutScalingPolicy", Change: "PutScalingPolicy", Delete: "DeleteScalingPolicy",
			Members: map[string]string{"name": "PolicyName"},
		},
		Source:   put,
		Name:     kind.Name{Property: "name"},
		Replace:  []string{"name", "resourceId", "scalableDimension", "serviceNamespace"},
		Defaults: account.Props{"policyType": "StepScaling", tracking + ".disableScaleIn": false},
		Rules:    policyRules(),
		Guards: []kind.Guard{
			{
				Name: "the dimension is registered", Source: "cloudposse/terraform-aws-ecs-cloudwatch-autoscaling#36",
				On: kind.Making | kind.Changing, Check: registered,
			},
			{Name: "policies per target", Source: quotas, On: kind.Making, Check: policiesFit},
			{Name: "the label is of the service", Source: put, On: kind.Making | kind.Changing, Check: labelFits},
		},
		Create: func(c *kind.Call) error {
			c.ID = c.Out.String("name")
			arn := c.ARN("autoscaling", "scalingPolicy:"+account.NewUUID()+":resource/"+c.In.String("serviceNamespace")+"/"+
				c.In.String("resourceId")+":policyName/"+c.ID)
			alarms := []any{}
			for _, bound := range []string{"AlarmHigh", "AlarmLow"} {
				alarms = append(alarms, c.ARN("cloudwatch", "alarm:TargetTracking-"+c.In.String("resourceId")+"-"+bound+"-"+account.NewUUID()))
			}
			c.Set(account.Props{"arn": arn, "alarmArns": alarms})
			return nil
		},
	}
}

func policyRules() []kind.Rule {
	const metricType = tracking + ".predefinedMetricSpecification.predefinedMetricType"
	return []kind.Rule{
		kind.Length("name", 1, 255).From("pulumi-aws appautoscaling.PolicyArgs"),
		kind.Whole("configuration fits the type", func(in account.Props) string {
			tracks := in.String("policyType") == "TargetTrackingScaling"
			if tracks != in.Has(tracking) {
				return "targetTrackingScalingPolicyConfiguration must be given exactly when policyType is \"TargetTrackingScaling\""
			}
			if tracks && in.Has(steps) {
				return "stepScalingPolicyConfiguration cannot be given when policyType is \"TargetTrackingScaling\""
			}
			return ""
		}, "policyType", tracking, steps).API(invalid),
		kind.Whole("one metric", func(in account.Props) string {
			if in.Has(tracking) && in.Has(tracking+".predefinedMetricSpecification") == in.Has(tracking+".customizedMetricSpecification") {
				return "Exactly one of predefinedMetricSpecification and customizedMetricSpecification must be given"
			}
			return ""
		}, tracking).API(invalid),
		kind.Whole("metric fits the dimension", func(in account.Props) string {
			metric := in.String(metricType)
			d, known := find(in.String("scalableDimension"))
			if metric != "" && known && !slices.Contains(d.metrics, metric) {
				return fmt.Sprintf("The metric %s is not supported for %s; supported are %s", metric, d.name, strings.Join(d.metrics, ", "))
			}
			return ""
		}, "scalableDimension", tracking).API(invalid),
		kind.Whole("a label for requests alone", func(in account.Props) string {
			label, metric := in.Has(tracking+".predefinedMetricSpecification.resourceLabel"), in.String(metricType)
			switch {
			case metric == "ALBRequestCountPerTarget" && !label:
				return "A resource label is required for the metric ALBRequestCountPerTarget"
			case metric != "" && metric != "ALBRequestCountPerTarget" && label:
				return "A resource label is only supported for the metric ALBRequestCountPerTarget"
			}
			return ""
		}, tracking).API(invalid),
		kind.Match(tracking+".predefinedMetricSpecification.resourceLabel",
			`^app/[^/]+/[0-9a-f]{16}/targetgroup/[^/]+/[0-9a-f]{16}$`,
			"must be app/<name>/<id>/targetgroup/<name>/<id>").API(invalid),
		kind.Whole("percent to keep", func(in account.Props) string {
			percent := strings.Contains(in.String(metricType), "Utilization") || strings.Contains(in.String(metricType), "Percentage")
			if n := in.Number(tracking + ".targetValue"); in.Has(tracking) && (n <= 0 || (percent && n > 100)) {
				return fmt.Sprintf("Invalid target value %v for the metric %s", n, in.String(metricType))
			}
			return ""
		}, tracking).API(invalid),
		kind.Range(tracking+".scaleInCooldown", 0, 86400).API(invalid), kind.Range(tracking+".scaleOutCooldown", 0, 86400).API(invalid),
	}
}

// same tells whether a resource is about the same target as a call.
func same(c *kind.Call, r account.Resource) bool {
	return r.Outputs.String("resourceId") == c.In.String("resourceId") &&
		r.Outputs.String("scalableDimension") == c.In.String("scalableDimension") &&
		r.Outputs.String("serviceNamespace") == c.In.String("serviceNamespace")
}

// registered wants a target with the same dimension. The provider asks again for a while.
func registered(c *kind.Call) error {
	all, err := c.All(Target)
	if err != nil || slices.ContainsFunc(all, func(r account.Resource) bool { return same(c, r) }) {
		return err
	}
	return kind.RefuseForNow("ObjectNotFoundException", "No scalable target registered for service namespace: %s, resource ID: %s, "+
		"scalable dimension: %s", c.In.String("serviceNamespace"), c.In.String("resourceId"), c.In.String("scalableDimension"))
}

// mostPolicies is what a target can have.
const mostPolicies = 50

func policiesFit(c *kind.Call) error {
	all, err := c.All(Policy)
	n := 0
	for _, r := range all {
		if same(c, r) {
			n++
		}
	}
	if err == nil && n >= mostPolicies {
		err = kind.Refuse("LimitExceededException", "Scalable target can not have more than %d scaling policies.", mostPolicies)
	}
	return err
}

// labelFits wants the target group of the label to be one that the service has.
func labelFits(c *kind.Call) error {
	label := c.In.String(tracking + ".predefinedMetricSpecification.resourceLabel")
	if label == "" || c.In.String("serviceNamespace") != "ecs" {
		return nil
	}
	service, err := c.Find(ecs.ServiceType, "", c.ARN("ecs", c.In.String("resourceId")))
	if err != nil || service == nil {
		return err
	}
	_, group, _ := strings.Cut(label, "/targetgroup/")
	for _, b := range service.Outputs.Objects("loadBalancers") {
		if strings.HasSuffix(b.String("targetGroupArn"), ":targetgroup/"+group) {
			return nil
		}
	}
	return kind.Refuse(invalid, "Target group targetgroup/%s is not registered with the ECS service %s", group, c.In.String("resourceId"))
}
