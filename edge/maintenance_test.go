package edge_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/policy"
	"wordpress-ecs/tests/graph"
)

const (
	lambda     = "aws:lambda/function:Function"
	permission = "aws:lambda/permission:Permission"
	attachment = "aws:lb/targetGroupAttachment:TargetGroupAttachment"
	logGroup   = "aws:cloudwatch/logGroup:LogGroup"
	admins     = "sourceIp: [203.0.113.7/32 2001:db8::/48]"
)

var (
	everyPath  = []string{"pathPattern: [*]"}
	healthPath = "pathPattern: [/healthz]"
	passed     = "X-Maintenance: [pass]"
)

func TestNoMaintenance(t *testing.T) {
	t.Parallel()
	none(t, registered(t, withMedia), "aws:lambda/", "aws:iam/", attachment)
}

func TestMaintenanceRules(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		changes []change
		want    map[string]step
		order   []string
	}{
		"without a domain": {
			[]change{maintained},
			map[string]step{
				"maintenance-health": {[]string{healthPath}, "site-web"},
				"maintenance":        {everyPath, "site-page"},
			},
			[]string{"maintenance-health", "maintenance"},
		},
		"in a domain": {
			[]change{inDomain, administered},
			map[string]step{
				"maintenance-health": {[]string{healthPath}, "site-web"},
				"maintenance-admins": {[]string{admins}, "site-web"},
				"maintenance":        {everyPath, "site-page"},
				"counterpart":        {[]string{"hostHeader: [www.example.com]"}, redirect("example.com")},
				"direct":             {everyPath, "site-web"},
			},
			[]string{"maintenance-admins", "maintenance-health", "maintenance", "counterpart", "direct"},
		},
		"behind a CDN": {
			[]change{behindCDN, administered},
			map[string]step{
				// The load balancer does not see who asks. The CDN does, and it alone is believed.
				"maintenance-health": {[]string{healthPath, secretHeader}, "site-web"},
				"maintenance-admins": {[]string{passed, secretHeader}, "site-web"},
				"maintenance":        {everyPath, "site-page"},
				"counterpart":        {[]string{"hostHeader: [www.example.com]"}, redirect("example.com")},
				"origin":             {[]string{secretHeader}, "site-web"},
				"direct":             {everyPath, "403"},
			},
			[]string{"maintenance-admins", "maintenance-health", "maintenance", "counterpart", "origin", "direct"},
		},
		"behind a CDN without administrators": {
			[]change{behindCDN, maintained},
			map[string]step{
				"maintenance-health": {[]string{healthPath, secretHeader}, "site-web"},
				"maintenance":        {everyPath, "site-page"},
				"counterpart":        {[]string{"hostHeader: [www.example.com]"}, redirect("example.com")},
				"origin":             {[]string{secretHeader}, "site-web"},
				"direct":             {everyPath, "403"},
			},
			[]string{"maintenance-health", "maintenance", "counterpart", "origin", "direct"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules, order := steps(t, registered(t, tc.changes...))
			require.Equal(t, tc.want, rules)
			require.Equal(t, tc.order, order)
		})
	}
}

// Visitors are not led to a page that cannot be shown yet, nor administrators on their way out.
func TestMaintenanceBeginsWhenAllIsReady(t *testing.T) {
	t.Parallel()
	g := registered(t, inDomain, administered)
	g.Named(t, rule, "site-maintenance").RequireAfter(t,
		g.Only(t, attachment), g.Named(t, rule, "site-maintenance-health"), g.Named(t, rule, "site-maintenance-admins"))
}

func TestMaintenancePage(t *testing.T) {
	t.Parallel()
	g := registered(t, maintained)
	page, function := g.Named(t, targets, "site-page"), g.Only(t, lambda)
	require.Equal(t, map[string]any{"targetType": "lambda"}, graph.Plain(page.Inputs))
	require.Regexp(t, `^nodejs`, function.At("runtime"))
	require.Equal(t, "index.handler", function.At("handler"))
	require.Equal(t, g.Named(t, logGroup, "site-maintenance").Computed("name"), function.At("loggingConfig.logGroup"))
	files, ok := function.Inputs["code"].ArchiveValue().GetAssets()
	require.True(t, ok)
	require.NotNil(t, files["index.js"])
	target := g.Only(t, attachment)
	require.Equal(t, page.Computed("arn"), target.At("targetGroupArn"))
	require.Equal(t, function.Computed("arn"), target.At("targetId"))
	target.RequireAfter(t, g.Only(t, permission))
}

// Only the load balancer calls the function, through its target group, and the function writes its log and nothing else.
func TestWhatTheMaintenanceFunctionMay(t *testing.T) {
	t.Parallel()
	g := registered(t, maintained)
	allowed := g.Only(t, permission)
	require.Equal(t, "lambda:InvokeFunction", allowed.At("action"))
	require.Equal(t, "elasticloadbalancing.amazonaws.com", allowed.At("principal"))
	require.Equal(t, g.Named(t, targets, "site-page").Computed("arn"), allowed.At("sourceArn"))
	require.Equal(t, g.Only(t, lambda).Computed("name"), allowed.At("function"))
	role := g.Only(t, "aws:iam/role:Role")
	require.Equal(t, map[string]policy.Statement{"": {
		Effect: policy.Allow, Action: []string{"sts:AssumeRole"}, Principal: policy.Principal{"Service": "lambda.amazonaws.com"},
	}}, role.Statements(t, "assumeRolePolicy"))
	group := g.Only(t, logGroup)
	require.Equal(t, 7, group.At("retentionInDays"))
	may := g.Only(t, "aws:iam/rolePolicy:RolePolicy")
	require.Equal(t, role.Computed("name"), may.At("role"))
	require.Equal(t, map[string]policy.Statement{"Log": {
		Sid: "Log", Effect: policy.Allow, Action: []string{"logs:CreateLogStream", "logs:PutLogEvents"},
		Resource: []string{group.Computed("arn").(string) + ":*"},
	}}, may.Statements(t, "policy"))
	require.Empty(t, g.OfType("aws:iam/rolePolicyAttachment:RolePolicyAttachment"))
}
