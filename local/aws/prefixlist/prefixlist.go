// Package prefixlist knows the prefix lists that AWS manages: lists of the addresses of its services, by which rules of
// security groups can name them.
package prefixlist

import (
	"fmt"
	"hash/crc32"
	"strings"
)

// Source is where the names and weights are from.
const Source = "docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html"

// CloudFront is the list of the addresses from which distributions ask their origins.
const CloudFront = "com.amazonaws.global.cloudfront.origin-facing"

// CDN are the addresses that the list CloudFront stands for here: one of the networks that the list has on AWS. It is in the
// entries for who reads them. On this machine no request comes from there.
const CDN = "130.176.0.0/18"

// List is one prefix list in a region.
type List struct {
	// ID is the same in every account of this cloud. On AWS it differs by region, too, and is another one.
	ID, Name string
	// Family is "IPv4" or "IPv6".
	Family string
	// Weight is for how many rules it counts in a security group.
	Weight int
	// Entries are its networks. Only those of CloudFront are known here.
	Entries []string
}

// weights are those of the lists by name; "REGION" stands for the region.
var weights = map[string]int{
	CloudFront: 55, "com.amazonaws.global.ipv6.cloudfront.origin-facing": 55, "com.amazonaws.global.groundstation": 5,
	"com.amazonaws.REGION.dynamodb": 1, "com.amazonaws.REGION.s3": 1, "com.amazonaws.REGION.s3express": 6,
	"com.amazonaws.REGION.ec2-instance-connect": 2, "com.amazonaws.REGION.ipv6.ec2-instance-connect": 2,
	"com.amazonaws.REGION.route53-healthchecks": 25, "com.amazonaws.REGION.ipv6.route53-healthchecks": 25,
	"com.amazonaws.REGION.vpc-lattice": 10, "com.amazonaws.REGION.ipv6.vpc-lattice": 10,
}

// ID is that of a list in a region, whether there is one of that name or not.
func ID(region, name string) string {
	return fmt.Sprintf("pl-%08x", crc32.ChecksumIEEE([]byte(region+name)))
}

// All are the lists of a region, in no order.
func All(region string) []List {
	var lists []List
	for name, weight := range weights {
		l := List{Name: strings.Replace(name, "REGION", region, 1), Family: "IPv4", Weight: weight}
		if strings.Contains(name, ".ipv6.") {
			l.Family = "IPv6"
		}
		if name == CloudFront {
			l.Entries = []string{CDN}
		}
		l.ID = ID(region, l.Name)
		lists = append(lists, l)
	}
	return lists
}

// ByID finds a list of a region.
func ByID(region, id string) (List, bool) {
	for _, l := range All(region) {
		if l.ID == id {
			return l, true
		}
	}
	return List{}, false
}
