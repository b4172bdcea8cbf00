package elb

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/kind"
)

const (
	mostTargetGroups = 3000

	// lambdaTarget is the type of a target group that leads to a Lambda function. It has no port, protocol and VPC.
	lambdaTarget = "lambda"
)

func targetGroup() kind.Kind {
	return kind.Kind{
		Type: TargetGroup, Title: "ELBv2 Target Group", Args: lb.TargetGroupArgs{}, State: lb.TargetGroup{},
		API:    targetAPI(),
		Source: terraform + "target_group.go",
		Name:   kind.Name{Property: "name", Prefix: "namePrefix", Max: 32},
		Replace: []string{
			"ipAddressType", "name", "namePrefix", "port", "protocol", "protocolVersion", "targetType", "vpcId",
		},
		Sets:     []string{"targetFailovers", "targetHealthStates"},
		Kept:     []string{"targetFailovers", "targetHealthStates"},
		Text:     map[string]func(string) string{"protocolVersion": strings.ToUpper, "healthCheck.protocol": strings.ToUpper},
		Defaults: targetDefaults(),
		Rules:    append(append(tags(), targetRules()...), healthRules()...),
		Refs: []kind.Ref{{Path: "vpcId", To: ec2.Vpc, Loose: true, Source: model + "CreateTargetGroupInput.VpcId", Missing: kind.Fault{
			Code: "ValidationError", Message: "The VPC ID '%s' is not found",
		}}},
		Guards: []kind.Guard{kind.Quota("target groups per region", mostTargetGroups, kind.Fault{
			Code: "TooManyTargetGroups", Message: "The maximum number of target groups has been reached",
		}, kind.Alike(TargetGroup)).From(quotas)},
		Unique: []kind.Unique{{Property: "name", Source: model + "DuplicateTargetGroupNameException", Taken: kind.Fault{
			Code: "DuplicateTargetGroupName", Message: "A target group with the same name '%s' exists, but with different settings",
		}}},
		NotFound: kind.Fault{Code: "TargetGroupNotFound", Message: "One or more target groups not found: %s"},
		InUse: kind.Fault{
			Code: "ResourceInUse", Message: "Target group '%s' is currently in use by a listener or a rule",
		},
		Create: func(c *kind.Call) error {
			suffix := "targetgroup/" + c.Out.String("name") + "/" + account.NewHex(16)
			version := "HTTP1"
			if c.Out.String("targetType") == lambdaTarget {
				version = ""
			}
			c.ID = c.ARN("elasticloadbalancing", suffix)
			c.Set(account.Props{
				"arn": c.ID, "arnSuffix": suffix, "loadBalancerArns": []any{}, "connectionTermination": false,
				"ipAddressType": "ipv4", "loadBalancingAlgorithmType": "round_robin",
				"loadBalancingAnomalyMitigation": "off", "loadBalancingCrossZoneEnabled": "use_load_balancer_configuration",
				"namePrefix": "", "preserveClientIp": "", "protocolVersion": version, "targetFailovers": []any{},
				"targetHealthStates": []any{},
				"stickiness":         map[string]any{"cookieDuration": 86400.0, "enabled": false, "type": "lb_cookie"},
				"targetGroupHealth": map[string]any{
					"dnsFailover":           map[string]any{"minimumHealthyTargetsCount": "1", "minimumHealthyTargetsPercentage": "off"},
					"unhealthyStateRouting": map[string]any{"minimumHealthyTargetsCount": 1.0, "minimumHealthyTargetsPercentage": "off"},
				},
			})
			fillTarget(c.Out)
			return nil
		},
		Update: func(c *kind.Call) error {
			fillTarget(c.Out)
			return nil
		},
		// Its targets go with it.
		Delete: func(c *kind.Call) error {
			all, err := c.All(TargetGroupAttachment)
			if err != nil {
				return err
			}
			for _, r := range all {
				if r.Outputs.String("targetGroupArn") != c.ID {
					continue
				}
				if err := c.Tx.Delete(TargetGroupAttachment, r.Region, r.ID); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func targetDefaults() account.Props {
	return account.Props{
		"deregistrationDelay": 300.0, "lambdaMultiValueHeadersEnabled": false, "proxyProtocolV2": false, "slowStart": 0.0,
		"targetType": "instance", "healthCheck.enabled": true, "healthCheck.healthyThreshold": 3.0,
		"healthCheck.interval": usualInterval, "healthCheck.port": "traffic-port", "healthCheck.protocol": "HTTP",
		"healthCheck.unhealthyThreshold": 3.0, "stickiness.cookieDuration": 86400.0, "stickiness.enabled": true,
	}
}

// ofFunction are the health checks of a Lambda function where nothing is said about them: they are off.
func ofFunction() account.Props {
	return account.Props{
		"enabled": false, "interval": 35.0, "timeout": functionTimeout, "healthyThreshold": 5.0, "unhealthyThreshold": 5.0, "path": "/",
		"matcher": "200",
	}
}

// fillTarget adds what AWS answers for the parts of a health check and of stickiness that were left out, and writes
// names of protocols as AWS does.
func fillTarget(out account.Props) {
	function := out.String("targetType") == lambdaTarget
	if function && out.Object("healthCheck") == nil {
		out["healthCheck"] = map[string]any(ofFunction())
		return
	}
	check := account.Props{"path": "/", "matcher": "200", "timeout": usualTimeout}
	if function {
		check["timeout"] = functionTimeout
	}
	stickiness := account.Props{}
	for name, value := range targetDefaults() {
		if part, ok := strings.CutPrefix(name, "healthCheck."); ok {
			check[part] = value
		}
		if part, ok := strings.CutPrefix(name, "stickiness."); ok {
			stickiness[part] = value
		}
	}
	for name, value := range out.Object("healthCheck") {
		check[name] = value
	}
	for name, value := range out.Object("stickiness") {
		stickiness[name] = value
	}
	check["protocol"] = strings.ToUpper(check.String("protocol"))
	out["protocolVersion"] = strings.ToUpper(out.String("protocolVersion"))
	out["healthCheck"], out["stickiness"] = map[string]any(check), map[string]any(stickiness)
}
