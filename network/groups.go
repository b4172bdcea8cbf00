package network

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"wordpress-ecs/image"
)

// Ports that the tiers reach each other on.
const (
	// CachePort is where the cache listens.
	CachePort = 6379
	mysqlPort = 3306
	nfsPort   = 2049
	httpPort  = 80
	httpsPort = 443
)

const anywhere = "0.0.0.0/0"

// cdnPrefixList has the addresses from which CloudFront asks origins.
const cdnPrefixList = "com.amazonaws.global.cloudfront.origin-facing"

// Groups are the ids of the security groups, one per tier.
type Groups struct {
	LoadBalancer, Instances, Tasks, Database, Cache, Files pulumi.StringOutput
}

// tier is a security group in the making.
type tier struct {
	name string
	id   pulumi.StringOutput
}

// closeDefaultGroup takes all rules from the VPC's default group. AWS opens it to itself, and nothing here uses it.
func (n *Network) closeDefaultGroup(ctx *pulumi.Context, name string) (*ec2.DefaultSecurityGroup, error) {
	group, err := ec2.NewDefaultSecurityGroup(ctx, name+"-default", &ec2.DefaultSecurityGroupArgs{
		VpcId: n.VPCID,
	}, pulumi.Parent(n))
	if err != nil {
		return nil, fmt.Errorf("default security group: %w", err)
	}
	return group, nil
}

// groups registers the security groups and the rules between them. The rules are resources of their own:
// inline ones would make the groups depend on each other in a circle, and the two kinds undo each other.
func (n *Network) groups(ctx *pulumi.Context, name string, args *Args) error {
	b := &ruleBook{ctx: ctx, network: n, name: name}
	alb := b.group("alb", "Load balancer: HTTP and HTTPS from the internet")
	instances := b.group("instances", "Container instances: AWS APIs only, nothing comes in")
	tasks := b.group("tasks", "Tasks: HTTP from the load balancer")
	database := b.group("database", "Aurora: MySQL from the tasks")
	cache := b.group("cache", "ElastiCache: Redis from the tasks")
	files := b.group("files", "EFS mount targets: NFS from the tasks")

	if args.CDN {
		// The list counts as 55 of the 60 rules that a group can have: there is no room for a second port.
		b.fromList(alb, "cdn", cdnPrefixList, httpsPort)
	} else {
		b.fromAnywhere(alb, httpPort)
		b.fromAnywhere(alb, httpsPort)
	}
	b.link(alb, tasks, image.Port)
	b.link(tasks, database, mysqlPort)
	b.link(tasks, cache, CachePort)
	// ECS mounts an awsvpc task's file system inside the task's network namespace.
	b.link(tasks, files, nfsPort)
	b.toAnywhere(tasks, httpsPort)
	// AWS refuses the same rule twice.
	if port := args.MailPort; port != 0 && port != httpsPort {
		b.toAnywhere(tasks, port)
	}
	b.toAnywhere(instances, httpsPort)

	n.Groups = Groups{
		LoadBalancer: alb.id, Instances: instances.id, Tasks: tasks.id,
		Database: database.id, Cache: cache.id, Files: files.id,
	}
	return b.err
}

// ruleBook registers groups and rules until the first error, which it keeps.
type ruleBook struct {
	ctx     *pulumi.Context
	network *Network
	name    string
	err     error
}

// group registers a security group. AWS replaces a group whose description changes, and cannot delete one
// that is in use: the texts are settled.
func (b *ruleBook) group(name, description string) tier {
	if b.err != nil {
		return tier{}
	}
	full := b.name + "-" + name
	group, err := ec2.NewSecurityGroup(b.ctx, full, &ec2.SecurityGroupArgs{
		VpcId:       b.network.VPCID,
		Description: pulumi.String(description),
		Tags:        pulumi.StringMap{"Name": pulumi.String(full)},
	}, pulumi.Parent(b.network))
	if err != nil {
		b.err = fmt.Errorf("security group %s: %w", name, err)
		return tier{}
	}
	return tier{name: name, id: group.ID().ToStringOutput()}
}

// link lets one tier reach another: a way out of the first and a way into the second.
func (b *ruleBook) link(from, to tier, port int) {
	b.egress(from, to.name, port, &vpc.SecurityGroupEgressRuleArgs{ReferencedSecurityGroupId: to.id})
	b.ingress(to, from.name, port, &vpc.SecurityGroupIngressRuleArgs{ReferencedSecurityGroupId: from.id})
}

// fromList lets the addresses of a managed prefix list reach a tier.
func (b *ruleBook) fromList(to tier, from, list string, port int) {
	if b.err != nil {
		return
	}
	found, err := ec2.LookupManagedPrefixList(b.ctx, &ec2.LookupManagedPrefixListArgs{Name: &list}, pulumi.Parent(b.network))
	if err != nil {
		b.err = fmt.Errorf("prefix list %s: %w", list, err)
		return
	}
	b.ingress(to, from, port, &vpc.SecurityGroupIngressRuleArgs{PrefixListId: pulumi.String(found.Id)})
}

func (b *ruleBook) fromAnywhere(to tier, port int) {
	b.ingress(to, "internet", port, &vpc.SecurityGroupIngressRuleArgs{CidrIpv4: pulumi.String(anywhere)})
}

func (b *ruleBook) toAnywhere(from tier, port int) {
	b.egress(from, "internet", port, &vpc.SecurityGroupEgressRuleArgs{CidrIpv4: pulumi.String(anywhere)})
}

func (b *ruleBook) ingress(to tier, from string, port int, args *vpc.SecurityGroupIngressRuleArgs) {
	if b.err != nil {
		return
	}
	args.SecurityGroupId = to.id
	args.IpProtocol = pulumi.String("tcp")
	args.FromPort, args.ToPort = pulumi.Int(port), pulumi.Int(port)
	name := fmt.Sprintf("%s-%s-from-%s-%d", b.name, to.name, from, port)
	rule, err := vpc.NewSecurityGroupIngressRule(b.ctx, name, args, pulumi.Parent(b.network))
	b.keep(name, rule, err)
}

func (b *ruleBook) egress(from tier, to string, port int, args *vpc.SecurityGroupEgressRuleArgs) {
	if b.err != nil {
		return
	}
	args.SecurityGroupId = from.id
	args.IpProtocol = pulumi.String("tcp")
	args.FromPort, args.ToPort = pulumi.Int(port), pulumi.Int(port)
	name := fmt.Sprintf("%s-%s-to-%s-%d", b.name, from.name, to, port)
	rule, err := vpc.NewSecurityGroupEgressRule(b.ctx, name, args, pulumi.Parent(b.network))
	b.keep(name, rule, err)
}

func (b *ruleBook) keep(name string, rule pulumi.Resource, err error) {
	if err != nil {
		b.err = fmt.Errorf("rule %s: %w", name, err)
		return
	}
	b.network.Ready = append(b.network.Ready, rule)
}
