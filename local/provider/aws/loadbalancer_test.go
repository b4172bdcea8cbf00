package aws

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ecs"
	"wordpress-ecs/local/aws/elb"
)

// ports is a runtime that gives out the ports of a list, and runs nothing.
type ports struct {
	free      []int
	balancers []string
}

func (p *ports) Open(balancer string) (int, error) {
	if len(p.free) == 0 {
		return 0, errors.New("no port is free")
	}
	port := p.free[0]
	p.free, p.balancers = p.free[1:], append(p.balancers, balancer)
	return port, nil
}

func (*ports) Changed() {}

func (*ports) Await(context.Context, account.Resource, func(string)) error { return nil }

func (*ports) Release(context.Context, account.Resource, func(string)) error { return nil }

// The name of a load balancer leads to it from this machine, and stays the same when it changes.
func TestALoadBalancerIsReachedByItsName(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	place := &ports{free: []int{8083}}
	c.client = c.connect(newFactory(c.acct, noImages{}, place, Options{}, 0))
	c.configure(props{"region": "eu-west-1"})
	n := c.network()
	inputs := props{"subnets": n.subnets(), "name": "site", "internal": true}
	b := c.make(elb.LoadBalancer, inputs)
	require.Regexp(t, `^internal-site-\d{10}\.eu-west-1\.elb\.localhost:8083$`, b.text("dnsName"))
	require.Equal(t, []string{b.text("arn")}, place.balancers)
	again := c.change(elb.LoadBalancer, b, with(inputs, props{"idleTimeout": 120}))
	require.Equal(t, b.text("dnsName"), again.text("dnsName"))
	require.ErrorContains(t, c.try(elb.LoadBalancer, with(inputs, props{"name": "other"})), "no port is free")
}

func conditionOn(path ...any) []any { return []any{props{"pathPattern": props{"values": path}}} }

func TestListenerRules(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	s := c.site()
	rule := props{
		"listenerArn": s.listener.id, "conditions": conditionOn("/blog/*"),
		"actions": []any{props{"type": "forward", "targetGroupArn": s.target.id}},
	}
	first := c.make(elb.ListenerRule, with(rule, props{"priority": 10}))
	require.Regexp(t, `:listener-rule/app/site-[0-9a-f]{7}/[0-9a-f]{16}/[0-9a-f]{16}/[0-9a-f]{16}$`, first.id)
	next := c.make(elb.ListenerRule, rule)
	require.InDelta(t, 11, next.outputs["priority"].NumberValue(), 0)
	moved := c.change(elb.ListenerRule, first, with(rule, props{"priority": 20}))
	require.Equal(t, first.id, moved.id)
	require.InDelta(t, 20, moved.outputs["priority"].NumberValue(), 0)
	require.NoError(t, c.delete(elb.ListenerRule, next))
	c.make(elb.ListenerRule, with(rule, props{"priority": 11}))
}

// A target group that only a rule forwards to is good enough for a service, and cannot go before the rule.
func TestARuleUsesItsTargetGroup(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	s := c.site()
	group := c.make(elb.TargetGroup, props{"name": "blog", "port": 8080, "protocol": "HTTP", "targetType": "ip", "vpcId": s.vpc.id})
	service := with(serviceInputs(s), props{"loadBalancers": []any{
		props{"targetGroupArn": group.id, "containerName": "web", "containerPort": 8080},
	}})
	require.ErrorContains(t, c.try(ecs.ServiceType, service), "does not have an associated load balancer")
	rule := c.make(elb.ListenerRule, props{
		"listenerArn": s.listener.id, "conditions": conditionOn("/blog/*"),
		"actions": []any{props{"type": "forward", "forward": props{"targetGroups": []any{props{"arn": group.id, "weight": 1}}}}},
	})
	require.NoError(t, c.try(ecs.ServiceType, service))
	require.ErrorContains(t, c.delete(elb.TargetGroup, group), "is currently in use by a listener or a rule")
	require.NoError(t, c.delete(elb.ListenerRule, rule))
	require.NoError(t, c.delete(elb.TargetGroup, group))
}

func TestRuleRefusals(t *testing.T) {
	t.Parallel()
	run(t, func(c *cloud) []trial {
		s := c.site()
		answer := []any{props{"type": "fixed-response", "fixedResponse": props{"contentType": "text/plain", "statusCode": "404"}}}
		rule := props{"listenerArn": s.listener.id, "priority": 1, "conditions": conditionOn("/a"), "actions": answer}
		conditions := func(list ...any) props { return with(rule, props{"priority": nil, "conditions": list}) }
		action := func(a props) props { return with(rule, props{"priority": nil, "actions": []any{a}}) }
		return []trial{
			{"rule", elb.ListenerRule, rule, ""},
			{"same priority", elb.ListenerRule, rule, "PriorityInUse: Priority '1' is currently in use"},
			{"priority of the default", elb.ListenerRule, with(rule, props{"priority": 99999}), "must be in the range 1-50000"},
			{"priority below", elb.ListenerRule, with(rule, props{"priority": 0}), "must be in the range 1-50000"},
			{"no such listener", elb.ListenerRule, with(rule, props{"listenerArn": s.listener.id + "0"}), "ListenerNotFound: One or more listeners not found"},
			{"no condition", elb.ListenerRule, conditions(), "conditions requires 1 item minimum"},
			{"empty condition", elb.ListenerRule, conditions(props{}), "must be set per condition"},
			{"two in one", elb.ListenerRule, conditions(props{"hostHeader": props{"values": []any{"a.b"}}, "sourceIp": props{"values": []any{"10.0.0.0/8"}}}), "must be set per condition"},
			{"six values", elb.ListenerRule, conditions(conditionOn("/1", "/2", "/3", "/4")[0], props{"hostHeader": props{"values": []any{"a.b", "c.d"}}}), "ValidationError: A rule can only have '5' condition values"},
			{"path twice", elb.ListenerRule, conditions(conditionOn("/a")[0], conditionOn("/b")[0]), "A rule can only have one 'path-pattern' condition"},
			{"odd path", elb.ListenerRule, conditions(conditionOn("/a b")[0]), "contains a character that is not valid"},
			{"long path", elb.ListenerRule, conditions(conditionOn("/" + strings128)[0]), "range (1 - 128)"},
			{"method", elb.ListenerRule, conditions(props{"httpRequestMethod": props{"values": []any{"get"}}}), "capitals, hyphens and underscores"},
			{"source", elb.ListenerRule, conditions(props{"sourceIp": props{"values": []any{"10.0.0.1"}}}), "The CIDR block '10.0.0.1' is not valid"},
			{"host as header", elb.ListenerRule, conditions(props{"httpHeader": props{"httpHeaderName": "Host", "values": []any{"a"}}}), "use a hostHeader condition"},
			{"all kinds", elb.ListenerRule, conditions(
				props{"hostHeader": props{"values": []any{"*.example.com"}}}, props{"httpHeader": props{"httpHeaderName": "X-A", "values": []any{"*"}}},
				props{"httpRequestMethod": props{"values": []any{"GET"}}}, props{"queryStrings": []any{props{"key": "a", "value": "b"}}},
				props{"sourceIp": props{"values": []any{"10.0.0.0/8"}}}), ""},
			{"loop", elb.ListenerRule, action(props{"type": "redirect", "redirect": props{"statusCode": "HTTP_301"}}), "InvalidLoadBalancerAction: The redirect configuration is not valid because it creates a loop."},
			{"redirect", elb.ListenerRule, action(props{"type": "redirect", "redirect": props{"statusCode": "HTTP_301", "protocol": "HTTPS", "port": "443"}}), ""},
			{"odd redirect", elb.ListenerRule, action(props{"type": "redirect", "redirect": props{"statusCode": "HTTP_308"}}), "HTTP_301"},
			{"forward nowhere", elb.ListenerRule, action(props{"type": "forward"}), "Exactly one of"},
			{"forward to a stranger", elb.ListenerRule, action(props{"type": "forward", "targetGroupArn": s.target.id + "0"}), "TargetGroupNotFound: One or more target groups not found"},
			{"answer without content", elb.ListenerRule, action(props{"type": "fixed-response"}), `"actions[0].fixedResponse" must be specified`},
			{"answer with a redirect's code", elb.ListenerRule, action(props{"type": "fixed-response", "fixedResponse": props{"contentType": "text/plain", "statusCode": "301"}}), "2XX, 4XX or 5XX"},
			{"two answers", elb.ListenerRule, with(rule, props{"priority": nil, "actions": append(answer, answer...)}), "exactly one action of type"},
		}
	})
}

const strings128 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
