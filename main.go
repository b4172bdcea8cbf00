// WordPress on Amazon ECS: settings in, components in the order they stand on each other, outputs out.
package main

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"wordpress-ecs/cluster"
	"wordpress-ecs/data"
	"wordpress-ecs/edge"
	"wordpress-ecs/image"
	"wordpress-ecs/network"
	"wordpress-ecs/service"
	"wordpress-ecs/settings"
)

// name begins the names of all resources.
const name = "wordpress"

const secondsPerDay = 24 * 60 * 60

func main() {
	var config map[string]string
	pulumi.Run(func(ctx *pulumi.Context) error {
		s, err := settings.Load(ctx.Project(), ctx.Stack(), config)
		if err != nil {
			return err
		}
		return deploy(ctx, s)
	}, func(info *pulumi.RunInfo) { config = info.Config })
}

// deploy registers everything that a stack is made of.
func deploy(ctx *pulumi.Context, s *settings.Settings) error {
	tags := map[string]string{"Project": ctx.Project(), "Stack": ctx.Stack(), "ManagedBy": "Pulumi"}
	cloud, err := provider(ctx, "aws", s.Region, tags)
	if err != nil {
		return err
	}
	in := pulumi.Provider(cloud)

	net, err := network.New(ctx, name, &network.Args{
		Region: s.Region, CIDR: s.VPCCIDR, NAT: s.NATGateways, MailPort: mailPort(s.Site), CDN: s.Edge.CDN.On,
	}, in)
	if err != nil {
		return err
	}
	stores, err := data.New(ctx, name, dataArgs(s, net), in)
	if err != nil {
		return err
	}
	capacity, err := cluster.New(ctx, name, clusterArgs(s, net, tags), in)
	if err != nil {
		return err
	}
	built, err := image.New(ctx, name, &image.Args{
		Prebuilt: s.Image, Context: "image", Architecture: s.Architecture(), Mirror: s.WordPressMirror,
		Protected: s.Protected,
	}, in)
	if err != nil {
		return err
	}
	global, err := globalProvider(ctx, s, tags)
	if err != nil {
		return err
	}
	front, err := edge.New(ctx, name, edgeArgs(s, net, global), in)
	if err != nil {
		return err
	}
	site, err := service.New(ctx, name, serviceArgs(s, net, stores, capacity, built, front), in)
	if err != nil {
		return err
	}
	export(ctx, s, stores, capacity, built, front, site)
	return nil
}

// provider registers an AWS provider for a region, which tags all that it makes.
func provider(ctx *pulumi.Context, name, region string, tags map[string]string) (*aws.Provider, error) {
	return aws.NewProvider(ctx, name, &aws.ProviderArgs{
		Region:      pulumi.String(region),
		DefaultTags: aws.ProviderDefaultTagsArgs{Tags: pulumi.ToStringMap(tags)},
	})
}

// globalProvider is a provider for what CloudFront needs in its own region; nil where there is no CDN.
func globalProvider(ctx *pulumi.Context, s *settings.Settings, tags map[string]string) (pulumi.ProviderResource, error) {
	if !s.Edge.CDN.On {
		return nil, nil //nolint:nilnil // nothing wants it
	}
	return provider(ctx, "aws-"+edge.GlobalRegion, edge.GlobalRegion, tags)
}

// mailPort is what tasks must reach for mail, 0 where there is none.
func mailPort(site settings.Site) int {
	if site.SMTPHost == "" {
		return 0
	}
	return site.SMTPPort
}

func dataArgs(s *settings.Settings, net *network.Network) *data.Args {
	subnets := make([]pulumi.StringInput, network.Zones)
	for i := range subnets {
		subnets[i] = net.IsolatedSubnetIDs.Index(pulumi.Int(i))
	}
	return &data.Args{
		SubnetIDs:             subnets,
		DatabaseGroupID:       net.Groups.Database,
		CacheGroupID:          net.Groups.Cache,
		FilesGroupID:          net.Groups.Files,
		DatabaseInstanceClass: s.DatabaseInstanceClass,
		DatabaseReaders:       s.DatabaseReaders,
		DatabaseReadersMax:    s.DatabaseReadersMax,
		DatabaseBackupDays:    s.DatabaseBackupDays,
		CacheEngine:           s.CacheEngine,
		CacheNodeType:         s.CacheNodeType,
		CacheNodes:            s.CacheNodes,
		AdminUser:             s.Site.AdminUser,
		LogRetentionDays:      s.LogRetentionDays,
		Protected:             s.Protected,
	}
}

func clusterArgs(s *settings.Settings, net *network.Network, tags map[string]string) *cluster.Args {
	// Without a NAT gateway the private subnets have no way out, and an instance must reach ECS.
	subnets, public := net.PrivateSubnetIDs, false
	if s.NATGateways == settings.NATNone {
		subnets, public = net.PublicSubnetIDs, true
	}
	return &cluster.Args{
		SubnetIDs:        subnets,
		SecurityGroupID:  net.Groups.Instances,
		PublicAddresses:  public,
		Routes:           net.Ready,
		InstanceType:     s.InstanceType,
		Architecture:     s.Architecture(),
		Min:              s.InstancesMin,
		Max:              s.InstancesMax,
		TargetCapacity:   s.ClusterTargetCapacity,
		Tags:             tags,
		LogRetentionDays: s.LogRetentionDays,
		Protected:        s.Protected,
	}
}

func edgeArgs(s *settings.Settings, net *network.Network, global pulumi.ProviderResource) *edge.Args {
	return &edge.Args{
		Region:          s.Region,
		VPCID:           net.VPCID,
		PublicSubnetIDs: net.PublicSubnetIDs,
		GroupID:         net.Groups.LoadBalancer,
		Settings:        s.Edge,
		XMLRPC:          s.Site.XMLRPC,
		Global:          global,
		LogDays:         s.LogRetentionDays,
		Protected:       s.Protected,
		Routes:          net.Ready,
	}
}

func serviceArgs(s *settings.Settings, net *network.Network, stores *data.Data,
	capacity *cluster.Cluster, built *image.Image, front *edge.Edge,
) *service.Args {
	return &service.Args{
		Region:    s.Region,
		SubnetIDs: net.PrivateSubnetIDs,
		GroupID:   net.Groups.Tasks,
		Edge:      serviceEdge(s.Edge, front),
		Cluster: service.Cluster{
			ARN: capacity.ARN, Name: capacity.Name, CapacityProvider: capacity.CapacityProvider,
			ExecLogGroupARN: capacity.ExecLogGroupARN,
		},
		Image:         built.Reference,
		RepositoryARN: built.RepositoryARN,
		Architecture:  s.Architecture(),
		Stores: service.Stores{
			DatabaseHost:      stores.DatabaseEndpoint,
			DatabaseName:      data.DatabaseName,
			DatabaseUser:      data.DatabaseUser,
			DatabaseSecretARN: stores.Secrets.Database.ARN,
			CacheHost:         stores.CacheEndpoint,
			CachePort:         network.CachePort,
			CacheSecretARN:    stores.Secrets.Cache.ARN,
			KeysSecretARN:     stores.Secrets.Keys.ARN,
			KeyNames:          data.KeyNames,
			AdminSecretARN:    stores.Secrets.Admin.ARN,
			FileSystemID:      stores.FileSystemID,
			FileSystemARN:     stores.FileSystemARN,
			AccessPointID:     stores.AccessPointID,
			AccessPointARN:    stores.AccessPointARN,
		},
		Site:             siteArgs(s),
		CPU:              s.TaskCPU,
		Memory:           s.TaskMemory,
		Min:              s.TasksMin,
		Max:              s.TasksMax,
		ProvingSeconds:   s.ProvingSeconds,
		CPUTarget:        s.TasksCPUTarget,
		RequestsTarget:   s.TasksRequestsTarget,
		LogRetentionDays: s.LogRetentionDays,
		Protected:        s.Protected,
		Ready:            slices.Concat(net.Ready, stores.Ready, capacity.Ready, front.Ready),
	}
}

// serviceEdge is what tasks have to know about the edge.
func serviceEdge(s settings.Edge, front *edge.Edge) service.Edge {
	e := service.Edge{
		URL: front.URL, TargetGroupARN: front.TargetGroupARN,
		BalancerSuffix: front.BalancerSuffix, TargetGroupSuffix: front.TargetGroupSuffix,
		HSTSSeconds: s.HSTSDays * secondsPerDay, SearchEngines: s.SearchEngines,
	}
	switch {
	case s.CDN.On:
		e.VisitorHeader = edge.VisitorHeader
		e.CDN = &service.CDN{ID: front.DistributionID, ARN: front.DistributionARN}
	case s.BasicAuthUser != "":
		// The CDN would ask for itself: it has copies of pages.
		e.BasicAuthUser, e.BasicAuthSecretARN = s.BasicAuthUser, front.PasswordSecretARN
	}
	if s.MediaBucket {
		e.Media = &service.Media{Bucket: front.Bucket, ARN: front.BucketARN}
	}
	return e
}

func siteArgs(s *settings.Settings) service.Site {
	return service.Site{
		Title:       s.Site.Title,
		AdminUser:   s.Site.AdminUser,
		AdminEmail:  s.Site.AdminEmail,
		FileChanges: s.Site.FileChanges,
		XMLRPC:      s.Site.XMLRPC,
		// The load balancer's addresses change, but stay in its subnets.
		TrustedProxies: s.VPCCIDR,
		Mail: service.Mail{
			Host: s.Site.SMTPHost, Port: s.Site.SMTPPort, From: s.Site.MailFrom, SecretARN: s.Site.SMTPSecret,
		},
	}
}

func export(ctx *pulumi.Context, s *settings.Settings, stores *data.Data, capacity *cluster.Cluster,
	built *image.Image, front *edge.Edge, site *service.Service,
) {
	ctx.Export("url", front.URL)
	ctx.Export("loadBalancer", front.LoadBalancerName)
	for _, output := range []struct {
		name  string
		there bool
		value pulumi.StringOutput
	}{
		{"distribution", s.Edge.CDN.On, front.DistributionID},
		{"mediaBucket", s.Edge.MediaBucket, front.Bucket},
		{"accessLogBucket", s.Edge.AccessLogs, front.LogBucket},
		{"accessLogWorkgroup", s.Edge.AccessLogs, front.Workgroup},
		{"basicAuthSecret", s.Edge.BasicAuthUser != "", front.PasswordSecretName},
	} {
		if output.there {
			ctx.Export(output.name, output.value)
		}
	}
	ctx.Export("cluster", capacity.Name)
	ctx.Export("service", site.Name)
	ctx.Export("taskDefinition", site.TaskDefinition)
	ctx.Export("image", built.Reference)
	ctx.Export("repository", built.RepositoryURL)
	ctx.Export("databaseEndpoint", stores.DatabaseEndpoint)
	ctx.Export("databaseReaderEndpoint", stores.DatabaseReaderEndpoint)
	ctx.Export("cacheEndpoint", stores.CacheEndpoint)
	ctx.Export("fileSystem", stores.FileSystemID)
	ctx.Export("databaseSecret", stores.Secrets.Database.Name)
	ctx.Export("cacheSecret", stores.Secrets.Cache.Name)
	ctx.Export("keysSecret", stores.Secrets.Keys.Name)
	ctx.Export("adminSecret", stores.Secrets.Admin.Name)
	groups := pulumi.StringArray{capacity.ExecLogGroup}
	for _, group := range slices.Concat(site.LogGroups, stores.DatabaseLogGroups) {
		groups = append(groups, group)
	}
	ctx.Export("logGroups", groups)
}
