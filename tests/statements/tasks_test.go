package statements_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/policy"
)

// P-04: a task is healthy by what answers without a site, and by nothing but success.
func TestP04HealthDoesNotAskTheSite(t *testing.T) {
	t.Parallel()
	requireStatement(t, func(s state) []string {
		problems := none(s.ofType(targetGroup), "target group")
		for _, g := range s.ofType(targetGroup) {
			check := g.Inputs.Object("healthCheck")
			if path := check.String("path"); path == "" || path == "/" || strings.HasSuffix(path, ".php") {
				problems = append(problems, fmt.Sprintf("%s asks a page of the site: %q", g.name(), path))
			}
			if matcher := check.String("matcher"); matcher != "200" {
				problems = append(problems, fmt.Sprintf("%s is content with %s", g.name(), matcher))
			}
		}
		return problems
	}, "health", "page", "redirects")
}

// P-08: no task starts before its file system can be mounted wherever the task may be.
func TestP08TasksWaitForTheirFiles(t *testing.T) {
	t.Parallel()
	requireStatement(t, func(s state) []string {
		problems := none(s.ofType(mountTarget), "mount target")
		for _, service := range s.ofType(ecsService) {
			zones := map[string]bool{}
			for _, target := range s.ofType(mountTarget) {
				if mounts(s.task(service), target.Inputs.String("fileSystemId")) && s.waits(service, target) {
					zones[target.Outputs.String("availabilityZoneName")] = true
				}
			}
			for _, id := range service.Inputs.Strings("networkConfiguration.subnets") {
				subnet, _ := s.withID("aws:ec2/subnet:Subnet", id)
				if zone := subnet.Outputs.String("availabilityZone"); !zones[zone] {
					problems = append(problems, fmt.Sprintf("%s does not wait for its files in %s", service.name(), zone))
				}
			}
		}
		return problems
	}, "files", "no wait", "zone")
}

// mounts tells whether tasks of a definition mount a file system.
func mounts(definition resource, system string) bool {
	return slices.Contains(definition.Inputs.All("volumes[].efsVolumeConfiguration.fileSystemId"), any(system))
}

// P-09: a shell is reachable without SSH, and only by who may.
func TestP09ExecReachesTasks(t *testing.T) {
	t.Parallel()
	needed := []string{
		"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
		"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
	}
	requireStatement(t, func(s state) []string {
		problems := none(s.ofType(ecsService), "service")
		for _, service := range s.ofType(ecsService) {
			if !service.Inputs.Bool("enableExecuteCommand") {
				problems = append(problems, service.name()+" does not enable ECS Exec")
			}
			rights := s.rights(s.task(service).Inputs.String("taskRoleArn"))
			for _, action := range needed {
				if !slices.Contains(rights, action) {
					problems = append(problems, fmt.Sprintf("tasks of %s may not %s", service.name(), action))
				}
			}
		}
		return problems
	}, "exec", "off", "no right")
}

// rights are the actions that the policies of a role allow.
func (s state) rights(arn string) []string {
	r, _ := s.with(role, "arn", arn)
	var rights []string
	for _, p := range s.ofType(rolePolicy) {
		var document policy.Document
		if p.Inputs.String("role") == r.Outputs.String("name") && json.Unmarshal([]byte(p.Inputs.String("policy")), &document) == nil {
			for _, statement := range document.Statement {
				rights = append(rights, statement.Action...)
			}
		}
	}
	return rights
}

// P-10: a container cannot read the role of its instance.
func TestP10MetadataIsForInstances(t *testing.T) {
	t.Parallel()
	requireStatement(t, func(s state) []string {
		problems := none(s.ofType(launchTemplate), "launch template")
		for _, template := range s.ofType(launchTemplate) {
			script, err := base64.StdEncoding.DecodeString(template.Inputs.String("userData"))
			if err != nil || !strings.Contains(string(script), "ECS_AWSVPC_BLOCK_IMDS=true\n") {
				problems = append(problems, template.name()+": the agent does not keep tasks from the metadata")
			}
			if hops := template.Inputs.Number("metadataOptions.httpPutResponseHopLimit"); hops != 1 {
				problems = append(problems, fmt.Sprintf("%s: metadata go %v hops", template.name(), hops))
			}
			if template.Inputs.String("metadataOptions.httpTokens") != "required" {
				problems = append(problems, template.name()+": metadata are read without a token")
			}
		}
		return problems
	}, "metadata", "two hops", "agent", "no token")
}

// P-12: shared files belong to the user that containers run as, who is not root.
func TestP12FilesBelongToTheWorker(t *testing.T) {
	t.Parallel()
	refused(t, try(t, "owner", "no directory"), "nowhere", "BadRequest")
	requireStatement(t, func(s state) []string {
		problems := none(s.ofType(accessPoint), "access point")
		for _, point := range s.ofType(accessPoint) {
			user := fmt.Sprintf("%v:%v", point.Inputs.Number("posixUser.uid"), point.Inputs.Number("posixUser.gid"))
			owner := fmt.Sprintf("%v:%v", point.Inputs.Number("rootDirectory.creationInfo.ownerUid"),
				point.Inputs.Number("rootDirectory.creationInfo.ownerGid"))
			for _, d := range s.ofType(taskDefinition) {
				for _, c := range d.containers() {
					if u := c.String("user"); u != user || u != owner || strings.HasPrefix(u, "0") {
						problems = append(problems, fmt.Sprintf("%s runs as %q, its files are those of %s and %s", c.String("name"), u, user, owner))
					}
				}
			}
		}
		return problems
	}, "owner", "another user")
}

// P-16: no secret is in a task definition, or in the state but as a secret.
func TestP16SecretsStaySecret(t *testing.T) {
	t.Parallel()
	requireStatement(t, func(s state) []string {
		problems := none(s.ofType(taskDefinition), "task definition")
		if len(s.secrets) == 0 {
			problems = append(problems, "there is no secret")
		}
		for _, d := range s.ofType(taskDefinition) {
			told := fmt.Sprint(d.containers())
			if slices.ContainsFunc(s.secrets, func(secret string) bool { return strings.Contains(told, secret) }) {
				problems = append(problems, d.name()+" tells a secret to whoever may read it")
			}
		}
		return problems
	}, "environment", "secret", "plain")
}

// W-10: whatever a container asks of AWS, it asks with its role. Keys of a user do not change, and leave with a backup.
func TestW10TasksHaveARoleAndNoKeys(t *testing.T) {
	t.Parallel()
	requireStatement(t, func(s state) []string {
		problems := none(s.ofType(taskDefinition), "task definition")
		for _, d := range s.ofType(taskDefinition) {
			for _, c := range d.containers() {
				for _, told := range append(c.Objects("environment"), c.Objects("secrets")...) {
					if name := told.String("name"); name == "AWS_ACCESS_KEY_ID" || name == "AWS_SECRET_ACCESS_KEY" {
						problems = append(problems, d.name()+" has keys: "+name)
					}
				}
			}
		}
		return problems
	}, "environment", "keys")
}

// P-20: the state on disk is encrypted.
func TestP20StateIsEncrypted(t *testing.T) {
	t.Parallel()
	for mistake, told := range map[string]bool{"": false, "plain": true} {
		c := try(t, "environment", mistake)
		c.Up(stack)
		s := exported(t, c, stack)
		require.NotEmpty(t, s.secrets)
		found := false
		files := os.DirFS(filepath.Join(c.Home, "state"))
		require.NoError(t, fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			text, err := fs.ReadFile(files, path)
			for _, secret := range s.secrets {
				found = found || strings.Contains(string(text), secret)
			}
			return err
		}))
		require.Equal(t, told, found, "a secret in plain text, mistake %q", mistake)
	}
}

// W-15: Pulumi waits longer for a service than its tasks take to drain and stop.
func TestW15DrainingIsShorterThanTheWait(t *testing.T) {
	t.Parallel()
	const defaultWait, defaultStop = 20 * 60, 30 // the provider's, and the ECS agent's, in seconds
	requireStatement(t, func(s state) []string {
		problems := none(s.ofType(ecsService), "service")
		for _, service := range s.ofType(ecsService) {
			takes := 0.0
			for _, c := range s.task(service).containers() {
				takes = max(takes, c.Number("stopTimeout"), defaultStop)
			}
			delay := 0.0
			for _, balancer := range service.Inputs.Objects("loadBalancers") {
				g, _ := s.with(targetGroup, "arn", balancer.String("targetGroupArn"))
				delay = max(delay, g.Outputs.Number("deregistrationDelay"))
			}
			for _, wait := range []float64{service.CustomTimeouts.Delete, service.CustomTimeouts.Update} {
				if wait == 0 {
					wait = defaultWait
				}
				if takes+delay >= wait {
					problems = append(problems, fmt.Sprintf("%s: %v s to drain, %v s to stop, and %v s to wait", service.name(), delay, takes, wait))
				}
			}
		}
		return problems
	}, "draining", "delay", "stop")
	c := try(t, "draining", "delay")
	c.Up(stack)
	requireRefused(t, destroy(c), "timeout while waiting for state to become 'INACTIVE' (last state: 'DRAINING', timeout: 20m0s)")
	change(c, "draining", "")
	c.Up(stack)
	c.Destroy(stack)
}

// W-16: the load balancer's checks do not count while a task starts.
func TestW16GraceIsLongerThanTheStart(t *testing.T) {
	t.Parallel()
	requireStatement(t, func(s state) []string {
		problems := none(s.ofType(ecsService), "service")
		for _, service := range s.ofType(ecsService) {
			grace := service.Inputs.Number("healthCheckGracePeriodSeconds")
			for _, balancer := range service.Inputs.Objects("loadBalancers") {
				for _, c := range s.task(service).containers() {
					if c.String("name") == balancer.String("containerName") && grace <= c.Number("healthCheck.startPeriod") {
						problems = append(problems, fmt.Sprintf("%s: %v s of grace, %v s to start", service.name(), grace,
							c.Number("healthCheck.startPeriod")))
					}
				}
			}
		}
		return problems
	}, "grace", "none")
}

// W-17: what prepares the site runs in every update, and its failure is that of the update.
func TestW17NothingServesBeforeSetup(t *testing.T) {
	t.Parallel()
	requireStatement(t, func(s state) []string {
		problems := none(s.ofType(taskDefinition), "task definition")
		for _, d := range s.ofType(taskDefinition) {
			containers := map[string]account.Props{}
			for _, c := range d.containers() {
				containers[c.String("name")] = c
			}
			for name, c := range containers {
				if essential, set := c["essential"].(bool); (essential || !set) && !prepared(containers, name) {
					problems = append(problems, name+" waits for nothing that has to succeed")
				}
			}
		}
		return problems
	}, "setup", "not awaited")
}

// prepared tells whether a container starts only after another one has succeeded.
func prepared(containers map[string]account.Props, name string) bool {
	return slices.ContainsFunc(containers[name].Objects("dependsOn"), func(d account.Props) bool {
		switch d.String("condition") {
		case "SUCCESS":
			return true
		case "HEALTHY":
			return prepared(containers, d.String("containerName"))
		}
		return false
	})
}

// W-19: the keys and salts are the same in all tasks.
func TestW19KeysAreShared(t *testing.T) {
	t.Parallel()
	keys := []string{
		"AUTH_KEY", "AUTH_SALT", "LOGGED_IN_KEY", "LOGGED_IN_SALT", "NONCE_KEY", "NONCE_SALT", "SECURE_AUTH_KEY", "SECURE_AUTH_SALT",
	}
	requireStatement(t, func(s state) []string {
		problems, having := none(s.ofType(taskDefinition), "task definition"), 0
		for _, d := range s.ofType(taskDefinition) {
			for _, c := range d.containers() {
				sources := map[string]bool{}
				for _, secret := range c.Objects("secrets") {
					key := strings.TrimPrefix(secret.String("name"), "WORDPRESS_")
					if source, named := strings.CutSuffix(secret.String("valueFrom"), ":"+key+"::"); named && slices.Contains(keys, key) {
						sources[key] = true
						sources["from "+source] = true
					}
				}
				switch len(sources) {
				case 0:
				case len(keys) + 1:
					having++
				default:
					problems = append(problems, fmt.Sprintf("%s has %v", c.String("name"), slices.Sorted(maps.Keys(sources))))
				}
			}
		}
		if having == 0 {
			problems = append(problems, "no container gets the keys from a secret")
		}
		return problems
	}, "salts", "their own")
}

// W-21: a service goes before what it needs to stop: the policies of its roles.
func TestW21ServiceGoesBeforeItsRights(t *testing.T) {
	t.Parallel()
	requireStatement(t, func(s state) []string {
		problems, rights := none(s.ofType(ecsService), "service"), 0
		for _, service := range s.ofType(ecsService) {
			d := s.task(service)
			for _, arn := range []string{
				service.Inputs.String("iamRole"), d.Inputs.String("taskRoleArn"), d.Inputs.String("executionRoleArn"),
			} {
				r, _ := s.with(role, "arn", arn)
				for _, right := range append(s.ofType(rolePolicy), s.ofType(attachment)...) {
					if right.Inputs.String("role") != r.Outputs.String("name") {
						continue
					}
					rights++
					if !s.waits(service, right) {
						problems = append(problems, fmt.Sprintf("%s may go before %s", right.name(), service.name()))
					}
				}
			}
		}
		if rights == 0 {
			problems = append(problems, "no service needs a right")
		}
		return problems
	}, "roles", "too early")
	c := try(t, "roles", "")
	c.Up(stack)
	change(c, "roles", "too early")
	c.Up(stack)
	requireRefused(t, destroy(c), "(last state: 'DRAINING', timeout: 20m0s)", "has lost its policies")
	change(c, "roles", "")
	c.Up(stack)
	c.Destroy(stack)
	require.Empty(t, c.Resources())
}
