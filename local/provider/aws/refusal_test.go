package aws

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/aws/appautoscaling"
	"wordpress-ecs/local/aws/autoscaling"
	"wordpress-ecs/local/aws/cloudwatch"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/ecr"
	"wordpress-ecs/local/aws/ecs"
	"wordpress-ecs/local/aws/efs"
	"wordpress-ecs/local/aws/elasticache"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/rds"
	"wordpress-ecs/local/aws/secretsmanager"
)

// trial is one request, and what AWS or its provider says to it; "" if it accepts.
type trial struct {
	name   string
	typ    string
	inputs props
	want   string
}

func run(t *testing.T, trials func(c *cloud) []trial) {
	t.Helper()
	c := newCloud(t, noImages{})
	for _, tc := range trials(c) {
		err := c.try(tc.typ, tc.inputs)
		if tc.want == "" {
			require.NoError(t, err, tc.name)
			continue
		}
		require.ErrorContains(t, err, tc.want, tc.name)
	}
}

func TestTypesAreChecked(t *testing.T) {
	t.Parallel()
	run(t, func(*cloud) []trial {
		return []trial{
			{"unknown input", ec2.Vpc, props{"cidr": "10.0.0.0/16"}, "cidr: Invalid or unknown key"},
			{"wrong type", ec2.Vpc, props{"cidrBlock": 10}, "cidrBlock: expected string type, got number type"},
			{"missing", ec2.Subnet, props{"cidrBlock": "10.0.0.0/24"}, `The argument "vpcId" is required`},
			{"missing list", elb.Listener, props{"loadBalancerArn": "arn:aws:x:y:123456789012:z"}, `"defaultActions" is required`},
			{"nested", ec2.LaunchTemplate, props{"metadataOptions": props{"httpToken": "required"}}, "metadataOptions.httpToken"},
			{"in a list", ecs.Cluster, props{"settings": []any{props{"name": "containerInsights"}}}, "settings[0].value"},
			{"fraction", autoscaling.Group, props{"minSize": 0.5, "maxSize": 1}, "minSize: expected a whole number"},
		}
	})
}

func TestNetworkRefusals(t *testing.T) {
	t.Parallel()
	run(t, func(c *cloud) []trial {
		n := c.network()
		rule := props{"securityGroupId": n.group.id, "ipProtocol": "tcp", "fromPort": 80, "toPort": 80, "cidrIpv4": "0.0.0.0/0"}
		subnet := props{"vpcId": n.vpc.id, "cidrBlock": "10.0.9.0/24"}
		ip := c.make(ec2.Eip, props{})
		return []trial{
			{"block too wide", ec2.Vpc, props{"cidrBlock": "10.0.0.0/8"}, "between 16 and 28 significant bits"},
			{"block with host bits", ec2.Vpc, props{"cidrBlock": "10.0.0.1/16"}, `did you mean "10.0.0.0/16"?`},
			{"no such vpc", ec2.Subnet, with(subnet, props{"vpcId": "vpc-0"}), "InvalidVpcID.NotFound: The vpc ID 'vpc-0' does not exist"},
			{"outside", ec2.Subnet, with(subnet, props{"cidrBlock": "10.1.0.0/24"}), "InvalidSubnet.Range: The CIDR '10.1.0.0/24' is invalid."},
			{"overlap", ec2.Subnet, with(subnet, props{"cidrBlock": "10.0.0.128/25"}), "InvalidSubnet.Conflict"},
			{"no such zone", ec2.Subnet, with(subnet, props{"availabilityZone": "eu-west-1z"}), "eu-west-1a, eu-west-1b, eu-west-1c"},
			{"second gateway", ec2.Gateway, props{"vpcId": n.vpc.id}, "already has an internet gateway attached"},
			{"nat without address", ec2.Nat, props{"subnetId": n.a.id}, "MissingParameter"},
			{"nat", ec2.Nat, props{"subnetId": n.a.id, "allocationId": ip.id}, ""},
			{"address twice", ec2.Nat, props{"subnetId": n.b.id, "allocationId": ip.id}, "Resource.AlreadyAssociated"},
			{"rule", ec2.Ingress, rule, ""},
			{"rule twice", ec2.Ingress, rule, "InvalidPermission.Duplicate"},
			{"same rule outwards", ec2.Egress, rule, ""},
			{"two peers", ec2.Ingress, with(rule, props{"referencedSecurityGroupId": n.group.id}), "only one of"},
			{"no ports", ec2.Ingress, with(rule, props{"fromPort": nil}), "Must specify both from and to ports"},
			{"ports for all protocols", ec2.Ingress, with(rule, props{"ipProtocol": "-1"}), ""},
			{"no such peer", ec2.Ingress, with(rule, props{"cidrIpv4": nil, "referencedSecurityGroupId": "sg-0"}), "InvalidGroup.NotFound"},
			{"group without description", ec2.SecurityGroup, props{"vpcId": n.vpc.id, "description": ""}, "expected length of description"},
			{"group named like an id", ec2.SecurityGroup, props{"vpcId": n.vpc.id, "name": "sg-site"}, "cannot begin with sg-"},
			{"endpoint of another region", ec2.Endpoint, props{"vpcId": n.vpc.id, "serviceName": "com.amazonaws.us-east-1.s3"}, "InvalidServiceName"},
			{"endpoint", ec2.Endpoint, props{"vpcId": n.vpc.id, "serviceName": "com.amazonaws.eu-west-1.s3"}, ""},
			{"user data in plain text", ec2.LaunchTemplate, props{"userData": "#!/bin/sh"}, "InvalidUserData.Malformed"},
			{"hop limit", ec2.LaunchTemplate, props{"metadataOptions": props{"httpPutResponseHopLimit": 65}}, "range (1 - 64)"},
		}
	})
}

func TestIdentityRefusals(t *testing.T) {
	t.Parallel()
	run(t, func(c *cloud) []trial {
		role := props{"assumeRolePolicy": trust("ecs-tasks.amazonaws.com")}
		r := c.make(iam.Role, with(role, props{"name": "site"}))
		policy := func(statement string) props {
			return props{"role": r.id, "policy": `{"Version":"2012-10-17","Statement":[` + statement + `]}`}
		}
		return []trial{
			{"same name in other case", iam.Role, with(role, props{"name": "SITE"}), "EntityAlreadyExists"},
			{"name too long", iam.Role, with(role, props{"name": string(make([]byte, 65))}), "range (1 - 64)"},
			{"no JSON", iam.Role, props{"assumeRolePolicy": "{"}, "invalid JSON document"},
			{"trust without principal", iam.Role, props{"assumeRolePolicy": `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole"}}`}, "Missing required field Principal"},
			{"policy", iam.RolePolicy, policy(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}`), ""},
			{"no resource", iam.RolePolicy, policy(`{"Effect":"Allow","Action":"s3:GetObject"}`), "must contain resources"},
			{"action without service", iam.RolePolicy, policy(`{"Effect":"Allow","Action":"GetObject","Resource":"*"}`), "prefaced by a vendor"},
			{"resource without arn", iam.RolePolicy, policy(`{"Effect":"Allow","Action":"s3:*","Resource":"bucket"}`), "must be in ARN format"},
			{"bad effect", iam.RolePolicy, policy(`{"Effect":"Permit","Action":"s3:*","Resource":"*"}`), "Invalid effect: Permit"},
			{"no such managed policy", iam.Attachment, props{"role": r.id, "policyArn": "arn:aws:iam::aws:policy/Nothing"}, "NoSuchEntity"},
			{"no such role", iam.Attachment, props{"role": "other", "policyArn": "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"}, "The role with name other cannot be found."},
			{"attachment", iam.Attachment, props{"role": r.id, "policyArn": "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"}, ""},
		}
	})
}

func TestContainerRefusals(t *testing.T) {
	t.Parallel()
	run(t, func(c *cloud) []trial {
		s := c.site()
		task, service := taskInputs(s), serviceInputs(s)
		lonely := c.make(elb.TargetGroup, props{"name": "lonely", "port": 80, "protocol": "HTTP", "targetType": "ip", "vpcId": s.vpc.id})
		balance := func(changes props) props {
			return with(service, props{"loadBalancers": []any{with(props{
				"targetGroupArn": s.target.id, "containerName": "web", "containerPort": 8080,
			}, changes)}})
		}
		volume := func(efs props) props {
			return with(task, props{"volumes": []any{props{"name": "files", "efsVolumeConfiguration": efs}}})
		}
		fs := c.make(efs.FileSystem, props{})
		point := c.make(efs.AccessPoint, props{"fileSystemId": fs.id})
		scaling := c.scaling(s, 1, 4)
		return []trial{
			{"provider named like one of AWS", ecs.CapacityProvider, props{"name": "ecs-site", "autoScalingGroupProvider": props{"autoScalingGroupArn": s.group.text("arn")}}, "must not start with aws, ecs or fargate"},
			{"protection without scaling", ecs.CapacityProvider, props{"autoScalingGroupProvider": props{"autoScalingGroupArn": s.group.text("arn"), "managedTerminationProtection": "ENABLED"}}, "managed scaling must be enabled"},
			{"target capacity", ecs.CapacityProvider, props{"autoScalingGroupProvider": props{"autoScalingGroupArn": s.group.text("arn"), "managedScaling": props{"targetCapacity": 101}}}, "range (1 - 100)"},
			{"no container", ecs.TaskDefinition, with(task, props{"containerDefinitions": "[]"}), "Container list cannot be empty."},
			{"no memory", ecs.TaskDefinition, with(task, props{"containerDefinitions": `[{"name":"a","image":"b"}]`}), "At least one of 'memory' or 'memoryReservation'"},
			{"other host port", ecs.TaskDefinition, with(task, props{"containerDefinitions": `[{"name":"a","image":"b","memory":9,"portMappings":[{"containerPort":80,"hostPort":8080}]}]`}), "must match"},
			{"no such volume", ecs.TaskDefinition, with(task, props{"containerDefinitions": `[{"name":"a","image":"b","memory":9,"mountPoints":[{"sourceVolume":"files"}]}]`}), "Unknown volume 'files'."},
			{"secrets without execution role", ecs.TaskDefinition, with(task, props{"executionRoleArn": nil, "containerDefinitions": `[{"name":"a","image":"b","memory":9,"secrets":[{"name":"X","valueFrom":"y"}]}]`}), "'executionRoleArn'"},
			{"access point without encryption", ecs.TaskDefinition, volume(props{"fileSystemId": fs.id, "authorizationConfig": props{"accessPointId": point.id}}), "Transit encryption must be enabled"},
			{"access point with a root", ecs.TaskDefinition, volume(props{"fileSystemId": fs.id, "transitEncryption": "ENABLED", "rootDirectory": "/x", "authorizationConfig": props{"accessPointId": point.id}}), "Root directory must be omitted"},
			{"access point", ecs.TaskDefinition, volume(props{"fileSystemId": fs.id, "transitEncryption": "ENABLED", "authorizationConfig": props{"accessPointId": point.id}}), ""},
			{"launch type and strategy", ecs.ServiceType, with(service, props{"launchType": "EC2"}), "Specifying both a launch type and capacity provider strategy is not supported"},
			{"provider not on the cluster", ecs.ServiceType, with(service, props{"cluster": c.make(ecs.Cluster, props{"name": "other"}).id}), "not associated with the cluster"},
			{"no network", ecs.ServiceType, with(service, props{"networkConfiguration": nil}), "Network Configuration must be provided"},
			{"public address", ecs.ServiceType, with(service, props{"networkConfiguration": props{"subnets": s.subnets(), "assignPublicIp": true}}), "Assign public IP is not supported"},
			{"no such task", ecs.ServiceType, with(service, props{"taskDefinition": "site:9"}), "TaskDefinition not found."},
			{"no such container", ecs.ServiceType, balance(props{"containerName": "db"}), "The container db does not exist in the task definition."},
			{"no such port", ecs.ServiceType, balance(props{"containerPort": 81}), "did not have a container port 81 defined"},
			{"target without listener", ecs.ServiceType, balance(props{"targetGroupArn": lonely.id}), "does not have an associated load balancer"},
			{"same name", ecs.ServiceType, with(service, props{"name": s.up.text("name")}), "not idempotent"},
			{"scaled", appautoscaling.Target, scaling, ""},
			{"least above most", appautoscaling.Target, with(scaling, props{"minCapacity": 5}), "cannot be less than minimum capacity"},
			{"wrong dimension", appautoscaling.Target, with(scaling, props{"scalableDimension": "rds:cluster:ReadReplicaCount"}), "does not belong to the service namespace"},
			{"step policy with tracking", appautoscaling.Policy, props{"resourceId": scaling["resourceId"], "scalableDimension": scaling["scalableDimension"], "serviceNamespace": "ecs", "targetTrackingScalingPolicyConfiguration": props{"targetValue": 50}}, "policyType is"},
			{"requests without label", appautoscaling.Policy, props{"resourceId": scaling["resourceId"], "scalableDimension": scaling["scalableDimension"], "serviceNamespace": "ecs", "policyType": "TargetTrackingScaling", "targetTrackingScalingPolicyConfiguration": props{"targetValue": 50, "predefinedMetricSpecification": props{"predefinedMetricType": "ALBRequestCountPerTarget"}}}, "A resource label is required"},
		}
	})
}

// What ECS says to container definitions, and that it takes what it should.
func TestContainerDefinitionRefusals(t *testing.T) {
	t.Parallel()
	run(t, func(c *cloud) []trial {
		task := with(taskInputs(c.site()), props{"memory": "512"})
		define := func(containers string) props {
			return with(task, props{"containerDefinitions": "[" + containers + "]"})
		}
		// one is a container with further fields; two waits for another one.
		one := func(fields string) props { return define(`{"name":"a","image":"b",` + fields + `}`) }
		two := func(first, condition string) props {
			return define(`{"name":"a","image":"b",` + first + `},{"name":"w","image":"b","dependsOn":[{"containerName":"a","condition":"` + condition + `"}]}`)
		}
		const check = `"healthCheck":{"command":["CMD","true"]}`
		linux := func(fields string) props { return one(`"linuxParameters":{` + fields + `}`) }
		restart := func(fields string) props { return one(`"restartPolicy":{` + fields + `}`) }
		return []trial{
			{"all of it", ecs.TaskDefinition, define(`{"name":"a","image":"b","essential":false,"memoryReservation":128,"startTimeout":600},` +
				`{"name":"w","image":"b","memory":512,"memoryReservation":384,"readonlyRootFilesystem":true,"dependsOn":[{"containerName":"a","condition":"SUCCESS"}],` +
				`"restartPolicy":{"enabled":true,"ignoredExitCodes":[64],"restartAttemptPeriod":60},"dockerSecurityOptions":["no-new-privileges"],` +
				`"linuxParameters":{"initProcessEnabled":true,"capabilities":{"add":[],"drop":["ALL"]},"tmpfs":[{"containerPath":"/tmp","size":64,"mountOptions":["noexec","mode=1777"]}]}}`), ""},
			{"unknown field", ecs.TaskDefinition, one(`"readOnlyRootFilesystem":true`), "container 'a' has fields that ECS does not know: readOnlyRootFilesystem"},
			{"unknown nested field", ecs.TaskDefinition, linux(`"tmpfs":[{"path":"/tmp","size":1}]`), "linuxParameters.tmpfs.path"},
			{"essential and done", ecs.TaskDefinition, two(`"essential":true`, "SUCCESS"), "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container"},
			{"essential by default", ecs.TaskDefinition, two(`"memory":9`, "COMPLETE"), "cannot be an essential container"},
			{"healthy", ecs.TaskDefinition, two(check, "HEALTHY"), ""},
			{"healthy without check", ecs.TaskDefinition, two(`"memory":9`, "HEALTHY"), "which has no health check"},
			{"no such condition", ecs.TaskDefinition, two(check, "STARTED"), "Value 'STARTED' at"},
			{"no such container", ecs.TaskDefinition, one(`"dependsOn":[{"containerName":"x","condition":"START"}]`), "not in the task definition"},
			{"cycle", ecs.TaskDefinition, two(`"dependsOn":[{"containerName":"w","condition":"START"}]`, "START"), "There is a cycle"},
			{"limit above the task's", ecs.TaskDefinition, one(`"memory":513`), "The 'memory' setting for container 'a' is greater than for the task."},
			{"reservations above the task's", ecs.TaskDefinition, define(`{"name":"a","image":"b","memory":256},{"name":"w","image":"b","memoryReservation":257}`), "The sum of all container 'memoryReservation' values cannot be greater"},
			{"tmpfs without size", ecs.TaskDefinition, linux(`"tmpfs":[{"containerPath":"/tmp"}]`), "invalid tmpfs size"},
			{"tmpfs without end", ecs.TaskDefinition, linux(`"tmpfs":[{"containerPath":"/tmp","size":0}]`), "invalid tmpfs size"},
			{"tmpfs somewhere", ecs.TaskDefinition, linux(`"tmpfs":[{"containerPath":"tmp","size":1}]`), "is not absolute"},
			{"tmpfs option", ecs.TaskDefinition, linux(`"tmpfs":[{"containerPath":"/tmp","size":1,"mountOptions":["no-exec"]}]`), "'no-exec' is no mount option"},
			{"capability", ecs.TaskDefinition, linux(`"capabilities":{"drop":["all"]}`), "'all' is no capability to drop"},
			{"restart without enabled", ecs.TaskDefinition, restart(`"restartAttemptPeriod":60`), "restartPolicy.enabled is required"},
			{"restart too often", ecs.TaskDefinition, restart(`"enabled":true,"restartAttemptPeriod":59`), "must be between 60 and 1800"},
			{"restart too seldom", ecs.TaskDefinition, restart(`"enabled":true,"restartAttemptPeriod":1801`), "must be between 60 and 1800"},
			{"restart after any code", ecs.TaskDefinition, restart(`"enabled":true,"ignoredExitCodes":[0` + strings.Repeat(",1", 50) + `]`), "has 51 codes; at most 50"},
			{"long start", ecs.TaskDefinition, one(`"startTimeout":600`), ""},
			{"long start on Fargate", ecs.TaskDefinition, with(one(`"startTimeout":600`), props{"requiresCompatibilities": []any{"FARGATE"}}), "between 2 and 120"},
		}
	})
}

func TestBalancerAndScalingRefusals(t *testing.T) {
	t.Parallel()
	run(t, func(c *cloud) []trial {
		n := c.network()
		inside := c.make(ec2.Vpc, props{"cidrBlock": "10.1.0.0/16"})
		x := c.make(ec2.Subnet, props{"vpcId": inside.id, "cidrBlock": "10.1.0.0/24", "availabilityZone": "eu-west-1a"})
		y := c.make(ec2.Subnet, props{"vpcId": inside.id, "cidrBlock": "10.1.1.0/24", "availabilityZone": "eu-west-1b"})
		target := props{"port": 80, "protocol": "HTTP", "targetType": "ip", "vpcId": n.vpc.id}
		template := c.make(ec2.LaunchTemplate, props{"imageId": "ami-0123456789abcdef0", "instanceType": "t4g.small"})
		group := props{"minSize": 1, "maxSize": 2, "vpcZoneIdentifiers": n.subnets(), "launchTemplate": props{"id": template.id}}
		return []trial{
			{"one zone", elb.LoadBalancer, props{"subnets": []any{n.a.id}}, "At least two subnets in two different Availability Zones"},
			{"no way in", elb.LoadBalancer, props{"subnets": []any{x.id, y.id}}, "has no internet gateway"},
			{"inside", elb.LoadBalancer, props{"subnets": []any{x.id, y.id}, "internal": true}, ""},
			{"name too long", elb.LoadBalancer, props{"subnets": n.subnets(), "name": "a23456789012345678901234567890123"}, "1 to 32 letters"},
			{"name of AWS", elb.LoadBalancer, props{"subnets": n.subnets(), "name": "internal-site"}, "cannot begin with internal-"},
			{"target without vpc", elb.TargetGroup, with(target, props{"vpcId": nil}), `"vpcId" must be specified`},
			{"slow check", elb.TargetGroup, with(target, props{"healthCheck": props{"interval": 5, "timeout": 5}}), "must be greater than the timeout"},
			{"bad matcher", elb.TargetGroup, with(target, props{"healthCheck": props{"matcher": "ok"}}), "200,301-302"},
			{"https without certificate", elb.Listener, props{"loadBalancerArn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/x/y", "protocol": "HTTPS", "port": 443, "defaultActions": []any{props{"type": "fixed-response", "fixedResponse": props{"contentType": "text/plain", "statusCode": "200"}}}}, "A certificate must be specified"},
			{"desired outside", autoscaling.Group, with(group, props{"desiredCapacity": 3}), "must be between the specified min size"},
			{"no template", autoscaling.Group, with(group, props{"launchTemplate": nil}), "only one of"},
			{"no place", autoscaling.Group, with(group, props{"vpcZoneIdentifiers": nil}), "At least one Availability Zone or VPC Subnet"},
			{"short life", autoscaling.Group, with(group, props{"maxInstanceLifetime": 3600}), "must be 0 or between 86400 and 31536000"},
		}
	})
}

func TestStoreRefusals(t *testing.T) {
	t.Parallel()
	run(t, func(c *cloud) []trial {
		n := c.network()
		db := c.make(rds.SubnetGroup, props{"subnetIds": n.subnets()})
		cache := c.make(elasticache.SubnetGroup, props{"subnetIds": n.subnets()})
		cluster := props{
			"engine": "aurora-mysql", "engineVersion": "8.0", "masterUsername": "site", "masterPassword": "sufficient",
			"dbSubnetGroupName": db.id, "skipFinalSnapshot": true,
		}
		aurora := c.make(rds.Cluster, with(cluster, props{"clusterIdentifier": "site"}))
		member := props{"clusterIdentifier": aurora.id, "engine": "aurora-mysql", "instanceClass": "db.r7g.large"}
		group := props{
			"description": "site", "engine": "valkey", "engineVersion": "8.0", "nodeType": "cache.t4g.micro", "numCacheClusters": 2,
			"automaticFailoverEnabled": true, "multiAzEnabled": true, "subnetGroupName": cache.id,
			"transitEncryptionEnabled": true, "authToken": "0123456789abcdef",
		}
		fs := c.make(efs.FileSystem, props{"encrypted": true})
		mount := props{"fileSystemId": fs.id, "subnetId": n.a.id}
		point := props{"fileSystemId": fs.id, "rootDirectory": props{"path": "/site"}}
		return []trial{
			{"one zone", rds.SubnetGroup, props{"subnetIds": []any{n.a.id}}, "DBSubnetGroupDoesNotCoverEnoughAZs"},
			{"no password", rds.Cluster, with(cluster, props{"masterPassword": nil}), "MasterUserPassword must be provided"},
			{"bad password", rds.Cluster, with(cluster, props{"masterPassword": "with a space"}), "printable ASCII characters except"},
			{"reserved user", rds.Cluster, with(cluster, props{"masterUsername": "rdsadmin"}), "reserved by the engine"},
			{"name in capitals", rds.Cluster, with(cluster, props{"clusterIdentifier": "Site"}), "be in lower case"},
			{"no such group", rds.Cluster, with(cluster, props{"dbSubnetGroupName": "none"}), "DBSubnetGroupNotFoundFault"},
			{"windows overlap", rds.Cluster, with(cluster, props{"preferredBackupWindow": "23:50-00:20", "preferredMaintenanceWindow": "mon:00:00-mon:01:00"}), "must not overlap"},
			{"short window", rds.Cluster, with(cluster, props{"preferredBackupWindow": "01:00-01:29"}), "at least 30 minutes"},
			{"retention", rds.Cluster, with(cluster, props{"backupRetentionPeriod": 36}), "range (1 - 35)"},
			{"cluster", rds.Cluster, with(cluster, props{"preferredBackupWindow": "02:00-03:00", "preferredMaintenanceWindow": "Mon:03:00-Mon:04:00"}), ""},
			{"same name", rds.Cluster, with(cluster, props{"clusterIdentifier": "site"}), "DBClusterAlreadyExistsFault"},
			{"member", rds.Instance, member, ""},
			{"other engine", rds.Instance, with(member, props{"engine": "mysql"}), "doesn't match the engine name"},
			{"class of another service", rds.Instance, with(member, props{"instanceClass": "db.m5.large"}), "does not support creating a DB instance"},
			{"serverless without bounds", rds.Instance, with(member, props{"instanceClass": "db.serverless"}), "Serverless v2 scaling configuration"},
			{"monitored without role", rds.Instance, with(member, props{"monitoringInterval": 60}), "MonitoringRoleARN"},
			{"cache", elasticache.ReplicationGroup, group, ""},
			{"token without encryption", elasticache.ReplicationGroup, with(group, props{"transitEncryptionEnabled": false}), "AUTH token is only supported"},
			{"short token", elasticache.ReplicationGroup, with(group, props{"authToken": "short"}), "16 to 128"},
			{"one node and failover", elasticache.ReplicationGroup, with(group, props{"numCacheClusters": 1}), "at least 2 cache clusters"},
			{"zones without failover", elasticache.ReplicationGroup, with(group, props{"automaticFailoverEnabled": false}), "automaticFailoverEnabled must be true"},
			{"version of the other engine", elasticache.ReplicationGroup, with(group, props{"engineVersion": "6.2"}), "7.2 or later"},
			{"two counts", elasticache.ReplicationGroup, with(group, props{"numNodeGroups": 1}), "conflicts with numNodeGroups"},
			{"mount", efs.MountTarget, mount, ""},
			{"mount twice in a zone", efs.MountTarget, mount, "MountTargetConflict"},
			{"directory without owner", efs.AccessPoint, point, "rootDirectory.creationInfo is required"},
			{"deep directory", efs.AccessPoint, with(point, props{"rootDirectory": props{"path": "/a/b/c/d/e"}}), "up to four directories"},
			{"throughput", efs.FileSystem, props{"throughputMode": "provisioned"}, "exactly when throughputMode"},
			{"secret name", secretsmanager.Secret, props{"name": "site keys"}, "alphanumeric characters and /_+=.@-"},
			{"secret window", secretsmanager.Secret, props{"recoveryWindowInDays": 3}, "range (7 - 30)"},
			{"repository in capitals", ecr.Repository, props{"name": "Site"}, "failed to satisfy constraint"},
			{"retention in days", cloudwatch.LogGroup, props{"name": "/site", "retentionInDays": 10}, "expected retentionInDays to be one of"},
			{"group of AWS", cloudwatch.LogGroup, props{"name": "aws/site"}, "Log groups starting with AWS/ are reserved"},
		}
	})
}
