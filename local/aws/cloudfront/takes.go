package cloudfront

import (
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// distributionTakes are the figures of a distribution. To be deleted it is disabled first, which is in the figure.
// Changes are not in the logs: like a new distribution, they are brought to all edge locations.
func distributionTakes() kind.Takes {
	return kind.Takes{
		Create: 184 * time.Second, Update: 184 * time.Second, Delete: 203 * time.Second,
		Source: "5 public apply logs: 2m58s to 3m36s, and one of 12m34s; deleted in 3m23s",
		Making: "InProgress", Made: "Deployed", Deleting: "InProgress", State: "status",
		Depends: func(t kind.Takes, in account.Props, _ kind.Find) kind.Takes {
			if in.Has("waitForDeployment") && !in.Bool("waitForDeployment") {
				t.Create, t.Update = 0, 0 // nobody waits; the status is ahead of AWS's then
			}
			return t
		},
	}
}
