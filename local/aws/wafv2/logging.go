package wafv2

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/wafv2"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/cloudwatch"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/s3"
)

// deniedWords are what AWS says of a destination that does not let logs in.
const deniedWords = "The operation failed because you don't have the permissions that your logging configuration requires."

// destination is what the ARN of a place for logs looks like: its name begins with aws-waf-logs-.
var destination = regexp.MustCompile(
	`^arn:[\w-]+:(s3:::|logs:[\w-]+:\d{12}:log-group:|firehose:[\w-]+:\d{12}:deliverystream/)aws-waf-logs-.+$`,
)

func logging() kind.Kind {
	return kind.Kind{
		Type: Logging, Title: "WAFv2 WebACL Logging Configuration", Args: wafv2.WebAclLoggingConfigurationArgs{},
		State: wafv2.WebAclLoggingConfiguration{}, Source: terraform + "web_acl_logging_configuration.go", API: loggingAPI(),
		Required: []string{"logDestinationConfigs"},
		Replace:  []string{"resourceArn"},
		Sets:     []string{"logDestinationConfigs", "loggingFilter.filters", "loggingFilter.filters.conditions"},
		Rules: []kind.Rule{
			kind.ARN("resourceArn"), kind.ARN("logDestinationConfigs[]"),
			kind.OneOf("loggingFilter.defaultBehavior", "KEEP", "DROP"), kind.OneOf("loggingFilter.filters[].behavior", "KEEP", "DROP"),
			kind.OneOf("loggingFilter.filters[].requirement", "MEETS_ALL", "MEETS_ANY"),
			kind.OneOf("loggingFilter.filters[].conditions[].actionCondition.action", "ALLOW", "BLOCK", "COUNT", "CAPTCHA", "CHALLENGE",
				"EXCLUDED_AS_COUNT"),
			{Name: "filters have conditions", Path: "loggingFilter.filters[]", Test: func(v any, _ account.Props) string {
				filter, _ := v.(map[string]any)
				for _, c := range account.Props(filter).Objects("conditions") {
					if given(c) != 1 {
						return because(exactlyOne, "FILTER_CONDITION", "Condition")
					}
				}
				if len(account.Props(filter).List("conditions")) == 0 {
					return "conditions requires 1 item minimum, but has only 0"
				}
				return ""
			}},
			{Name: "redacted fields", Path: "redactedFields[]", Code: invalid, Source: model + "LoggingConfiguration.RedactedFields",
				Test: func(v any, _ account.Props) string {
					if field, _ := v.(map[string]any); given(field) != 1 {
						return because(exactlyOne, "FIELD_TO_MATCH", "FieldToMatch")
					}
					return ""
				}},
			kind.Count("logDestinationConfigs", 1, 1).API(invalid).From(model + "LoggingConfiguration.LogDestinationConfigs"),
			{Name: "names of destinations", Path: "logDestinationConfigs[]", Bad: "arn:aws:s3:::logs", Code: invalid,
				Source: guide + "logging-s3.html, logging-cw-logs.html, logging-kinesis.html",
				Test: func(v any, _ account.Props) string {
					if arn, _ := v.(string); !destination.MatchString(arn) {
						return because(badARN, "LOG_DESTINATION", arn)
					}
					return ""
				}},
		},
		// Its web ACL takes it along.
		Refs: []kind.Ref{{Path: "resourceArn", To: WebACL, By: "arn", Loose: true, Source: model + missing}},
		Guards: []kind.Guard{
			{Name: "the destination is in the region", On: kind.Making | kind.Changing, Source: guide + "logging-cw-logs.html", Check: inRegion},
			{Name: "the destination exists", On: kind.Making | kind.Changing, Source: model + missing, Check: destinationExists},
			{Name: "the bucket takes the logs", On: kind.Making | kind.Changing, Source: guide + "logging-s3.html", Check: admitted},
			{Name: "one per web ACL", On: kind.Making, Source: local + "a second overwrites the first", Check: func(c *kind.Call) error {
				found, err := c.Find(Logging, "resourceArn", c.In.String("resourceArn"))
				if err == nil && found != nil {
					err = kind.Refuse(duplicate, "%s", duplicateWords)
				}
				return err
			}},
		},
		NotFound: kind.Fault{Code: missing, Message: missingWords},
		Create: func(c *kind.Call) error {
			c.ID = c.In.String("resourceArn")
			return nil
		},
	}
}

// inRegion wants log groups and streams where the web ACL is. Buckets may be elsewhere.
func inRegion(c *kind.Call) error {
	for _, arn := range c.In.Strings("logDestinationConfigs") {
		if region := strings.Split(arn, ":")[3]; region != "" && region != c.Region {
			return kind.Refuse(invalid, "%s", because(badARN, "LOG_DESTINATION", arn))
		}
	}
	return nil
}

// destinationExists wants the bucket or the log group that logs go to.
func destinationExists(c *kind.Call) error {
	for _, arn := range c.In.Strings("logDestinationConfigs") {
		exists := true
		var err error
		if name, _, ok := bucketOf(arn); ok {
			var bucket *s3.Place
			bucket, err = s3.Find(c, name)
			exists = bucket != nil
		} else if strings.Split(arn, ":")[2] == "logs" {
			exists, err = hasGroup(c, strings.TrimSuffix(arn, ":*"))
		}
		if err != nil {
			return err
		}
		if !exists {
			return kind.Refuse(missing, "%s (%s)", missingWords, arn)
		}
	}
	return nil
}

// bucketOf are the bucket and the prefix that an ARN names; false for what is no bucket's.
func bucketOf(arn string) (name, prefix string, ok bool) {
	place, ok := strings.CutPrefix(arn, "arn:aws:s3:::")
	name, prefix, _ = strings.Cut(place, "/")
	return name, strings.Trim(prefix, "/"), ok
}

// hasGroup tells whether there is a log group of an ARN, which the provider gives with ":*" at its end or without.
func hasGroup(c *kind.Call, arn string) (bool, error) {
	groups, err := c.All(cloudwatch.LogGroup)
	return slices.ContainsFunc(groups, func(r account.Resource) bool {
		return strings.TrimSuffix(r.Outputs.String("arn"), ":*") == arn
	}), err
}

// admitted wants a bucket that takes the logs. What delivers them is CloudWatch Logs, as which it is known to the bucket.
func admitted(c *kind.Call) error {
	for _, arn := range c.In.Strings("logDestinationConfigs") {
		name, prefix, ok := bucketOf(arn)
		if !ok {
			continue
		}
		bucket, err := s3.Find(c, name)
		if err != nil || bucket == nil {
			return err
		}
		folder := strings.TrimPrefix(prefix+"/AWSLogs/"+account.ID, "/")
		refused, err := bucket.TakeLogs(c, folder, "WAFLogs/log.gz", c.ARN("logs", "*"))
		if err != nil {
			return err
		}
		if refused != nil {
			return kind.Refuse("WAFLogDestinationPermissionIssueException", "%s (%v)", deniedWords, refused)
		}
	}
	return nil
}
