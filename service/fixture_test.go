package service_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/policy"
	"wordpress-ecs/service"
	"wordpress-ecs/settings"
	"wordpress-ecs/tests/graph"
)

const (
	ecsService = "aws:ecs/service:Service"
	definition = "aws:ecs/taskDefinition:TaskDefinition"
	logGroup   = "aws:cloudwatch/logGroup:LogGroup"
	role       = "aws:iam/role:Role"
	rolePolicy = "aws:iam/rolePolicy:RolePolicy"

	imageName = "registry.example.com/site@" + graph.Digest
)

// args are good ones, with changes. What comes first is put in by program.
func args(changes ...func(*service.Args)) *service.Args {
	a := &service.Args{
		Region: graph.Region, SubnetIDs: pulumi.ToStringArray(graph.SubnetIDs("private")), GroupID: pulumi.String("sg-tasks"),
		Edge: service.Edge{
			URL: pulumi.String("http://balancer.host"), TargetGroupARN: pulumi.String("arn:targets"),
			BalancerSuffix: pulumi.String("app/balancer/1"), TargetGroupSuffix: pulumi.String("targetgroup/web/2"),
			HSTSSeconds: 86400,
		},
		Cluster: service.Cluster{
			ARN: pulumi.String("arn:cluster"), Name: pulumi.String("site-cluster"),
			CapacityProvider: pulumi.String("site-capacity"), ExecLogGroupARN: pulumi.String("arn:exec-log"),
		},
		Image: pulumi.String(imageName), RepositoryARN: pulumi.String("arn:repository"), Architecture: settings.ARM,
		Stores: service.Stores{
			DatabaseHost: pulumi.String("db.host"), DatabaseName: "wp", DatabaseUser: "wpuser",
			DatabaseSecretARN: pulumi.String("arn:database-secret"),
			CacheHost:         pulumi.String("cache.host"), CachePort: 6379, CacheSecretARN: pulumi.String("arn:cache-secret"),
			KeysSecretARN: pulumi.String("arn:keys-secret"), KeyNames: []string{"NONCE_SALT", "AUTH_KEY"},
			AdminSecretARN: pulumi.String("arn:admin-secret"),
			FileSystemID:   pulumi.String("fs-1"), FileSystemARN: pulumi.String("arn:fs"),
			AccessPointID: pulumi.String("fsap-1"), AccessPointARN: pulumi.String("arn:fsap"),
		},
		Site: service.Site{
			Title: "Our site", AdminUser: "boss", AdminEmail: "boss@example.com", FileChanges: true, TrustedProxies: "10.0.0.0/16",
		},
		CPU: 512, Memory: 1024, Min: 2, Max: 6, CPUTarget: 60, RequestsTarget: 1000, LogRetentionDays: 7,
	}
	for _, change := range changes {
		change(a)
	}
	return a
}

func protected(a *service.Args) { a.Protected = true }

func mailing(a *service.Args) {
	a.Site.Mail = service.Mail{Host: "smtp.example.com", Port: 587, From: "site@example.com", SecretARN: "arn:smtp-secret"}
}

// behindCDN is a site with a distribution and a bucket of media.
func behindCDN(a *service.Args) {
	a.Edge.URL, a.Edge.SearchEngines, a.Edge.VisitorHeader = pulumi.String("https://example.com"), true, "X-Visitor"
	a.Edge.CDN = &service.CDN{ID: pulumi.String("E123"), ARN: pulumi.String("arn:distribution")}
	a.Edge.Media = &service.Media{Bucket: pulumi.String("media"), ARN: pulumi.String("arn:media")}
}

func withPassword(a *service.Args) {
	a.Edge.BasicAuthUser, a.Edge.BasicAuthSecretARN = "guest", pulumi.String("arn:visitors-secret")
}

// program makes a service that waits for a stand-in.
func program(a *service.Args) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		in, err := graph.Cloud(ctx)
		if err != nil {
			return err
		}
		if a != nil {
			first, err := graph.StandIn(ctx, "store")
			if err != nil {
				return err
			}
			a.Ready = []pulumi.Resource{first}
		}
		s, err := service.New(ctx, "site", a, in)
		if err != nil {
			return err
		}
		ctx.Export("taskDefinition", s.TaskDefinition)
		return nil
	}
}

func registered(t *testing.T, changes ...func(*service.Args)) *graph.Graph {
	t.Helper()
	g := graph.Run{}.Of(t, program(args(changes...)))
	g.Check(t)
	return g
}

// statements are those of a role's own policy.
func statements(t *testing.T, g *graph.Graph, name string) map[string]policy.Statement {
	t.Helper()
	r := g.Named(t, rolePolicy, name)
	require.Equal(t, g.Named(t, role, name).ID, r.At("role"))
	return r.Statements(t, "policy")
}

func TestGraphHolds(t *testing.T) {
	t.Parallel()
	for mode, run := range graph.Modes() {
		for name, changes := range map[string][]func(*service.Args){
			"disposable": nil, "protected": {protected}, "mailing": {mailing}, "CDN": {behindCDN}, "password": {withPassword},
		} {
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
		change func(*service.Args)
		want   string
	}{
		"no region":       {func(a *service.Args) { a.Region = "" }, "Region is required"},
		"no subnets":      {func(a *service.Args) { a.SubnetIDs = nil }, "SubnetIDs and GroupID are required"},
		"no group":        {func(a *service.Args) { a.GroupID = nil }, "SubnetIDs and GroupID are required"},
		"no URL":          {func(a *service.Args) { a.Edge.URL = nil }, "Edge: URL, TargetGroupARN, BalancerSuffix and TargetGroupSuffix are required"},
		"no targets":      {func(a *service.Args) { a.Edge.TargetGroupARN = nil }, "Edge: URL, TargetGroupARN, BalancerSuffix and TargetGroupSuffix are required"},
		"no password":     {func(a *service.Args) { a.Edge.BasicAuthUser = "guest" }, "Edge: BasicAuthUser needs BasicAuthSecretARN"},
		"no cluster":      {func(a *service.Args) { a.Cluster.ARN = nil }, "Cluster: every field is required"},
		"no image":        {func(a *service.Args) { a.Image = nil }, "Image, RepositoryARN and Architecture are required"},
		"no architecture": {func(a *service.Args) { a.Architecture = "" }, "Image, RepositoryARN and Architecture are required"},
		"little memory":   {func(a *service.Args) { a.Memory = 847 }, "Memory: 847 MiB leaves 383 for php-fpm, which needs 384"},
		"no title":        {func(a *service.Args) { a.Site.Title = "" }, "Site: Title, AdminUser and AdminEmail are required"},
		"no sender":       {func(a *service.Args) { mailing(a); a.Site.Mail.From = "" }, "Site: Mail with a Host needs Port and From"},
		"no task":         {func(a *service.Args) { a.Min = 0 }, "Min and Max: 0..6 is not a range of tasks"},
		"crossed":         {func(a *service.Args) { a.Max = 1 }, "Min and Max: 2..1 is not a range of tasks"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := graph.Run{}.Try(program(args(tc.change)))
			require.ErrorContains(t, err, tc.want)
		})
	}
	_, err := graph.Run{}.Try(program(nil))
	require.ErrorContains(t, err, `service "site": args are required`)
	_, err = graph.Run{}.Try(func(ctx *pulumi.Context) error {
		_, err := service.New(ctx, "site", args())
		return err
	})
	require.ErrorContains(t, err, "Ready: tasks need routes, stores, capacity and a listener before they start")
}
