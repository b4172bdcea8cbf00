// Package region knows the AWS regions: their names and availability zones.
package region

import "fmt"

// Region is one AWS region.
type Region struct {
	// Name such as "us-east-1".
	Name string
	// Description as AWS writes it, such as "US East (N. Virginia)".
	Description string
	// prefix of its zone ids, such as "use1" in "use1-az1".
	prefix string
	// zones are the letters of the zones that a new account gets.
	zones string
}

// regions are those that are on by default in an account.
var regions = []Region{
	{"us-east-1", "US East (N. Virginia)", "use1", "abcdef"},
	{"us-east-2", "US East (Ohio)", "use2", "abc"},
	{"us-west-1", "US West (N. California)", "usw1", "ac"},
	{"us-west-2", "US West (Oregon)", "usw2", "abcd"},
	{"ca-central-1", "Canada (Central)", "cac1", "abd"},
	{"sa-east-1", "South America (Sao Paulo)", "sae1", "abc"},
	{"eu-central-1", "Europe (Frankfurt)", "euc1", "abc"},
	{"eu-west-1", "Europe (Ireland)", "euw1", "abc"},
	{"eu-west-2", "Europe (London)", "euw2", "abc"},
	{"eu-west-3", "Europe (Paris)", "euw3", "abc"},
	{"eu-north-1", "Europe (Stockholm)", "eun1", "abc"},
	{"ap-northeast-1", "Asia Pacific (Tokyo)", "apne1", "acd"},
	{"ap-northeast-2", "Asia Pacific (Seoul)", "apne2", "abcd"},
	{"ap-northeast-3", "Asia Pacific (Osaka)", "apne3", "abc"},
	{"ap-south-1", "Asia Pacific (Mumbai)", "aps1", "abc"},
	{"ap-southeast-1", "Asia Pacific (Singapore)", "apse1", "abc"},
	{"ap-southeast-2", "Asia Pacific (Sydney)", "apse2", "abc"},
}

// Find returns the region of a name.
func Find(name string) (Region, bool) {
	for _, r := range regions {
		if r.Name == name {
			return r, true
		}
	}
	return Region{}, false
}

// Zones are the names of the availability zones, such as "us-east-1a".
func (r Region) Zones() []string {
	names := make([]string, 0, len(r.zones))
	for _, letter := range r.zones {
		names = append(names, r.Name+string(letter))
	}
	return names
}

// ZoneID is the id of an availability zone, such as "use1-az1"; "" for a zone
// that is not in the region.
func (r Region) ZoneID(zone string) string {
	for i, name := range r.Zones() {
		if name == zone {
			return fmt.Sprintf("%s-az%d", r.prefix, i+1)
		}
	}
	return ""
}
