package elb_test

import (
	"fmt"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/kind/cases"
	"wordpress-ecs/local/aws/s3"
)

// mayWrite is the policy of a bucket for logs that lets someone write below a place.
func mayWrite(principal, place string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObject","Principal":%s,`+
		`"Resource":"arn:aws:s3:::logs/%s"},{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::logs/*",`+
		`"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`, principal, place)
}

// logCases are those of the logs that one input asks for.
func logCases(input, what string) []cases.Case {
	const (
		lb      = elb.LoadBalancer
		service = `{"Service":"logdelivery.elasticloadbalancing.amazonaws.com"}`
		place   = "AWSLogs/123456789012/*"
		denied  = "InvalidConfigurationRequest: Access Denied for bucket: logs. Please check S3bucket permission"
	)
	into := func(prefix string) account.Props {
		to := map[string]any{"enabled": true, "bucket": "logs"}
		if prefix != "" {
			to["prefix"] = prefix
		}
		return account.Props{input: to}
	}
	// logged is the trial of a load balancer that writes to a bucket with a policy.
	logged := func(prefix, policy string, more ...func(w *cases.World)) cases.Trial {
		return func(w *cases.World, typ string) error {
			w.Need(s3.Bucket, nil)
			w.Need(s3.Policy, account.Props{"policy": policy})
			for _, f := range more {
				f(w)
			}
			_, err := w.Make(typ, into(prefix))
			return err
		}
	}
	encrypted := func(algorithm string) func(w *cases.World) {
		return func(w *cases.World) {
			w.Need(s3.Encryption, account.Props{"rules": []any{map[string]any{
				"applyServerSideEncryptionByDefault": map[string]any{"sseAlgorithm": algorithm},
			}}})
		}
	}
	rule := what + " may be written"
	right := mayWrite(service, place)
	return []cases.Case{
		cases.Refused(lb, "not allowed in "+input+".prefix", "must not include AWSLogs", account.Props{
			input: map[string]any{"enabled": false, "bucket": "logs", "prefix": "AWSLogs/web"},
		}),
		cases.One(lb, rule, cases.Make(into("")), cases.Make(account.Props{input: map[string]any{"bucket": "logs"}}),
			"InvalidConfigurationRequest: S3Bucket: logs is not located in the same region with ELB: usual-"),
		cases.One(lb, rule, func(w *cases.World, typ string) error {
			w.Region = "us-east-1"
			w.Need(s3.Bucket, nil)
			w.Region = "eu-central-1"
			_, err := w.Make(typ, into(""))
			return err
		}, logged("", right), "is not located in the same region"),
		cases.One(lb, rule, func(w *cases.World, typ string) error {
			w.Need(s3.Bucket, nil)
			_, err := w.Make(typ, into(""))
			return err
		}, logged("", mayWrite(`{"AWS":"arn:aws:iam::054676820928:root"}`, place)), denied),
		cases.One(lb, rule, logged("", mayWrite(`{"Service":"delivery.logs.amazonaws.com"}`, place)), logged("", right), denied),
		cases.One(lb, rule, logged("", mayWrite(service, "web/"+place)), logged("web", mayWrite(service, "web/"+place)), denied),
		cases.One(lb, rule, logged("web", right), logged("web", mayWrite(service, "*")), denied),
		cases.One(lb, rule, logged("", right, encrypted("aws:kms")), logged("", right, encrypted("AES256")), denied+" (the bucket is encrypted with KMS)"),
		cases.One(lb, rule, func(w *cases.World, typ string) error {
			_, err := w.Change(w.Usual(typ), into(""))
			return err
		}, cases.Change(account.Props{"idleTimeout": 30.0}), "InvalidConfigurationRequest"),
	}
}
