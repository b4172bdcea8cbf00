package cloudfront

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const mostAccessControls = 100

func originAccessControl() kind.Kind {
	return kind.Kind{
		Type: OriginAccessControl, Title: "CloudFront Origin Access Control", Args: cloudfront.OriginAccessControlArgs{},
		State: cloudfront.OriginAccessControl{}, Global: true, Source: terraform + "origin_access_control.go",
		API: originAccessControlAPI(), Volatile: []string{"etag"},
		Name:     kind.Name{Property: "name", Max: 64},
		Defaults: account.Props{"description": "Managed by Pulumi"},
		Rules: []kind.Rule{
			kind.Length("name", 1, 64), kind.Length("description", 0, 256),
			kind.OneOf("originAccessControlOriginType", "lambda", "mediapackagev2", "mediastore", "s3"),
			kind.OneOf("signingBehavior", "always", "never", "no-override"),
			kind.OneOf("signingProtocol", "sigv4"),
		},
		Guards: []kind.Guard{kind.Quota("origin access controls per account", mostAccessControls, kind.Fault{
			Code:    "TooManyOriginAccessControls",
			Message: "The number of origin access controls in your AWS account exceeds the maximum allowed.",
		}, kind.Alike(OriginAccessControl)).From(quotas)},
		Unique: []kind.Unique{{Property: "name", Source: model + "OriginAccessControlAlreadyExists", Taken: kind.Fault{
			Code: "OriginAccessControlAlreadyExists", Message: "An origin access control with the same name already exists.",
		}}},
		NotFound: kind.Fault{Code: "NoSuchOriginAccessControl", Message: "The origin access control does not exist."},
		InUse: kind.Fault{
			Code:    "OriginAccessControlInUse",
			Message: "Cannot delete the origin access control because it's in use by one or more distributions.",
		},
		Create: func(c *kind.Call) error {
			c.ID = letters()
			c.Set(account.Props{"arn": c.GlobalARN("cloudfront", "origin-access-control/"+c.ID)})
			return tagged(c)
		},
		Update: tagged,
	}
}
