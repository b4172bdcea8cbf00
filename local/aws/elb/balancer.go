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

const (
	// restingPort is in the names of load balancers where nothing runs.
	restingPort = 8080

	mostBalancers = 50
	mostGroups    = 5
	// leastFree is how many free addresses a subnet of a load balancer needs.
	leastFree = 8

	application = "application"
)

func loadBalancer() kind.Kind {
	return kind.Kind{
		Type: LoadBalancer, Title: "ELBv2 application Load Balancer", Args: lb.LoadBalancerArgs{}, State: lb.LoadBalancer{},
		Takes: balancerTakes(), Source: terraform + "load_balancer.go",
		API:     balancerAPI(),
		Name:    kind.Name{Property: "name", Prefix: "namePrefix", Max: 32},
		Replace: []string{"customerOwnedIpv4Pool", "internal", "loadBalancerType", "name", "namePrefix"},
		Sets:    []string{"securityGroups", "subnets", "subnetMappings"},
		Kept:    []string{"securityGroups", "subnets", "subnetMappings"},
		Defaults: account.Props{
			"clientKeepAlive": 3600.0, "desyncMitigationMode": "defensive", "dropInvalidHeaderFields": false,
			"enableCrossZoneLoadBalancing": false, "enableDeletionProtection": false, "enableHttp2": true,
			"enableTlsVersionAndCipherSuiteHeaders": false, "enableWafFailOpen": false, "enableXffClientPort": false,
			"enableZonalShift": false, "idleTimeout": 60.0, "loadBalancerType": application,
			"preserveHostHeader": false, "xffHeaderProcessingMode": "append",
			"dnsRecordClientRoutingPolicy": "any_availability_zone",
		},
		Rules: append(append(tags(), logRules()...),
			kind.Match("name", nameText, nameHint), kind.Reject("name", `^internal-`, "cannot begin with internal-"),
			kind.Match("namePrefix", prefixText, prefixHint), kind.Conflict("name", "namePrefix"),
			kind.ExactlyOne("subnets", "subnetMappings"),
			kind.OneOf("loadBalancerType", application, "network", "gateway"),
			kind.OneOf("ipAddressType", "ipv4", "dualstack", "dualstack-without-public-ipv4"),
			kind.OneOf("desyncMitigationMode", "monitor", "defensive", "strictest"),
			kind.OneOf("xffHeaderProcessingMode", "append", "preserve", "remove"),
			kind.OneOf("dnsRecordClientRoutingPolicy", "any_availability_zone", "availability_zone_affinity",
				"partial_availability_zone_affinity"),
			kind.OneOf("enforceSecurityGroupInboundRulesOnPrivateLinkTraffic", "on", "off"),
			kind.Range("idleTimeout", 1, 4000).API("ValidationError").From(model+"LoadBalancerAttribute.Key"),
			kind.Range("clientKeepAlive", 60, 604800).API("ValidationError").From(model+"LoadBalancerAttribute.Key"),
			kind.Count("securityGroups", 0, mostGroups).API("InvalidConfigurationRequest").From(quotas)),
		Refs: []kind.Ref{
			{Path: "subnets[]", To: ec2.Subnet, Missing: noSubnet, Source: model + "SubnetNotFoundException"},
			{Path: "subnetMappings[].subnetId", To: ec2.Subnet, Missing: noSubnet, Source: model + "SubnetNotFoundException"},
			{Path: "subnetMappings[].allocationId", To: ec2.Eip, Source: model + "AllocationIdNotFoundException", Missing: kind.Fault{
				Code: "AllocationIdNotFound", Message: "The allocation IDs '%s' do not exist",
			}},
			{Path: "securityGroups[]", To: ec2.SecurityGroup, Source: model + "InvalidSecurityGroupException", Missing: kind.Fault{
				Code: "InvalidSecurityGroup", Message: "The security group '%s' does not exist",
			}},
		},
		Guards: append(append(placeGuards(), logGuards()...),
			kind.Quota("load balancers per region", mostBalancers, kind.Fault{
				Code: "TooManyLoadBalancers", Message: "Exceeded quota of account " + account.ID,
			}, kind.Alike(LoadBalancer)).From(quotas),
			kind.Guard{Name: "no deletion protection", On: kind.Deleting, Source: model + "OperationNotPermittedException", Check: unprotected}),
		Unique: []kind.Unique{{Property: "name", Source: model + "DuplicateLoadBalancerNameException", Taken: kind.Fault{
			Code: "DuplicateLoadBalancerName", Message: "A load balancer with the same name '%s' exists, but with different settings",
		}}},
		NotFound: kind.Fault{Code: "LoadBalancerNotFound", Message: "Load balancer '%s' not found"},
		Create:   createBalancer,
		Update:   settleBalancer,
		Delete:   dropListeners,
	}
}

// noSubnet is AWS's answer to a subnet that does not exist.
var noSubnet = kind.Fault{Code: "SubnetNotFound", Message: "The subnet ID '%s' does not exist"}

func createBalancer(c *kind.Call) error {
	name := c.Out.String("name")
	suffix := "app/" + name + "/" + account.NewHex(16)
	c.ID = c.ARN("elasticloadbalancing", "loadbalancer/"+suffix)
	port := restingPort
	if c.Ports != nil {
		var err error
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
		"arn": c.ID, "arnSuffix": suffix, "dnsName": strings.ToLower(host), "zoneId": zoneOf(c.Region),
		"internal": false, "ipAddressType": "ipv4", "namePrefix": "",
		"enforceSecurityGroupInboundRulesOnPrivateLinkTraffic": "",
	})
	return settleBalancer(c)
}

// settleBalancer adds what follows from where a load balancer is: its VPC, and that VPC's own security group when it
// asked for none.
func settleBalancer(c *kind.Call) error {
	places, err := places(c)
	if err != nil {
		return err
	}
	subnets, mappings := []any{}, []any{}
	for _, s := range places {
		subnets = append(subnets, s.ID)
		mappings = append(mappings, map[string]any{"subnetId": s.ID})
	}
	if !c.In.Has("subnets") {
		c.Out["subnets"] = subnets
	}
	if !c.In.Has("subnetMappings") {
		c.Out["subnetMappings"] = mappings
	}
	if len(places) > 0 {
		c.Out["vpcId"] = places[0].Outputs["vpcId"]
	}
	if len(c.Out.List("securityGroups")) > 0 {
		return nil
	}
	place, err := c.Find(ec2.Vpc, "id", c.Out.String("vpcId"))
	if err != nil || place == nil {
		return err
	}
	c.Out["securityGroups"] = []any{place.Outputs.String("defaultSecurityGroupId")}
	return nil
}

// dropListeners deletes the listeners of a load balancer, which go with it.
func dropListeners(c *kind.Call) error {
	listeners, err := c.All(Listener)
	if err != nil {
		return err
	}
	for _, l := range listeners {
		if l.Outputs.String("loadBalancerArn") != c.ID {
			continue
		}
		if err := dropParts(c, l.ID); err != nil {
			return err
		}
		if err := c.Tx.Delete(Listener, l.Region, l.ID); err != nil {
			return err
		}
	}
	return relink(c)
}

func unprotected(c *kind.Call) error {
	if c.Old.Bool("enableDeletionProtection") {
		return kind.Refuse("OperationNotPermitted",
			"Load balancer '%s' cannot be deleted because deletion protection is enabled", c.ID)
	}
	return nil
}

// placeGuards are about where a load balancer is put.
func placeGuards() []kind.Guard {
	const on = kind.Making | kind.Changing
	return []kind.Guard{
		{Name: "subnets are in one VPC", On: on, Source: model + "InvalidSubnetException", Check: oneVpc},
		{Name: "one subnet per zone", On: on, Source: model + "CreateLoadBalancerInput.Subnets", Check: onePerZone},
		{Name: "two zones", On: on, Source: model + "CreateLoadBalancerInput.Subnets", Check: twoZones},
		{Name: "a way to the internet", On: on, Source: "awslabs/aws-cloudformation-templates#75", Check: reachable},
		{Name: "8 free addresses in each subnet", On: on, Source: guide + "application-load-balancers.html", Check: roomy},
		{Name: "groups are in the same VPC", On: on, Source: model + "InvalidConfigurationRequestException", Check: groupsInVpc},
		{Name: "subnets have the address type", On: on, Source: guide + "application-load-balancers.html", Check: addressType},
	}
}

// places are the subnets of a load balancer, in the order in which it names them.
func places(c *kind.Call) ([]account.Resource, error) {
	ids := c.In.Strings("subnets")
	for _, mapping := range c.In.Objects("subnetMappings") {
		if id := mapping.String("subnetId"); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ec2.Subnets(c, ids)
}

func oneVpc(c *kind.Call) error {
	list, err := places(c)
	if err != nil {
		return err
	}
	for _, s := range list {
		if s.Outputs["vpcId"] != list[0].Outputs["vpcId"] {
			return kind.Refuse("InvalidSubnet", "All subnets must belong to the same VPC")
		}
	}
	if c.Old != nil && len(list) > 0 && list[0].Outputs["vpcId"] != c.Old["vpcId"] {
		return kind.Refuse("InvalidConfigurationRequest", "One or more subnets are not in the load balancer's VPC: '%s'", list[0].ID)
	}
	return nil
}

func onePerZone(c *kind.Call) error {
	list, err := places(c)
	if err != nil {
		return err
	}
	zones := map[string]bool{}
	for _, s := range list {
		zone := s.Outputs.String("availabilityZone")
		if zones[zone] {
			return kind.Refuse("InvalidConfigurationRequest",
				"A load balancer cannot be attached to multiple subnets in the same Availability Zone")
		}
		zones[zone] = true
	}
	return nil
}

func twoZones(c *kind.Call) error {
	list, err := places(c)
	if err != nil {
		return err
	}
	if len(list) < 2 && c.Out.String("loadBalancerType") == application {
		return kind.Refuse("ValidationError", "At least two subnets in two different Availability Zones must be specified")
	}
	return nil
}

func reachable(c *kind.Call) error {
	list, err := places(c)
	if err != nil || len(list) == 0 || c.In.Bool("internal") {
		return err
	}
	vpcID := list[0].Outputs.String("vpcId")
	gateway, err := c.Find(ec2.Gateway, "vpcId", vpcID)
	if err != nil || gateway != nil {
		return err
	}
	return kind.Refuse("InvalidSubnet", "VPC %s has no internet gateway", vpcID)
}

func roomy(c *kind.Call) error {
	list, err := places(c)
	if err != nil {
		return err
	}
	for _, s := range list {
		if slices.Contains(c.Old.Strings("subnets"), s.ID) {
			continue // it is there already
		}
		free, err := ec2.FreeAddresses(c, s)
		if err != nil {
			return err
		}
		if free < leastFree {
			return kind.Refuse("InvalidSubnet", "Not enough IP space available in %s. ELB requires at least %d free IP addresses in each subnet.",
				s.ID, leastFree)
		}
	}
	return nil
}

func groupsInVpc(c *kind.Call) error {
	list, err := places(c)
	if err != nil || len(list) == 0 {
		return err
	}
	other, err := ec2.GroupElsewhere(c, c.In.Strings("securityGroups"), list[0].Outputs.String("vpcId"))
	if err != nil {
		return err
	}
	if other != nil {
		return kind.Refuse("InvalidConfigurationRequest", "One or more security groups are invalid")
	}
	return nil
}

func addressType(c *kind.Call) error {
	if !strings.HasPrefix(c.In.String("ipAddressType"), "dualstack") {
		return nil
	}
	list, err := places(c)
	if err != nil {
		return err
	}
	for _, s := range list {
		if !s.Outputs.Has("ipv6CidrBlock") {
			return kind.Refuse("ValidationError", "You must specify subnets with an associated IPv6 CIDR block.")
		}
	}
	return nil
}

// hash is a number of ten digits, as in the host names of load balancers.
func hash(text string) int {
	n := 0
	for _, r := range text {
		n = (n*31 + int(r)) % 1_000_000_000
	}
	return 1_000_000_000 + n
}
