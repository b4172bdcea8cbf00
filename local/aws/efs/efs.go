// Package efs is Amazon EFS: file systems, their mount targets, access points and
// policies.
package efs

import (
	"wordpress-ecs/local/aws/kind"
)

// Tokens by which other services refer to what is declared here.
const (
	FileSystem   = "aws:efs/fileSystem:FileSystem"
	MountTarget  = "aws:efs/mountTarget:MountTarget"
	AccessPoint  = "aws:efs/accessPoint:AccessPoint"
	BackupPolicy = "aws:efs/backupPolicy:BackupPolicy"
	Policy       = "aws:efs/fileSystemPolicy:FileSystemPolicy"
)

// Where rules are from.
const (
	quotas   = "EFS user guide, Quotas"
	provider = "terraform-provider-aws internal/service/efs"
)

// Service declares the kinds of this package.
func Service() kind.Service {
	return kind.Service{Kinds: []kind.Kind{fileSystem(), mountTarget(), accessPoint(), backupPolicy(), fileSystemPolicy()}}
}

// early is AWS's answer to a request about a file system that is still being made.
var early = kind.Fault{
	Code: "IncorrectFileSystemLifeCycleState", Message: "File system '%s' is not in the 'available' life cycle state.",
}

// namedBySystem is for what a file system has one of: it is known by its id.
func namedBySystem(c *kind.Call) error {
	c.ID = c.In.String("fileSystemId")
	return nil
}
