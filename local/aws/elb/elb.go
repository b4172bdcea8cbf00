// Package elb is Elastic Load Balancing v2: application load balancers, target
// groups, listeners and their rules.
package elb

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/kind"
)

// Tokens by which other services refer to what is declared here.
const (
	LoadBalancer = "aws:lb/loadBalancer:LoadBalancer"
	TargetGroup  = "aws:lb/targetGroup:TargetGroup"
	Listener     = "aws:lb/listener:Listener"
	ListenerRule = "aws:lb/listenerRule:ListenerRule"
)

// Service declares the kinds of this package.
func Service() kind.Service {
	return kind.Service{Kinds: []kind.Kind{loadBalancer(), targetGroup(), listener(), listenerRule()}}
}

// restingPort is in the names of load balancers where nothing runs.
const restingPort = 8080

const (
	nameText = `^[0-9A-Za-z]([0-9A-Za-z-]{0,30}[0-9A-Za-z])?$`
	nameHint = "must be 1 to 32 letters, numbers and hyphens, and must not begin or end with a hyphen"
)

func loadBalancer() kind.Kind {
	return kind.Kind{
		Type: LoadBalancer, Title: "ELBv2 application Load Balancer", Args: lb.LoadBalancerArgs{}, State: lb.LoadBalancer{},
		Name:    kind.Name{Property: "name", Prefix: "namePrefix", Max: 32},
		Replace: []string{"customerOwnedIpv4Pool", "internal", "loadBalancerType", "name", "namePrefix"},
		Sets:    []string{"securityGroups", "subnets", "subnetMappings"},
		Kept:    []string{"securityGroups", "subnets", "subnetMappings"},
		Defaults: account.Props{
			"clientKeepAlive": 3600.0, "desyncMitigationMode": "defensive", "dropInvalidHeaderFields": false,
			"enableCrossZoneLoadBalancing": false, "enableDeletionProtection": false, "enableHttp2": true,
			"enableTlsVersionAndCipherSuiteHeaders": false, "enableWafFailOpen": false, "enableXffClientPort": false,
			"enableZonalShift": false, "idleTimeout": 60.0, "loadBalancerType": "application",
			"preserveHostHeader": false, "xffHeaderProcessingMode": "append",
			"dnsRecordClientRoutingPolicy": "any_availability_zone",
		},
		Rules: []kind.Rule{
			kind.Match("name", nameText, nameHint), kind.Reject("name", `^internal-`, "cannot begin with internal-"),
			kind.OneOf("loadBalancerType", "application", "network", "gateway"),
			kind.OneOf("ipAddressType", "ipv4", "dualstack", "dualstack-without-public-ipv4"),
			kind.OneOf("desyncMitigationMode", "monitor", "defensive", "strictest"),
			kind.OneOf("xffHeaderProcessingMode", "append", "preserve", "remove"),
			kind.Range("idleTimeout", 1, 4000), kind.Range("clientKeepAlive", 60, 604800),
		},
		Refs: []kind.Ref{
			{Path: "subnets[]", To: ec2.Subnet, Missing: kind.Fault{
				Code: "SubnetNotFound", Message: "The subnet ID '%s' does not exist",
			}},
			{Path: "securityGroups[]", To: ec2.SecurityGroup, Missing: kind.Fault{
				Code: "InvalidSecurityGroup", Message: "The security group '%s' does not exist",
			}},
		},
		Unique: []kind.Unique{{Property: "name", Taken: kind.Fault{
			Code: "DuplicateLoadBalancerName", Message: "A load balancer with the same name '%s' exists, but with different settings",
		}}},
		NotFound: kind.Fault{Code: "LoadBalancerNotFound", Message: "Load balancer '%s' not found"},
		InUse:    kind.Fault{Code: "ResourceInUse", Message: "Load balancer '%s' is currently associated with another service"},
		Create:   createBalancer,
		Update: func(c *kind.Call) error {
			_, err := place(c)
			return err
		},
		Delete: func(c *kind.Call) error {
			if c.Old.Bool("enableDeletionProtection") {
				return kind.Refuse("OperationNotPermitted",
					"Load balancer '%s' cannot be deleted because deletion protection is enabled", c.ID)
			}
			return nil
		},
	}
}

func createBalancer(c *kind.Call) error {
	network, err := place(c)
	if err != nil {
		return err
	}
	name := c.Out.String("name")
	suffix := "app/" + name + "/" + account.NewHex(16)
	c.ID = c.ARN("elasticloadbalancing", "loadbalancer/"+suffix)
	port := restingPort
	if c.Ports != nil {
		if port, err = c.Ports.Open(c.ID); err != nil {
			return fmt.Errorf("a place on this machine: %w", err)
		}
	}
	// Browsers, curl and what else keeps to RFC 6761 look for every name below localhost on this machine. The
	// port belongs to the name: sites keep the address that they were installed with.
	host := fmt.Sprintf("%s-%d.%s.elb.localhost:%d", name, hash(c.ID), c.Region, port)
	if c.In.Bool("internal") {
		host = "internal-" + host
	}
	c.Set(account.Props{
		"arn": c.ID, "arnSuffix": suffix, "dnsName": strings.ToLower(host), "zoneId": zoneOf(c.Region), "vpcId": network,
		"internal": false, "ipAddressType": "ipv4", "namePrefix": "", "securityGroups": []any{}, "subnets": []any{},
		"subnetMappings": []any{}, "enforceSecurityGroupInboundRulesOnPrivateLinkTraffic": "",
	})
	return nil
}

// place checks where a load balancer is put, and returns its VPC.
func place(c *kind.Call) (string, error) {
	network, zones := "", map[string]bool{}
	for _, id := range c.In.Strings("subnets") {
		s, err := c.Find(ec2.Subnet, "id", id)
		if err != nil {
			return "", err
		}
		zone := s.Outputs.String("availabilityZone")
		if zones[zone] {
			return "", kind.Refuse("InvalidConfigurationRequest",
				"A load balancer cannot be attached to multiple subnets in the same Availability Zone")
		}
		zones[zone] = true
		if network != "" && network != s.Outputs.String("vpcId") {
			return "", kind.Refuse("InvalidSubnet", "All subnets must belong to the same VPC")
		}
		network = s.Outputs.String("vpcId")
	}
	if c.In.Has("subnets") && len(zones) < 2 && c.In.String("loadBalancerType") != "network" {
		return "", kind.Refuse("ValidationError", "At least two subnets in two different Availability Zones must be specified")
	}
	if !c.In.Bool("internal") && network != "" {
		gateway, err := c.Find(ec2.Gateway, "vpcId", network)
		if err != nil {
			return "", err
		}
		if gateway == nil {
			return "", kind.Refuse("InvalidSubnet", "VPC %s has no internet gateway", network)
		}
	}
	return network, nil
}

// hash is a number of ten digits, as in the host names of load balancers.
func hash(text string) int {
	n := 0
	for _, r := range text {
		n = (n*31 + int(r)) % 1_000_000_000
	}
	return 1_000_000_000 + n
}

// zoneOf is the hosted zone of the load balancers in a region.
func zoneOf(region string) string {
	zones := map[string]string{
		"us-east-1": "Z35SXDOTRQ7X7K", "us-east-2": "Z3AADJGX6KTTL2", "us-west-1": "Z368ELLRRE2KJ0",
		"us-west-2": "Z1H1FL5HABSF5", "eu-central-1": "Z215JYRZR1TBD5", "eu-west-1": "Z32O12XQLNTSW2",
		"eu-west-2": "ZHURV8PSTC4K8", "eu-west-3": "Z3Q77PNBQS71R4", "eu-north-1": "Z23TAZ6LKFMNIO",
		"ap-southeast-1": "Z1LMS91P8CMLE5", "ap-southeast-2": "Z1GM3OXH4ZPM65", "ap-northeast-1": "Z14GRHDCWA56QT",
	}
	if zone, ok := zones[region]; ok {
		return zone
	}
	return "Z00000000000000000000"
}

// Forwards tells whether a listener or one of its rules sends requests to a target group.
func Forwards(c *kind.Call, arn string) (bool, error) {
	for token, actions := range map[string]string{Listener: "defaultActions", ListenerRule: "actions"} {
		all, err := c.All(token)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(all, func(r account.Resource) bool {
			return slices.Contains(forwarded(r.Outputs, actions), arn)
		}) {
			return true, nil
		}
	}
	return false, nil
}
