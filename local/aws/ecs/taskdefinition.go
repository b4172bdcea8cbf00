package ecs

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/efs"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
)

func taskDefinition() kind.Kind {
	badRole := kind.Fault{Code: "ClientException", Message: "Role %s is not valid."}
	return kind.Kind{
		Type: TaskDefinition, Title: "ECS Task Definition", Args: ecs.TaskDefinitionArgs{}, State: ecs.TaskDefinition{},
		// A revision never changes: all but these notes makes a new one.
		Replace: []string{
			"containerDefinitions", "cpu", "enableFaultInjection", "ephemeralStorage", "executionRoleArn", "family",
			"inferenceAccelerators", "ipcMode", "memory", "networkMode", "pidMode", "placementConstraints",
			"proxyConfiguration", "requiresCompatibilities", "runtimePlatform", "taskRoleArn", "volumes",
		},
		Sets:     []string{"inferenceAccelerators", "placementConstraints", "requiresCompatibilities", "volumes"},
		Text:     map[string]func(string) string{"containerDefinitions": canonicalContainers},
		Defaults: account.Props{"skipDestroy": false, "trackLatest": false},
		Rules:    taskRules(),
		Refs: []kind.Ref{
			{Path: "executionRoleArn", To: iam.Role, By: "arn", Loose: true, Missing: badRole},
			{Path: "taskRoleArn", To: iam.Role, By: "arn", Loose: true, Missing: badRole},
			{Path: "volumes[].efsVolumeConfiguration.fileSystemId", To: efs.FileSystem, Loose: true},
			{Path: "volumes[].efsVolumeConfiguration.authorizationConfig.accessPointId", To: efs.AccessPoint, Loose: true},
		},
		NotFound: kind.Fault{Code: "ClientException", Message: "Unable to describe task definition."},
		Create: func(c *kind.Call) error {
			family := c.In.String("family")
			revision, err := c.Tx.Next("task definition", c.Region, family)
			if err != nil {
				return err
			}
			// The real provider calls every revision of a family by the family; here the
			// id tells them apart, so that two of them can exist side by side.
			c.ID = fmt.Sprintf("%s:%d", family, revision)
			c.Set(account.Props{
				"arn": c.ARN("ecs", "task-definition/"+c.ID), "arnWithoutRevision": c.ARN("ecs", "task-definition/"+family),
				"revision": float64(revision), "networkMode": "bridge", "enableFaultInjection": false,
			})
			return nil
		},
	}
}

func taskRules() []kind.Rule {
	const api = "ClientException"
	efsVolume := "volumes[].efsVolumeConfiguration"
	return []kind.Rule{
		kind.Match("family", nameText, nameHint),
		kind.OneOf("networkMode", "bridge", "host", "awsvpc", "none"),
		kind.OneOf("ipcMode", "host", "none", "task"), kind.OneOf("pidMode", "host", "task"),
		kind.OneOf("requiresCompatibilities[]", "EC2", "FARGATE", "EXTERNAL"),
		kind.OneOf("runtimePlatform.cpuArchitecture", "X86_64", "ARM64"),
		kind.JSON("containerDefinitions"),
		kind.OneOf(efsVolume+".transitEncryption", "ENABLED", "DISABLED"),
		kind.OneOf(efsVolume+".authorizationConfig.iam", "ENABLED", "DISABLED"),
		{Path: efsVolume, Code: api, Test: efsRule},
		kind.Whole(checkFields, "containerDefinitions"),
		kind.Whole(checkContainers, "containerDefinitions", "cpu", "memory", "networkMode", "volumes",
			"executionRoleArn", "requiresCompatibilities").API(api),
	}
}

func efsRule(v any, _ account.Props) string {
	m, _ := v.(map[string]any)
	volume := account.Props(m)
	guarded := volume.Has("authorizationConfig.accessPointId") || volume.String("authorizationConfig.iam") == "ENABLED"
	switch {
	case guarded && volume.String("transitEncryption") != "ENABLED":
		return "Transit encryption must be enabled for EFS volumes that use an access point or IAM authorization."
	case volume.Has("authorizationConfig.accessPointId") && volume.Has("rootDirectory") &&
		volume.String("rootDirectory") != "/":
		return "Root directory must be omitted or set to '/' when an EFS access point is used."
	}
	return ""
}
