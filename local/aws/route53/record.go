package route53

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// record is one record set: the values of a name for one type, or an alias. There are simple ones only.
func record() kind.Kind {
	return kind.Kind{
		Type: Record, Title: "Route 53 Record", Args: route53.RecordArgs{}, State: route53.Record{}, Global: true,
		Takes: recordTakes(), Source: terraform + "record.go",
		API: kind.API{
			Service: "route53", Create: "ChangeResourceRecordSets", Change: "ChangeResourceRecordSets", Delete: "ChangeResourceRecordSets",
			Members: map[string]string{
				"": "ChangeBatch.Changes[].ResourceRecordSet", "zoneId": "HostedZoneId",
				"records":          "ChangeBatch.Changes[].ResourceRecordSet.ResourceRecords",
				"aliases":          "ChangeBatch.Changes[].ResourceRecordSet.AliasTarget",
				"aliases[].name":   "ChangeBatch.Changes[].ResourceRecordSet.AliasTarget.DNSName",
				"aliases[].zoneId": "ChangeBatch.Changes[].ResourceRecordSet.AliasTarget.HostedZoneId",
			},
		},
		Replace:  []string{"name", "zoneId"},
		Sets:     []string{"records"},
		Text:     map[string]func(string) string{"name": normal, "aliases.name": normal},
		Defaults: account.Props{"allowOverwrite": false},
		Rules:    recordRules(),
		Guards:   recordGuards(),
		NotFound: kind.Fault{Code: invalidBatch, Message: "[Tried to delete resource record set %s but it was not found]"},
		Create: func(c *kind.Call) error {
			settle(c)
			c.ID = strings.Join([]string{c.In.String("zoneId"), normal(c.In.String("name")), c.In.String("type")}, "_")
			return overwrite(c)
		},
		Update: func(c *kind.Call) error {
			settle(c)
			return overwrite(c) // another type may be another record's
		},
	}
}

// settle writes a record as AWS answers it.
func settle(c *kind.Call) {
	c.Out["name"] = normal(c.In.String("name"))
	if z, err := findZone(c, c.In.String("zoneId")); err == nil && z != nil {
		c.Out["fqdn"] = fqdn(c.In.String("name"), z.name)
	}
	aliases := []any{}
	for _, a := range c.In.Objects("aliases") {
		a = a.Copy()
		a["name"] = normal(a.String("name"))
		aliases = append(aliases, map[string]any(a))
	}
	if len(aliases) > 0 {
		c.Out["aliases"] = aliases
	}
}

// fqdn is the whole name of a record, as the provider makes it: a name that does not end as the zone does is one
// below it.
func fqdn(name, zone string) string {
	name = normal(name)
	switch {
	case strings.HasSuffix(name, zone):
		return name
	case name == "":
		return zone
	default:
		return name + "." + zone
	}
}

// overwrite takes away what a record with allowOverwrite is put over.
func overwrite(c *kind.Call) error {
	if !c.In.Bool("allowOverwrite") {
		return nil
	}
	same, err := others(c, func(r account.Resource) bool { return r.Outputs["type"] == c.In["type"] })
	if err != nil {
		return err
	}
	for _, r := range same {
		if err := c.Tx.Delete(Record, r.Region, r.ID); err != nil {
			return err
		}
	}
	return nil
}

// others are the records beside the call's that have its name, in its zone, and that are as it says.
func others(c *kind.Call, as func(r account.Resource) bool) ([]account.Resource, error) {
	z, err := findZone(c, c.In.String("zoneId"))
	if err != nil || z == nil {
		return nil, err
	}
	all, err := recordsOf(c, z.id)
	if err != nil {
		return nil, err
	}
	var list []account.Resource
	for _, r := range all {
		own := c.Old != nil && r.ID == c.ID
		if !own && r.Outputs.String("fqdn") == fqdn(c.In.String("name"), z.name) && as(r) {
			list = append(list, r)
		}
	}
	return list, nil
}

func recordGuards() []kind.Guard {
	const on = kind.Making | kind.Changing
	const conflicts = "aws/aws-sdk-java#1996; "
	inZone := func(check func(c *kind.Call, z place) error) func(c *kind.Call) error {
		return func(c *kind.Call) error {
			z, err := findZone(c, c.In.String("zoneId"))
			if err != nil || z == nil {
				return err
			}
			return check(c, *z)
		}
	}
	return []kind.Guard{
		{Name: "the zone exists", Source: model + "NoSuchHostedZone", On: on, Check: func(c *kind.Call) error {
			id := c.In.String("zoneId")
			z, err := findZone(c, id)
			if err == nil && z == nil {
				err = fmt.Errorf("reading Route 53 Hosted Zone (%s): %w", id, missing(id))
			}
			return err
		}},
		{Name: "the name is in the zone", Source: "getmoto/moto#916", On: on, Check: inZone(outside)},
		{Name: "no such record yet", Source: "hashicorp/terraform-provider-aws#6761", On: on, Check: inZone(taken)},
		{Name: "no CNAME at the apex", Source: guide + "ResourceRecordTypes.html", On: on, Check: inZone(apex)},
		{Name: "a CNAME stands alone", Source: conflicts + "hashicorp/terraform#9732", On: on, Check: inZone(alone)},
		{Name: "the alias is in its target's zone", Source: "barnybug/cli53#213", On: on, Check: inZone(targeted)},
		{Name: "the alias has a target", Source: "barnybug/cli53#227", On: on, Check: inZone(found)},
		{Name: "no distribution in a private zone", Source: model + "AliasTarget.HostedZoneId", On: on, Check: inZone(noDistribution)},
	}
}

func outside(c *kind.Call, z place) error {
	name := fqdn(c.In.String("name"), z.name)
	if name == z.name || strings.HasSuffix(name, "."+z.name) {
		return nil
	}
	return kind.Refuse(invalidBatch, "[RRSet with DNS name %s. is not permitted in zone %s.]", name, z.name)
}

// taken refuses a record that is there already, unless it is to be overwritten. Every zone has NS and SOA records of
// its own.
func taken(c *kind.Call, z place) error {
	if c.In.Bool("allowOverwrite") || c.Old != nil && c.Old["type"] == c.In["type"] {
		return nil
	}
	name, typ := fqdn(c.In.String("name"), z.name), c.In.String("type")
	same, err := others(c, func(r account.Resource) bool { return r.Outputs.String("type") == typ })
	if err != nil {
		return err
	}
	if len(same) > 0 || name == z.name && (typ == "NS" || typ == "SOA") {
		return kind.Refuse(invalidBatch, "[Tried to create resource record set [name='%s.', type='%s'] but it already exists]", name, typ)
	}
	return nil
}

func apex(c *kind.Call, z place) error {
	if name := fqdn(c.In.String("name"), z.name); c.In.String("type") == cname && name == z.name {
		return kind.Refuse(invalidBatch, "[RRSet of type CNAME with DNS name %s. is not permitted at apex in zone %s.]", name, z.name)
	}
	return nil
}

// alone refuses a CNAME beside records of another type, and the other way round.
func alone(c *kind.Call, z place) error {
	typ := c.In.String("type")
	name := fqdn(c.In.String("name"), z.name)
	if typ == cname {
		beside, err := others(c, func(r account.Resource) bool { return r.Outputs.String("type") != cname })
		if err == nil && len(beside) > 0 {
			err = kind.Refuse(invalidBatch, "[RRSet of type CNAME with DNS name %s. is not permitted as it conflicts with other "+
				"records with the same DNS name in zone %s.]", name, z.name)
		}
		return err
	}
	beside, err := others(c, func(r account.Resource) bool { return r.Outputs.String("type") == cname })
	if err == nil && len(beside) > 0 {
		err = kind.Refuse(invalidBatch, "[RRSet of type %s with DNS name %s. is not permitted because a conflicting RRSet of type "+
			"CNAME with the same DNS name already exists in zone %s.]", typ, name, z.name)
	}
	return err
}
