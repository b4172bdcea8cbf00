// Package edge tests the two programs that the edge of the site runs, as AWS would run them: the function that CloudFront
// asks about every request, and the maintenance page.
package edge_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	site "wordpress-ecs/edge"
	"wordpress-ecs/local/runtime/cdn/edge"
	"wordpress-ecs/settings"
	"wordpress-ecs/tests/graph"
)

const host = "example.com"

// registered is the edge of a site with a CDN.
func registered(t *testing.T, change func(*settings.Edge)) *graph.Graph {
	t.Helper()
	s := settings.Edge{
		Domain: host, HostedZone: host, SearchEngines: true, Firewall: settings.Firewall{Mode: settings.FirewallOff},
		CDN: settings.CDN{On: true, PriceClass: settings.PriceClassAll, SecretVersion: 1},
	}
	if change != nil {
		change(&s)
	}
	return graph.Run{}.Of(t, func(ctx *pulumi.Context) error {
		in, err := graph.Cloud(ctx)
		if err != nil {
			return err
		}
		route, err := graph.StandIn(ctx, "route")
		if err != nil {
			return err
		}
		global, err := aws.NewProvider(ctx, "global", &aws.ProviderArgs{Region: pulumi.String(site.GlobalRegion)})
		if err != nil {
			return err
		}
		_, err = site.New(ctx, "site", &site.Args{
			Region: graph.Region, VPCID: pulumi.String("vpc"), PublicSubnetIDs: pulumi.ToStringArray(graph.SubnetIDs("public")),
			GroupID: pulumi.String("sg"), Settings: s, Global: global, Routes: []pulumi.Resource{route},
		}, in)
		return err
	})
}

// The two functions: of what is never kept, and of what is.
const (
	ofVisitors = "site-visitors"
	ofPages    = "site-pages"
)

// code is that of a function.
func code(t *testing.T, part string, change func(*settings.Edge)) string {
	t.Helper()
	return registered(t, change).Named(t, "aws:cloudfront/function:Function", part).Text(t, "code")
}

func function(t *testing.T, part string, change func(*settings.Edge)) *edge.Function {
	t.Helper()
	return edge.New(part, code(t, part, change))
}

// ask makes a request to the site; headers are given as "Name: value".
func ask(method, target string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, "https://"+host+target, http.NoBody)
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Add(name, value)
	}
	return r
}

const visitor = "198.51.100.7"

// asked sends a request through a function, from an address.
func asked(t *testing.T, f *edge.Function, from string, r *http.Request) (*http.Request, *edge.Answer) {
	t.Helper()
	passed, answer, err := f.ViewerRequest(t.Context(), edge.Viewer{Distribution: "E1", Domain: "d1.cloudfront.net", Request: "id", Address: from}, r)
	require.NoError(t, err)
	return passed, answer
}

// passed is a request that goes on.
func passed(t *testing.T, f *edge.Function, r *http.Request) *http.Request {
	t.Helper()
	after, answer := asked(t, f, visitor, r)
	require.Nil(t, answer)
	return after
}
