package rds

import (
	"time"

	"wordpress-ecs/local/aws/kind"
)

func clusterTakes() kind.Takes {
	return kind.Takes{
		Create: 43 * time.Second, Delete: time.Minute,
		Source: "public apply log, terraform-provider-aws#26489",
		Making: "creating", Made: "available", Deleting: "deleting",
	}
}

func instanceTakes() kind.Takes {
	return kind.Takes{
		Create: 7 * time.Minute, Update: 30 * time.Second, Delete: 5 * time.Minute,
		Source: "public apply log, terraform-provider-aws#26489 and #15022: 6m21s to 8 min, deleted in 4 to 6 min",
		Making: "creating", Made: "available", Deleting: "deleting",
	}
}
