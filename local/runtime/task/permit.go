package task

import (
	"errors"
	"fmt"
	"strings"

	"wordpress-ecs/local/access"
	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/files"
	"wordpress-ecs/local/runtime/reach"
)

// permit asks IAM and the network what the ECS agent finds out when it starts a task: whether it may read the
// secrets, pull the images and write the logs, and reaches what gives them. It does so from the instance, with the
// task execution role, or with the role of the instance where there is none. The error is AWS's; what is in brackets
// in it is added here, because AWS does not tell.
func (w *work) permit() error {
	return w.part.env.Account.View(func(tx *account.Tx) error {
		g := &gate{work: w, tx: tx, role: w.def.ExecutionRole}
		if err := g.open(); err != nil {
			return err
		}
		for _, check := range []func(containerDefinition) error{g.secrets, g.image, g.logs} {
			for _, c := range w.def.Containers {
				if err := check(c); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// gate is what a task is asked at.
type gate struct {
	*work
	tx   *account.Tx
	role string
	// network is nil where nothing is known of the instance.
	network *reach.Network
}

func (g *gate) open() (err error) {
	if g.task.Host.Profile == "" {
		return nil
	}
	if g.role == "" {
		if g.role, err = access.RoleOf(g.tx, g.task.Host.Profile); err != nil {
			return err
		}
	}
	g.network, err = reach.Read(g.tx)
	return err
}

// reaches tells why the instance does not reach an API.
func (g *gate) reaches(service string) error {
	if g.network == nil {
		return nil
	}
	h := g.task.Host
	return g.network.API(reach.Interface{Subnet: h.Subnet, Groups: h.Groups, Public: h.Public}, service)
}

// may asks IAM. Where neither a role nor the instance is known there is nobody to ask about.
func (g *gate) may(action, resource string) error {
	if g.role == "" && g.network == nil {
		return nil
	}
	if g.role == "" {
		return errors.New("NoCredentialProviders: no valid providers in chain (neither the task definition nor the instance has a role)")
	}
	answer, err := access.Ask(g.tx, access.Request{
		Role: g.role, Session: g.task.ID, Action: action, Resource: resource,
		//nolint:goconst // a key of IAM's conditions, and no log option
		Context: map[string]string{"aws:SecureTransport": "true", "aws:RequestedRegion": g.task.Region},
	})
	if err != nil {
		return err
	}
	if err := answer.Refused(); err != nil {
		return fmt.Errorf("AccessDeniedException: %w", err)
	}
	return nil
}

// timeout is what the agent says of an API that does not answer.
func timeout(host string, why error) error {
	return fmt.Errorf("RequestError: send request failed caused by: Post %q: net/http: request canceled while waiting for "+
		"connection (Client.Timeout exceeded while awaiting headers) (%w)", "https://"+host+"/", why)
}

// secrets are read before anything else. The words are the agent's (agent/taskresource/asmsecret); Fargate's begin
// with "ResourceInitializationError: unable to pull secrets or registry auth".
func (g *gate) secrets(c containerDefinition) error {
	for _, s := range c.Secrets {
		source, err := parseSecret(s.ValueFrom)
		if err != nil {
			return err
		}
		region := strings.Split(source.arn, ":")[3]
		if err = g.reaches("secretsmanager"); err != nil {
			err = timeout("secretsmanager."+region+".amazonaws.com", err)
		} else {
			err = g.may("secretsmanager:GetSecretValue", source.arn)
		}
		if err != nil {
			return fmt.Errorf("Fetching secret data from AWS Secrets Manager in region %s: secret %s: %w", region, source.arn, err)
		}
	}
	return nil
}

// image is pulled from ECR with a token. Other registries are pulled from as the engine does.
func (g *gate) image(c containerDefinition) error {
	match := ecrReference.FindStringSubmatch(c.Image)
	if match == nil {
		return nil
	}
	parts := strings.Split(c.Image, ".") // ACCOUNT.dkr.ecr.REGION.amazonaws.com/...
	region, repository := parts[3], fmt.Sprintf("arn:aws:ecr:%s:%s:repository/%s", parts[3], parts[0], match[1])
	host := strings.SplitN(c.Image, "/", 2)[0]
	refuse := func(name string, err error) error { return pullError{c.Image, fmt.Errorf("%s: %w", name, err)} }
	if err := g.reaches("ecr.api"); err != nil {
		return refuse("CannotPullECRContainerError", timeout("api.ecr."+region+".amazonaws.com", err))
	}
	if err := g.may("ecr:GetAuthorizationToken", "*"); err != nil {
		return refuse("CannotPullECRContainerError", err)
	}
	for _, service := range []string{"ecr.dkr", "s3"} {
		if err := g.reaches(service); err != nil {
			return refuse("CannotPullContainerError", fmt.Errorf("Error response from daemon: Get \"https://%s/v2/\": net/http: "+
				"request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers) (%s: %w)", host, service, err))
		}
	}
	for _, action := range []string{"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"} {
		if err := g.may(action, repository); err != nil {
			return refuse("CannotPullContainerError", fmt.Errorf("Error response from daemon: pull access denied for %s/%s, repository "+
				"does not exist or may require 'docker login': denied: %w", host, match[1], err))
		}
	}
	return nil
}

// logs are opened by the log driver, which reports later if it cannot write.
func (g *gate) logs(c containerDefinition) error {
	options, ok := c.logs()
	if !ok {
		return nil
	}
	region := options["awslogs-region"]
	if region == "" {
		region = g.task.Region
	}
	group := fmt.Sprintf("arn:aws:logs:%s:%s:log-group:%s:log-stream:", region, account.ID, options["awslogs-group"])
	stream := group
	for _, run := range g.task.Containers {
		if run.Name == c.Name {
			stream = group + run.LogStream
		}
	}
	refuse := func(what string, err error) error {
		return fmt.Errorf("CannotStartContainerError: Error response from daemon: failed to initialize logging driver: "+
			"failed to create Cloudwatch log %s: %w", what, err)
	}
	if err := g.reaches("logs"); err != nil {
		return refuse("stream", timeout("logs."+region+".amazonaws.com", err))
	}
	if makesGroup(options) {
		there, err := hasGroup(g.tx, options["awslogs-group"])
		if err != nil {
			return err
		}
		if !there {
			if err := g.may("logs:CreateLogGroup", group); err != nil {
				return refuse("group", err)
			}
		}
	}
	if err := g.may("logs:CreateLogStream", stream); err != nil {
		return refuse("stream", err)
	}
	if err := g.may("logs:PutLogEvents", stream); err != nil {
		g.part.sayOnce(g.def.ARN, fmt.Sprintf("container %s: AWS would drop its output: %v", c.Name, err))
	}
	return nil
}

func hasGroup(tx *account.Tx, name string) (bool, error) {
	all, err := tx.ByType(logGroup)
	for _, r := range all {
		if r.Outputs.String("name") == name {
			return true, nil
		}
	}
	return false, err
}

// mount is how a task mounts a file system.
func (w *work) mount(v volumeDefinition) files.Mount {
	m := files.Mount{
		System: v.FileSystem, Point: v.AccessPoint, Root: v.RootDirectory, Session: w.task.ID, TLS: v.TLS,
		From: reach.Interface{Subnet: w.task.Subnet, Groups: w.task.Groups, IP: w.task.IP},
	}
	if v.IAM {
		m.Role = w.def.TaskRole
	}
	return m
}

// channels are what the SSM agent in a container needs for ECS Exec.
var channels = []string{
	"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
}

// mayExec tells why the SSM agent of a task does not answer; nil when it does. It has the task's role, or that of
// the instance.
func (p *Part) mayExec(t Task) error {
	w := p.task(t.ID)
	if w == nil {
		return nil // it has just gone
	}
	return p.env.Account.View(func(tx *account.Tx) error {
		g := &gate{work: w, tx: tx, role: w.def.TaskRole}
		if err := g.open(); err != nil {
			return err
		}
		for _, action := range channels {
			if err := g.may(action, "*"); err != nil {
				return fmt.Errorf("TargetNotConnectedException: The execute command failed due to an internal error. Try again later. (%w)", err)
			}
		}
		return nil
	})
}
