package ec2

import (
	"encoding/base64"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// instanceProfile is the kind that a launch template gives to its instances.
const instanceProfile = "aws:iam/instanceProfile:InstanceProfile"

func launchTemplate() kind.Kind {
	noProfile := kind.Fault{
		Code: "InvalidParameterValue", Message: "Value (%s) for parameter iamInstanceProfile is invalid. Invalid IAM Instance Profile",
	}
	return kind.Kind{
		Type: LaunchTemplate, Title: "EC2 Launch Template", Args: ec2.LaunchTemplateArgs{}, State: ec2.LaunchTemplate{},
		Name:     kind.Name{Property: "name", Prefix: "namePrefix", Max: 128},
		Replace:  []string{"name", "namePrefix"},
		Sets:     []string{"securityGroupNames", "vpcSecurityGroupIds", "licenseSpecifications"},
		Volatile: []string{"latestVersion", "defaultVersion"},
		Rules: []kind.Rule{
			kind.Length("name", 3, 128), kind.Match("name", `^[\w().\-/]+$`, "must contain only letters, numbers and ( ) . / _ -"),
			kind.Conflict("defaultVersion", "updateDefaultVersion"),
			kind.Conflict("instanceType", "instanceRequirements"),
			kind.Match("instanceType", `^[a-z][a-z0-9-]*\.[a-z0-9-]+$`, "is no instance type").API("InvalidParameterValue"),
			kind.Match("imageId", `^(ami-[0-9a-f]{8,17}|resolve:ssm:.+)$`, "is no image").API("InvalidAMIID.Malformed"),
			kind.OneOf("metadataOptions.httpTokens", "optional", "required"),
			kind.OneOf("metadataOptions.httpEndpoint", "enabled", "disabled"),
			kind.Range("metadataOptions.httpPutResponseHopLimit", 1, 64),
			kind.OneOf("blockDeviceMappings[].ebs.volumeType", "standard", "io1", "io2", "gp2", "gp3", "sc1", "st1"),
			kind.OneOf("tagSpecifications[].resourceType", "instance", "volume", "network-interface", "spot-instances-request",
				"elastic-gpu"),
			{Path: "userData", Code: "InvalidUserData.Malformed", Test: func(v any, _ account.Props) string {
				text, _ := v.(string)
				decoded, err := base64.StdEncoding.DecodeString(text)
				if err != nil {
					return "Invalid BASE64 encoding of user data."
				}
				if len(decoded) > 16*1024 {
					return "User data is limited to 16384 bytes"
				}
				return ""
			}},
		},
		Refs: []kind.Ref{
			{Path: "vpcSecurityGroupIds[]", To: SecurityGroup, Loose: true},
			{Path: "networkInterfaces[].securityGroups[]", To: SecurityGroup, Loose: true},
			{Path: "iamInstanceProfile.name", To: instanceProfile, By: "name", Loose: true, Missing: noProfile},
			{Path: "iamInstanceProfile.arn", To: instanceProfile, By: "arn", Loose: true, Missing: noProfile},
		},
		Unique: []kind.Unique{{Property: "name", Taken: kind.Fault{
			Code: "InvalidLaunchTemplateName.AlreadyExistsException", Message: "Launch template name already in use.",
		}}},
		NotFound: kind.Fault{
			Code: "InvalidLaunchTemplateId.NotFound", Message: "The specified launch template, with template ID %s, does not exist.",
		},
		Create: func(c *kind.Call) error {
			c.ID = "lt-0" + account.NewHex(16)
			c.Set(account.Props{"arn": c.ARN("ec2", "launch-template/"+c.ID), "namePrefix": ""})
			c.Out["latestVersion"], c.Out["defaultVersion"] = 1.0, 1.0
			return nil
		},
		Update: func(c *kind.Call) error {
			if c.BeyondTags(LaunchTemplate) {
				c.Out["latestVersion"] = c.Old.Number("latestVersion") + 1
			}
			c.Out["defaultVersion"] = c.Old.Number("defaultVersion")
			if c.In.Bool("updateDefaultVersion") {
				c.Out["defaultVersion"] = c.Out["latestVersion"]
			} else if c.In.Has("defaultVersion") {
				c.Out["defaultVersion"] = c.In.Number("defaultVersion")
			}
			return nil
		},
	}
}
