package cloudwatch

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	mostFields       = 128
	longestField     = 64
	longestDelimiter = 5
	longestSuffix    = 256
	// idLength is how many letters and digits the id of a delivery has.
	idLength = 16

	suffix  = "s3DeliveryConfigurations[].suffixPath"
	badPath = "Provided suffixPath is invalid"
)

// cloudFrontFields are the fields of CloudFront's logs that are delivered unless the delivery says otherwise.
var cloudFrontFields = []string{
	"date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem", "sc-status", "cs(Referer)",
	"cs(User-Agent)", "cs-uri-query", "cs(Cookie)", "x-edge-result-type", "x-edge-request-id", "x-host-header", "cs-protocol",
	"cs-bytes", "time-taken", "x-forwarded-for", "ssl-protocol", "ssl-cipher", "x-edge-response-result-type",
	"cs-protocol-version", "fle-status", "fle-encrypted-fields", "c-port", "time-to-first-byte", "x-edge-detailed-result-type",
	"sc-content-type", "sc-content-len", "sc-range-start", "sc-range-end",
}

// furtherFields are those that a delivery has to ask for.
var furtherFields = []string{
	"timestamp(ms)", "origin-fbl", "origin-lbl", "asn", "c-country", "cache-behavior-path-pattern",
	"viewer-request-log-data", "viewer-response-log-data",
}

// variables are what stands for a part of the path of a log file, without the braces.
var variables = []string{"DistributionId", "distributionid", "yyyy", "MM", "dd", "HH", "accountid", "account-id"}

func delivery() kind.Kind {
	return kind.Kind{
		Type: Delivery, Title: "CloudWatch Logs Delivery", Args: cloudwatch.LogDeliveryArgs{}, State: cloudwatch.LogDelivery{},
		Source:  terraform + "delivery.go",
		API:     kind.API{Service: "logs", Create: "CreateDelivery", Delete: "DeleteDelivery"},
		Replace: []string{"deliveryDestinationArn", "deliverySourceName"},
		Kept:    []string{"recordFields", "s3DeliveryConfigurations"},
		Rules: slices.Concat([]kind.Rule{
			kind.ARN("deliveryDestinationArn"), kind.Length("deliverySourceName", 1, deliveryName),
			kind.Length("fieldDelimiter", 0, longestDelimiter), kind.Count("recordFields", 0, mostFields).Refusing(make([]any, mostFields+1)),
			kind.Length("recordFields[]", 1, longestField),
			kind.Count("s3DeliveryConfigurations", 0, 1).Refusing([]any{suffixed("a", false), suffixed("b", false)}),
		}, contentRules(), kind.Tags(validation, validation)),
		Refs: []kind.Ref{
			{Path: "deliverySourceName", To: DeliverySource, By: "name", Source: reference + "CreateDelivery"},
			{Path: "deliveryDestinationArn", To: DeliveryDestination, By: "arn", Source: reference + "CreateDelivery"},
		},
		Guards: []kind.Guard{
			{Name: "paths are for S3", On: kind.Making | kind.Changing, Source: "hashicorp/terraform-provider-aws#46108", Check: pathsForS3},
			{Name: "one delivery to each type of destination", On: kind.Making, Source: observed, Check: onlyDelivery},
			{Name: "the bucket takes the logs", On: kind.Making, Source: admission, Check: admitted},
		},
		NotFound: kind.Fault{Code: missing, Message: "Requested Delivery does not exist in this account."},
		Create: func(c *kind.Call) error {
			c.ID = account.NewHex(idLength)
			to, err := destinationOf(c)
			if err != nil {
				return err
			}
			fields := make([]any, len(cloudFrontFields))
			for i, name := range cloudFrontFields {
				fields[i] = name
			}
			c.Set(account.Props{"arn": c.ARN("logs", "delivery:"+c.ID), "recordFields": fields, "fieldDelimiter": ""})
			if typeOf(to.String(target)) == toBucket {
				c.Set(account.Props{"s3DeliveryConfigurations": []any{suffixed(usualPath(to.String(target)), false)}})
			}
			return nil
		},
		Update: moved,
	}
}

// usualPath is where logs go below a destination if a delivery does not say it.
func usualPath(arn string) string {
	if _, prefix := bucketOf(arn); prefix != "" {
		return ""
	}
	return ownFolder + "/"
}

// suffixed is where a delivery writes below its bucket's prefix.
func suffixed(path string, hive bool) map[string]any {
	return map[string]any{"suffixPath": path, "enableHiveCompatiblePath": hive}
}

// contentRules are those of AWS about what is delivered, and where.
func contentRules() []kind.Rule {
	variable := regexp.MustCompile(`\{([^}]*)\}`)
	return []kind.Rule{
		{
			Name: "fields of CloudFront's logs", Source: standard, Path: "recordFields[]", Code: validation, Bad: "no-such-field",
			Test: func(v any, _ account.Props) string {
				if name, ok := v.(string); ok && !slices.Contains(cloudFrontFields, name) && !slices.Contains(furtherFields, name) {
					return fmt.Sprintf("Provided recordFields are invalid: %s is no field of CloudFront's logs", name)
				}
				return ""
			},
		},
		kind.Length(suffix, 1, longestSuffix).API(validation).From(reference + "S3DeliveryConfiguration"),
		{
			Name: "variables of paths", Source: standard, Path: suffix, Code: validation, Bad: "{year}",
			Test: func(v any, _ account.Props) string {
				text, _ := v.(string)
				for _, match := range variable.FindAllStringSubmatch(text, -1) {
					if !slices.Contains(variables, match[1]) {
						return fmt.Sprintf("%s: {%s} is none of {%s}", badPath, match[1], strings.Join(variables, "}, {"))
					}
				}
				return ""
			},
		},
		{
			Name: "Hive's keys are added", Source: "KensioSoftware/yulin#1003", Path: "s3DeliveryConfigurations[]", Code: validation,
			Bad: suffixed("year={yyyy}", true), Test: func(v any, _ account.Props) string {
				object, _ := v.(map[string]any)
				to := account.Props(object)
				if to.Bool("enableHiveCompatiblePath") && strings.Contains(to.String("suffixPath"), "=") {
					return badPath + ": with enableHiveCompatiblePath the keys of partitions are added to it"
				}
				return ""
			},
		},
	}
}

// destinationOf are the outputs of the destination that a delivery names.
func destinationOf(c *kind.Call) (account.Props, error) {
	to, err := c.Find(DeliveryDestination, "arn", c.In.String("deliveryDestinationArn"))
	if err != nil || to == nil {
		return nil, err
	}
	return to.Outputs, nil
}

// pathsForS3 wants no path for a log group. The provider sends one with every change, even of something else.
func pathsForS3(c *kind.Call) error {
	to, err := destinationOf(c)
	if err != nil || typeOf(to.String(target)) == toBucket {
		return err
	}
	if c.In.Has("s3DeliveryConfigurations") || (c.Before != nil && c.BeyondTags(Delivery)) {
		return kind.Refuse(validation, "Provided delivery configuration is invalid for the destination type.")
	}
	return nil
}

func onlyDelivery(c *kind.Call) error {
	to, err := destinationOf(c)
	if err != nil {
		return err
	}
	all, err := c.All(Delivery)
	if err != nil {
		return err
	}
	for _, d := range all {
		if d.Outputs["deliverySourceName"] != c.In["deliverySourceName"] {
			continue
		}
		if d.Outputs["deliveryDestinationArn"] == c.In["deliveryDestinationArn"] {
			return kind.Refuse(conflict, "The specified Delivery already exists")
		}
		other, err := c.Find(DeliveryDestination, "arn", d.Outputs.String("deliveryDestinationArn"))
		if err != nil {
			return err
		}
		if other != nil && typeOf(other.Outputs.String(target)) == typeOf(to.String(target)) {
			return kind.Refuse(conflict, "Delivery already exists for this Delivery Source with the same Delivery Destination Type.")
		}
	}
	return nil
}
