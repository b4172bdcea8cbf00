package ecs

import (
	"fmt"
	"slices"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/efs"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
)

const (
	// inactive is the class of names of revisions that were deregistered.
	inactive  = "task definition"
	efsVolume = "volumes[].efsVolumeConfiguration"
)

func taskDefinition() kind.Kind {
	badRole := kind.Fault{Code: client, Message: "Role %s is not valid."}
	return kind.Kind{
		Type: TaskDefinition, Title: "ECS Task Definition", Args: ecs.TaskDefinitionArgs{}, State: ecs.TaskDefinition{},
		API:    kind.API{Service: "ecs", Create: "RegisterTaskDefinition", Delete: "DeregisterTaskDefinition"},
		Source: provider + "task_definition.go",
		// A revision never changes: all but these notes makes a new one.
		Replace: []string{
			"containerDefinitions", "cpu", "enableFaultInjection", "ephemeralStorage", "executionRoleArn", "family",
			"inferenceAccelerators", "ipcMode", "memory", "networkMode", "pidMode", "placementConstraints",
			"proxyConfiguration", "requiresCompatibilities", "runtimePlatform", "taskRoleArn", "volumes",
		},
		Sets: []string{"inferenceAccelerators", "placementConstraints", "requiresCompatibilities", "volumes"},
		Text: map[string]func(string) string{"containerDefinitions": canonicalContainers},
		Defaults: account.Props{
			"skipDestroy": false, "trackLatest": false, "volumes.efsVolumeConfiguration.rootDirectory": "/",
		},
		Rules: taskRules(),
		Refs: []kind.Ref{
			{Path: "executionRoleArn", To: iam.Role, By: "arn", Loose: true, Missing: badRole},
			{Path: "taskRoleArn", To: iam.Role, By: "arn", Loose: true, Missing: badRole},
			{Path: efsVolume + ".fileSystemId", To: efs.FileSystem, Loose: true},
			{Path: efsVolume + ".authorizationConfig.accessPointId", To: efs.AccessPoint, Loose: true},
		},
		NotFound: kind.Fault{Code: client, Message: "Unable to describe task definition."},
		Create:   register,
		Delete: func(c *kind.Call) error {
			if c.In.Bool("skipDestroy") {
				return nil
			}
			return c.Tx.Reserve(inactive, c.Region, c.ID, time.Time{})
		},
	}
}

func register(c *kind.Call) error {
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
	// What AWS answers about it from now on.
	c.In = c.In.Copy()
	for name, value := range map[string]string{
		"containerDefinitions": registeredContainers(c.In.String("containerDefinitions"), c.Out.String("networkMode")),
		"cpu":                  units(c.In.String("cpu")),
		"memory":               mebibytes(c.In.String("memory")),
	} {
		if c.In.Has(name) {
			c.In[name], c.Out[name] = value, value
		}
	}
	return nil
}

func taskRules() []kind.Rule {
	const registration = reference + "RegisterTaskDefinition"
	return slices.Concat([]kind.Rule{
		kind.Match("family", nameText, nameHint).Refusing("a b"),
		kind.OneOf("networkMode", "bridge", "host", "awsvpc", "none"),
		kind.OneOf("ipcMode", "host", "none", "task"), kind.OneOf("pidMode", "host", "task"),
		kind.OneOf("requiresCompatibilities[]", "EC2", "FARGATE", "EXTERNAL"),
		kind.OneOf("runtimePlatform.cpuArchitecture", "X86_64", "ARM64"),
		kind.OneOf("runtimePlatform.operatingSystemFamily", "LINUX", "WINDOWS_SERVER_2019_FULL", "WINDOWS_SERVER_2019_CORE",
			"WINDOWS_SERVER_2016_FULL", "WINDOWS_SERVER_2004_CORE", "WINDOWS_SERVER_2022_CORE", "WINDOWS_SERVER_2022_FULL",
			"WINDOWS_SERVER_2025_CORE", "WINDOWS_SERVER_2025_FULL", "WINDOWS_SERVER_20H2_CORE"),
		kind.ARN("executionRoleArn"), kind.ARN("taskRoleArn"),
		kind.OneOf("placementConstraints[].type", "memberOf"),
		kind.Count("placementConstraints", 0, 10).Refusing(slices.Repeat([]any{map[string]any{"type": "memberOf"}}, 11)),
		kind.Range("ephemeralStorage.sizeInGib", 21, 200),
		kind.JSON("containerDefinitions"),
		kind.OneOf(efsVolume+".transitEncryption", enabled, "DISABLED"),
		kind.OneOf(efsVolume+".authorizationConfig.iam", enabled, "DISABLED"),
		kind.Range(efsVolume+".transitEncryptionPort", 0, 65535),
		{
			Name: "names of volumes", Source: reference + "Volume", Path: "volumes", Code: client,
			Bad: []any{map[string]any{"name": "a b"}}, Test: checkVolumeNames,
		},
		{
			Name: "encryption of EFS in transit", Source: reference + "EFSAuthorizationConfig", Path: efsVolume, Code: client,
			Bad: map[string]any{"fileSystemId": "fs-1", "authorizationConfig": map[string]any{"iam": enabled}}, Test: checkTransit,
		},
		{
			Name: "root directory with an access point", Source: reference + "EFSVolumeConfiguration", Path: efsVolume, Code: client,
			Bad: map[string]any{
				"fileSystemId": "fs-1", "rootDirectory": "/site", "transitEncryption": enabled,
				"authorizationConfig": map[string]any{"accessPointId": "fsap-1"},
			},
			Test: checkRoot,
		},
	}, memberRules(), containerRules(), []kind.Rule{
		{Name: "cpu", Source: registration, Path: "cpu", Code: client, Bad: "64", Test: checkCPU},
		{Name: "memory", Source: registration, Path: "memory", Code: client, Bad: "much", Test: checkTaskMemory},
		kind.Whole("sizes of Fargate", checkFargateSize, "requiresCompatibilities", "cpu", "memory").API(client).From(registration),
		kind.Whole("network of Fargate", func(in account.Props) string {
			if onFargate(in) && in.String("networkMode") != "awsvpc" {
				return "Fargate only supports network mode ‘awsvpc’."
			}
			return ""
		}, "requiresCompatibilities", "networkMode").API(client).From(registration),
	}, kind.Tags(client, client))
}

func onFargate(in account.Props) bool {
	return slices.Contains(in.Strings("requiresCompatibilities"), "FARGATE")
}

func checkVolumeNames(v any, _ account.Props) string {
	list, _ := v.([]any)
	seen := map[string]bool{}
	for _, element := range list {
		m, _ := element.(map[string]any)
		name := account.Props(m).String("name")
		switch {
		case !nameForm.MatchString(name):
			return "Volume.name contains invalid characters."
		case seen[name]:
			return fmt.Sprintf("Volume names must be unique: %s", name)
		}
		seen[name] = true
	}
	return ""
}

func checkTransit(v any, _ account.Props) string {
	m, _ := v.(map[string]any)
	volume := account.Props(m)
	guarded := volume.Has("authorizationConfig.accessPointId") || volume.String("authorizationConfig.iam") == enabled
	if guarded && volume.String("transitEncryption") != enabled {
		return "Transit encryption must be enabled for EFS volumes that use an access point or IAM authorization."
	}
	return ""
}

func checkRoot(v any, _ account.Props) string {
	m, _ := v.(map[string]any)
	volume := account.Props(m)
	if root := volume.String("rootDirectory"); volume.Has("authorizationConfig.accessPointId") && root != "" && root != "/" {
		return "Root directory must be omitted or set to '/' when an EFS access point is used."
	}
	return ""
}
