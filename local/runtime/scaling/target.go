package scaling

import (
	"math"
	"strings"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/part"
)

// The resource types that matter here.
const (
	targetType      = "aws:appautoscaling/target:Target"
	policyType      = "aws:appautoscaling/policy:Policy"
	serviceType     = "aws:ecs/service:Service"
	instanceType    = "aws:rds/clusterInstance:ClusterInstance"
	targetGroupType = "aws:lb/targetGroup:TargetGroup"
)

// The dimensions that are scaled here.
const (
	desiredCount     = "ecs:service:DesiredCount"
	readReplicaCount = "rds:cluster:ReadReplicaCount"
)

// The metrics that are evaluated here.
const (
	serviceCPU        = "ECSServiceAverageCPUUtilization"
	serviceMemory     = "ECSServiceAverageMemoryUtilization"
	requestsPerTarget = "ALBRequestCountPerTarget"
	readerCPU         = "RDSReaderAverageCPUUtilization"
	readerConnections = "RDSReaderAverageDatabaseConnections"

	known = "target tracking of predefined metrics only"
)

// defaultCooldown is AWS's for services and readers.
const defaultCooldown = 300

// target is something that is scaled.
type target struct {
	// id is such as "service/main/site" or "cluster:site".
	id, arn, dimension, region, stack string
	min, max                          int
	// keepIn and keepOut say that scaling in or out is suspended.
	keepIn, keepOut bool
	policies        []policy
	// ignored names the policies that are not evaluated here.
	ignored []string
}

// bounded is the nearest capacity inside the bounds.
func (t target) bounded(capacity int) int { return min(max(capacity, t.min), t.max) }

// policy keeps a metric at its target.
type policy struct {
	name, arn string
	// metric is AWS's predefined one, label what it is measured on where the target does not say it.
	metric, label string
	target        float64
	// in and out are cooldowns of AWS's length.
	in, out time.Duration
	// onlyOut says that it removes nothing.
	onlyOut bool
	// above and below are the names of its alarms.
	above, below string
}

// targets reads what is to be scaled.
func (s *Scaling) targets() ([]target, error) {
	var list []target
	err := s.Account.View(func(tx *account.Tx) error {
		targets, err := tx.ByType(targetType)
		if err != nil {
			return err
		}
		policies, err := tx.ByType(policyType)
		if err != nil {
			return err
		}
		for _, r := range targets {
			list = append(list, read(r).with(policies))
		}
		return nil
	})
	return list, err
}

func read(r account.Resource) target {
	return target{
		id: r.Outputs.String("resourceId"), arn: r.Outputs.String("arn"), dimension: r.Outputs.String("scalableDimension"),
		region: r.Region, stack: part.Stack(r),
		min: r.Outputs.Int("minCapacity"), max: r.Outputs.Int("maxCapacity"),
		keepIn:  r.Outputs.Bool("suspendedState.dynamicScalingInSuspended"),
		keepOut: r.Outputs.Bool("suspendedState.dynamicScalingOutSuspended"),
	}
}

// with adds the policies of a target.
func (t target) with(all []account.Resource) target {
	for _, r := range all {
		if r.Region != t.region || r.Outputs.String("resourceId") != t.id ||
			r.Outputs.String("scalableDimension") != t.dimension {
			continue
		}
		p := readPolicy(r)
		switch p.metric {
		case serviceCPU, serviceMemory, requestsPerTarget, readerCPU, readerConnections:
			t.policies = append(t.policies, p)
		default:
			if t.dimension == desiredCount || t.dimension == readReplicaCount { // else the target itself is not scaled
				t.ignored = append(t.ignored, p.name)
			}
		}
	}
	return t
}

func readPolicy(r account.Resource) policy {
	tracking := r.Outputs.Object("targetTrackingScalingPolicyConfiguration")
	cooldown := func(name string) time.Duration {
		if !tracking.Has(name) {
			return defaultCooldown * time.Second
		}
		return time.Duration(tracking.Number(name) * float64(time.Second))
	}
	p := policy{
		name: r.Outputs.String("name"), arn: r.Outputs.String("arn"),
		metric: tracking.String("predefinedMetricSpecification.predefinedMetricType"),
		label:  tracking.String("predefinedMetricSpecification.resourceLabel"),
		target: tracking.Number("targetValue"),
		in:     cooldown("scaleInCooldown"), out: cooldown("scaleOutCooldown"),
		onlyOut: tracking.Bool("disableScaleIn"),
	}
	for _, arn := range r.Outputs.Strings("alarmArns") {
		_, name, _ := strings.Cut(arn, ":alarm:")
		if strings.Contains(name, "AlarmHigh") {
			p.above = name
		} else {
			p.below = name
		}
	}
	return p
}

// needed is the capacity that brings a value to the target when it was measured on some capacity.
func (p policy) needed(capacity int, value float64) int {
	return int(min(math.Ceil(float64(capacity)*value/p.target), math.MaxInt32))
}
