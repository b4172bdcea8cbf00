package edge_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/edge"
	"wordpress-ecs/settings"
	"wordpress-ecs/tests/graph"
)

const (
	balancer     = "aws:lb/loadBalancer:LoadBalancer"
	targets      = "aws:lb/targetGroup:TargetGroup"
	listener     = "aws:lb/listener:Listener"
	listed       = "aws:lb/listenerCertificate:ListenerCertificate"
	rule         = "aws:lb/listenerRule:ListenerRule"
	certificate  = "aws:acm/certificate:Certificate"
	validation   = "aws:acm/certificateValidation:CertificateValidation"
	record       = "aws:route53/record:Record"
	distribution = "aws:cloudfront/distribution:Distribution"
	edgeFunction = "aws:cloudfront/function:Function"
	cachePolicy  = "aws:cloudfront/cachePolicy:CachePolicy"
	bucket       = "aws:s3/bucketV2:BucketV2"
	bucketPolicy = "aws:s3/bucketPolicy:BucketPolicy"
	lifecycle    = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
	webACL       = "aws:wafv2/webAcl:WebAcl"
	password     = "random:index/randomPassword:RandomPassword"
	provider     = "pulumi:providers:aws"
)

// change makes good args other good ones.
type change func(*edge.Args)

func args(changes ...change) *edge.Args {
	a := &edge.Args{
		Region: graph.Region, VPCID: pulumi.String("vpc-1"),
		PublicSubnetIDs: pulumi.ToStringArray(graph.SubnetIDs("public")), GroupID: pulumi.String("sg-alb"), LogDays: 30,
		Settings: settings.Edge{
			CDN: settings.CDN{PriceClass: settings.PriceClassAll, SecretVersion: 1}, SearchEngines: true,
			Firewall: settings.Firewall{Mode: settings.FirewallOff, RequestLimit: 2000, WriteLimit: 200, LoginLimit: 20},
		},
	}
	for _, change := range changes {
		change(a)
	}
	return a
}

func protected(a *edge.Args)  { a.Protected = true }
func inDomain(a *edge.Args)   { a.Settings.Domain, a.Settings.HostedZone = "example.com", "example.com" }
func behindCDN(a *edge.Args)  { inDomain(a); a.Settings.CDN.On = true }
func withMedia(a *edge.Args)  { behindCDN(a); a.Settings.MediaBucket = true }
func walled(a *edge.Args)     { a.Settings.Firewall.Mode = settings.FirewallBlock }
func logged(a *edge.Args)     { a.Settings.AccessLogs = true }
func secret(a *edge.Args)     { a.Settings.BasicAuthUser = "guest" }
func hidden(a *edge.Args)     { a.Settings.SearchEngines = false }
func maintained(a *edge.Args) { a.Settings.Maintenance = true }
func administered(a *edge.Args) {
	maintained(a)
	a.Settings.AdminAddresses = []netip.Prefix{netip.MustParsePrefix("203.0.113.7/32"), netip.MustParsePrefix("2001:db8::/48")}
}

// combinations are settings that change which resources there are.
var combinations = map[string][]change{
	"no domain":                          nil,
	"protected":                          {protected},
	"domain":                             {inDomain},
	"CDN":                                {behindCDN},
	"media":                              {withMedia},
	"firewall":                           {walled},
	"firewall in a domain":               {inDomain, walled},
	"firewall at the CDN":                {behindCDN, walled},
	"logs":                               {logged},
	"logs of all":                        {withMedia, walled, logged, protected},
	"password":                           {secret, hidden},
	"password in a domain":               {inDomain, secret, hidden},
	"password at the CDN":                {withMedia, secret, hidden},
	"maintenance":                        {maintained},
	"maintenance with administrators":    {inDomain, administered},
	"maintenance behind the CDN":         {withMedia, administered, walled, logged},
	"maintenance without administrators": {behindCDN, maintained},
}

// program makes an edge that waits for a stand-in.
func program(a *edge.Args) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		in, err := graph.Cloud(ctx)
		if err != nil {
			return err
		}
		if a != nil {
			route, err := graph.StandIn(ctx, "route")
			if err != nil {
				return err
			}
			a.Routes = []pulumi.Resource{route}
			if a.Settings.CDN.On {
				a.Global, err = aws.NewProvider(ctx, "global", &aws.ProviderArgs{
					Region:      pulumi.String(edge.GlobalRegion),
					DefaultTags: aws.ProviderDefaultTagsArgs{Tags: pulumi.ToStringMap(graph.Tags(ctx))},
				})
				if err != nil {
					return err
				}
			}
		}
		e, err := edge.New(ctx, "site", a, in)
		if err != nil {
			return err
		}
		ctx.Export("url", e.URL)
		ctx.Export("distribution", e.DistributionID)
		ctx.Export("bucket", e.Bucket)
		ctx.Export("password", e.PasswordSecretName)
		ctx.Export("logs", e.LogBucket)
		ctx.Export("workgroup", e.Workgroup)
		return nil
	}
}

func registered(t *testing.T, changes ...change) *graph.Graph {
	t.Helper()
	g := graph.Run{}.Of(t, program(args(changes...)))
	g.Check(t)
	return g
}

// global says whether a resource is on the provider for CloudFront's region.
func global(t *testing.T, g *graph.Graph, r *graph.Resource) bool {
	t.Helper()
	there, here := g.Named(t, provider, "global"), g.Named(t, provider, "aws")
	require.Contains(t, []string{there.URN + "::" + there.ID, here.URN + "::" + here.ID}, r.Provider, r.Name)
	return r.Provider == there.URN+"::"+there.ID
}

// none asserts that there are no resources of a service, such as "aws:cloudfront/".
func none(t *testing.T, g *graph.Graph, services ...string) {
	t.Helper()
	for _, r := range g.All() {
		for _, service := range services {
			require.False(t, strings.HasPrefix(r.Type, service), "there is %s %s", r.Type, r.Name)
		}
	}
}

func TestGraphHolds(t *testing.T) {
	t.Parallel()
	for mode, run := range graph.Modes() {
		for name, changes := range combinations {
			t.Run(mode+"/"+name, func(t *testing.T) {
				t.Parallel()
				run.Of(t, program(args(changes...))).Check(t)
			})
		}
	}
}

func TestArgsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change change
		want   string
	}{
		"no region":  {func(a *edge.Args) { a.Region = "" }, "Region is required"},
		"no VPC":     {func(a *edge.Args) { a.VPCID = nil }, "VPCID, PublicSubnetIDs and GroupID are required"},
		"no subnets": {func(a *edge.Args) { a.PublicSubnetIDs = nil }, "VPCID, PublicSubnetIDs and GroupID are required"},
		"no group":   {func(a *edge.Args) { a.GroupID = nil }, "VPCID, PublicSubnetIDs and GroupID are required"},
		"no zone":    {func(a *edge.Args) { a.Settings.Domain = "example.com" }, "Settings: a Domain needs a HostedZone"},
		"no name":    {func(a *edge.Args) { a.Settings.CDN.On = true }, "Settings: a CDN needs a Domain"},
		"no CDN":     {func(a *edge.Args) { inDomain(a); a.Settings.MediaBucket = true }, "Settings: MediaBucket needs a CDN"},
		"no days":    {func(a *edge.Args) { logged(a); a.LogDays = 0 }, "LogDays is required with AccessLogs"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := graph.Run{}.Try(program(args(tc.change)))
			require.ErrorContains(t, err, tc.want)
		})
	}
	_, err := graph.Run{}.Try(program(nil))
	require.ErrorContains(t, err, `edge "site": args are required`)
	for changes, want := range map[*edge.Args]string{
		args():          "Routes: a load balancer needs a way to the internet",
		args(behindCDN): "Global is required with a CDN",
	} {
		_, err = graph.Run{}.Try(func(ctx *pulumi.Context) error {
			_, err := edge.New(ctx, "site", changes)
			return err
		})
		require.ErrorContains(t, err, want)
	}
}
