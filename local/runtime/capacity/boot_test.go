package capacity

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
)

// without takes resources out of the account.
func (c *cloud) without(typ, region, id string) {
	c.t.Helper()
	require.NoError(c.t, c.account.Update(func(tx *account.Tx) error { return tx.Delete(typ, region, id) }))
}

// The agent tries again for ever: an instance that booted too early comes as soon as it can.
func TestAnInstanceRegistersWhenItCan(t *testing.T) {
	t.Parallel()
	const route, group = "aws:ec2/route:Route", "aws:ec2/securityGroup:SecurityGroup"
	for name, c := range map[string]struct {
		typ, region, id string
		reason          string
	}{
		"route":          {route, region, "r-1", `it does not reach the API "ecs": subnet-`},
		"security group": {group, region, "sg-1", "its security groups let nothing out to 0.0.0.0/0 on port 443"},
		"cluster":        {clusterType, region, "site", `ClientException: Cluster not found. (its user data names "site")`},
		"profile":        {"aws:iam/instanceProfile:InstanceProfile", "", "site", "NoCredentialProviders: it has no instance profile with a role"},
		"policy": {
			"aws:iam/rolePolicyAttachment:RolePolicyAttachment", "", "site",
			"is not authorized to perform: ecs:RegisterContainerInstance on resource: arn:aws:ecs:eu-west-1:123456789012:cluster/site",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := open(t)
			var missing account.Resource
			for _, r := range surroundings() {
				if r.Type == c.typ {
					missing = r
				}
			}
			cloud.without(c.typ, c.region, c.id)
			cloud.pass(10 * time.Minute)
			require.Empty(t, cloud.in("ACTIVE"))
			require.Contains(t, cloud.in("pending")[0].Unregistered, c.reason)
			require.Len(t, cloud.lines, 2, "once for each instance")
			require.Contains(t, cloud.lines[0], c.reason)
			_, reason, ok := cloud.tasks.Place(want("1"))
			require.False(t, ok)
			require.Equal(t, "Reason: No Container Instances were found in your capacity provider.", reason)
			rows, err := cloud.part.Status(t.Context())
			require.NoError(t, err)
			require.Contains(t, rows[1].Detail, "not in its cluster: "+cloud.in("pending")[0].Unregistered)
			cloud.change(account.Props{"waitForCapacityTimeout": "1ns"})
			require.NoError(t, cloud.part.Await(t.Context(), cloud.group(), func(string) {}), "Auto Scaling counts what EC2 runs")

			cloud.put(missing)
			cloud.pass(agentRetry)
			require.Len(t, cloud.in("ACTIVE"), 2)
			require.Empty(t, cloud.in("ACTIVE")[0].Unregistered)
			cloud.place("1")
		})
	}
}

func TestAnInstanceWithoutAPublicAddressNeedsMoreThanAnInternetGateway(t *testing.T) {
	t.Parallel()
	c := open(t)
	template := templateOf("m7i.large", 1, "ECS_CLUSTER=site")
	template.Outputs["networkInterfaces"] = []any{map[string]any{"securityGroups": []any{"sg-1"}}}
	c.put(template)
	c.pass(time.Minute)
	require.Contains(t, c.in("pending")[0].Unregistered, "leads to igw-1, and it has no public address")
}

// User data that ends at a download leaves no name of a cluster behind, and nobody runs it again.
func TestAnInstanceWhoseUserDataFailedNeverRegisters(t *testing.T) {
	t.Parallel()
	for script, registers := range map[string]bool{
		"#!/bin/bash -e\nyum install -y jq\necho ECS_CLUSTER=site >>/etc/ecs/ecs.config\n":            false,
		"#!/bin/sh\nset -eu\ncurl https://example.com\necho ECS_CLUSTER=site >>/etc/ecs/ecs.config\n": false,
		"#!/bin/sh\nyum install -y jq\necho ECS_CLUSTER=site >>/etc/ecs/ecs.config\n":                 true,
		"#!/bin/sh -e\necho ECS_CLUSTER=site >>/etc/ecs/ecs.config\nyum install -y jq\n":              true,
		"#!/bin/sh -e\n# not with curl \necho ECS_CLUSTER=site >>/etc/ecs/ecs.config\n":               true,
	} {
		c := open(t)
		c.put(templateOf("m7i.large", 1, script))
		c.without("aws:ec2/route:Route", region, "r-1")
		c.pass(2 * time.Minute)
		c.put(routeOf("igw-1"))
		c.pass(10 * time.Minute)
		require.Equal(t, registers, len(c.in("ACTIVE")) > 0, script)
		if !registers {
			require.Contains(t, c.in("pending")[0].Unregistered, "its user data needs the internet")
		}
	}
}
