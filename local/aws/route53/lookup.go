package route53

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// A program looks the zone of its domain up: on AWS the zone exists before. This account has no time before, so a
// public zone that getZone asks for and no program has made is taken as existing. Its id follows from its name, and the
// account notes both, because a record knows its zone by the id alone.

// existing is the class of the notes about zones that are taken as existing; their id is the zone's.
const existing = "route53 zone"

// note is what the account keeps of a zone that is taken as existing.
type note struct{ Name string }

// place is a zone, whoever made it.
type place struct {
	id, name string
	private  bool
}

// findZone is the zone of an id; nil if there is none.
func findZone(c *kind.Call, id string) (*place, error) {
	id = cleanID(id)
	made, err := c.Find(Zone, "id", id)
	if err != nil {
		return nil, err
	}
	if made != nil {
		return &place{id: id, name: normal(made.Outputs.String("name")), private: isPrivate(*made)}, nil
	}
	var n note
	if known, err := c.Tx.Kept(existing, id, &n); err != nil || !known {
		return nil, err
	}
	return &place{id: id, name: n.Name}, nil
}

func isPrivate(zone account.Resource) bool { return len(zone.Outputs.List("vpcs")) > 0 }

func getZone(c *kind.Call) (account.Props, error) {
	id, name := cleanID(c.In.String("zoneId")), normal(c.In.String("name"))
	vpcID := c.In.String("vpcId")
	private := c.In.Bool("privateZone") || vpcID != "" && !c.In.Has("privateZone")
	switch {
	case id != "" && name != "":
		return nil, errors.New("only one of `zone_id` or `name` may be set")
	case vpcID != "" && !private:
		return nil, errors.New("`vpc_id` can only be set for private zones")
	case id != "":
		return zoneByID(c, id)
	}
	zones, err := c.All(Zone)
	if err != nil {
		return nil, err
	}
	var found []account.Resource
	for _, z := range zones {
		named := name == "" || normal(z.Outputs.String("name")) == name
		if named && isPrivate(z) == private && inVpc(z, vpcID) && tagged(z, c.In.Object("tags")) {
			found = append(found, z)
		}
	}
	switch {
	case len(found) == 1:
		return describe(c, found[0])
	case len(found) > 1:
		return nil, errors.New("multiple Route 53 Hosted Zones matched; " +
			"use additional constraints to reduce matches to a single Route 53 Hosted Zone")
	case private || len(c.In.Object("tags")) > 0 || !zoneName.MatchString(name) || topLevel(name):
		return nil, fmt.Errorf("no matching Route 53 Hosted Zone found (name %q, private %t)", name, private)
	}
	return takeAsExisting(c, name)
}

func inVpc(zone account.Resource, vpcID string) bool {
	if vpcID == "" {
		return true
	}
	for _, v := range zone.Outputs.Objects("vpcs") {
		if v.String("vpcId") == vpcID {
			return true
		}
	}
	return false
}

// tagged tells whether a zone has all of some tags.
func tagged(zone account.Resource, tags account.Props) bool {
	own := zone.Outputs.Object("tagsAll")
	for key, value := range tags {
		if own[key] != value {
			return false
		}
	}
	return true
}

func zoneByID(c *kind.Call, id string) (account.Props, error) {
	made, err := c.Find(Zone, "id", id)
	if err != nil {
		return nil, err
	}
	if made != nil {
		return describe(c, *made)
	}
	z, err := findZone(c, id)
	if err != nil {
		return nil, err
	}
	if z == nil {
		return nil, fmt.Errorf("reading Route 53 Hosted Zone (%s): %w", id, missing(id))
	}
	return describe(c, takenAsExisting(z.name))
}

// missing is AWS's answer about the id of no zone.
func missing(id string) error { return kind.Refuse(noZone, "No hosted zone found with ID: %s", id) }

// takeAsExisting is the zone of a domain that no program has made.
func takeAsExisting(c *kind.Call, name string) (account.Props, error) {
	z := takenAsExisting(name)
	var n note
	known, err := c.Tx.Kept(existing, z.ID, &n)
	if err != nil {
		return nil, err
	}
	if !known {
		if err := c.Tx.Keep(existing, z.ID, note{Name: name}); err != nil {
			return nil, err
		}
		if c.Say != nil {
			c.Say(fmt.Sprintf("hosted zone %s: taken as existing here; on AWS it has to exist before", name))
		}
	}
	return describe(c, z)
}

// takenAsExisting is a zone that nobody made, as if someone had. It is the same in every account of this cloud.
func takenAsExisting(name string) account.Resource {
	id := "Z" + letters("zone "+name, idLength)
	servers := publicServers(id)
	return account.Resource{ID: id, Outputs: account.Props{
		"name": name, "zoneId": id, "comment": "", "nameServers": list(servers), "primaryNameServer": servers[0],
	}}
}

// describe is what getZone answers about a zone.
func describe(c *kind.Call, zone account.Resource) (account.Props, error) {
	records, err := recordsOf(c, zone.ID)
	if err != nil {
		return nil, err
	}
	tags := zone.Outputs.Object("tagsAll")
	if tags == nil {
		tags = account.Props{}
	}
	o := zone.Outputs
	return account.Props{
		"id": zone.ID, "zoneId": zone.ID, "arn": zoneARN(zone.ID), "name": normal(o.String("name")), "comment": o.String("comment"),
		"nameServers": o.List("nameServers"), "primaryNameServer": o.String("primaryNameServer"), "privateZone": isPrivate(zone),
		// The zone's own NS and SOA records count.
		"resourceRecordSetCount": float64(len(records) + 2), "callerReference": cmp.Or(zone.URN, zone.ID),
		"linkedServiceDescription": "", "linkedServicePrincipal": "", "tags": map[string]any(tags), "vpcId": c.In.String("vpcId"),
	}, nil
}

// letters are n characters of A-Z and 2-7 that follow from a text.
func letters(text string, n int) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	sum := sha256.Sum256([]byte(text))
	var b strings.Builder
	for _, x := range sum[:n] {
		b.WriteByte(alphabet[int(x)%len(alphabet)])
	}
	return b.String()
}

// publicServers are the name servers of a public zone: four, in four top-level domains.
func publicServers(id string) []string {
	sum := sha256.Sum256([]byte("servers " + id))
	var servers []string
	for i, domain := range []string{"com", "net", "org", "co.uk"} {
		servers = append(servers, fmt.Sprintf("ns-%d.awsdns-%02d.%s", 512*i+int(sum[2*i]), int(sum[2*i+1])%64, domain))
	}
	return servers
}

// privateServers are those of every private zone.
func privateServers() []string {
	return []string{"ns-0.awsdns-00.com.", "ns-512.awsdns-00.net.", "ns-1024.awsdns-00.org.", "ns-1536.awsdns-00.co.uk."}
}
