package elb

import (
	"time"

	"wordpress-ecs/local/aws/kind"
)

func balancerTakes() kind.Takes {
	return kind.Takes{
		Create: 156 * time.Second, Delete: 30 * time.Second,
		Source: "7 public apply logs: 2m15s to 3m12s, deleted in 0.5 s to 2m33s with its network interfaces",
		Making: "provisioning", Made: "active",
	}
}
