package efs

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/efs"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

func accessPoint() kind.Kind {
	return kind.Kind{
		Type: AccessPoint, Title: "EFS Access Point", Args: efs.AccessPointArgs{}, State: efs.AccessPoint{},
		API:     kind.API{Service: "efs", Create: "CreateAccessPoint", Delete: "DeleteAccessPoint"},
		Source:  "EFS CreateAccessPoint",
		Replace: []string{"fileSystemId", "posixUser", "rootDirectory"},
		Sets:    []string{"posixUser.secondaryGids"},
		Rules: []kind.Rule{
			kind.Match("rootDirectory.path", `^(/|(/[^/$#<>;`+"`"+`|&?{}^*'"\t\n]+){1,4})$`,
				"must be a path of up to four directories").API("BadRequest"),
			kind.Whole("a directory is created or is the root", func(in account.Props) string {
				path := in.String("rootDirectory.path")
				if path != "" && path != "/" && !in.Has("rootDirectory.creationInfo") {
					return "rootDirectory.creationInfo is required, or the directory does not exist and every mount fails"
				}
				return ""
			}, "rootDirectory").API("BadRequest"),
		},
		// Access points go with their file system.
		Refs: []kind.Ref{{Path: "fileSystemId", To: FileSystem, Loose: true, Early: early}},
		Guards: []kind.Guard{
			kind.Quota("access points per file system", 10000, kind.Fault{
				Code: "AccessPointLimitExceeded", Message: "You have reached the maximum number of access points for the file system: 10000",
			}, kind.Alike(AccessPoint, "fileSystemId")).From(quotas),
		},
		NotFound: kind.Fault{Code: "AccessPointNotFound", Message: "Access point %s does not exist."},
		Create: func(c *kind.Call) error {
			c.ID = account.NewID("fsap")
			c.Set(account.Props{
				"arn":           c.ARN("elasticfilesystem", "access-point/"+c.ID),
				"fileSystemArn": c.ARN("elasticfilesystem", "file-system/"+c.In.String("fileSystemId")),
				"ownerId":       account.ID, "rootDirectory": map[string]any{"path": "/"},
			})
			return nil
		},
	}
}
