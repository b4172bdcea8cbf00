package ecs_test

import (
	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ecs"
	"wordpress-ecs/local/aws/kind/cases"
)

func task(rule, says string, refused, accepted account.Props) cases.Case {
	c := cases.Case{Type: ecs.TaskDefinition, Rule: rule, Refused: cases.Make(refused), Says: says}
	if accepted != nil {
		c.Accepted = cases.Make(accepted)
	}
	return c
}

// defined is one container with further members.
func defined(members string) account.Props {
	return account.Props{"containerDefinitions": `[{"name":"web","image":"nginx:1","memory":256,` + members + `}]`}
}

// and adds inputs to inputs.
func and(in account.Props, more account.Props) account.Props {
	both := in.Copy()
	for name, v := range more {
		both[name] = v
	}
	return both
}

// taskCases are those where the rest of the inputs matters, too.
func taskCases() []cases.Case {
	const secret = `"secrets":[{"name":"A","valueFrom":"arn:aws:secretsmanager:eu-central-1:123456789012:secret:a"}]`
	bare := account.Props{"containerDefinitions": `[{"name":"web","image":"nginx:1"}]`}
	fargate := account.Props{
		"requiresCompatibilities": []any{"FARGATE"}, "cpu": "256", "memory": "512", "ipcMode": nil, "placementConstraints": nil,
	}
	return []cases.Case{
		task("memory of the task or of its containers", "At least one of 'memory' or 'memoryReservation'", and(bare, account.Props{"memory": nil}), bare),
		task("cpu of the containers within that of the task", "exceeds that of the task", defined(`"cpu":513`), defined(`"cpu":512`)),
		task("memory of the containers within that of the task", "is greater than for the task",
			account.Props{"memory": "128"}, account.Props{"memory": "0.5 GB"}),
		task("host ports with awsvpc", "must match", defined(`"portMappings":[{"containerPort":80,"hostPort":8080}]`),
			and(defined(`"portMappings":[{"containerPort":80,"hostPort":8080}]`), account.Props{"networkMode": "bridge"})),
		task("ports are used once", "is used by more than one port mapping", defined(`"portMappings":[{"containerPort":80},{"containerPort":80}]`),
			defined(`"portMappings":[{"containerPort":80},{"containerPort":80,"protocol":"udp"}]`)),
		task("not with awsvpc", "Links are not supported when networkMode=awsvpc.", defined(`"links":["database"]`),
			and(defined(`"links":["database"]`), account.Props{"networkMode": "bridge"})),
		task("secrets need an execution role", "'executionRoleArn'", and(defined(secret), account.Props{"executionRoleArn": nil}), defined(secret)),
		task("volumes of mount points", "Unknown volume 'uploads'.", defined(`"mountPoints":[{"sourceVolume":"uploads"}]`),
			defined(`"mountPoints":[{"sourceVolume":"content"}]`)),
		task("timeouts", "on Fargate it must be between 2 and 120", and(fargate, defined(`"stopTimeout":300`)), defined(`"stopTimeout":300`)),
		task("not on Fargate", "do not support privileged containers", and(fargate, defined(`"privileged":true`)), defined(`"privileged":true`)),
		task("64 KiB", "Max allowed length is '65536' bytes.", defined(`"environment":[{"name":"A","value":"`+string(make64KiB())+`"}]`), nil),
		task("sizes of Fargate", "No Fargate configuration exists for given values.", and(fargate, account.Props{"memory": "4096"}), fargate),
		task("network of Fargate", "Fargate only supports network mode", and(fargate, account.Props{"networkMode": "bridge"}), fargate),
	}
}

func make64KiB() []byte {
	text := make([]byte, 64*1024)
	for i := range text {
		text[i] = 'a'
	}
	return text
}
