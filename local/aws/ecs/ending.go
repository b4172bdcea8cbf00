package ecs

import (
	"fmt"
	"slices"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
)

const (
	// deleteTimeout is the provider's, where the program sets none.
	deleteTimeout = 20 * time.Minute
	// stopTimeout is how long a container may take to stop, where it says nothing.
	stopTimeout = 30 * time.Second
)

// empowered is the class of the records of services: which of their roles had policies.
const empowered = "service roles"

// noteRoles keeps which roles of a service have policies.
func noteRoles(c *kind.Call) error {
	roles, err := rolesOf(c)
	if err != nil {
		return err
	}
	var with []string
	for _, role := range roles {
		has, err := hasPolicies(c, role)
		if err != nil {
			return err
		}
		if has {
			with = append(with, role)
		}
	}
	return c.Tx.Keep(empowered, c.ID, with)
}

func forgetRoles(c *kind.Call) error { return c.Tx.Drop(empowered, c.ID) }

// rolesOf are the roles by which a service and its tasks act.
func rolesOf(c *kind.Call) ([]string, error) {
	task, err := findTask(c)
	if err != nil {
		return nil, err
	}
	var roles []string
	for _, role := range []string{c.In.String("iamRole"), task.String("executionRoleArn"), task.String("taskRoleArn")} {
		if role != "" && !slices.Contains(roles, roleName(role)) {
			roles = append(roles, roleName(role))
		}
	}
	return roles, nil
}

func hasPolicies(c *kind.Call, role string) (bool, error) {
	holder, err := c.Find(iam.Role, "name", role)
	if err != nil || holder == nil {
		return false, err
	}
	if len(holder.Outputs.List("inlinePolicies"))+len(holder.Outputs.List("managedPolicyArns")) > 0 {
		return true, nil
	}
	for _, token := range []string{iam.RolePolicy, iam.Attachment} {
		all, err := c.All(token)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(all, func(r account.Resource) bool { return r.Outputs.String("role") == role }) {
			return true, nil
		}
	}
	return false, nil
}

// checkRoles tells of a service that cannot stop, because a role of it has lost its policies before: it stays in
// DRAINING until the provider gives up.
func checkRoles(c *kind.Call) error {
	var had []string
	if _, err := c.Tx.Kept(empowered, c.ID, &had); err != nil {
		return err
	}
	for _, role := range had {
		has, err := hasPolicies(c, role)
		if err != nil {
			return err
		}
		if !has {
			return stuck(c, "the role "+role+" has lost its policies")
		}
	}
	return nil
}

// checkEnd compares how long the targets of a service drain and its containers stop with how long the provider waits.
func checkEnd(c *kind.Call) error {
	var drain, stop time.Duration
	for _, b := range c.Old.Objects("loadBalancers") {
		group, err := c.Find(elb.TargetGroup, "arn", b.String("targetGroupArn"))
		if err != nil {
			return err
		}
		if group != nil {
			drain = max(drain, seconds(group.Outputs.Number("deregistrationDelay")))
		}
	}
	if drain == 0 {
		return nil
	}
	task, err := findTask(c)
	if err != nil {
		task = nil // it was deregistered before: the tasks run all the same
	}
	stop = stopTimeout
	for _, container := range containersOf(task.String("containerDefinitions")) {
		stop = max(stop, seconds(container.Number("stopTimeout")))
	}
	if drain+stop > waits(c) {
		return stuck(c, fmt.Sprintf("targets drain for %s and containers stop in up to %s", drain, stop))
	}
	return nil
}

func waits(c *kind.Call) time.Duration {
	if c.Timeout > 0 {
		return c.Timeout
	}
	return deleteTimeout
}

// stuck is the error of a provider that has waited for the end of a service in vain.
func stuck(c *kind.Call, why string) error {
	return fmt.Errorf("waiting for ECS Service (%s) delete: timeout while waiting for state to become 'INACTIVE' "+
		"(last state: 'DRAINING', timeout: %s): %s", c.ID, waits(c), why)
}
