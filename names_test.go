package main

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/graph"
	"wordpress-ecs/tests/stackfile"
)

// nameLimits are the longest physical names that AWS takes.
var nameLimits = map[string]int{
	"aws:athena/namedQuery:NamedQuery":                             128,
	"aws:athena/workgroup:Workgroup":                               128,
	"aws:cloudfront/cachePolicy:CachePolicy":                       128,
	"aws:cloudfront/function:Function":                             64,
	"aws:cloudfront/originAccessControl:OriginAccessControl":       64,
	"aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy":   128,
	"aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": 60,
	"aws:cloudwatch/logDeliverySource:LogDeliverySource":           60,
	"aws:lambda/function:Function":                                 64,
	"aws:lambda/permission:Permission":                             100,
	"aws:s3/bucketV2:BucketV2":                                     63,
	"aws:wafv2/ipSet:IpSet":                                        128,
	"aws:wafv2/webAcl:WebAcl":                                      128,
	"aws:appautoscaling/policy:Policy":                             256,
	"aws:autoscaling/group:Group":                                  255,
	"aws:cloudwatch/logGroup:LogGroup":                             512,
	"aws:ec2/launchTemplate:LaunchTemplate":                        128,
	"aws:ec2/securityGroup:SecurityGroup":                          255,
	"aws:ecr/repository:Repository":                                256,
	"aws:ecs/capacityProvider:CapacityProvider":                    255,
	"aws:ecs/cluster:Cluster":                                      255,
	"aws:ecs/service:Service":                                      255,
	"aws:elasticache/parameterGroup:ParameterGroup":                255,
	"aws:elasticache/replicationGroup:ReplicationGroup":            40,
	"aws:elasticache/subnetGroup:SubnetGroup":                      255,
	"aws:iam/instanceProfile:InstanceProfile":                      128,
	"aws:iam/role:Role":                                            64,
	"aws:iam/rolePolicy:RolePolicy":                                128,
	"aws:lb/loadBalancer:LoadBalancer":                             32,
	"aws:lb/targetGroup:TargetGroup":                               32,
	"aws:rds/clusterInstance:ClusterInstance":                      63,
	"aws:rds/clusterParameterGroup:ClusterParameterGroup":          255,
	"aws:rds/subnetGroup:SubnetGroup":                              255,
	"aws:secretsmanager/secret:Secret":                             512,
}

// nameless resources have no physical name of their own, or one that the program writes.
var nameless = map[string]bool{
	"aws:acm/certificate:Certificate":                                                            true,
	"aws:acm/certificateValidation:CertificateValidation":                                        true,
	"aws:cloudfront/distribution:Distribution":                                                   true,
	"aws:cloudwatch/logDelivery:LogDelivery":                                                     true,
	"aws:glue/catalogDatabase:CatalogDatabase":                                                   true,
	"aws:glue/catalogTable:CatalogTable":                                                         true,
	"aws:lb/listenerCertificate:ListenerCertificate":                                             true,
	"aws:lb/listenerRule:ListenerRule":                                                           true,
	"aws:lb/targetGroupAttachment:TargetGroupAttachment":                                         true,
	"aws:route53/record:Record":                                                                  true,
	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2":                       true,
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls":                                     true,
	"aws:s3/bucketPolicy:BucketPolicy":                                                           true,
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock":                                     true,
	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": true,
	"aws:wafv2/webAclAssociation:WebAclAssociation":                                              true,
	"aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration":                            true,
	"aws:appautoscaling/target:Target":                                                           true,
	"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup":                                          true,
	"aws:ec2/eip:Eip":                                           true,
	"aws:ec2/natGateway:NatGateway":                             true,
	"aws:ec2/route:Route":                                       true,
	"aws:ec2/vpcEndpoint:VpcEndpoint":                           true,
	"aws:ecr/lifecyclePolicy:LifecyclePolicy":                   true,
	"aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": true,
	"aws:ecs/taskDefinition:TaskDefinition":                     true,
	"aws:efs/accessPoint:AccessPoint":                           true,
	"aws:efs/backupPolicy:BackupPolicy":                         true,
	"aws:efs/fileSystem:FileSystem":                             true,
	"aws:efs/fileSystemPolicy:FileSystemPolicy":                 true,
	"aws:efs/mountTarget:MountTarget":                           true,
	"aws:iam/rolePolicyAttachment:RolePolicyAttachment":         true,
	"aws:lb/listener:Listener":                                  true,
	"aws:rds/cluster:Cluster":                                   true,
	"aws:secretsmanager/secretVersion:SecretVersion":            true,
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":   true,
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": true,
}

const longestStack = "abcdefghij-l"

// Names are refused in an update, not in a preview: they must fit for the longest stack name there is.
func TestPhysicalNamesFit(t *testing.T) {
	t.Parallel()
	patterns := autonaming(t)
	g := graph.Run{Stack: longestStack}.Of(t, program(t, "prod", everything))
	for _, r := range g.All() {
		if !strings.HasPrefix(r.Type, "aws:") || nameless[r.Type] {
			continue
		}
		limit, known := nameLimits[r.Type]
		require.True(t, known, "%s: how long may its name be?", r.Type)
		physical := patterns.expand(r.Type, r.Name, longestStack)
		assert.LessOrEqual(t, len(physical), limit, "%s %s", r.Type, physical)
		if r.Type == "aws:s3/bucketV2:BucketV2" {
			require.Regexp(t, `^[a-z0-9-]+$`, physical)
		}
	}
	require.NotEmpty(t, g.OfType("aws:lambda/function:Function"))
	logs := patterns.expand("aws:s3/bucketV2:BucketV2", g.Names("aws:s3/bucketV2:BucketV2")[0], longestStack)
	require.Regexp(t, `^aws-waf-logs-wordpress-`+longestStack, logs, "WAF writes to no bucket with another beginning")
	require.Regexp(t, `^[a-z][a-z0-9_]{0,254}$`, g.Only(t, "aws:glue/catalogDatabase:CatalogDatabase").At("name"), "Athena takes no hyphens")
	database := g.Only(t, "aws:rds/cluster:Cluster")
	require.LessOrEqual(t, len(database.Text(t, "clusterIdentifier")), 63)
	require.LessOrEqual(t, len(database.Text(t, "finalSnapshotIdentifier")), 255)
	require.LessOrEqual(t, len(g.Only(t, "aws:ecs/taskDefinition:TaskDefinition").Text(t, "family")), 255)
	for _, text := range []string{
		database.Text(t, "clusterIdentifier"), database.Text(t, "finalSnapshotIdentifier"),
		g.Only(t, "aws:elasticache/replicationGroup:ReplicationGroup").Text(t, "finalSnapshotIdentifier"),
	} {
		require.Regexp(t, `^[a-z](-?[a-z0-9])*$`, text, "RDS and ElastiCache allow no two hyphens in a row and none at the end")
	}
}

// A longer stack name is refused before anything is made.
func TestALongerStackNameIsRefused(t *testing.T) {
	t.Parallel()
	_, err := graph.Run{Stack: longestStack + "m"}.Try(program(t, "prod", nil))
	require.ErrorContains(t, err, `stack "abcdefghij-lm"`)
}

// Names carry the stack, so that two stacks share an account, and a random part, so that a replacement is
// made before the old resource goes.
func TestNamePatterns(t *testing.T) {
	t.Parallel()
	patterns := autonaming(t)
	for _, pattern := range append([]string{patterns.all}, patterns.list()...) {
		require.Regexp(t, `^\$\{name\}-\$\{stack\}-\$\{hex\([4-9]\)\}$`, pattern)
	}
}

// patterns are those of pulumi:autonaming: of all resources, and of types.
type patterns struct {
	all    string
	byType map[string]string
}

func autonaming(t *testing.T) patterns {
	t.Helper()
	project, err := stackfile.ReadProject(".")
	require.NoError(t, err)
	value, ok := project.Config["pulumi:autonaming"].Value.(map[string]any)
	require.True(t, ok)
	p := patterns{byType: map[string]string{}}
	p.all, _ = value["pattern"].(string)
	providers, _ := value["providers"].(map[string]any)
	cloud, _ := providers["aws"].(map[string]any)
	types, _ := cloud["resources"].(map[string]any)
	for typ, entry := range types {
		fields, _ := entry.(map[string]any)
		p.byType[typ], _ = fields["pattern"].(string)
	}
	return p
}

func (p patterns) list() []string {
	var all []string
	for _, pattern := range p.byType {
		all = append(all, pattern)
	}
	return all
}

var hexPart = regexp.MustCompile(`\$\{hex\((\d+)\)\}`)

func (p patterns) expand(typ, name, stack string) string {
	pattern := p.all
	if own, ok := p.byType[typ]; ok {
		pattern = own
	}
	pattern = strings.NewReplacer("${name}", name, "${stack}", stack).Replace(pattern)
	return hexPart.ReplaceAllStringFunc(pattern, func(part string) string {
		digits, _ := strconv.Atoi(hexPart.FindStringSubmatch(part)[1])
		return strings.Repeat("f", digits)
	})
}
