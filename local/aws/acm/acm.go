// Package acm is AWS Certificate Manager: public certificates that DNS validates.
package acm

import "wordpress-ecs/local/aws/kind"

// Tokens by which other services refer to what is declared here.
const (
	Certificate = "aws:acm/certificate:Certificate"
	Validation  = "aws:acm/certificateValidation:CertificateValidation"
)

// Where rules are from. AWS's codes are those of the API model; its words are those that people report.
const (
	model     = "ACM API model: "
	guide     = "docs.aws.amazon.com/acm/latest/userguide/"
	terraform = "terraform-provider-aws internal/service/acm/"
)

// States of a certificate.
const (
	pending = "PENDING_VALIDATION"
	// Issued certificates can be used by other services.
	Issued = "ISSUED"
)

// Service declares the kinds of this package.
func Service() kind.Service {
	return kind.Service{Kinds: []kind.Kind{certificate(), validation()}}
}
