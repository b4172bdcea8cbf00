// Package edge is the way in: load balancer, domain and certificates, CDN, firewall, and the log of who came.
package edge

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/wafv2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"wordpress-ecs/settings"
)

const token = "wordpress:index:Edge"

// GlobalRegion is where CloudFront's certificates, firewalls and logs belong.
const GlobalRegion = "us-east-1"

// VisitorHeader carries the visitor's address where there is a CDN. A function at the edge sets it, whatever came.
const VisitorHeader = "X-Visitor-Address"

// Args are the inputs of Edge.
type Args struct {
	// Region is the AWS region of the load balancer.
	Region string
	// VPCID is the VPC, PublicSubnetIDs and GroupID are the load balancer's subnets and security group.
	VPCID           pulumi.StringInput
	PublicSubnetIDs pulumi.StringArrayInput
	GroupID         pulumi.StringInput
	// Settings are the choices about the edge.
	Settings settings.Edge
	// XMLRPC says that xmlrpc.php answers, which the firewall must not refuse then.
	XMLRPC bool
	// Global is a provider for GlobalRegion. Needed with a CDN.
	Global pulumi.ProviderResource
	// LogDays is how long access logs are kept.
	LogDays int
	// Protected keeps the load balancer and the access logs from being deleted.
	Protected bool
	// Routes must exist before the load balancer.
	Routes []pulumi.Resource
}

func (a *Args) validate() error {
	switch {
	case a == nil:
		return errors.New("args are required")
	case a.Region == "":
		return errors.New("Region is required")
	case a.VPCID == nil || a.PublicSubnetIDs == nil || a.GroupID == nil:
		return errors.New("VPCID, PublicSubnetIDs and GroupID are required")
	case a.Settings.Domain != "" && a.Settings.HostedZone == "":
		return errors.New("Settings: a Domain needs a HostedZone")
	case a.Settings.CDN.On && a.Settings.Domain == "":
		return errors.New("Settings: a CDN needs a Domain")
	case a.Settings.MediaBucket && !a.Settings.CDN.On:
		return errors.New("Settings: MediaBucket needs a CDN")
	case a.Settings.CDN.On && a.Global == nil:
		return errors.New("Global is required with a CDN")
	case a.Settings.AccessLogs && a.LogDays < 1:
		return errors.New("LogDays is required with AccessLogs")
	case len(a.Routes) == 0:
		return errors.New("Routes: a load balancer needs a way to the internet")
	}
	return nil
}

// Edge is the front of a site.
type Edge struct {
	pulumi.ResourceState

	URL              pulumi.StringOutput `pulumi:"url"`
	LoadBalancerName pulumi.StringOutput `pulumi:"loadBalancerName"`

	// TargetGroupARN is where tasks register, BalancerSuffix and TargetGroupSuffix are what metrics call the two.
	TargetGroupARN, BalancerSuffix, TargetGroupSuffix pulumi.StringOutput
	// DistributionID and DistributionARN are the CDN's, Bucket and BucketARN those of media; empty without them.
	DistributionID, DistributionARN, Bucket, BucketARN pulumi.StringOutput
	// PasswordSecretName and PasswordSecretARN are of the secret with the password that BasicAuthUser gives; empty
	// where nobody is asked.
	PasswordSecretName, PasswordSecretARN pulumi.StringOutput
	// LogBucket is the name of the bucket of access logs and Workgroup that of the Athena workgroup that reads them;
	// empty without them.
	LogBucket, Workgroup pulumi.StringOutput
	// Ready is what tasks wait for before they register.
	Ready []pulumi.Resource
}

// New registers an Edge.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Edge, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("edge %q: %w", name, err)
	}
	none := pulumi.String("").ToStringOutput()
	e := &Edge{
		DistributionID: none, DistributionARN: none, Bucket: none, BucketARN: none,
		PasswordSecretName: none, PasswordSecretARN: none, LogBucket: none, Workgroup: none,
	}
	if err := ctx.RegisterComponentResource(token, name, e, opts...); err != nil {
		return nil, fmt.Errorf("edge %q: %w", name, err)
	}
	b := &builder{ctx: ctx, edge: e, args: args, name: name, s: args.Settings}
	for _, step := range b.steps() {
		if err := step(); err != nil {
			return nil, fmt.Errorf("edge %q: %w", name, err)
		}
	}
	return e, ctx.RegisterResourceOutputs(e, pulumi.Map{
		"url": e.URL, "loadBalancerName": e.LoadBalancerName,
	})
}

// builder carries what every part of the component needs while it is put together.
type builder struct {
	ctx  *pulumi.Context
	edge *Edge
	args *Args
	name string
	s    settings.Edge

	logs     *logs
	balancer *lb.LoadBalancer
	targets  *lb.TargetGroup
	domain   *domain
	front    *front
	origin   *origin
	password *password
	media    *media
	cdn      *cdn
	acl      *wafv2.WebAcl
}

// steps are the parts in the order in which they stand on each other.
func (b *builder) steps() []func() error {
	steps := []func() error{b.accessLogs, b.loadBalancer, b.certified, b.listeners, b.basicAuth}
	if b.s.Firewall.Mode != settings.FirewallOff {
		steps = append(steps, b.firewall)
	}
	if b.s.MediaBucket {
		steps = append(steps, b.mediaBucket)
	}
	if b.s.CDN.On {
		steps = append(steps, b.distribution)
	}
	return append(steps, b.names, b.answerHTTP, b.analysis)
}

// owned are the options of a resource of this component.
func (b *builder) owned(opts ...pulumi.ResourceOption) []pulumi.ResourceOption {
	return append(opts, pulumi.Parent(b.edge))
}

// fromService are the options of a resource that was part of the service before there was an edge. Without the alias a stack of
// that time would get another one and lose this, which a protected stack refuses.
func (b *builder) fromService(opts ...pulumi.ResourceOption) []pulumi.ResourceOption {
	service := pulumi.URN(fmt.Sprintf("urn:pulumi:%s::%s::wordpress:index:Service::%s", b.ctx.Stack(), b.ctx.Project(), b.name))
	return b.owned(append(opts, pulumi.Aliases([]pulumi.Alias{{ParentURN: service}}))...)
}

// global are the options of a resource that belongs into GlobalRegion.
func (b *builder) global(opts ...pulumi.ResourceOption) []pulumi.ResourceOption {
	return b.owned(append(opts, pulumi.Provider(b.args.Global))...)
}

// texts are prefixes as AWS writes them.
func texts(prefixes []netip.Prefix) []string {
	list := make([]string, len(prefixes))
	for i, prefix := range prefixes {
		list[i] = prefix.String()
	}
	return list
}
