package elasticache

import (
	"time"

	"wordpress-ecs/local/aws/kind"
)

func replicationTakes() kind.Takes {
	return kind.Takes{
		Create: 7 * time.Minute, Update: 30 * time.Second, Delete: 5 * time.Minute,
		Source: "5 public apply logs: 5m37s to 9m15s; deletion estimated, 3 to 8 min",
		Making: "creating", Made: "available", Deleting: "deleting",
	}
}
