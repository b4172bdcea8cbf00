package elb

import (
	"fmt"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/s3"
)

const (
	logging    = guide + "enable-access-logging.html"
	logService = "logdelivery.elasticloadbalancing.amazonaws.com"
)

// logs are the inputs that have the requests, or the connections, of a load balancer written to a bucket, with the name
// of the file by which ELB tries whether it may.
var logs = []struct{ input, what, testFile string }{
	{"accessLogs", "access logs", "ELBAccessLogTestFile"},
	{"connectionLogs", "connection logs", "ELBConnectionLogTestFile"},
}

func logRules() []kind.Rule {
	var rules []kind.Rule
	for _, l := range logs {
		rules = append(rules, kind.Reject(l.input+".prefix", "AWSLogs", "must not include AWSLogs").API("ValidationError").From(logging))
	}
	return rules
}

func logGuards() []kind.Guard {
	var guards []kind.Guard
	for _, l := range logs {
		guards = append(guards, kind.Guard{
			Name: l.what + " may be written", On: kind.Making | kind.Changing, Source: logging, Check: func(c *kind.Call) error {
				return writable(c, c.In.Object(l.input), l.testFile)
			},
		})
	}
	return guards
}

// writable wants a bucket of the region, encrypted by S3 itself if at all, whose policy lets ELB write the test file. What
// ELB says about itself in a condition is not documented: a statement with one does not count.
func writable(c *kind.Call, logs account.Props, testFile string) error {
	if _, known := c.Catalog.Kind(s3.Bucket); !known || !logs.Bool("enabled") {
		return nil
	}
	name := logs.String("bucket")
	bucket, err := s3.Find(c, name)
	if err != nil {
		return err
	}
	if bucket == nil || bucket.Region != c.Region {
		return kind.Refuse("InvalidConfigurationRequest", "S3Bucket: %s is not located in the same region with ELB: %s", name,
			c.Out.String("name"))
	}
	denied := "Access Denied for bucket: " + name + ". Please check S3bucket permission"
	if bucket.KMS {
		return kind.Refuse("InvalidConfigurationRequest", "%s", denied+" (the bucket is encrypted with KMS)")
	}
	key := strings.TrimPrefix(fmt.Sprintf("%s/AWSLogs/%s/%s", strings.Trim(logs.String("prefix"), "/"), account.ID, testFile), "/")
	answer, err := bucket.Lets(c, s3.Delivery{
		Service: logService, Account: logAccounts[c.Region], Action: "s3:PutObject", Key: key,
	})
	if err != nil {
		return err
	}
	if refused := answer.Refused(); refused != nil {
		return kind.Refuse("InvalidConfigurationRequest", "%s", fmt.Sprintf("%s (%v)", denied, refused))
	}
	return nil
}

// logAccounts are the accounts of AWS's that policies of before August 2022 name, by region.
var logAccounts = map[string]string{
	"us-east-1": "127311923021", "us-east-2": "033677994240", "us-west-1": "027434742980", "us-west-2": "797873946194",
	"ap-south-1": "718504428378", "ap-northeast-3": "383597477331", "ap-northeast-2": "600734575887",
	"ap-southeast-1": "114774131450", "ap-southeast-2": "783225319266", "ap-northeast-1": "582318560864",
	"ca-central-1": "985666609251", "eu-central-1": "054676820928", "eu-west-1": "156460612806", "eu-west-2": "652711504416",
	"eu-west-3": "009996457667", "eu-north-1": "897822967062", "sa-east-1": "507241528517",
}
