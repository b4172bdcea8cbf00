package route53

import (
	"time"

	"wordpress-ecs/local/aws/kind"
)

// insync is how long a change takes until all name servers have it.
const insync = 35 * time.Second

func recordTakes() kind.Takes {
	return kind.Takes{
		Create: insync, Update: insync, Delete: insync,
		Source: model + "ChangeResourceRecordSets: within 60 s; terraform-provider-aws waits 10 to 30 s before it looks the first time",
		Making: "PENDING", Made: "INSYNC", Deleting: "PENDING",
	}
}

func zoneTakes() kind.Takes {
	return kind.Takes{
		Create: insync, Source: model + "CreateHostedZone, until the zone's NS and SOA records are INSYNC, as records are",
		Making: "PENDING", Made: "INSYNC",
	}
}
