package autoscaling

import (
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// The provider waits for the instances that the group begins with.
func groupTakes() kind.Takes {
	return kind.Takes{
		Create: 3 * time.Second, Delete: 3 * time.Minute,
		Source: "public apply logs: 15 to 76 s with instances, deleted in 1m28s to 6m34s",
		Depends: func(t kind.Takes, in account.Props, _ kind.Find) kind.Takes {
			if in.Number("minSize") > 0 || in.Number("desiredCapacity") > 0 {
				t.Create = 35 * time.Second
			}
			if in.Bool("forceDelete") {
				t.Delete = 100 * time.Second
			}
			return t
		},
	}
}
