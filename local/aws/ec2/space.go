package ec2

import (
	"crypto/rand"
	"fmt"
	"net/netip"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// reserved are the addresses that AWS keeps of every subnet: the first four and the last one.
const reserved = 5

// Kinds of other services that put network interfaces into subnets.
const (
	loadBalancer = "aws:lb/loadBalancer:LoadBalancer"
	mountTarget  = "aws:efs/mountTarget:MountTarget"
)

// FreeAddresses is how many addresses of a subnet no network interface has. Interfaces of tasks, databases and caches
// are not counted.
func FreeAddresses(c *kind.Call, subnet account.Resource) (int, error) {
	block, err := netip.ParsePrefix(subnet.Outputs.String("cidrBlock"))
	if err != nil {
		return 0, nil // a subnet of IPv6 alone
	}
	free := 1<<(32-block.Bits()) - reserved
	for _, holder := range []struct{ token, path string }{
		{Nat, "subnetId"}, {Endpoint, "subnetIds[]"}, {loadBalancer, "subnets[]"}, {mountTarget, "subnetId"},
	} {
		all, err := c.All(holder.token)
		if err != nil {
			return 0, err
		}
		for _, r := range all {
			for _, id := range r.Outputs.All(holder.path) {
				if id == subnet.ID && r.ID != c.ID {
					free--
				}
			}
		}
	}
	return free, nil
}

// roomFor refuses subnets without a free address.
func roomFor(c *kind.Call, ids []string) error {
	for _, id := range ids {
		place, err := c.Find(Subnet, "id", id)
		if err != nil || place == nil {
			return err
		}
		free, err := FreeAddresses(c, *place)
		if err != nil {
			return err
		}
		if free < 1 {
			return kind.Refuse("InsufficientFreeAddressesInSubnet",
				"The specified subnet does not have enough free addresses to satisfy the request.")
		}
	}
	return nil
}

// PrivateAddress is one of the usable addresses of a subnet, "" if the block is none.
func PrivateAddress(block string) string {
	network, err := netip.ParsePrefix(block)
	if err != nil || !network.Addr().Is4() {
		return ""
	}
	b := make([]byte, 2)
	_, _ = rand.Read(b) // never fails, says its documentation
	room := 1<<(32-network.Bits()) - reserved
	offset := 4 + (int(b[0])<<8+int(b[1]))%room
	octets := network.Masked().Addr().As4()
	sum := int(octets[0])<<24 + int(octets[1])<<16 + int(octets[2])<<8 + int(octets[3]) + offset
	return fmt.Sprintf("%d.%d.%d.%d", sum>>24&255, sum>>16&255, sum>>8&255, sum&255)
}

// publicAddress is one of the addresses that are set aside for documentation: it
// leads nowhere, whatever is done with it.
func publicAddress() string {
	b := make([]byte, 2)
	_, _ = rand.Read(b) // never fails, says its documentation
	nets := []string{"192.0.2", "198.51.100", "203.0.113"}
	return fmt.Sprintf("%s.%d", nets[int(b[0])%len(nets)], 1+int(b[1])%254)
}

func dashed(address string) string {
	b := []byte(address)
	for i := range b {
		if b[i] == '.' {
			b[i] = '-'
		}
	}
	return string(b)
}

func computeDomain(region string) string {
	if region == "us-east-1" {
		return "compute-1.amazonaws.com"
	}
	return region + ".compute.amazonaws.com"
}
