package acm

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/route53"
)

// validation is nothing of AWS's: it is the provider's waiting for a certificate.
func validation() kind.Kind {
	const on = kind.Making
	return kind.Kind{
		Type: Validation, Title: "ACM Certificate Validation", Args: acm.CertificateValidationArgs{}, State: acm.CertificateValidation{},
		Takes: validationTakes(), Source: terraform + "certificate_validation.go",
		Replace: []string{"certificateArn", "validationRecordFqdns"},
		Sets:    []string{"validationRecordFqdns"},
		Refs:    []kind.Ref{{Path: "certificateArn", To: Certificate, By: "arn", Loose: true}},
		Guards: []kind.Guard{
			{Name: "all records are named", On: on, Check: complete},
			{Name: "the records are in the account", Source: guide + "dns-validation.html", On: on, Check: answered},
		},
		Create: func(c *kind.Call) error {
			found, err := c.Find(Certificate, "arn", c.In.String("certificateArn"))
			if err != nil || found == nil {
				return err
			}
			if found.Outputs.String("status") != Issued {
				if err := issue(c, *found, c.Now.Add(c.Pace.Of(checking))); err != nil {
					return err
				}
			}
			// The provider's id is the time of issue.
			c.ID = c.Now.Round(0).UTC().String()
			return nil
		},
	}
}

// options are the records that validate the certificate of a call; none when it is issued.
func options(c *kind.Call) ([]account.Props, string, error) {
	found, err := c.Find(Certificate, "arn", c.In.String("certificateArn"))
	if err != nil || found == nil {
		return nil, "", err
	}
	return found.Outputs.Objects("domainValidationOptions"), found.Outputs.String("status"), nil
}

// complete refuses names of records among which one of the certificate's is missing. Others do no harm.
func complete(c *kind.Call) error {
	given := c.In.Strings("validationRecordFqdns")
	if len(given) == 0 {
		return nil
	}
	for i := range given {
		given[i] = strings.TrimSuffix(given[i], ".")
	}
	all, _, err := options(c)
	if err != nil {
		return err
	}
	var missing []error
	for _, o := range all {
		if name := strings.TrimSuffix(o.String("resourceRecordName"), "."); !slices.Contains(given, name) {
			missing = append(missing, fmt.Errorf("missing %s DNS validation record: %s", o.String("domainName"), name))
		}
	}
	return errors.Join(missing...)
}

// patience is how long the provider waits for a certificate when the program says nothing.
const patience = 75 * time.Minute

// answered refuses to wait for records that nobody has made: ACM would never see them.
func answered(c *kind.Call) error {
	all, status, err := options(c)
	if err != nil || status == Issued {
		return err
	}
	var missing []string
	for _, o := range all {
		values, err := route53.Answers(c, o.String("resourceRecordName"), o.String("resourceRecordType"))
		if err != nil {
			return err
		}
		wanted := o.String("resourceRecordValue")
		if !slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(undotted(v), undotted(wanted)) }) {
			missing = append(missing, fmt.Sprintf("%s CNAME %s", o.String("resourceRecordName"), wanted))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	timeout := c.Timeout
	if timeout == 0 {
		timeout = patience
	}
	slices.Sort(missing)
	return kind.Fault{Passing: true, Message: fmt.Sprintf("waiting for ACM Certificate (%s) to be issued: "+
		"timeout while waiting for state to become '%s' (last state: '%s', timeout: %s); "+
		"no public hosted zone of this account has the record %s",
		c.In.String("certificateArn"), Issued, pending, timeout, strings.Join(slices.Compact(missing), ", "))}
}

func undotted(name string) string { return strings.TrimSuffix(name, ".") }
