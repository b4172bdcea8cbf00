package s3

import (
	"fmt"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	logService = "delivery.logs.amazonaws.com"
	fullACL    = "bucket-owner-full-control"
)

// TakeLogs has the bucket take the logs that AWS delivers into a folder, such as a file, for a source. Where its policy
// does not let them in AWS adds a statement, and so does this: whoever reads the policy then sees it as changed. It
// returns why the policy refuses them all the same; nil when it does not.
func (p *Place) TakeLogs(c *kind.Call, folder, file, source string) (refused, err error) {
	write := Delivery{Service: logService, Action: "s3:PutObject", Key: folder + "/" + file, Context: map[string]string{
		"aws:SourceAccount": account.ID, "aws:SourceArn": source, "s3:x-amz-acl": fullACL,
	}}
	if answer, err := p.Lets(c, write); err != nil || answer.Allowed {
		return nil, err
	}
	if err := p.Admit(c, "AWSLogDeliveryWrite", map[string]any{
		"Effect": "Allow", "Principal": map[string]any{"Service": logService}, "Action": write.Action,
		"Resource": "arn:aws:s3:::" + p.Name + "/" + folder + "/*",
		"Condition": map[string]any{
			"StringEquals": map[string]any{"aws:SourceAccount": account.ID, "s3:x-amz-acl": fullACL},
			"ArnLike":      map[string]any{"aws:SourceArn": source},
		},
	}); err != nil {
		return nil, err
	}
	answer, err := p.Lets(c, write)
	if err != nil || !answer.Allowed {
		return answer.Refused(), err
	}
	if c.Say != nil {
		c.Say(fmt.Sprintf("The policy of bucket %s did not let %s write: a statement was added, as AWS does. "+
			"The next refresh shows it as a change; write it into the program.", p.Name, logService))
	}
	return nil, nil
}
