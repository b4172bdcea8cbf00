// Package firewall tests the web ACL of the program with what editors, visitors and attackers send. AWS's managed rules are
// stood for: the tests tell whether the exceptions leave an editor's work possible and nobody else's, not what AWS WAF finds.
package firewall_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/edge"
	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/firewall"
	"wordpress-ecs/settings"
	"wordpress-ecs/tests/graph"
)

const (
	aclType         = "aws:wafv2/webAcl:WebAcl"
	associationType = "aws:wafv2/webAclAssociation:WebAclAssociation"
	distribution    = "aws:cloudfront/distribution:Distribution"
)

// site is the firewall of the program, in front of its load balancer or of its CDN.
type site struct {
	t   *testing.T
	env firewall.Env
	// balancer is what is protected; empty where the CDN is, which names acl.
	balancer, acl string
}

// place is where the firewall is.
type place struct {
	name string
	// body is how much of a body it looks at.
	body   int
	change func(*edge.Args)
}

func places() []place {
	return []place{
		{"load balancer", 8 << 10, func(*edge.Args) {}},
		{"CDN", 16 << 10, func(a *edge.Args) {
			a.Settings.Domain, a.Settings.HostedZone, a.Settings.CDN.On = "www.example.com", "example.com", true
		}},
	}
}

// newSite registers the program's edge, and puts its firewall into an account.
func newSite(t *testing.T, at place, changes ...func(*settings.Firewall)) *site {
	t.Helper()
	args := &edge.Args{
		Region: graph.Region, VPCID: pulumi.String("vpc-1"), PublicSubnetIDs: pulumi.ToStringArray(graph.SubnetIDs("public")),
		GroupID: pulumi.String("sg-1"),
		Settings: settings.Edge{
			CDN: settings.CDN{PriceClass: settings.PriceClassAll, SecretVersion: 1}, SearchEngines: true,
			Firewall: settings.Firewall{Mode: settings.FirewallBlock, RequestLimit: 2000, WriteLimit: 200, LoginLimit: 20},
		},
	}
	at.change(args)
	for _, change := range changes {
		change(&args.Settings.Firewall)
	}
	g := graph.Run{}.Of(t, func(ctx *pulumi.Context) error {
		cloud, err := graph.Cloud(ctx)
		if err != nil {
			return err
		}
		route, err := graph.StandIn(ctx, "route")
		if err != nil {
			return err
		}
		args.Routes = []pulumi.Resource{route}
		if args.Global, err = aws.NewProvider(ctx, "global", &aws.ProviderArgs{Region: pulumi.String(edge.GlobalRegion)}); err != nil {
			return err
		}
		_, err = edge.New(ctx, "site", args, cloud)
		return err
	})
	acct, err := account.Open(t.TempDir() + "/account.db")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, acct.Close()) })
	s := &site{t: t, env: firewall.Env{Account: acct}}
	require.NoError(t, acct.Update(func(tx *account.Tx) error {
		for _, r := range g.All() {
			if !strings.HasPrefix(r.Type, "aws:wafv2/") {
				continue
			}
			if err := tx.Put(stored(t, r)); err != nil {
				return err
			}
		}
		return nil
	}))
	if args.Settings.CDN.On {
		s.acl = g.Only(t, distribution).Text(t, "webAclId")
		require.Empty(t, g.OfType(associationType))
	} else {
		s.balancer = g.Only(t, associationType).Text(t, "resourceArn")
		s.acl = g.Only(t, associationType).Text(t, "webAclArn")
	}
	return s
}

// stored is a registered resource as the account has it.
func stored(t *testing.T, r *graph.Resource) account.Resource {
	t.Helper()
	text, err := json.Marshal(graph.Plain(r.Inputs))
	require.NoError(t, err)
	out := account.Props{}
	require.NoError(t, json.Unmarshal(text, &out))
	out["arn"], out["name"] = r.Computed("arn"), r.Name
	return account.Resource{Type: r.Type, ID: r.Name, Region: graph.Region, URN: r.URN, Outputs: out}
}

// gate is the firewall since it began: it remembers who sent how much.
type gate struct {
	*site
	part  *firewall.Part
	lines []string
}

func (s *site) open() *gate {
	g := &gate{site: s}
	env := s.env
	env.Say = func(line string) { g.lines = append(g.lines, line) }
	g.part = firewall.New(env)
	return g
}

// blocks sends a request, and says which rule blocks it; empty if it passes.
func (g *gate) blocks(r *http.Request) string {
	g.t.Helper()
	var res *http.Response
	if g.balancer != "" {
		var err error
		res, err = g.part.Guard(g.balancer, r) //nolint:bodyclose // an answer of one's own, without a connection
		require.NoError(g.t, err)
	} else {
		body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10+1))
		require.NoError(g.t, err)
		res = g.part.Check(g.acl, r, body) //nolint:bodyclose // likewise
	}
	if res == nil {
		return ""
	}
	require.Nil(g.t, res.Body)
	require.Equal(g.t, http.StatusForbidden, res.StatusCode)
	require.NotEmpty(g.t, g.lines)
	_, line, _ := strings.Cut(g.lines[len(g.lines)-1], "firewall site: ")
	rule, _, blocked := strings.Cut(line, " blocked ")
	require.True(g.t, blocked, line)
	return rule
}

// status is what the firewall says it did.
func (g *gate) status() string {
	g.t.Helper()
	rows, err := g.part.Status(g.t.Context())
	require.NoError(g.t, err)
	require.Len(g.t, rows, 1)
	return rows[0].Detail
}

// from gives a request another sender.
func from(address string) func(*http.Request) {
	return func(r *http.Request) { r.RemoteAddr = netip.AddrPortFrom(netip.MustParseAddr(address), 40000).String() }
}
