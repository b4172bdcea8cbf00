package ec2

import (
	"encoding/base64"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	// instanceProfile is the kind that a launch template gives to its instances.
	instanceProfile = "aws:iam/instanceProfile:InstanceProfile"

	mostTemplates    = 5000
	mostUserData     = 16 * 1024
	templateGuide    = "docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-launch-templates.html"
	templateProvider = terraform + "ec2_launch_template.go"
)

func launchTemplate() kind.Kind {
	noProfile := kind.Fault{
		Code: "InvalidParameterValue", Message: "Value (%s) for parameter iamInstanceProfile is invalid. Invalid IAM Instance Profile",
	}
	return kind.Kind{
		Type: LaunchTemplate, Title: "EC2 Launch Template", Args: ec2.LaunchTemplateArgs{}, State: ec2.LaunchTemplate{},
		API:      templateAPI(),
		Source:   templateProvider,
		Name:     kind.Name{Property: "name", Prefix: "namePrefix", Max: 128},
		Replace:  []string{"name", "namePrefix"},
		Sets:     []string{"securityGroupNames", "vpcSecurityGroupIds", "licenseSpecifications"},
		Volatile: []string{"latestVersion", "defaultVersion"},
		Rules:    append(append(tags(), templateRules()...), storageRules()...),
		Refs: []kind.Ref{
			{Path: "vpcSecurityGroupIds[]", To: SecurityGroup, Loose: true, Source: errorCodes},
			{Path: "networkInterfaces[].securityGroups[]", To: SecurityGroup, Loose: true, Source: errorCodes},
			{Path: "networkInterfaces[].subnetId", To: Subnet, Loose: true, Source: errorCodes},
			{Path: "iamInstanceProfile.name", To: instanceProfile, By: "name", Loose: true, Missing: noProfile, Source: errorCodes},
			{Path: "iamInstanceProfile.arn", To: instanceProfile, By: "arn", Loose: true, Missing: noProfile, Source: errorCodes},
		},
		Guards: []kind.Guard{
			kind.Quota("launch templates per region", mostTemplates, kind.Fault{
				Code: "LaunchTemplateLimitExceeded", Message: "The maximum number of launch templates has been reached.",
			}, kind.Alike(LaunchTemplate)).From(templateGuide),
			{Name: "the default version exists", On: kind.Making | kind.Changing, Source: errorCodes, Check: versionExists},
		},
		Unique: []kind.Unique{{Property: "name", Source: errorCodes, Taken: kind.Fault{
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
			c.Out["latestVersion"], c.Out["defaultVersion"] = latest(c), c.Old.Number("defaultVersion")
			if c.In.Bool("updateDefaultVersion") {
				c.Out["defaultVersion"] = c.Out["latestVersion"]
			} else if c.In.Has("defaultVersion") {
				c.Out["defaultVersion"] = c.In.Number("defaultVersion")
			}
			return nil
		},
	}
}

// latest is the newest version after a call.
func latest(c *kind.Call) float64 {
	if c.Old == nil {
		return 1
	}
	if c.BeyondTags(LaunchTemplate) {
		return c.Old.Number("latestVersion") + 1
	}
	return c.Old.Number("latestVersion")
}

func versionExists(c *kind.Call) error {
	asked := c.In.Number("defaultVersion")
	if !c.In.Has("defaultVersion") || (asked >= 1 && asked <= latest(c)) {
		return nil
	}
	return kind.Refuse("InvalidLaunchTemplateId.VersionNotFound",
		"Could not find the specified version %v for the launch template with ID %s.", asked, c.ID)
}

func templateRules() []kind.Rule {
	return []kind.Rule{
		kind.Length("name", 3, 128), kind.Match("name", `^[\w().\-/]+$`, "must contain only letters, numbers and ( ) . / _ -"),
		kind.Length("namePrefix", 3, 99), kind.Conflict("name", "namePrefix"),
		kind.Conflict("defaultVersion", "updateDefaultVersion"),
		kind.Conflict("instanceType", "instanceRequirements"),
		kind.Conflict("securityGroupNames", "vpcSecurityGroupIds"),
		kind.Conflict("iamInstanceProfile.name", "iamInstanceProfile.arn"),
		kind.Length("description", 0, 255),
		kind.Match("instanceType", `^[a-z][a-z0-9-]*\.[a-z0-9-]+$`, "is no instance type").API("InvalidParameterValue").From(errorCodes),
		kind.Match("imageId", `^(ami-[0-9a-f]{8,17}|resolve:ssm:.+)$`, "is no image").API("InvalidAMIID.Malformed").From(errorCodes),
		kind.OneOf("ebsOptimized", "", "true", "false"),
		kind.OneOf("instanceInitiatedShutdownBehavior", "stop", "terminate"),
		kind.OneOf("instanceMarketOptions.marketType", "spot", "capacity-block"),
		kind.OneOf("creditSpecification.cpuCredits", "standard", "unlimited"),
		kind.OneOf("metadataOptions.httpTokens", "optional", "required"),
		kind.OneOf("metadataOptions.httpEndpoint", "enabled", "disabled"),
		kind.OneOf("metadataOptions.httpProtocolIpv6", "enabled", "disabled"),
		kind.OneOf("metadataOptions.instanceMetadataTags", "enabled", "disabled"),
		kind.Range("metadataOptions.httpPutResponseHopLimit", 1, 64),
		kind.OneOf("networkInterfaces[].associatePublicIpAddress", "", "true", "false"),
		kind.OneOf("networkInterfaces[].deleteOnTermination", "", "true", "false"),
		kind.OneOf("tagSpecifications[].resourceType", "instance", "volume", "network-interface", "spot-instances-request",
			"elastic-gpu"),
		{
			Name: "encoding of userData", Path: "userData", Bad: "#!/bin/sh", Code: "InvalidUserData.Malformed", Source: errorCodes,
			Test: func(v any, _ account.Props) string {
				text, _ := v.(string)
				if _, err := base64.StdEncoding.DecodeString(text); err != nil {
					return "Invalid BASE64 encoding of user data."
				}
				return ""
			},
		},
		{
			Name: "size of userData", Path: "userData", Bad: base64.StdEncoding.EncodeToString(make([]byte, mostUserData+1)),
			Code: "InvalidUserData.Malformed", Source: "docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html",
			Test: func(v any, _ account.Props) string {
				text, _ := v.(string)
				if decoded, err := base64.StdEncoding.DecodeString(text); err == nil && len(decoded) > mostUserData {
					return fmt.Sprintf("User data is limited to %d bytes", mostUserData)
				}
				return ""
			},
		},
		kind.Whole("tags of instances once per type", func(in account.Props) string {
			seen := map[string]bool{}
			for _, s := range in.Objects("tagSpecifications") {
				typ := s.String("resourceType")
				if seen[typ] {
					return fmt.Sprintf("Duplicate resource type '%s' in tag specifications", typ)
				}
				seen[typ] = true
			}
			return ""
		}, "tagSpecifications").API("InvalidParameterValue").From(errorCodes),
	}
}

// volume is what a type of volume can have. No figure means that it cannot be set.
type volume struct{ least, most, leastIops, mostIops, mostThroughput float64 }

// volumes are EBS's own limits.
var volumes = map[string]volume{
	"gp2": {least: 1, most: 16384}, "gp3": {1, 16384, 3000, 16000, 1000},
	"io1": {4, 16384, 100, 64000, 0}, "io2": {4, 65536, 100, 256000, 0},
	"st1": {least: 125, most: 16384}, "sc1": {least: 125, most: 16384}, "standard": {least: 1, most: 1024},
}

func storageRules() []kind.Rule {
	const source = "docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html"
	const ebs = "blockDeviceMappings[].ebs."
	return []kind.Rule{
		kind.OneOf(ebs+"volumeType", "standard", "io1", "io2", "gp2", "gp3", "sc1", "st1"),
		kind.Range(ebs+"throughput", 125, 1000),
		kind.OneOf(ebs+"encrypted", "", "true", "false"), kind.OneOf(ebs+"deleteOnTermination", "", "true", "false"),
		kind.Whole("volumes fit their type", oddVolume, "blockDeviceMappings").API("InvalidParameterValue").From(source),
		kind.Whole("encryption of volumes", func(in account.Props) string {
			for _, m := range in.Objects("blockDeviceMappings") {
				if disk := m.Object("ebs"); disk.Has("kmsKeyId") && disk.String("encrypted") == "false" {
					return "The parameter KmsKeyId requires the parameter Encrypted to be set."
				}
			}
			return ""
		}, "blockDeviceMappings").API("InvalidParameterDependency").From(errorCodes),
	}
}

// oddVolume finds a volume that its type does not allow.
func oddVolume(in account.Props) string {
	for _, m := range in.Objects("blockDeviceMappings") {
		disk := m.Object("ebs")
		typ := disk.String("volumeType")
		limit, known := volumes[typ]
		if !known {
			continue
		}
		size, iops := disk.Number("volumeSize"), disk.Number("iops")
		switch {
		case disk.Has("volumeSize") && (size < limit.least || size > limit.most):
			return fmt.Sprintf("Volume of %vGiB is outside the range of %v-%vGiB for volume type %s", size, limit.least, limit.most, typ)
		case disk.Has("iops") && limit.mostIops == 0:
			return fmt.Sprintf("The parameter iops is not supported for %s volumes.", typ)
		case disk.Has("iops") && (iops < limit.leastIops || iops > limit.mostIops):
			return fmt.Sprintf("Volume iops of %v is outside the range of %v-%v for volume type %s", iops, limit.leastIops, limit.mostIops, typ)
		case disk.Has("throughput") && limit.mostThroughput == 0:
			return fmt.Sprintf("The parameter throughput is not supported for %s volumes.", typ)
		}
	}
	return ""
}
