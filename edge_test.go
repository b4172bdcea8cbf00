package main

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/edge"
	"wordpress-ecs/tests/graph"
)

// Settings of the edge, from a domain alone to all that there is.
var (
	inDomain   = map[string]string{"domain": "example.com"}
	behindCDN  = with(inDomain, "cdn", "true")
	everything = with(behindCDN,
		"cdnOriginShield", "true", "mediaBucket", "true", "firewall", "block", "firewallAllowed", "203.0.113.7,2001:db8::/48",
		"firewallCountries", "DE,AT", "accessLogs", "true", "basicAuthUser", "guest", "maintenance", "true",
		"adminAddresses", "203.0.113.7")
)

// with adds settings, as keys and values.
func with(changes map[string]string, added ...string) map[string]string {
	changed := maps.Clone(changes)
	for pair := range slices.Chunk(added, 2) {
		changed[pair[0]] = pair[1]
	}
	return changed
}

// A preview asks only for what is there already and needs no state: whose account the logs are of, where a domain's
// records go, from where a CDN asks. A later one also logs in to the registry, which the docker provider wants to have
// in the state.
func TestWhatAPreviewAsks(t *testing.T) {
	t.Parallel()
	const (
		account  = "aws:index/getCallerIdentity:getCallerIdentity"
		zone     = "aws:route53/getZone:getZone"
		prefixes = "aws:ec2/getManagedPrefixList:getManagedPrefixList"
		registry = "aws:ecr/getAuthorizationToken:getAuthorizationToken"
	)
	for name, tc := range map[string]struct {
		stack   string
		changes map[string]string
		want    []string
	}{
		"dev":            {"dev", nil, nil},
		"prod":           {"prod", nil, []string{account}},
		"domain":         {"dev", inDomain, []string{zone}},
		"domain by zone": {"dev", with(inDomain, "hostedZone", "Z0123456789ABC"), nil},
		"CDN":            {"dev", behindCDN, []string{prefixes, zone}},
		"everything":     {"prod", everything, []string{prefixes, account, zone}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first := graph.Run{Stack: tc.stack, Preview: true}.Of(t, program(t, tc.stack, tc.changes))
			require.ElementsMatch(t, tc.want, asked(first))
			later := graph.Run{Stack: tc.stack, Preview: true, Known: true}.Of(t, program(t, tc.stack, tc.changes))
			require.ElementsMatch(t, append(tc.want, registry), asked(later))
		})
	}
}

// asked are the functions that a program called, each once.
func asked(g *graph.Graph) []string {
	tokens := map[string]bool{}
	for _, call := range g.Calls() {
		tokens[call.Token] = true
	}
	return slices.Collect(maps.Keys(tokens))
}

// What belongs to CloudFront is in its own region, with the tags of everything else.
func TestGlobalProvider(t *testing.T) {
	t.Parallel()
	const providers = "pulumi:providers:aws"
	require.Equal(t, []string{"aws"}, deployed(t, "dev", inDomain).Names(providers))
	g := deployed(t, "dev", everything)
	regional, global := g.Named(t, providers, "aws"), g.Named(t, providers, "aws-"+edge.GlobalRegion)
	require.Equal(t, "us-east-1", global.At("region"))
	require.Equal(t, regional.At("defaultTags"), global.At("defaultTags"))
	there := map[string]bool{}
	for _, r := range g.All() {
		if r.Provider == global.URN+"::"+global.ID {
			there[r.Type] = true
		}
	}
	require.ElementsMatch(t, []string{
		"aws:acm/certificate:Certificate", "aws:acm/certificateValidation:CertificateValidation",
		"aws:cloudwatch/logDelivery:LogDelivery", "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination",
		"aws:cloudwatch/logDeliverySource:LogDeliverySource", "aws:wafv2/ipSet:IpSet", "aws:wafv2/webAcl:WebAcl",
		"aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
	}, slices.Collect(maps.Keys(there)))
}

// Every setting of the edge reaches the resource that it is about.
func TestEdgeSettingsReachTheirResources(t *testing.T) {
	t.Parallel()
	const (
		distribution = "aws:cloudfront/distribution:Distribution"
		function     = "aws:cloudfront/function:Function"
		webACL       = "aws:wafv2/webAcl:WebAcl"
		origin       = "random:index/randomPassword:RandomPassword"
	)
	g := deployed(t, "dev", with(everything,
		"domain", "www.example.com", "hostedZone", "Z0123456789ABC", "cdnPriceClass", "100", "cdnCookies", "theme_*", "cdnSecretVersion", "5",
		"firewallRequestLimit", "3001", "firewallWriteLimit", "302", "firewallLoginLimit", "33", "logRetentionDays", "14",
		"xmlrpc", "true"))
	cdn := g.Only(t, distribution)
	require.Equal(t, []any{"example.com", "www.example.com"}, cdn.At("aliases"))
	require.Equal(t, "PriceClass_100", cdn.At("priceClass"))
	require.Equal(t, "eu-central-1", cdn.At("origins[0].originShield.originShieldRegion"))
	for _, record := range g.OfType("aws:route53/record:Record") {
		require.Equal(t, "Z0123456789ABC", record.At("zoneId"), record.Name)
	}
	pages := g.Named(t, function, "wordpress-pages").Text(t, "code")
	for _, part := range []string{`"theme_*"`, `"maintenance":true`, `"203.0.113.7/32"`} {
		require.Contains(t, pages, part)
	}
	require.Equal(t, "2", g.Named(t, origin, "wordpress-origin-1").At("keepers.version"))
	require.Equal(t, "3", g.Named(t, origin, "wordpress-origin-2").At("keepers.version"))
	const xmlrpc = "WordPressExploitablePaths_URIPATH"
	require.Contains(t, fmt.Sprint(g.Only(t, webACL).At("rules")), xmlrpc)
	require.NotContains(t, fmt.Sprint(deployed(t, "dev", everything).Only(t, webACL).At("rules")), xmlrpc)
	rules := map[any]any{}
	for _, rule := range g.Only(t, webACL).List("rules") {
		fields, _ := rule.(map[string]any)
		statement, _ := fields["statement"].(map[string]any)
		if rate, ok := statement["rateBasedStatement"].(map[string]any); ok {
			rules[fields["name"]] = rate["limit"]
		}
	}
	require.Equal(t, map[any]any{"requests": 3001, "writes": 302, "logins": 33}, rules)
	lifecycle := g.Named(t, "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2", "aws-waf-logs-wordpress")
	require.Equal(t, 14, lifecycle.At("rules[1].expiration.days"))
}

// Tasks are told about the edge what they have to know, and no more.
func TestTasksKnowTheEdge(t *testing.T) {
	t.Parallel()
	const tasks, password = "aws:ecs/taskDefinition:TaskDefinition", `"WORDPRESS_BASIC_AUTH_PASSWORD"`
	told := func(changes map[string]string) (string, *graph.Graph) {
		g := deployed(t, "dev", changes)
		return g.Only(t, tasks).Text(t, "containerDefinitions"), g
	}
	plain, _ := told(nil)
	require.Contains(t, plain, `{"name":"WORDPRESS_SEARCH_ENGINES","value":"deny"}`)
	for _, name := range []string{"CDN_DISTRIBUTION", "MEDIA_BUCKET", "VISITOR_HEADER", "BASIC_AUTH_USER"} {
		require.NotContains(t, plain, `"WORDPRESS_`+name+`"`)
	}
	definitions, g := told(with(everything, "hstsDays", "2", "searchEngines", "true"))
	for name, value := range map[string]string{
		"URL": "https://example.com", "HSTS_SECONDS": "172800", "SEARCH_ENGINES": "allow", "VISITOR_HEADER": "X-Visitor-Address",
		"CDN_DISTRIBUTION": g.Only(t, "aws:cloudfront/distribution:Distribution").ID,
		"MEDIA_BUCKET":     g.Named(t, "aws:s3/bucketV2:BucketV2", "wordpress-media").ID, "MEDIA_REGION": "eu-central-1",
	} {
		require.Contains(t, definitions, `{"name":"WORDPRESS_`+name+`","value":"`+value+`"}`)
	}
	require.NotContains(t, definitions, password, "the CDN asks for it: it has copies of pages")
	definitions, g = told(map[string]string{"basicAuthUser": "guest"})
	require.Contains(t, definitions, `{"name":"WORDPRESS_BASIC_AUTH_USER","value":"guest"}`)
	secret := g.Named(t, "aws:secretsmanager/secret:Secret", "wordpress-visitors")
	require.Contains(t, definitions, `{"name":"WORDPRESS_BASIC_AUTH_PASSWORD","valueFrom":"`+secret.Computed("arn").(string)+`:password::"}`)
}

// Tasks do not register before there is what leads to them, nor start before the password that nginx asks for.
func TestTasksWaitForTheEdge(t *testing.T) {
	t.Parallel()
	g := deployed(t, "dev", map[string]string{"domain": "example.com", "basicAuthUser": "guest"})
	service := g.Only(t, "aws:ecs/service:Service")
	service.RequireAfter(t, g.Named(t, "aws:lb/listener:Listener", "wordpress-https"))
	service.RequireAfter(t, g.Named(t, "aws:secretsmanager/secretVersion:SecretVersion", "wordpress-visitors"))
}

// A domain whose zone does not exist says so, and what to do.
func TestADomainWithoutAZone(t *testing.T) {
	t.Parallel()
	run := graph.Run{Stack: "dev", Refused: map[string]string{"aws:route53/getZone:getZone": "no matching Route 53 Hosted Zone found"}}
	_, err := run.Try(program(t, "dev", inDomain))
	require.ErrorContains(t, err, "hosted zone example.com: ")
	require.ErrorContains(t, err, "no matching Route 53 Hosted Zone found")
	require.ErrorContains(t, err, "set hostedZone to")
}
