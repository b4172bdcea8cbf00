package acm

import (
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// checking is how long ACM takes until it has seen the records of a certificate, and issues it.
const checking = 80 * time.Second

func certificateTakes() kind.Takes {
	return kind.Takes{
		Create: 5 * time.Second, Source: model + "RequestCertificate: several seconds until it can be looked at",
		// What was made is not issued by that: the certificate itself says what it is.
		State: "status", Making: pending,
	}
}

func validationTakes() kind.Takes {
	return kind.Takes{
		Create: checking, Source: "2 public apply logs: 61 s, 102 s; 2 s for a certificate that is issued",
		Depends: func(t kind.Takes, in account.Props, find kind.Find) kind.Takes {
			if c := find(Certificate, "arn", in.String("certificateArn")); c != nil && c.String("status") == Issued {
				t.Create = 2 * time.Second
			}
			return t
		},
	}
}
