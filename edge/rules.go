package edge

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The rules of the listener that leads to the tasks, in the order in which they are asked. The listener itself
// forwards what none of them takes.
const (
	adminsPriority      = 10
	healthPriority      = 20
	maintenancePriority = 30
	counterpartPriority = 40
	originPriority      = 50
	directPriority      = 60
)

const (
	// secretHeader carries what only the CDN knows.
	secretHeader = "X-Origin-Secret"
	secretLength = 48
)

// refused is the answer to who goes around the CDN.
var refused = lb.ListenerRuleActionArgs{
	Type: pulumi.String("fixed-response"),
	FixedResponse: lb.ListenerRuleActionFixedResponseArgs{
		StatusCode: pulumi.String("403"), ContentType: pulumi.String("text/plain"), MessageBody: pulumi.String("Forbidden"),
	},
}

// forward leads to the tasks.
func (b *builder) forward() lb.ListenerRuleActionArgs {
	return lb.ListenerRuleActionArgs{Type: pulumi.String("forward"), TargetGroupArn: b.targets.Arn}
}

func anyPath() lb.ListenerRuleConditionArgs { return onPath("*") }

func onPath(pattern string) lb.ListenerRuleConditionArgs {
	return lb.ListenerRuleConditionArgs{
		PathPattern: lb.ListenerRuleConditionPathPatternArgs{Values: pulumi.StringArray{pulumi.String(pattern)}},
	}
}

func onHeader(name string, values ...pulumi.StringInput) lb.ListenerRuleConditionArgs {
	list := make(pulumi.StringArray, len(values))
	copy(list, values)
	return lb.ListenerRuleConditionArgs{
		HttpHeader: lb.ListenerRuleConditionHttpHeaderArgs{HttpHeaderName: pulumi.String(name), Values: list},
	}
}

// rule registers a rule of the front listener.
func (b *builder) rule(part string, priority int, action lb.ListenerRuleActionArgs, after []pulumi.Resource,
	conditions ...lb.ListenerRuleConditionArgs,
) (*lb.ListenerRule, error) {
	list := make(lb.ListenerRuleConditionArray, len(conditions))
	for i, condition := range conditions {
		list[i] = condition
	}
	rule, err := lb.NewListenerRule(b.ctx, b.name+"-"+part, &lb.ListenerRuleArgs{
		ListenerArn: b.front.listener.Arn, Priority: pulumi.Int(priority),
		Conditions: list, Actions: lb.ListenerRuleActionArray{action},
	}, b.owned(pulumi.DependsOn(after))...)
	if err != nil {
		return nil, fmt.Errorf("rule %s: %w", part, err)
	}
	return rule, nil
}

// counterpart sends the other name of the site to the domain.
func (b *builder) counterpart() error {
	_, err := b.rule("counterpart", counterpartPriority, lb.ListenerRuleActionArgs{
		Type: pulumi.String("redirect"),
		Redirect: lb.ListenerRuleActionRedirectArgs{
			Protocol: pulumi.String("HTTPS"), Host: pulumi.String(b.s.Domain), Port: pulumi.String(strconv.Itoa(httpsPort)),
			StatusCode: pulumi.String(moved),
		},
	}, nil, lb.ListenerRuleConditionArgs{
		HostHeader: lb.ListenerRuleConditionHostHeaderArgs{Values: pulumi.ToStringArray([]string{b.s.Counterpart()})},
	})
	return err
}

// originSecret registers what the CDN shows the load balancer. There are two secrets, of which the CDN sends one. A
// new version replaces the one that is not sent, and the CDN changes over when the load balancer knows it: at no time
// does it send what is not accepted.
func (b *builder) originSecret() error {
	version := b.s.CDN.SecretVersion
	var secrets []pulumi.StringInput
	for slot := range 2 {
		value, err := random.NewRandomPassword(b.ctx, fmt.Sprintf("%s-origin-%d", b.name, slot+1), &random.RandomPasswordArgs{
			Length: pulumi.Int(secretLength), Special: pulumi.Bool(false),
			Keepers: pulumi.StringMap{"version": pulumi.String(strconv.Itoa((version + slot) / 2))},
		}, b.owned()...)
		if err != nil {
			return fmt.Errorf("secret of the origin: %w", err)
		}
		secrets = append(secrets, value.Result)
	}
	// Version 1 has changed the second, version 2 the first, and so on.
	rule, err := b.rule("origin", originPriority, b.forward(), nil, onHeader(secretHeader, secrets...))
	if err != nil {
		return err
	}
	name, err := b.alias("origin-a", b.originHost(), "A", b.balancer.DnsName, b.balancer.ZoneId, b.front.ready)
	b.origin = &origin{secrets: secrets, sent: secrets[version%2], rule: rule, name: name}
	return err
}

// origin is how the load balancer knows the CDN.
type origin struct {
	// secrets are accepted, sent is the one of them that the CDN sends.
	secrets []pulumi.StringInput
	sent    pulumi.StringInput
	// rule accepts them, and name leads the CDN to the load balancer.
	rule, name pulumi.Resource
}

// direct registers what happens to whom no other rule knows: the way to the tasks, or none where there is a CDN.
func (b *builder) direct(action lb.ListenerRuleActionArgs, after []pulumi.Resource) (*lb.ListenerRule, error) {
	return b.rule("direct", directPriority, action, after, anyPath())
}
