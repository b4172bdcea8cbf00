package service

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"wordpress-ecs/policy"
)

const taskService = "ecs-tasks.amazonaws.com"

// roles are the two roles of a task and what they may do.
type roles struct {
	// execution is ECS's own, to start a task: pull, read secrets, write logs.
	execution *iam.Role
	// task is WordPress's: mount the shared files, and carry ECS Exec sessions.
	task     *iam.Role
	policies []pulumi.Resource
}

func (b *builder) roles(logs *logGroups) (*roles, error) {
	stores := b.args.Stores
	arns := []pulumi.StringInput{
		b.args.RepositoryARN, logs.nginx.Arn, logs.php.Arn,
		stores.DatabaseSecretARN, stores.CacheSecretARN, stores.KeysSecretARN, stores.AdminSecretARN,
	}
	if mail := b.args.Site.Mail.SecretARN; mail != "" {
		arns = append(arns, pulumi.String(mail))
	}
	if b.args.Edge.BasicAuthUser != "" {
		arns = append(arns, b.args.Edge.BasicAuthSecretARN)
	}
	execution, executionPolicy, err := b.role("execution", policy.Of(executionStatements, arns...))
	if err != nil {
		return nil, err
	}
	task, taskPolicy, err := b.role("task", b.taskPolicy())
	if err != nil {
		return nil, err
	}
	return &roles{
		execution: execution, task: task, policies: []pulumi.Resource{executionPolicy, taskPolicy},
	}, nil
}

func (b *builder) role(part string, document pulumi.StringInput) (*iam.Role, *iam.RolePolicy, error) {
	role, err := iam.NewRole(b.ctx, b.name+"-"+part, &iam.RoleArgs{
		AssumeRolePolicy: policy.Trust(taskService),
	}, pulumi.Parent(b.service))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", part, err)
	}
	rolePolicy, err := iam.NewRolePolicy(b.ctx, b.name+"-"+part, &iam.RolePolicyArgs{
		Role: role.Name, Policy: document,
	}, pulumi.Parent(b.service))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", part, err)
	}
	return role, rolePolicy, nil
}

// executionStatements takes the repository's ARN, which may be empty, the two log groups' and the secrets'.
func executionStatements(arns []string) []policy.Statement {
	repository, groups, secrets := arns[0], arns[1:3], arns[3:]
	statements := []policy.Statement{{
		Sid:      "Logs",
		Effect:   policy.Allow,
		Action:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
		Resource: []string{groups[0] + ":*", groups[1] + ":*"},
	}, {
		Sid:      "Secrets",
		Effect:   policy.Allow,
		Action:   []string{"secretsmanager:GetSecretValue"},
		Resource: secrets,
	}}
	if repository == "" {
		return statements
	}
	return append(statements, policy.Statement{
		Sid:      "Pull",
		Effect:   policy.Allow,
		Action:   []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"},
		Resource: []string{repository},
	}, policy.Statement{
		// Logging in to the registry is not tied to a repository: AWS knows no resource for it.
		Sid:      "Login",
		Effect:   policy.Allow,
		Action:   []string{"ecr:GetAuthorizationToken"},
		Resource: []string{"*"},
	})
}

// taskPolicy is what WordPress may do.
func (b *builder) taskPolicy() pulumi.StringOutput {
	stores, edge := b.args.Stores, b.args.Edge
	arns := []pulumi.StringInput{stores.FileSystemARN, stores.AccessPointARN, b.args.Cluster.ExecLogGroupARN}
	var further []func(arn string) policy.Statement
	if edge.CDN != nil {
		arns, further = append(arns, edge.CDN.ARN), append(further, invalidation)
	}
	if edge.Media != nil {
		arns, further = append(arns, edge.Media.ARN), append(further, uploading)
	}
	return policy.Of(func(known []string) []policy.Statement {
		statements := taskStatements(known[:3])
		for i, statement := range further {
			statements = append(statements, statement(known[3+i]))
		}
		return statements
	}, arns...)
}

// invalidation lets WordPress tell the CDN that pages have changed.
func invalidation(distribution string) policy.Statement {
	return policy.Statement{
		Sid: "Invalidate", Effect: policy.Allow, Action: []string{"cloudfront:CreateInvalidation"}, Resource: []string{distribution},
	}
}

// uploading lets WordPress copy its media library, and nothing else, to a bucket.
func uploading(bucket string) policy.Statement {
	return policy.Statement{
		Sid: "Media", Effect: policy.Allow, Action: []string{"s3:PutObject", "s3:DeleteObject"},
		Resource: []string{bucket + "/wp-content/uploads/*"},
	}
}

// taskStatements takes the ARNs of the file system, of its access point and of the log group of ECS Exec.
func taskStatements(arns []string) []policy.Statement {
	fileSystem, accessPoint, execLog := arns[0], arns[1], arns[2]
	return []policy.Statement{{
		Sid:       "Files",
		Effect:    policy.Allow,
		Action:    []string{"elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"},
		Resource:  []string{fileSystem},
		Condition: policy.Condition{"StringEquals": {"elasticfilesystem:AccessPointArn": accessPoint}},
	}, {
		// The channels of a Session Manager session have no ARN before it exists.
		Sid:    "Exec",
		Effect: policy.Allow,
		Action: []string{
			"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
			"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
		},
		Resource: []string{"*"},
	}, {
		Sid:      "ExecLogGroups",
		Effect:   policy.Allow,
		Action:   []string{"logs:DescribeLogGroups"},
		Resource: []string{"*"},
	}, {
		Sid:      "ExecLog",
		Effect:   policy.Allow,
		Action:   []string{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"},
		Resource: []string{execLog + ":*"},
	}}
}
