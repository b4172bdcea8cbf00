package ecs

import (
	"fmt"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
)

// Bounds of what containers do: seconds, and exit codes of one policy.
const (
	leastRestartPeriod, mostRestartPeriod = 60, 1800
	mostExitCodes                         = 50
	leastFargateTimeout, mostTimeout      = 2, 120
)

// runClauses are those about how containers run: variables, secrets, files, health, logs, times.
func runClauses() []clause {
	//nolint:gosec // the ARN of a made-up secret, not its value
	const secret = `"secrets":[{"name":"PASSWORD","valueFrom":"arn:aws:secretsmanager:eu-central-1:123456789012:secret:a"}]`
	return []clause{
		{"secrets need an execution role", reference + "Secret", []string{"executionRoleArn"}, single(secret), func(t task) string {
			for _, c := range t.containers {
				if len(c.List("secrets")) > 0 && !t.in.Has("executionRoleArn") {
					return "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."
				}
			}
			return ""
		}},
		{"names of variables", reference + "KeyValuePair", nil, single(`"environment":[{"name":"","value":"a"}]`),
			every(func(c account.Props) string {
				for _, e := range append(c.Objects("environment"), c.Objects("secrets")...) {
					if e.String("name") == "" {
						return fmt.Sprintf("The name of an environment variable of container '%s' is empty.", c.String("name"))
					}
				}
				return ""
			})},
		{"secrets and variables have names of their own", reference + "Secret", nil,
			single(`"environment":[{"name":"PASSWORD","value":"a"}],` + secret),
			every(func(c account.Props) string {
				seen := map[string]bool{}
				for _, e := range c.Objects("environment") {
					seen[e.String("name")] = true
				}
				for _, s := range c.Objects("secrets") {
					if seen[s.String("name")] {
						return fmt.Sprintf("The secret name must be unique and not shared with any new or existing environment variables "+
							"set on the container, such as '%s'.", s.String("name"))
					}
					seen[s.String("name")] = true
				}
				return ""
			})},
		{"volumes of mount points", reference + "MountPoint", []string{"volumes"},
			single(`"mountPoints":[{"sourceVolume":"uploads","containerPath":"/srv"}]`), checkMounts},
		{"containers of volumesFrom", reference + "VolumeFrom", nil, single(`"volumesFrom":[{"sourceContainer":"files"}]`),
			func(t task) string {
				for _, c := range t.containers {
					for _, v := range c.Objects("volumesFrom") {
						if !slices.ContainsFunc(t.containers, func(o account.Props) bool { return o["name"] == v["sourceContainer"] }) {
							return fmt.Sprintf("Unknown container '%s' in volumesFrom.", v.String("sourceContainer"))
						}
					}
				}
				return ""
			}},
		{"commands of health checks", reference + "HealthCheck", nil, single(`"healthCheck":{"command":["curl","localhost"]}`),
			every(func(c account.Props) string {
				command := c.Strings("healthCheck.command")
				if c.Has("healthCheck") && (len(command) == 0 || !slices.Contains([]string{"CMD", "CMD-SHELL", "NONE"}, command[0])) {
					return fmt.Sprintf("The health check command of container '%s' must begin with CMD or CMD-SHELL.", c.String("name"))
				}
				return ""
			})},
		{"times of health checks", reference + "HealthCheck", nil, single(`"healthCheck":{"command":["CMD","true"],"startPeriod":301}`),
			every(checkHealthTimes)},
		{"options of the log driver", reference + "LogConfiguration", nil, single(`"logConfiguration":{"logDriver":"awslogs","options":{}}`),
			every(checkLogs)},
		{"restart policies", reference + "ContainerRestartPolicy", nil,
			single(`"restartPolicy":{"enabled":true,"restartAttemptPeriod":59}`), every(checkRestart)},
		{"timeouts", reference + "ContainerDefinition", []string{"requiresCompatibilities"}, single(`"stopTimeout":-1`), checkTimeouts},
		{"ten environment files", reference + "ContainerDefinition", nil,
			single(`"environmentFiles":[` + strings.TrimSuffix(strings.Repeat(`{"type":"s3","value":"arn:aws:s3:::a/b.env"},`, 11), ",") + `]`),
			every(func(c account.Props) string {
				files := c.Objects("environmentFiles")
				if len(files) > mostFiles {
					return fmt.Sprintf("Container '%s' has more than %d environment files.", c.String("name"), mostFiles)
				}
				for _, f := range files {
					if !strings.HasSuffix(f.String("value"), ".env") {
						return fmt.Sprintf("The environment file '%s' must have the extension .env.", f.String("value"))
					}
				}
				return ""
			})},
	}
}

const mostFiles = 10

func checkMounts(t task) string {
	volumes := map[string]bool{}
	for _, v := range t.in.Objects("volumes") {
		volumes[v.String("name")] = true
	}
	for _, c := range t.containers {
		for _, m := range c.Objects("mountPoints") {
			if !volumes[m.String("sourceVolume")] {
				return fmt.Sprintf("Unknown volume '%s'.", m.String("sourceVolume"))
			}
		}
	}
	return ""
}

func checkHealthTimes(c account.Props) string {
	for _, bounds := range []struct {
		key       string
		low, high float64
	}{{"interval", 5, 300}, {"timeout", 2, 60}, {"retries", 1, 10}, {"startPeriod", 0, 300}} {
		path := "healthCheck." + bounds.key
		if n := c.Number(path); c.Has(path) && (n < bounds.low || n > bounds.high) {
			return fmt.Sprintf("The health check %s of container '%s' is %v; it must be between %v and %v.",
				bounds.key, c.String("name"), n, bounds.low, bounds.high)
		}
	}
	return ""
}

// logOptions are those of awslogs that ECS takes.
var logOptions = strings.Fields(`awslogs-create-group awslogs-region awslogs-endpoint awslogs-group awslogs-stream-prefix
	awslogs-datetime-format awslogs-multiline-pattern mode max-buffer-size tag`)

func checkLogs(c account.Props) string {
	if c.String("logConfiguration.logDriver") != "awslogs" {
		return ""
	}
	options := c.Object("logConfiguration.options")
	for _, needed := range []string{"awslogs-group", "awslogs-region"} {
		if options.String(needed) == "" {
			return "Log driver awslogs requires options: awslogs-region, awslogs-group"
		}
	}
	for name := range options {
		if !slices.Contains(logOptions, name) {
			return "Log driver awslogs disallows options: " + name
		}
	}
	if mode := options.String("mode"); mode != "" && mode != "blocking" && mode != "non-blocking" {
		return fmt.Sprintf("Log driver option mode of container '%s' must be blocking or non-blocking.", c.String("name"))
	}
	return ""
}

func checkRestart(c account.Props) string {
	policy := c.Object("restartPolicy")
	if policy == nil {
		return ""
	}
	name := c.String("name")
	if _, ok := policy["enabled"].(bool); !ok {
		return fmt.Sprintf("Container '%s': restartPolicy.enabled is required.", name)
	}
	if period := policy.Number("restartAttemptPeriod"); policy.Has("restartAttemptPeriod") &&
		(period < leastRestartPeriod || period > mostRestartPeriod) {
		return fmt.Sprintf("Container '%s': restartPolicy.restartAttemptPeriod is %v; it must be between %d and %d seconds.",
			name, period, leastRestartPeriod, mostRestartPeriod)
	}
	if codes := len(policy.List("ignoredExitCodes")); codes > mostExitCodes {
		return fmt.Sprintf("Container '%s': restartPolicy.ignoredExitCodes has %d codes; at most %d are allowed.",
			name, codes, mostExitCodes)
	}
	return ""
}

// checkTimeouts knows the bounds of Fargate. On instances there are none but those of the agent.
func checkTimeouts(t task) string {
	for _, c := range t.containers {
		for _, key := range []string{"startTimeout", "stopTimeout"} {
			seconds := c.Number(key)
			switch {
			case seconds < 0:
				return fmt.Sprintf("Container '%s': %s is negative.", c.String("name"), key)
			case onFargate(t.in) && c.Has(key) && (seconds < leastFargateTimeout || seconds > mostTimeout):
				return fmt.Sprintf("Container '%s': %s is %v; on Fargate it must be between %d and %d seconds.",
					c.String("name"), key, seconds, leastFargateTimeout, mostTimeout)
			}
		}
	}
	return ""
}
