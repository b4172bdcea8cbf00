package route53

import (
	"fmt"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/kind"
)

const (
	// distribution is the kind of CloudFront's distributions, in a catalog that has them.
	distribution = "aws:cloudfront/distribution:Distribution"
	// cloudfrontZone is the zone of all distributions.
	cloudfrontZone = "Z2FDTNDATAQYW2"
	cloudfront     = ".cloudfront.net"
	// dualstack is before the name of a load balancer in aliases that the console makes.
	dualstack = "dualstack."
)

// target is what an alias names: its zone, and whether it is there. Load balancers, distributions and records of the
// same zone are known here. The name of a load balancer has a port here (name-123.eu-central-1.elb.localhost:8080);
// on AWS it has none, and Route 53 would refuse one.
type target struct {
	zone  string
	found bool
}

// lookUp finds the target of an alias in a zone.
func lookUp(c *kind.Call, z place, alias account.Props) (target, error) {
	name := normal(alias.String("name"))
	balancers, err := c.Tx.ByType(elb.LoadBalancer)
	if err != nil {
		return target{}, err
	}
	for _, b := range balancers {
		if b.Gone.IsZero() && b.Outputs.String("dnsName") == strings.TrimPrefix(name, dualstack) {
			return target{b.Outputs.String("zoneId"), true}, nil
		}
	}
	if strings.HasSuffix(name, cloudfront) {
		_, known := c.Catalog.Kind(distribution)
		d, err := c.Find(distribution, "domainName", name)
		return target{cloudfrontZone, d != nil || !known}, err
	}
	if name != z.name && !strings.HasSuffix(name, "."+z.name) {
		return target{}, nil
	}
	records, err := recordsOf(c, z.id)
	for _, r := range records {
		if r.Outputs.String("fqdn") == name && r.Outputs["type"] == c.In["type"] {
			return target{z.id, true}, err
		}
	}
	return target{z.id, false}, err
}

// targeted refuses an alias whose zone is not that of its target.
func targeted(c *kind.Call, z place) error {
	for _, alias := range c.In.Objects("aliases") {
		t, err := lookUp(c, z, alias)
		if err != nil {
			return err
		}
		if t.zone != "" && t.zone != cleanID(alias.String("zoneId")) {
			return kind.Refuse(invalidBatch, "[%s, but the alias target name does not lie within the target zone]", tried(c, alias))
		}
	}
	return nil
}

// found refuses an alias to what is not there.
func found(c *kind.Call, z place) error {
	for _, alias := range c.In.Objects("aliases") {
		t, err := lookUp(c, z, alias)
		if err != nil {
			return err
		}
		if !t.found {
			return kind.Refuse(invalidBatch, "[%s, but that target was not found]", tried(c, alias))
		}
	}
	return nil
}

func tried(c *kind.Call, alias account.Props) string {
	return fmt.Sprintf("Tried to create an alias that targets %s., type %s in zone %s", normal(alias.String("name")), c.In.String("type"),
		alias.String("zoneId"))
}

func noDistribution(c *kind.Call, z place) error {
	for _, alias := range c.In.Objects("aliases") {
		if z.private && cleanID(alias.String("zoneId")) == cloudfrontZone {
			return kind.Refuse(invalidBatch, "[%s, but an alias to a CloudFront distribution cannot be in a private zone]", tried(c, alias))
		}
	}
	return nil
}
