package ec2

import (
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

func vpcTakes() kind.Takes {
	return kind.Takes{
		Create: 2 * time.Second, Source: "public apply logs: 1 to 12 s, DNS host names add 10 s",
		Depends: func(t kind.Takes, in account.Props, _ kind.Find) kind.Takes {
			if in.Bool("enableDnsHostnames") {
				t.Create += 10 * time.Second
			}
			return t
		},
		Making: "pending", Made: "available",
	}
}

func subnetTakes() kind.Takes {
	return kind.Takes{
		Source: "public apply logs: 1 s, 11 s where public addresses are mapped",
		Depends: func(t kind.Takes, in account.Props, _ kind.Find) kind.Takes {
			if in.Bool("mapPublicIpOnLaunch") {
				t.Create = 11 * time.Second
			}
			return t
		},
		Making: "pending", Made: "available",
	}
}

func natTakes() kind.Takes {
	return kind.Takes{
		Create: 110 * time.Second, Delete: 50 * time.Second,
		Source: "16 public apply logs: 84 to 125 s, deleted in 42 to 61 s",
		Making: "pending", Made: "available", Deleting: "deleting",
	}
}

func endpointTakes() kind.Takes {
	return kind.Takes{
		Create: 5 * time.Second, Delete: 7 * time.Second,
		Source: "10 public apply logs of gateways: 3 to 7 s, deleted in 5 to 10 s; interfaces 1 to 3 min",
		Depends: func(t kind.Takes, in account.Props, _ kind.Find) kind.Takes {
			if in.String("vpcEndpointType") == "Interface" {
				t.Create, t.Delete = 2*time.Minute, 90*time.Second
			}
			return t
		},
		State: "state", Making: "pending", Made: "available", Deleting: "deleting",
	}
}

func groupTakes() kind.Takes {
	return kind.Takes{Create: 2 * time.Second, Source: "public apply logs: 0 to 3 s, deleted in 1 to 2 s"}
}
