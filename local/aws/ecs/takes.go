package ecs

import (
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

func clusterTakes() kind.Takes {
	return kind.Takes{
		Create: 11 * time.Second, Delete: 5 * time.Second,
		Source: "7 public apply logs: 10 to 12 s, deleted in 1 to 10 s",
		Making: "PROVISIONING", Made: "ACTIVE", Deleting: "DEPROVISIONING",
	}
}

func capacityTakes() kind.Takes {
	return kind.Takes{
		Create: 10 * time.Second, Delete: 16 * time.Second,
		Source: "estimated: 10 to 30 s; deleted in 15 to 17 s (8 in terraform-provider-aws#13740)",
		Made:   "ACTIVE",
	}
}

func providersTakes() kind.Takes {
	return kind.Takes{
		Create: 20 * time.Second, Delete: 11 * time.Second,
		Source: "estimated: 10 to 30 s; deleted in the 10 s that the provider waits (clusterAvailableDelay) and one request",
	}
}

// What passes until a first task is healthy, and after the last one lost its target.
const (
	launch     = 90 * time.Second
	pull       = 40 * time.Second
	stopTasks  = 20 * time.Second
	unattended = 2 * time.Second
)

// A service is steady when an instance was started, the images are there, and the load balancer's checks succeeded.
// It is gone when its targets have been drained and its tasks have stopped.
func serviceTakes() kind.Takes {
	return kind.Takes{
		Create: unattended, Update: unattended, Delete: stopTasks,
		Source: "instance 60 to 120 s, images 20 to 60 s, health checks; deregistration delay, 10 to 30 s",
		Depends: func(t kind.Takes, in account.Props, find kind.Find) kind.Takes {
			checks, drain := targets(in, find)
			t.Delete += drain
			if in.Bool("waitForSteadyState") {
				t.Create, t.Update = launch+pull+checks, pull+checks+drain
			}
			return t
		},
		Made: "ACTIVE", Deleting: "DRAINING",
	}
}

// targets are the longest times that the target groups of a service need to find a task healthy, and to drain it.
func targets(in account.Props, find kind.Find) (checks, drain time.Duration) {
	for _, attached := range in.Objects("loadBalancers") {
		group := find("aws:lb/targetGroup:TargetGroup", "arn", attached.String("targetGroupArn"))
		check := group.Object("healthCheck")
		checks = max(checks, seconds(check.Number("healthyThreshold")*check.Number("interval")))
		drain = max(drain, seconds(group.Number("deregistrationDelay")))
	}
	return checks, drain
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }
