package efs

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/efs"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
)

func backupPolicy() kind.Kind {
	return kind.Kind{
		Type: BackupPolicy, Title: "EFS Backup Policy", Args: efs.BackupPolicyArgs{}, State: efs.BackupPolicy{},
		API:     kind.API{Service: "efs", Create: "PutBackupPolicy", Change: "PutBackupPolicy"},
		Source:  "EFS PutBackupPolicy",
		Replace: []string{"fileSystemId"},
		Rules: []kind.Rule{
			kind.OneOf("backupPolicy.status", "ENABLED", "DISABLED", "ENABLING", "DISABLING").From(provider),
			kind.Reject("backupPolicy.status", "^(ENABLING|DISABLING)$", "is what AWS says, not what it is told").API("ValidationException"),
		},
		Refs:   []kind.Ref{{Path: "fileSystemId", To: FileSystem, Loose: true, Early: early}},
		Create: namedBySystem,
	}
}

func fileSystemPolicy() kind.Kind {
	return kind.Kind{
		Type: Policy, Title: "EFS File System Policy", Args: efs.FileSystemPolicyArgs{}, State: efs.FileSystemPolicy{},
		API:     kind.API{Service: "efs", Create: "PutFileSystemPolicy", Change: "PutFileSystemPolicy", Delete: "DeleteFileSystemPolicy"},
		Source:  "EFS PutFileSystemPolicy",
		Replace: []string{"fileSystemId"},
		Text:    map[string]func(string) string{"policy": kind.CanonicalPolicy},
		Rules: []kind.Rule{
			kind.JSON("policy").From(provider), iam.ResourcePolicy("policy", "InvalidPolicyException"),
			kind.Whole("the owner stays in", func(in account.Props) string {
				if !in.Bool("bypassPolicyLockoutSafetyCheck") && locksOut(in.String("policy")) {
					return "This policy would prevent future FileSystemPolicy updates. Retry the request with the " +
						"BypassPolicyLockoutSafetyCheck parameter to apply this policy."
				}
				return ""
			}, "policy", "bypassPolicyLockoutSafetyCheck").API("InvalidPolicyException").From("terraform-provider-aws#20838"),
		},
		Refs:   []kind.Ref{{Path: "fileSystemId", To: FileSystem, Loose: true, Early: early}},
		Guards: []kind.Guard{{Name: "statements are about the file system", On: kind.Making | kind.Changing, Check: aboutSystem}},
		Create: namedBySystem,
	}
}

// statement is the part of a policy's statement that is looked at.
type statement struct {
	Effect                                 string
	Action, Resource, Principal, Condition any
}

// locksOut tells whether a policy denies everybody, without a condition, to write the next one.
func locksOut(policy string) bool {
	return slices.ContainsFunc(iam.Statements[statement](policy), func(s statement) bool {
		return s.Effect == "Deny" && s.Condition == nil && everybody(s.Principal) &&
			slices.ContainsFunc(iam.Texts(s.Action), func(action string) bool {
				return action == "*" || action == "elasticfilesystem:*" || action == "elasticfilesystem:Put*" ||
					action == "elasticfilesystem:PutFileSystemPolicy"
			})
	})
}

func everybody(principal any) bool {
	if m, ok := principal.(map[string]any); ok {
		principal = m["AWS"]
	}
	return slices.Contains(iam.Texts(principal), "*")
}

// aboutSystem wants a policy to name no other resource.
func aboutSystem(c *kind.Call) error {
	own := c.ARN("elasticfilesystem", "file-system/"+c.In.String("fileSystemId"))
	for _, s := range iam.Statements[statement](c.In.String("policy")) {
		for _, resource := range iam.Texts(s.Resource) {
			if resource != own && !strings.Contains(resource, "*") {
				return kind.Refuse("InvalidPolicyException", "The policy names the resource %s; the file system is %s.", resource, own)
			}
		}
	}
	return nil
}
