package autoscaling

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/region"
)

func guards() []kind.Guard {
	const on = kind.Making | kind.Changing
	// It is EC2 that looks at the launch template, as if to start an instance.
	const start = "EC2 API reference, RunInstances"
	return []kind.Guard{
		{Name: "zones of the region", Source: reference + "CreateAutoScalingGroup", On: on, Check: checkZones},
		{Name: "subnets of one VPC", Source: "EC2 Auto Scaling user guide, Choose VPC subnets", On: on, Check: checkVpc},
		{Name: "version of the launch template exists", Source: start, On: on, Check: template(checkVersion)},
		{Name: "the launch template says what to start", Source: start, On: on, Check: template(checkComplete)},
		{
			Name: "the instance profile exists", Source: "hashicorp/terraform-provider-aws#29866, #4769", On: on,
			Check: template(checkProfile),
		},
		{Name: "the instance profile has a role", Source: start, On: on, Check: template(checkRole)},
		{Name: "security groups of the subnets' VPC", Source: start, On: on, Check: template(checkGroups)},
		{
			Name: "5 security groups of an instance", Source: "VPC quotas, Security groups per network interface", On: on,
			Check: template(countGroups),
		},
		{Name: "groups of the instance or of its interfaces", Source: start, On: on, Check: template(checkInterfaces)},
		{Name: "target groups of instances", Source: "EC2 Auto Scaling user guide, Use Elastic Load Balancing", On: on, Check: checkTargets},
		{
			Name: "instances drain", Source: provider + " drainGroup; aws/containers-roadmap#2862", On: kind.Deleting,
			Check: checkDrain,
		},
	}
}

// template is a check of the launch template of a group that exists.
func template(check func(c *kind.Call, t account.Resource) error) func(c *kind.Call) error {
	return func(c *kind.Call) error {
		for property, value := range map[string]string{
			"id":   c.In.String("launchTemplate.id") + c.In.String(mixed+".launchTemplateId"),
			"name": c.In.String("launchTemplate.name") + c.In.String(mixed+".launchTemplateName"),
		} {
			if value == "" {
				continue
			}
			t, err := c.Find(ec2.LaunchTemplate, property, value)
			if err != nil || t == nil {
				return err // that it exists is another rule's
			}
			return check(c, *t)
		}
		return nil
	}
}

func checkZones(c *kind.Call) error {
	r, _ := region.Find(c.Region)
	for _, zone := range c.In.Strings("availabilityZones") {
		if !slices.Contains(r.Zones(), zone) {
			return kind.Refuse(validation, "Availability zone(s) invalid: [%s]", zone)
		}
	}
	return nil
}

func checkVpc(c *kind.Call) error {
	subnets, err := ec2.Subnets(c, c.In.Strings("vpcZoneIdentifiers"))
	for _, s := range subnets {
		if s.Outputs.String("vpcId") != subnets[0].Outputs.String("vpcId") {
			return kind.Refuse(validation, "The subnets %s and %s are not in the same VPC.", subnets[0].ID, s.ID)
		}
	}
	return err
}

func checkVersion(c *kind.Call, t account.Resource) error {
	version := c.In.String("launchTemplate.version") + c.In.String(mixed+".version")
	if version == "" || version == "$Latest" || version == "$Default" {
		return nil
	}
	latest := t.Outputs.Int("latestVersion")
	for n := 1; n <= latest; n++ {
		if version == strconv.Itoa(n) {
			return nil
		}
	}
	return kind.Refuse(validation, unformed+"Could not find the specified version %s for the launch template with ID %s.", version, t.ID)
}

func checkComplete(c *kind.Call, t account.Resource) error {
	overridden := c.In.Has("mixedInstancesPolicy.launchTemplate.overrides")
	switch {
	case t.Outputs.String("imageId") == "":
		return kind.Refuse(validation, unformed+"The request must contain the parameter ImageId")
	case t.Outputs.String("instanceType") == "" && !t.Outputs.Has("instanceRequirements") && !overridden:
		return kind.Refuse(validation, unformed+"The request must contain the parameter InstanceType")
	}
	return nil
}

// profile is the instance profile of a launch template, by the name of the parameter and its value.
func profile(c *kind.Call, t account.Resource) (parameter, value string, found *account.Resource, err error) {
	for _, parameter := range []string{"arn", "name"} {
		if value := t.Outputs.String("iamInstanceProfile." + parameter); value != "" {
			found, err := c.Find(iam.InstanceProfile, parameter, value)
			return parameter, value, found, err
		}
	}
	return "", "", nil, nil
}

func checkProfile(c *kind.Call, t account.Resource) error {
	parameter, value, found, err := profile(c, t)
	if err == nil && value != "" && found == nil {
		what := map[string]string{"arn": "ARN", "name": "name"}[parameter]
		err = kind.RefuseForNow(validation, unformed+"Value (%s) for parameter iamInstanceProfile.%s is invalid. "+
			"Invalid IAM Instance Profile %s", value, parameter, what)
	}
	return err
}

func checkRole(c *kind.Call, t account.Resource) error {
	_, _, found, err := profile(c, t)
	if err == nil && found != nil && found.Outputs.String("role") == "" {
		err = kind.Refuse(validation, unformed+"IAM Instance Profile %q has no associated IAM Roles", found.Outputs.String("arn"))
	}
	return err
}

// mostGroups is the quota of security groups per network interface.
const mostGroups = 5

func countGroups(_ *kind.Call, t account.Resource) error {
	lists := [][]string{t.Outputs.Strings("vpcSecurityGroupIds")}
	for _, inside := range t.Outputs.Objects("networkInterfaces") {
		lists = append(lists, inside.Strings("securityGroups"))
	}
	for _, list := range lists {
		if len(list) > mostGroups {
			return kind.Refuse(validation, unformed+"You have exceeded the number of VPC security groups allowed per instance.")
		}
	}
	return nil
}

func checkInterfaces(_ *kind.Call, t account.Resource) error {
	if len(t.Outputs.List("networkInterfaces")) > 0 && len(t.Outputs.List("vpcSecurityGroupIds")) > 0 {
		return kind.Refuse(validation, unformed+
			"Network interfaces and an instance-level security groups may not be specified on the same request")
	}
	return nil
}

func checkGroups(c *kind.Call, t account.Resource) error {
	subnets, err := ec2.Subnets(c, c.In.Strings("vpcZoneIdentifiers"))
	if err != nil || len(subnets) == 0 {
		return err
	}
	ids := t.Outputs.Strings("vpcSecurityGroupIds")
	for _, inside := range t.Outputs.Objects("networkInterfaces") {
		ids = append(ids, inside.Strings("securityGroups")...)
	}
	other, err := ec2.GroupElsewhere(c, ids, subnets[0].Outputs.String("vpcId"))
	if err != nil {
		return err
	}
	if other != nil {
		return kind.Refuse(validation, unformed+"Security group %s and subnet %s belong to different networks.", other.ID, subnets[0].ID)
	}
	return nil
}

func checkTargets(c *kind.Call) error {
	for _, arn := range c.In.Strings("targetGroupArns") {
		found, err := c.Find(elb.TargetGroup, "arn", arn)
		if err != nil {
			return err
		}
		if found != nil && found.Outputs.String("targetType") != "instance" {
			return kind.Refuse(validation, "Provided Target Groups may not be valid: %s has target type %s, and an Auto Scaling group "+
				"registers instances.", arn, found.Outputs.String("targetType"))
		}
	}
	return nil
}

// checkDrain tells of the provider that waits for a group's instances to end. Managed draining leaves a lifecycle hook
// on the group that only the capacity provider answers: once that is gone, the instances stay in Terminating:Wait.
func checkDrain(c *kind.Call) error {
	if c.In.Bool("forceDelete") {
		return nil
	}
	hooked, err := left(c)
	if err != nil || !hooked {
		return err
	}
	n, err := running(c)
	if err == nil && n > 0 {
		err = fmt.Errorf("waiting for Auto Scaling Group (%s) drain: timeout while waiting for state to become '0' "+
			"(last state: '%d', timeout: %s)", c.ID, n, allowed(c))
	}
	return err
}

// instance is what is known of one of a group.
type instance struct {
	Group  string `json:"group"`
	Region string `json:"region"`
	State  string `json:"state"`
}

// running counts the instances of a group: those that there are, or will be as soon as somebody looks.
func running(c *kind.Call) (int, error) {
	all, err := account.AllKept[instance](c.Tx, "instance")
	n := 0
	for _, i := range all {
		if i.Group == c.ID && i.Region == c.Region && !strings.EqualFold(i.State, "terminated") {
			n++
		}
	}
	return max(n, c.Old.Int("desiredCapacity")), err
}
