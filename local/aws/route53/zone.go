package route53

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/kind"
)

const (
	mostZones = 500
	// idLength is how many characters the ids of zones have after their first.
	idLength = 20
)

// zoneName is what the name of a zone may consist of.
var zoneName = regexp.MustCompile(`^([a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?\.)*[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?\.?$`)

func zone() kind.Kind {
	return kind.Kind{
		Type: Zone, Title: "Route 53 Hosted Zone", Args: route53.ZoneArgs{}, State: route53.Zone{}, Global: true,
		Takes: zoneTakes(), Source: terraform + "zone.go",
		API: kind.API{
			Service: "route53", Create: "CreateHostedZone", Change: "UpdateHostedZoneComment", Delete: "DeleteHostedZone",
			Members: map[string]string{"comment": "HostedZoneConfig.Comment|Comment", "vpcs": "VPC"},
		},
		Name:     kind.Name{Property: "name"},
		Replace:  []string{"delegationSetId", "name"},
		Sets:     []string{"vpcs"},
		Text:     map[string]func(string) string{"name": undotted},
		Defaults: account.Props{"comment": "Managed by Pulumi", "forceDestroy": false},
		Rules: append([]kind.Rule{
			kind.Length("comment", 0, 256), kind.Length("name", 1, 1024), kind.Conflict("delegationSetId", "vpcs"),
			kind.Unsupported("delegationSetId", "here every zone has name servers of its own"),
			{
				Name: "form of name", Source: guide + "DomainNameFormat.html", Path: "name", Bad: "exa mple.com", Code: "InvalidDomainName",
				Test: func(v any, _ account.Props) string {
					if name, _ := v.(string); !zoneName.MatchString(name) || len(name) > 255 {
						return fmt.Sprintf("%s is not a valid domain name", name)
					}
					return ""
				},
			},
			kind.Whole("no top-level domain", func(in account.Props) string {
				if name := in.String("name"); len(in.List("vpcs")) == 0 && topLevel(name) {
					return fmt.Sprintf("%s is a top-level domain: Route 53 has public zones of domains below one", name)
				}
				return ""
			}, "name", "vpcs").API("InvalidDomainName").From(model + "CreateHostedZone"),
		}, kind.Tags(invalidInput, invalidInput)...),
		Guards: []kind.Guard{
			{Name: "the VPCs exist", Source: model + "InvalidVPCId", On: kind.Making | kind.Changing, Check: vpcsExist},
			kind.Quota("hosted zones per account", mostZones, kind.Fault{
				Code: "TooManyHostedZones", Message: "Limits Exceeded: MAX_HOSTED_ZONES_BY_OWNER - Cannot create more hosted zones.",
			}, kind.Alike(Zone)).From(guide + "DNSLimitations.html"),
			{Name: "no record is left", Source: model + "HostedZoneNotEmpty", On: kind.Deleting, Check: emptied},
		},
		NotFound: kind.Fault{Code: noZone, Message: "No hosted zone found with ID: %s"},
		Create: func(c *kind.Call) error {
			c.ID = "Z" + account.NewLetters(idLength)
			c.Out["name"] = undotted(c.In.String("name"))
			c.Set(account.Props{"arn": zoneARN(c.ID), "zoneId": c.ID, "delegationSetId": ""})
			servers := publicServers(c.ID)
			if len(c.In.List("vpcs")) > 0 {
				servers = privateServers()
			}
			c.Out["primaryNameServer"] = servers[0]
			slices.Sort(servers)
			c.Out["nameServers"] = list(servers)
			placeVpcs(c)
			return nil
		},
		Update: func(c *kind.Call) error {
			c.Out["name"] = undotted(c.In.String("name"))
			placeVpcs(c)
			return nil
		},
		Delete: dropRecords,
	}
}

// topLevel tells names such as "com", of which the public has no zone in Route 53.
func topLevel(name string) bool { return !strings.Contains(undotted(name), ".") }

func undotted(name string) string { return strings.TrimSuffix(name, ".") }

func zoneARN(id string) string { return "arn:aws:route53:::hostedzone/" + id }

func list(texts []string) []any {
	all := make([]any, len(texts))
	for i, text := range texts {
		all[i] = text
	}
	return all
}

// placeVpcs adds the region of each VPC that names none.
func placeVpcs(c *kind.Call) {
	vpcs := []any{}
	for _, v := range c.In.Objects("vpcs") {
		v = v.Copy()
		v["vpcRegion"] = vpcRegion(c, v)
		vpcs = append(vpcs, map[string]any(v))
	}
	c.Out["vpcs"] = vpcs
}

func vpcRegion(c *kind.Call, v account.Props) string {
	if region := v.String("vpcRegion"); region != "" {
		return region
	}
	return c.Region
}

func vpcsExist(c *kind.Call) error {
	for _, v := range c.In.Objects("vpcs") {
		found, err := c.Tx.Get(ec2.Vpc, vpcRegion(c, v), v.String("vpcId"))
		if err != nil {
			return err
		}
		if found == nil {
			return kind.Refuse("InvalidVPCId", "The VPC: %s you provided is not found in region %s", v.String("vpcId"), vpcRegion(c, v))
		}
	}
	return nil
}

// emptied refuses to delete a zone with records that the provider does not delete before.
func emptied(c *kind.Call) error {
	records, err := recordsOf(c, c.ID)
	if err == nil && len(records) > 0 && !c.In.Bool("forceDestroy") {
		err = kind.RefuseForNow("HostedZoneNotEmpty",
			"The specified hosted zone contains non-required resource record sets and so cannot be deleted.")
	}
	return err
}

// dropRecords takes away what the guard has let pass.
func dropRecords(c *kind.Call) error {
	records, err := recordsOf(c, c.ID)
	if err != nil {
		return err
	}
	for _, r := range records {
		if err := c.Tx.Delete(Record, r.Region, r.ID); err != nil {
			return err
		}
	}
	return nil
}
