package task

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
)

const (
	secretARN     = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:site/db-AbCdEf"
	ecrImage      = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/site@sha256:1"
	repositoryARN = "arn:aws:ecr:eu-central-1:123456789012:repository/site"
	roleARN       = "arn:aws:iam::123456789012:role/"
	denies        = "AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/execution/" + taskID + " is not authorized to perform: "
)

// demanding is a container that needs all that an execution role is for.
func demanding() []props {
	return []props{{
		"name": "app", "image": ecrImage, "essential": true,
		"secrets": []props{{"name": "PASSWORD", "valueFrom": secretARN + ":password::"}},
	}}
}

// permissions are what an execution role of it may do.
func permissions() map[string]string {
	return map[string]string{
		"secretsmanager:GetSecretValue": secretARN, "ecr:GetAuthorizationToken": "*",
		"ecr:BatchGetImage": repositoryARN, "ecr:GetDownloadUrlForLayer": repositoryARN,
		"logs:CreateLogStream": "arn:aws:logs:eu-central-1:123456789012:log-group:" + group + ":*",
		"logs:PutLogEvents":    "arn:aws:logs:eu-central-1:123456789012:log-group:" + group + ":*",
	}
}

func mayDo(t *testing.T, role string, actions map[string]string) []account.Resource {
	t.Helper()
	var statements []props
	for action, resource := range actions {
		statements = append(statements, props{"Effect": "Allow", "Action": action, "Resource": resource})
	}
	document, err := json.Marshal(props{"Version": "2012-10-17", "Statement": statements})
	require.NoError(t, err)
	return []account.Resource{
		{Type: "aws:iam/role:Role", ID: role, Outputs: props{"arn": roleARN + role, "name": role}},
		{Type: "aws:iam/rolePolicy:RolePolicy", ID: role + ":own", Outputs: props{"role": role, "policy": string(document)}},
	}
}

// surroundings are a public subnet in which an instance reaches everything, and its profile.
func surroundings() []account.Resource {
	ec2 := func(typ, id string, o props) account.Resource {
		return account.Resource{Type: "aws:ec2/" + typ, ID: id, Region: region, Outputs: o}
	}
	return []account.Resource{
		ec2("vpc:Vpc", "vpc-1", props{"mainRouteTableId": "rtb-1", "defaultSecurityGroupId": "sg-1"}),
		ec2("subnet:Subnet", "subnet-1", props{"vpcId": "vpc-1"}),
		ec2("internetGateway:InternetGateway", "igw-1", props{"vpcId": "vpc-1"}),
		ec2("route:Route", "r-1", props{"routeTableId": "rtb-1", "destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw-1"}),
		{Type: "aws:iam/instanceProfile:InstanceProfile", ID: "site", Outputs: props{"name": "site", "role": "instance"}},
	}
}

func host() Host { return Host{Profile: "site", Subnet: "subnet-1", Public: true} }

// asked is a task at the gate, in an account with the task definition and further resources.
func asked(t *testing.T, containers []props, more props, at Host, resources ...account.Resource) *work {
	t.Helper()
	acct := open(t, containers, more)
	for _, r := range resources {
		put(t, acct, r)
	}
	d, _, err := readDefinition(acct, arn)
	require.NoError(t, err)
	o := order(taskID)
	o.Host = at
	task := Task{Order: o}
	for i := range d.Containers {
		task.Containers = append(task.Containers, newContainer(&d.Containers[i], o.ID))
	}
	return newWork(newPart(Env{Account: acct}, nil), record{Task: task, Content: d})
}

func TestWhatAnExecutionRoleMayNotDoStopsTheTask(t *testing.T) {
	t.Parallel()
	for without, want := range map[string]string{
		"": "",
		"secretsmanager:GetSecretValue": "Fetching secret data from AWS Secrets Manager in region eu-central-1: secret " + secretARN + ": " +
			denies + "secretsmanager:GetSecretValue on resource: " + secretARN + " because no identity-based policy allows the secretsmanager:GetSecretValue action",
		"ecr:GetAuthorizationToken": "CannotPullECRContainerError: " + denies + "ecr:GetAuthorizationToken on resource: * because",
		"ecr:BatchGetImage": "CannotPullContainerError: Error response from daemon: pull access denied for " +
			"123456789012.dkr.ecr.eu-central-1.amazonaws.com/site, repository does not exist or may require 'docker login': denied: " +
			denies + "ecr:BatchGetImage on resource: " + repositoryARN,
		"ecr:GetDownloadUrlForLayer": denies + "ecr:GetDownloadUrlForLayer on resource: " + repositoryARN,
		"logs:CreateLogStream": "CannotStartContainerError: Error response from daemon: failed to initialize logging driver: failed to create " +
			"Cloudwatch log stream: " + denies + "logs:CreateLogStream on resource: arn:aws:logs:eu-central-1:123456789012:log-group:" + group +
			":log-stream:app/app/" + taskID,
	} {
		t.Run("without "+without, func(t *testing.T) {
			t.Parallel()
			may := permissions()
			delete(may, without)
			w := asked(t, demanding(), props{"executionRoleArn": roleARN + "execution"}, Host{}, mayDo(t, "execution", may)...)
			err := w.permit()
			if want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, want)
		})
	}
}

func TestTheRoleOfTheInstancePullsWhereThereIsNoExecutionRole(t *testing.T) {
	t.Parallel()
	resources := func(actions map[string]string) []account.Resource {
		return append(surroundings(), mayDo(t, "instance", actions)...)
	}
	plain := demanding()
	delete(plain[0], "secrets")
	require.NoError(t, asked(t, plain, nil, host(), resources(permissions())...).permit())
	require.ErrorContains(t, asked(t, plain, nil, host(), resources(nil)...).permit(), "assumed-role/instance/")
	require.ErrorContains(t, asked(t, plain, nil, host(), surroundings()[:4]...).permit(), "NoCredentialProviders")
}

func TestTheInstanceHasToReachTheAPIs(t *testing.T) {
	t.Parallel()
	closed := func(service string) account.Resource { // an endpoint that nobody reaches
		return account.Resource{Type: "aws:ec2/vpcEndpoint:VpcEndpoint", ID: "vpce-1", Region: region, Outputs: props{
			"vpcId": "vpc-1", "serviceName": "com.amazonaws." + region + "." + service, "vpcEndpointType": "Interface",
			"privateDnsEnabled": true, "subnetIds": []any{"subnet-1"}, "securityGroupIds": []any{"sg-closed"},
		}}
	}
	for service, want := range map[string]string{
		"ecs":            "",
		"secretsmanager": `RequestError: send request failed caused by: Post "https://secretsmanager.eu-central-1.amazonaws.com/": net/http: request canceled`,
		"ecr.api":        `CannotPullECRContainerError: RequestError: send request failed caused by: Post "https://api.ecr.eu-central-1.amazonaws.com/"`,
		"ecr.dkr":        `CannotPullContainerError: Error response from daemon: Get "https://123456789012.dkr.ecr.eu-central-1.amazonaws.com/v2/"`,
		"logs":           `failed to create Cloudwatch log stream: RequestError: send request failed`,
	} {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			resources := append(surroundings(), mayDo(t, "execution", permissions())...)
			for i := range resources {
				if resources[i].ID == "vpc-1" {
					resources[i].Outputs["enableDnsHostnames"] = true
				}
			}
			w := asked(t, demanding(), props{"executionRoleArn": roleARN + "execution"}, host(), append(resources, closed(service))...)
			err := w.permit()
			if want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, want)
			require.ErrorContains(t, err, "security group sg-closed lets nothing in from security group sg-1 on port 443")
		})
	}
}

func TestALogGroupIsMadeOnlyByWhoMay(t *testing.T) {
	t.Parallel()
	containers := []props{{"name": "app", "logConfiguration": props{"logDriver": "awslogs", "options": props{
		"awslogs-group": "/new", "awslogs-region": region, "awslogs-create-group": "true", "awslogs-stream-prefix": "app",
	}}}}
	may := map[string]string{"logs:CreateLogStream": "*", "logs:PutLogEvents": "*"}
	role := props{"executionRoleArn": roleARN + "execution"}
	require.ErrorContains(t, asked(t, containers, role, Host{}, mayDo(t, "execution", may)...).permit(),
		"failed to create Cloudwatch log group: "+denies+"logs:CreateLogGroup on resource: arn:aws:logs:eu-central-1:123456789012:log-group:/new:log-stream:")
	may["logs:CreateLogGroup"] = "*"
	require.NoError(t, asked(t, containers, role, Host{}, mayDo(t, "execution", may)...).permit())
}

func TestATaskThatMayNotReadItsSecretFailsToStart(t *testing.T) {
	t.Parallel()
	acct := open(t, demanding(), props{"executionRoleArn": roleARN + "execution"})
	for _, r := range mayDo(t, "execution", nil) {
		put(t, acct, r)
	}
	stopped := beginIn(t, acct, nil).until(t, func(t Task) bool { return t.Status == Stopped })
	require.Equal(t, failedToStart, stopped.StopCode)
	require.Contains(t, stopped.Reason, "is not authorized to perform: secretsmanager:GetSecretValue")
}

// The SSM agent in a container that lacks the channels never connects.
func TestExecNeedsTheChannelsOfSessionManager(t *testing.T) {
	t.Parallel()
	for allowed, want := range map[string]string{
		"ssmmessages:*":                    "",
		"ssmmessages:CreateControlChannel": "TargetNotConnectedException: The execute command failed due to an internal error. Try again later.",
	} {
		acct := open(t, []props{{"name": "app", "essential": true}}, props{"taskRoleArn": roleARN + "task"})
		for _, r := range mayDo(t, "task", map[string]string{allowed: "*"}) {
			put(t, acct, r)
		}
		r := beginIn(t, acct, nil)
		r.until(t, func(t Task) bool { return t.Status == Running })
		_, err := r.Locate("app")
		if want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "ssmmessages:CreateDataChannel")
	}
}

func TestAFileSystemIsMountedByTheTask(t *testing.T) {
	t.Parallel()
	w := asked(t, []props{{"name": "app"}}, props{
		"taskRoleArn": roleARN + "task", "volumes": []any{
			map[string]any{"name": "shown", "efsVolumeConfiguration": map[string]any{
				"fileSystemId": "fs-1", "transitEncryption": "ENABLED",
				"authorizationConfig": map[string]any{"accessPointId": "fsap-1", "iam": "ENABLED"},
			}},
			map[string]any{"name": "anonymous", "efsVolumeConfiguration": map[string]any{"fileSystemId": "fs-1"}},
		},
	}, Host{})
	w.task.Subnet, w.task.Groups = "subnet-2", []string{"sg-2"}
	shown, anonymous := w.mount(w.def.Volumes[0]), w.mount(w.def.Volumes[1])
	require.Equal(t, []any{"fsap-1", roleARN + "task", true, "subnet-2", []string{"sg-2"}},
		[]any{shown.Point, shown.Role, shown.TLS, shown.From.Subnet, shown.From.Groups})
	require.Empty(t, anonymous.Role)
	require.False(t, anonymous.TLS)
}
