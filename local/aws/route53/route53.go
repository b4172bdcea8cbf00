// Package route53 is Amazon Route 53: hosted zones and their records. It is global: what it makes has no region.
package route53

import (
	"slices"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Tokens by which other services refer to what is declared here.
const (
	Zone   = "aws:route53/zone:Zone"
	Record = "aws:route53/record:Record"
)

// Where rules are from. AWS's codes are those of the API model; its words are those that people report.
const (
	model     = "Route 53 API model: "
	guide     = "docs.aws.amazon.com/Route53/latest/DeveloperGuide/"
	terraform = "terraform-provider-aws internal/service/route53/"
)

// Codes of refusals.
const (
	invalidBatch = "InvalidChangeBatch"
	invalidInput = "InvalidInput"
	noZone       = "NoSuchHostedZone"
)

// Service declares the kinds and functions of this package.
func Service() kind.Service {
	return kind.Service{
		Kinds: []kind.Kind{zone(), record()},
		Functions: []kind.Function{{
			Name: "aws:route53/getZone:getZone", Args: []string{"name", "privateZone", "tags", "vpcId", "zoneId"},
			Notes: true, Run: getZone,
		}},
	}
}

// Answers are the values that the internet gets for a name from the account's public zones; empty where there is no
// such record. Aliases have none of their own.
func Answers(c *kind.Call, name, typ string) ([]string, error) {
	records, err := c.All(Record)
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		if r.Outputs.String("fqdn") != normal(name) || r.Outputs.String("type") != typ || !r.Available(c.Now) {
			continue
		}
		z, err := findZone(c, r.Outputs.String("zoneId"))
		if err != nil {
			return nil, err
		}
		if z != nil && !z.private {
			return r.Outputs.Strings("records"), nil
		}
	}
	return nil, nil
}

// normal is a name as Route 53 compares it: lower case, without the dot at its end.
func normal(name string) string {
	if name == "." {
		return name
	}
	return strings.ToLower(strings.TrimSuffix(name, "."))
}

// recordsOf are the records of a zone that a program made.
func recordsOf(c *kind.Call, zoneID string) ([]account.Resource, error) {
	all, err := c.All(Record)
	return slices.DeleteFunc(all, func(r account.Resource) bool { return cleanID(r.Outputs.String("zoneId")) != zoneID }), err
}

// cleanID is the id of a zone without what the API puts before it.
func cleanID(id string) string { return strings.TrimPrefix(id, "/hostedzone/") }
