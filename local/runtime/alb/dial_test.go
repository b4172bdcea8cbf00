package alb

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/runtime/part"
)

func TestSecurityGroupsStandBetweenALoadBalancerAndItsTargets(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	c.write("aws:ec2/vpc:Vpc", "vpc-1", props{})
	c.write("aws:ec2/subnet:Subnet", "public", props{"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/24"})
	c.write("aws:ec2/subnet:Subnet", "private", props{"vpcId": "vpc-1", "cidrBlock": "10.0.1.0/24"})
	link := func(peer string) []any {
		return []any{map[string]any{"protocol": "tcp", "fromPort": 8080.0, "toPort": 8080.0, "securityGroups": []any{peer}}}
	}
	c.write("aws:ec2/securityGroup:SecurityGroup", "sg-lb", props{"egress": link("sg-tasks")})
	c.write("aws:ec2/securityGroup:SecurityGroup", "sg-tasks", props{})
	balancer, _ := c.balancer(props{"subnets": []any{"public"}, "securityGroups": []any{"sg-lb"}})
	group := c.group(props{"healthCheck": map[string]any{
		"path": "/", "matcher": "200", "interval": 5.0, "timeout": 0.2, "healthyThreshold": 2.0, "unhealthyThreshold": 2.0,
	}})
	c.listener(balancer, 80, forwardTo(group))
	s := serve(t, "10.0.1.7", func(http.ResponseWriter, *http.Request) {})
	s.Subnet, s.Groups = "private", []string{"sg-tasks"}
	c.Register(group, s.Target)
	c.becomes(group, s.IP, Unhealthy)
	require.Equal(t, Health{s.Target, Unhealthy, "Target.Timeout", "Request timed out"}, c.state(group, s.IP))

	c.write("aws:ec2/securityGroup:SecurityGroup", "sg-tasks", props{"ingress": link("sg-lb")})
	part.Wake(c.wake)
	require.Eventually(t, func() bool { return c.state(group, s.IP).State == Healthy }, time.Minute, 10*time.Millisecond)
}
