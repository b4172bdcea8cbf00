package efs

import (
	"time"

	"wordpress-ecs/local/aws/kind"
)

func fileSystemTakes() kind.Takes {
	return kind.Takes{
		Create: 9 * time.Second, Delete: 10 * time.Second,
		Source: "public apply logs, terraform-provider-aws#38017: 6 to 12 s",
		Making: "creating", Made: "available", Deleting: "deleting",
	}
}

func mountTargetTakes() kind.Takes {
	return kind.Takes{
		Create: 88 * time.Second, Delete: 20 * time.Second,
		Source: "terraform-provider-aws#38017: 85 to 90 s, deleted in 10 to 30 s",
		Making: "creating", Made: "available", Deleting: "deleting",
	}
}
