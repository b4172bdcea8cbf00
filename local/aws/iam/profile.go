package iam

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const profileNameLength = 128

func instanceProfile() kind.Kind {
	return kind.Kind{
		Type: InstanceProfile, Title: "IAM Instance Profile",
		Args: iam.InstanceProfileArgs{}, State: iam.InstanceProfile{}, Global: true,
		Source: provider + "/instance_profile.go",
		API: kind.API{
			Service: "iam", Create: "CreateInstanceProfile", Delete: "DeleteInstanceProfile",
			More:    []string{"AddRoleToInstanceProfile"},
			Members: map[string]string{"name": "InstanceProfileName", "role": "RoleName"},
		},
		Name:     kind.Name{Property: "name", Prefix: "namePrefix", Max: profileNameLength},
		Replace:  []string{"name", "namePrefix", "path"},
		Defaults: account.Props{"path": "/"},
		Rules:    append(nameRules(profileNameLength), kind.Tags("LimitExceeded", "InvalidInput")...),
		Refs:     []kind.Ref{{Path: "role", To: Role, By: "name", Loose: true}},
		Unique: []kind.Unique{{Property: "name", Taken: kind.Fault{
			Code: "EntityAlreadyExists", Message: "Instance Profile %s already exists.",
		}}},
		NotFound: kind.Fault{Code: "NoSuchEntity", Message: "Instance Profile %s cannot be found."},
		Create: func(c *kind.Call) error {
			c.ID = c.Out.String("name")
			c.Set(identity(c, "instance-profile", "AIPA"))
			c.Set(account.Props{"namePrefix": ""})
			return nil
		},
	}
}
