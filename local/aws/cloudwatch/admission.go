package cloudwatch

import (
	"fmt"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/s3"
)

const (
	admission = "docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-S3.html"

	// ownFolder is what AWS puts in front of the path of a new delivery from CloudFront, unless its destination has a prefix.
	ownFolder = "AWSLogs/{account-id}/CloudFront"
)

// folder is what the names of a new delivery's logs begin with. With Hive's keys it has one, too.
func folder(arn string, hive bool) string {
	_, prefix := bucketOf(arn)
	switch {
	case prefix != "":
		return prefix
	case hive:
		return strings.Replace(ownFolder, "{account-id}", "aws-account-id="+account.ID, 1)
	}
	return strings.Replace(ownFolder, "{account-id}", account.ID, 1)
}

// admitted wants a bucket that takes what is delivered. Where its policy says nothing of it AWS adds a statement, and so
// does this: whoever reads the policy then sees it as changed.
func admitted(c *kind.Call) error {
	to, err := destinationOf(c)
	if err != nil || typeOf(to.String(target)) != toBucket {
		return err
	}
	name, _ := bucketOf(to.String(target))
	path, hive := "", false
	for _, s := range c.In.Objects("s3DeliveryConfigurations") {
		path, hive = s.String("suffixPath"), s.Bool("enableHiveCompatiblePath")
	}
	bucket, err := s3.Find(c, name)
	if err != nil {
		return err
	}
	if bucket == nil {
		return kind.Refuse(missing, "The bucket %s does not exist", name)
	}
	refused, err := bucket.TakeLogs(c, folder(to.String(target), hive), strings.Trim(path, "/")+"/log.gz",
		c.ARN("logs", "delivery-source:"+c.In.String("deliverySourceName")))
	if err == nil && refused != nil {
		err = kind.Refuse(denied, "Access Denied for this Delivery Destination (%v)", refused)
	}
	return err
}

// moved says where logs go after a change of their path: AWS puts its own part in front of it only when it makes a
// delivery (hashicorp/terraform-provider-aws#46328).
func moved(c *kind.Call) error {
	to, err := destinationOf(c)
	if err != nil {
		return err
	}
	path := c.In.All("s3DeliveryConfigurations[].suffixPath")
	name, prefix := bucketOf(to.String(target))
	if len(path) == 1 && prefix == "" && !slices.Equal(path, c.Before.All("s3DeliveryConfigurations[].suffixPath")) {
		say(c, fmt.Sprintf("Bucket %s gets the logs below %v from now on, no longer below %s: AWS adds that to new deliveries only.",
			name, path[0], folder(to.String(target), false)))
	}
	return nil
}

func say(c *kind.Call, line string) {
	if c.Say != nil {
		c.Say(line)
	}
}
