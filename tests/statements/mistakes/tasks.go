package main

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/efs"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"wordpress-ecs/policy"
)

func taskPrograms() map[string]program {
	return map[string]program{
		"targets": targets, "health": health, "files": files, "exec": exec, "owner": owner, "environment": environment,
		"draining": draining, "grace": grace, "setup": setup, "salts": salts, "roles": roles,
	}
}

const (
	someImage = "public.ecr.aws/nginx/nginx@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	webPort   = 8080
	// worker is the user that containers run as.
	worker = 33
)

// container is a container definition that serves requests, with what a mistake changes in it.
func container(changes pulumi.Map) pulumi.Map {
	c := pulumi.Map{
		"name": pulumi.String("web"), "image": pulumi.String(someImage), "memory": pulumi.Int(128),
		"essential": pulumi.Bool(true), "user": pulumi.Sprintf("%d:%d", worker, worker),
		"portMappings": pulumi.Array{pulumi.Map{
			"containerPort": pulumi.Int(webPort), "hostPort": pulumi.Int(webPort), "protocol": pulumi.String("tcp"),
		}},
	}
	for key, value := range changes {
		c[key] = value
	}
	return c
}

func task(ctx *pulumi.Context, change func(*ecs.TaskDefinitionArgs), containers ...pulumi.Input) *ecs.TaskDefinition {
	args := &ecs.TaskDefinitionArgs{
		Family: pulumi.String("web"), NetworkMode: pulumi.String("awsvpc"),
		RequiresCompatibilities: pulumi.StringArray{pulumi.String("EC2")},
		ContainerDefinitions:    pulumi.JSONMarshal(pulumi.Array(containers)),
	}
	if change != nil {
		change(args)
	}
	return must(ecs.NewTaskDefinition(ctx, "web", args))
}

// plainTask is a task of one container.
func plainTask(ctx *pulumi.Context) *ecs.TaskDefinition { return task(ctx, nil, container(nil)) }

// door is a load balancer inside of the place with its targets.
type door struct {
	targets  *lb.TargetGroup
	listener *lb.Listener
}

func (p *place) door(change func(*lb.TargetGroupArgs)) door {
	balancer := must(lb.NewLoadBalancer(p.ctx, "web", &lb.LoadBalancerArgs{
		Internal: pulumi.Bool(true), Subnets: p.subnetIDs(),
	}))
	args := &lb.TargetGroupArgs{
		VpcId: p.vpc.ID(), TargetType: pulumi.String("ip"), Protocol: pulumi.String("HTTP"), Port: pulumi.Int(webPort),
		DeregistrationDelay: pulumi.Int(30),
		HealthCheck: lb.TargetGroupHealthCheckArgs{
			Path: pulumi.String("/healthz"), Matcher: pulumi.String("200"), Interval: pulumi.Int(10), UnhealthyThreshold: pulumi.Int(6),
		},
	}
	if change != nil {
		change(args)
	}
	group := must(lb.NewTargetGroup(p.ctx, "web", args))
	return door{group, must(lb.NewListener(p.ctx, "web", &lb.ListenerArgs{
		LoadBalancerArn: balancer.Arn, Port: pulumi.Int(80), Protocol: pulumi.String("HTTP"),
		DefaultActions: lb.ListenerDefaultActionArray{
			lb.ListenerDefaultActionArgs{Type: pulumi.String("forward"), TargetGroupArn: group.Arn},
		},
	}))}
}

// behind puts a service behind a door.
func (d door) behind(args *ecs.ServiceArgs) {
	args.LoadBalancers = ecs.ServiceLoadBalancerArray{ecs.ServiceLoadBalancerArgs{
		TargetGroupArn: d.targets.Arn, ContainerName: pulumi.String("web"), ContainerPort: pulumi.Int(webPort),
	}}
	args.HealthCheckGracePeriodSeconds = pulumi.Int(60)
}

// onInstances is a cluster to launch tasks on without a capacity provider.
func onInstances(ctx *pulumi.Context) *fleet {
	return &fleet{cluster: must(ecs.NewCluster(ctx, "fleet", nil))}
}

// targets lets tasks share an address of their instance, of which there is one for each port.
func targets(ctx *pulumi.Context, mistake string) error {
	p := newPlace(ctx)
	d := p.door(func(args *lb.TargetGroupArgs) {
		if mistake != "" {
			args.TargetType = pulumi.String("instance")
		}
	})
	p.service(onInstances(ctx), func(args *ecs.ServiceArgs) {
		d.behind(args)
		args.DesiredCount = pulumi.Int(2)
		if mistake == "one port" {
			args.NetworkConfiguration = nil
			args.TaskDefinition = task(ctx, func(args *ecs.TaskDefinitionArgs) {
				args.Family, args.NetworkMode = pulumi.String("bridged"), pulumi.String("bridge")
			}, container(nil)).Arn
		}
	}, after(d.listener))
	return nil
}

// health asks a page of the site whether a task is well.
func health(ctx *pulumi.Context, mistake string) error {
	p := newPlace(ctx)
	d := p.door(func(args *lb.TargetGroupArgs) {
		check := lb.TargetGroupHealthCheckArgs{Path: pulumi.String("/healthz"), Matcher: pulumi.String("200")}
		switch mistake {
		case "page":
			check.Path = pulumi.String("/")
		case "redirects":
			check.Matcher = pulumi.String("200,301,302")
		}
		args.HealthCheck = check
	})
	p.service(onInstances(ctx), d.behind, after(d.listener))
	return nil
}

// share is a file system with an access point.
func share(ctx *pulumi.Context, user int) (*efs.FileSystem, *efs.AccessPoint) {
	system := must(efs.NewFileSystem(ctx, "share", &efs.FileSystemArgs{
		Encrypted: pulumi.Bool(true), ThroughputMode: pulumi.String("elastic"),
	}))
	point := must(efs.NewAccessPoint(ctx, "share", &efs.AccessPointArgs{
		FileSystemId: system.ID(),
		PosixUser:    efs.AccessPointPosixUserArgs{Uid: pulumi.Int(user), Gid: pulumi.Int(user)},
		RootDirectory: efs.AccessPointRootDirectoryArgs{
			Path: pulumi.String("/share"),
			CreationInfo: efs.AccessPointRootDirectoryCreationInfoArgs{
				OwnerUid: pulumi.Int(user), OwnerGid: pulumi.Int(user), Permissions: pulumi.String("0755"),
			},
		},
	}))
	return system, point
}

// mounted is a task that mounts a share.
func mounted(ctx *pulumi.Context, system *efs.FileSystem, point *efs.AccessPoint, path string) *ecs.TaskDefinition {
	return task(ctx, func(args *ecs.TaskDefinitionArgs) {
		args.Volumes = ecs.TaskDefinitionVolumeArray{ecs.TaskDefinitionVolumeArgs{
			Name: pulumi.String("share"),
			EfsVolumeConfiguration: ecs.TaskDefinitionVolumeEfsVolumeConfigurationArgs{
				FileSystemId: system.ID(), TransitEncryption: pulumi.String("ENABLED"),
				AuthorizationConfig: ecs.TaskDefinitionVolumeEfsVolumeConfigurationAuthorizationConfigArgs{
					AccessPointId: point.ID(),
				},
			},
		}}
	}, container(pulumi.Map{"mountPoints": pulumi.Array{pulumi.Map{
		"sourceVolume": pulumi.String("share"), "containerPath": pulumi.String(path),
	}}}))
}

// files starts tasks that mount a file system where it cannot be mounted yet.
func files(ctx *pulumi.Context, mistake string) error {
	p := newPlace(ctx)
	system, point := share(ctx, worker)
	definition := mounted(ctx, system, point, "/uploads")
	zones := p.subnets
	if mistake == "zone" {
		zones = zones[:1]
	}
	web := func(opts ...pulumi.ResourceOption) pulumi.Resource {
		return p.service(onInstances(ctx), func(args *ecs.ServiceArgs) { args.TaskDefinition = definition.Arn }, opts...)
	}
	mount := func(opts ...pulumi.ResourceOption) []pulumi.Resource {
		var list []pulumi.Resource
		for i, subnet := range zones {
			list = append(list, must(efs.NewMountTarget(ctx, fmt.Sprintf("share-%d", i+1), &efs.MountTargetArgs{
				FileSystemId: system.ID(), SubnetId: subnet.ID(),
			}, opts...)))
		}
		return list
	}
	if mistake == "no wait" {
		mount(after(web()))
		return nil
	}
	web(after(mount()...))
	return nil
}

// tasksRole is a role for tasks with a right.
func tasksRole(ctx *pulumi.Context, name string, right policy.Statement) (*iam.Role, *iam.RolePolicy) {
	role := must(iam.NewRole(ctx, name, &iam.RoleArgs{AssumeRolePolicy: policy.Trust("ecs-tasks.amazonaws.com")}))
	return role, must(iam.NewRolePolicy(ctx, name, &iam.RolePolicyArgs{
		Role: role.Name, Policy: policy.Of(func([]string) []policy.Statement { return []policy.Statement{right} }),
	}))
}

// exec gives people no shell in a task.
func exec(ctx *pulumi.Context, mistake string) error {
	p := newPlace(ctx)
	right := policy.Statement{
		Effect: policy.Allow, Resource: []string{"*"},
		Action: []string{
			"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
			"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
		},
	}
	if mistake == "no right" {
		right.Action = []string{"logs:DescribeLogGroups"}
	}
	role, rights := tasksRole(ctx, "task", right)
	definition := task(ctx, func(args *ecs.TaskDefinitionArgs) { args.TaskRoleArn = role.Arn }, container(nil))
	p.service(onInstances(ctx), func(args *ecs.ServiceArgs) {
		args.TaskDefinition = definition.Arn
		args.EnableExecuteCommand = pulumi.Bool(mistake != "off")
	}, after(rights))
	return nil
}

// owner mounts a directory that belongs to somebody else, or that nobody made.
func owner(ctx *pulumi.Context, mistake string) error {
	user := worker
	if mistake == "another user" {
		user = 1000
	}
	system, point := share(ctx, user)
	mounted(ctx, system, point, "/uploads")
	if mistake == "no directory" {
		must(efs.NewAccessPoint(ctx, "nowhere", &efs.AccessPointArgs{
			FileSystemId:  system.ID(),
			RootDirectory: efs.AccessPointRootDirectoryArgs{Path: pulumi.String("/nowhere")},
		}))
	}
	return nil
}

// environment tells a container a password where everybody reads it, or the keys of a user in place of its role.
func environment(ctx *pulumi.Context, mistake string) error {
	password := must(random.NewRandomPassword(ctx, "database", &random.RandomPasswordArgs{
		Length: pulumi.Int(32), Special: pulumi.Bool(false), // nothing that JSON writes in another way
	}))
	secret := must(secretsmanager.NewSecret(ctx, "database", &secretsmanager.SecretArgs{RecoveryWindowInDays: pulumi.Int(0)}))
	version := must(secretsmanager.NewSecretVersion(ctx, "database", &secretsmanager.SecretVersionArgs{
		SecretId: secret.Arn, SecretString: password.Result,
	}))
	role, _ := tasksRole(ctx, "execution", policy.Statement{
		Effect: policy.Allow, Action: []string{"secretsmanager:GetSecretValue"}, Resource: []string{"*"},
	})
	told := pulumi.Map{"secrets": pulumi.Array{pulumi.Map{
		"name": pulumi.String("PASSWORD"), "valueFrom": version.Arn,
	}}}
	value := password.Result
	if mistake == "plain" {
		value = pulumi.Unsecret(value).(pulumi.StringOutput)
	}
	name := "PASSWORD"
	if mistake == "keys" {
		name = "AWS_SECRET_ACCESS_KEY"
	}
	if mistake != "" {
		told = pulumi.Map{"environment": pulumi.Array{pulumi.Map{"name": pulumi.String(name), "value": value}}}
	}
	task(ctx, func(args *ecs.TaskDefinitionArgs) { args.ExecutionRoleArn = role.Arn }, container(told))
	return nil
}

// draining lets a task that stops wait longer than Pulumi does.
func draining(ctx *pulumi.Context, mistake string) error {
	p := newPlace(ctx)
	d := p.door(func(args *lb.TargetGroupArgs) {
		if mistake == "delay" {
			args.DeregistrationDelay = pulumi.Int(3600)
		}
	})
	stop := 90
	if mistake == "stop" {
		stop = 1500
	}
	definition := task(ctx, nil, container(pulumi.Map{"stopTimeout": pulumi.Int(stop)}))
	p.service(onInstances(ctx), func(args *ecs.ServiceArgs) {
		d.behind(args)
		args.TaskDefinition = definition.Arn
	}, after(d.listener))
	return nil
}

// grace counts the failures of a task that only starts.
func grace(ctx *pulumi.Context, mistake string) error {
	p := newPlace(ctx)
	d := p.door(nil)
	definition := task(ctx, nil, container(pulumi.Map{"healthCheck": pulumi.Map{
		"command": pulumi.ToStringArray([]string{"CMD", "check"}), "interval": pulumi.Int(10), "startPeriod": pulumi.Int(120),
	}}))
	p.service(onInstances(ctx), func(args *ecs.ServiceArgs) {
		d.behind(args)
		args.TaskDefinition = definition.Arn
		args.HealthCheckGracePeriodSeconds = pulumi.Int(200)
		if mistake != "" {
			args.HealthCheckGracePeriodSeconds = pulumi.Int(0)
		}
	}, after(d.listener))
	return nil
}

// setup serves requests although what prepares the site has failed.
func setup(ctx *pulumi.Context, mistake string) error {
	condition := "SUCCESS"
	if mistake != "" {
		condition = "START"
	}
	task(ctx, nil,
		container(pulumi.Map{"dependsOn": pulumi.Array{pulumi.Map{
			"containerName": pulumi.String("setup"), "condition": pulumi.String(condition),
		}}}),
		container(pulumi.Map{
			"name": pulumi.String("setup"), "essential": pulumi.Bool(false), "portMappings": pulumi.Array{},
			"command": pulumi.ToStringArray([]string{"setup"}),
		}))
	return nil
}

// salts lets every task make its own keys.
func salts(ctx *pulumi.Context, mistake string) error {
	told := pulumi.Map{}
	if mistake == "" {
		secret := must(secretsmanager.NewSecret(ctx, "keys", &secretsmanager.SecretArgs{RecoveryWindowInDays: pulumi.Int(0)}))
		list := pulumi.Array{}
		for _, key := range []string{
			"AUTH_KEY", "SECURE_AUTH_KEY", "LOGGED_IN_KEY", "NONCE_KEY", "AUTH_SALT", "SECURE_AUTH_SALT", "LOGGED_IN_SALT", "NONCE_SALT",
		} {
			list = append(list, pulumi.Map{"name": pulumi.String("WORDPRESS_" + key), "valueFrom": pulumi.Sprintf("%s:%s::", secret.Arn, key)})
		}
		told["secrets"] = list
	}
	role, _ := tasksRole(ctx, "execution", policy.Statement{
		Effect: policy.Allow, Action: []string{"secretsmanager:GetSecretValue"}, Resource: []string{"*"},
	})
	task(ctx, func(args *ecs.TaskDefinitionArgs) { args.ExecutionRoleArn = role.Arn }, container(told))
	return nil
}

// roles takes the rights from a service that still needs them to stop.
func roles(ctx *pulumi.Context, mistake string) error {
	p := newPlace(ctx)
	d := p.door(func(args *lb.TargetGroupArgs) { args.TargetType = pulumi.String("instance") })
	role := must(iam.NewRole(ctx, "service", &iam.RoleArgs{AssumeRolePolicy: policy.Trust("ecs.amazonaws.com")}))
	definition := task(ctx, func(args *ecs.TaskDefinitionArgs) { args.NetworkMode = pulumi.String("bridge") }, container(nil))
	web := func(opts ...pulumi.ResourceOption) pulumi.Resource {
		return p.service(onInstances(ctx), func(args *ecs.ServiceArgs) {
			d.behind(args)
			args.NetworkConfiguration, args.TaskDefinition, args.IamRole = nil, definition.Arn, role.Arn
		}, append(opts, after(d.listener))...)
	}
	right := func(opts ...pulumi.ResourceOption) pulumi.Resource {
		return must(iam.NewRolePolicy(ctx, "service", &iam.RolePolicyArgs{
			Role: role.Name, Policy: policy.Of(func([]string) []policy.Statement {
				return []policy.Statement{{Effect: policy.Allow, Resource: []string{"*"}, Action: []string{
					"ec2:Describe*", "elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:Describe*",
					"elasticloadbalancing:RegisterTargets",
				}}}
			}),
		}, opts...))
	}
	if mistake != "" {
		right(after(web()))
		return nil
	}
	web(after(right()))
	return nil
}
