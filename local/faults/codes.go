package faults

import "strings"

// refusal is an error of AWS's API. In its message "%s" stands for the class or type of machine that was asked for.
type refusal struct {
	code, message string
	// machine is the input that names it.
	machine string
}

func (r refusal) about(machine string) string {
	return "api error " + r.code + ": " + strings.ReplaceAll(r.message, "%s", machine)
}

// Where codes and messages are from: those of EC2 from the error codes of its API reference
// (docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html) and from what its users have seen; the others
// from the errors that the API models of aws-sdk-go v1.55.8 list for the operation.

// limitExceeded is the code of the services with AWS's JSON protocol for one too many.
const limitExceeded = "LimitExceededException"

// quotas are AWS's answers to the creation of one too many, by type. What is not here has no quota of its own.
var quotas = map[string]refusal{
	"aws:ec2/vpc:Vpc":                                           {code: "VpcLimitExceeded", message: "The maximum number of VPCs has been reached."},
	"aws:ec2/subnet:Subnet":                                     {code: "SubnetLimitExceeded", message: "The maximum number of subnets has been reached."},
	"aws:ec2/internetGateway:InternetGateway":                   {code: "InternetGatewayLimitExceeded", message: "The maximum number of internet gateways has been reached."},
	"aws:ec2/eip:Eip":                                           {code: "AddressLimitExceeded", message: "The maximum number of addresses has been reached."},
	"aws:ec2/natGateway:NatGateway":                             {code: "NatGatewayLimitExceeded", message: "The maximum number of NAT Gateways has been reached."},
	"aws:ec2/routeTable:RouteTable":                             {code: "RouteTableLimitExceeded", message: "The maximum number of route tables has been reached."},
	"aws:ec2/route:Route":                                       {code: "RouteLimitExceeded", message: "The maximum number of routes has been reached."},
	"aws:ec2/vpcEndpoint:VpcEndpoint":                           {code: "VpcEndpointLimitExceeded", message: "The maximum number of VPC endpoints has been reached."},
	"aws:ec2/securityGroup:SecurityGroup":                       {code: "SecurityGroupLimitExceeded", message: "The maximum number of security groups has been reached."},
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": rulesQuota,
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":   rulesQuota,

	"aws:lb/loadBalancer:LoadBalancer": {code: "TooManyLoadBalancers", message: "You've reached the limit on the number of load balancers for your Amazon Web Services account."},
	"aws:lb/targetGroup:TargetGroup":   {code: "TooManyTargetGroups", message: "You've reached the limit on the number of target groups for your Amazon Web Services account."},
	"aws:lb/listener:Listener":         {code: "TooManyListeners", message: "You've reached the limit on the number of listeners per load balancer."},
	"aws:lb/listenerRule:ListenerRule": {code: "TooManyRules", message: "You've reached the limit on the number of rules per load balancer."},

	"aws:rds/cluster:Cluster":                             {code: "DBClusterQuotaExceededFault", message: "The user attempted to create a new DB cluster and the user has already reached the maximum allowed DB cluster quota."},
	"aws:rds/clusterInstance:ClusterInstance":             {code: "InstanceQuotaExceeded", message: "The request would result in the user exceeding the allowed number of DB instances."},
	"aws:rds/subnetGroup:SubnetGroup":                     {code: "DBSubnetGroupQuotaExceeded", message: "The request would result in the user exceeding the allowed number of DB subnet groups."},
	"aws:rds/clusterParameterGroup:ClusterParameterGroup": {code: "DBParameterGroupQuotaExceeded", message: "The request would result in the user exceeding the allowed number of DB parameter groups."},

	"aws:elasticache/replicationGroup:ReplicationGroup": {code: "NodeQuotaForCustomerExceeded", message: "The request cannot be processed because it would exceed the allowed number of cache nodes per customer."},
	"aws:elasticache/subnetGroup:SubnetGroup":           {code: "CacheSubnetGroupQuotaExceeded", message: "The request cannot be processed because it would exceed the allowed number of cache subnet groups."},
	"aws:elasticache/parameterGroup:ParameterGroup":     {code: "CacheParameterGroupQuotaExceeded", message: "The request cannot be processed because it would exceed the maximum number of cache security groups."},

	"aws:efs/fileSystem:FileSystem":   {code: "FileSystemLimitExceeded", message: "The account has already created the maximum number of file systems allowed per account."},
	"aws:efs/mountTarget:MountTarget": {code: "NetworkInterfaceLimitExceeded", message: "The calling account has reached the limit for elastic network interfaces for the specific Amazon Web Services Region."},
	"aws:efs/accessPoint:AccessPoint": {code: "AccessPointLimitExceeded", message: "The account has already created the maximum number of access points allowed per file system."},

	"aws:autoscaling/group:Group":                       {code: "LimitExceeded", message: "You have already reached a limit for your Amazon EC2 Auto Scaling resources."},
	"aws:ecs/capacityProvider:CapacityProvider":         {code: limitExceeded, message: "The limit for the resource was exceeded."},
	"aws:iam/role:Role":                                 {code: "LimitExceeded", message: "Cannot exceed quota for RolesPerAccount: 1000"},
	"aws:iam/rolePolicyAttachment:RolePolicyAttachment": {code: "LimitExceeded", message: "Cannot exceed quota for PoliciesPerRole: 10"},
	"aws:iam/instanceProfile:InstanceProfile":           {code: "LimitExceeded", message: "Cannot exceed quota for InstanceProfilesPerAccount: 1000"},
	"aws:cloudwatch/logGroup:LogGroup":                  {code: limitExceeded, message: "You have reached the maximum number of resources that can be created."},
	"aws:ecr/repository:Repository":                     {code: limitExceeded, message: "The operation did not succeed because it would have exceeded a service limit for your account."},
	"aws:secretsmanager/secret:Secret":                  {code: limitExceeded, message: "The request failed because it would exceed one of the Secrets Manager quotas."},
	"aws:appautoscaling/target:Target":                  {code: limitExceeded, message: "A per-account resource limit is exceeded."},
	"aws:appautoscaling/policy:Policy":                  {code: limitExceeded, message: "A per-account resource limit is exceeded."},
}

var rulesQuota = refusal{
	code: "RulesPerSecurityGroupLimitExceeded", message: "The maximum number of rules per security group has been reached.",
}

// shortages are AWS's answers when it has no machine of the kind that was asked for, by type. An Auto Scaling group is
// not here: AWS makes it, and its launches fail.
var shortages = map[string]refusal{
	"aws:rds/clusterInstance:ClusterInstance": {
		code: "InsufficientDBInstanceCapacity", machine: "instanceClass",
		message: "The specified DB instance class %s isn't available in the specified Availability Zone.",
	},
	"aws:elasticache/replicationGroup:ReplicationGroup": {
		code: "InsufficientCacheClusterCapacity", machine: "nodeType",
		message: "The requested cache node type %s is not available in the specified Availability Zone.",
	},
	"aws:efs/fileSystem:FileSystem": {
		code:    "InsufficientThroughputCapacity",
		message: "There's not enough capacity to provision additional throughput.",
	},
}

// unavailable is AWS's answer where a zone is out and the type has no code of its own for that: EC2's for a server
// that cannot answer. A NAT gateway is made and fails.
var unavailable = refusal{code: "Unavailable", message: "The service is unavailable. Please try again shortly."}

// throttled is AWS's answer to too many requests. EC2 has a code of its own; the services with AWS's query protocol
// share one.
func throttled(typ string) refusal {
	switch service(typ) {
	case "ec2", "vpc":
		return refusal{code: "RequestLimitExceeded", message: "Request limit exceeded."}
	case "iam", "lb", "autoscaling", "rds", "elasticache":
		return refusal{code: "Throttling", message: "Rate exceeded"}
	default:
		return refusal{code: "ThrottlingException", message: "Rate exceeded"}
	}
}

// hosts are the beginnings of the names of AWS's endpoints where they are not the name of the module in Pulumi.
var hosts = map[string]string{
	"vpc": "ec2", "lb": "elasticloadbalancing", "cloudwatch": "logs", "efs": "elasticfilesystem", "ecr": "api.ecr",
	"appautoscaling": "application-autoscaling", "index": "ec2",
}

// endpoint is where a request about a type goes.
func endpoint(typ, region string) string {
	host := service(typ)
	if own, ok := hosts[host]; ok {
		host = own
	}
	if host == "iam" || region == "" {
		return "https://" + host + ".amazonaws.com/"
	}
	return "https://" + host + "." + region + ".amazonaws.com/"
}

// service is the module of a type: "ec2" of "aws:ec2/vpc:Vpc".
func service(typ string) string {
	_, rest, _ := strings.Cut(typ, ":")
	module, _, _ := strings.Cut(rest, "/")
	return module
}
