package names

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"wordpress-ecs/local/account"
)

// The resource types that names are of.
const (
	recordType       = "aws:route53/record:Record"
	zoneType         = "aws:route53/zone:Zone"
	balancerType     = "aws:lb/loadBalancer:LoadBalancer"
	distributionType = "aws:cloudfront/distribution:Distribution"
)

const (
	// mostSteps is how many records may lead to each other.
	mostSteps = 10
	// kept is how long an answer is used again: every request asks.
	kept = time.Second
	// handover is how long who was led to a place has to get there and to ask, before that place may be closed to it.
	handover = 3 * time.Second
	// forgetting is how long a record that was released stays hidden, should it not leave the account.
	forgetting = 2 * time.Minute
	// dualstack is before the names of load balancers in some alias records.
	dualstack = "dualstack."
)

// ErrUnknown is that the account has no such name.
var ErrUnknown = errors.New("the account has no such name")

// Places tell where the ports of something listen on this machine.
type Places interface {
	// Address is such as "127.0.0.1:8080". An error says why nothing listens.
	Address(host string, port int) (string, error)
}

// Directory stands for DNS: it finds where the names of an account lead to, and knows no others.
type Directory struct {
	Account *account.Account
	// Balancers and Distributions are asked by the names that AWS gave them, without a port.
	Balancers, Distributions Places

	mu sync.Mutex
	// known are answers that are used again, and when they were found.
	known map[question]found
	// changes counts how often they were forgotten.
	changes int
	// led are the answers that were given, and when one was given last.
	led map[lead]time.Time
	// hidden records are about to leave the account.
	hidden map[string]time.Time
}

// question is for a port of a host, lead what was answered to it.
type (
	question struct {
		host string
		port int
	}
	lead struct {
		question

		address string
	}
)

// found is where something listens, as of a moment.
type found struct {
	address string
	at      time.Time
}

// zones are the names of an account as of one moment.
type zones struct {
	records                  []account.Resource
	balancers, distributions map[string]bool
}

func (d *Directory) read() (*zones, error) {
	z := &zones{balancers: map[string]bool{}, distributions: map[string]bool{}}
	err := d.Account.View(func(tx *account.Tx) error {
		private := map[string]bool{}
		lists := map[string][]account.Resource{}
		for _, typ := range []string{recordType, zoneType, balancerType, distributionType} {
			all, err := tx.ByType(typ)
			if err != nil {
				return err
			}
			lists[typ] = all
		}
		for _, zone := range lists[zoneType] {
			private[zone.ID] = len(zone.Outputs.List("vpcs")) > 0
		}
		for _, r := range lists[recordType] {
			if !private[r.Outputs.String("zoneId")] && !d.isHidden(r.ID) {
				z.records = append(z.records, r)
			}
		}
		for _, b := range lists[balancerType] {
			z.balancers[normal(b.Outputs.String("dnsName"))] = true
		}
		for _, r := range lists[distributionType] {
			domain := normal(r.Outputs.String("domainName"))
			z.distributions[domain] = true
			z.distributions[strings.TrimSuffix(domain, ".net")+".localhost"] = true
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("the names of the account: %w", err)
	}
	return z, nil
}

// normal is a host name in lower case, without the port that those of load balancers have here, and a dot at the end.
func normal(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// Address is where a port of a host listens on this machine. A name with a record of Route 53 leads where that says; those of
// load balancers and distributions lead to them without one. The error is an ErrUnknown for a name that the account does not
// have.
func (d *Directory) Address(host string, port int) (string, error) {
	q := question{host, port}
	for {
		address, changes := d.recall(q)
		if address != "" {
			return address, nil
		}
		address, err := d.find(host, port)
		if err != nil {
			return "", err
		}
		if d.note(q, address, changes) {
			return address, nil
		}
	}
}

func (d *Directory) find(host string, port int) (string, error) {
	z, err := d.read()
	if err != nil {
		return "", err
	}
	name := normal(host)
	for range mostSteps {
		record := z.record(name)
		switch {
		case record == nil && z.balancers[name]:
			return d.Balancers.Address(name, port)
		case record == nil && z.distributions[name]:
			return d.Distributions.Address(name, port)
		case record == nil && name == normal(host):
			return "", fmt.Errorf("%w: there is no record of %s", ErrUnknown, name)
		case record == nil:
			return "", fmt.Errorf("%w: %s leads to %s", ErrUnknown, host, name)
		}
		if name, err = leads(name, *record); err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("the records of %s lead round in a circle", host)
}

// leads is the name that a record leads to.
func leads(name string, r account.Resource) (string, error) {
	for _, alias := range r.Outputs.Objects("aliases") {
		return strings.TrimPrefix(normal(alias.String("name")), dualstack), nil
	}
	values := r.Outputs.Strings("records")
	if r.Outputs.String("type") == "CNAME" && len(values) > 0 {
		return strings.TrimPrefix(normal(values[0]), dualstack), nil
	}
	return "", fmt.Errorf("%s is %s, which is not of this account: no request leaves this machine", name, strings.Join(values, ", "))
}

// record is the one that is asked for an address of a name: one of that very name, or a wildcard's where no name is nearer.
func (z *zones) record(name string) *account.Resource {
	if r, exists := z.exact(name); exists {
		return r
	}
	for parent := name; ; {
		_, rest, found := strings.Cut(parent, ".")
		if !found {
			return nil
		}
		parent = rest
		if r, _ := z.exact("*." + parent); r != nil {
			return r
		}
		if _, exists := z.exact(parent); exists {
			return nil
		}
	}
}

// exact is the record with the address of a name, nil for none, and tells whether the name exists at all.
func (z *zones) exact(name string) (found *account.Resource, exists bool) {
	for i, r := range z.records {
		if strings.Replace(normal(r.Outputs.String("fqdn")), `\052`, "*", 1) != name {
			continue
		}
		exists = true
		switch typ := r.Outputs.String("type"); {
		case typ == "A", typ == "CNAME", typ == "AAAA" && found == nil:
			found = &z.records[i]
		}
	}
	return found, exists
}

// hosts are the names with an address, to be shown.
func (z *zones) hosts() []string {
	var list []string
	for _, r := range z.records {
		switch r.Outputs.String("type") {
		case "A", "CNAME":
			list = append(list, normal(r.Outputs.String("fqdn")))
		}
	}
	return list
}
