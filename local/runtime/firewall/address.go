package firewall

import (
	"net/netip"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/firewall/attack"
)

// source finds the addresses by which a statement judges a request: that of the connection or, where a header is named, those
// in it. Without that header a statement does not hold at all; fallback is what an address that is none comes to.
type source func(x *exchange) (addresses []netip.Addr, fallback truth)

func newSource(forwarded account.Props) source {
	if forwarded == nil {
		return func(x *exchange) ([]netip.Addr, truth) { return []netip.Addr{x.Address}, no }
	}
	name := strings.ToLower(forwarded.String("headerName"))
	fallback := so(forwarded.String("fallbackBehavior") == "MATCH")
	position := forwarded.String("position") // only sets have it; all else takes the first
	return func(x *exchange) ([]netip.Addr, truth) {
		value, ok := x.Header(name)
		if !ok {
			return nil, no
		}
		parts := strings.Split(value, ",")
		switch position {
		case "ANY":
		case "LAST":
			parts = parts[len(parts)-1:]
		default:
			parts = parts[:1]
		}
		var list []netip.Addr
		for _, part := range parts {
			address, err := netip.ParseAddr(strings.TrimSpace(part))
			if err != nil {
				return nil, fallback
			}
			list = append(list, address.Unmap())
		}
		return list, no
	}
}

// inSet tells whether a request comes from an address of an IP set.
func (c *compiler) inSet(p account.Props) statement {
	networks, from := c.networks[p.String("arn")], newSource(p.Object("ipSetForwardedIpConfig"))
	return func(x *exchange) truth {
		addresses, fallback := from(x)
		if len(addresses) == 0 {
			return fallback
		}
		return so(slices.ContainsFunc(addresses, func(a netip.Addr) bool {
			return slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(a) })
		}))
	}
}

// inCountry tells whether a request comes from a country. Of most addresses that is not known here.
func (c *compiler) inCountry(p account.Props) statement {
	c.unable("countries of addresses are not known here: what hangs on them is not decided, and does nothing")
	wanted, from := p.Strings("countryCodes"), newSource(p.Object("forwardedIpConfig"))
	return func(x *exchange) truth {
		addresses, fallback := from(x)
		if len(addresses) == 0 {
			return fallback
		}
		for network, country := range c.env.Countries {
			if network.Contains(addresses[0]) {
				return so(slices.Contains(wanted, country))
			}
		}
		return unknown
	}
}

// injection and script find what looks like an attack. WAF's own detectors are its secret: see package attack.
func (c *compiler) injection(p account.Props) (statement, error) {
	high := p.String("sensitivityLevel") == "HIGH"
	return compared(p, func(text string) bool {
		text = strings.ToLower(text)
		return attack.SQL.Finds(text) || high && (attack.SQLWords.Finds(text) || attack.SQLFunctions.Finds(text))
	})
}

func (c *compiler) script(p account.Props) (statement, error) {
	return compared(p, func(text string) bool { return attack.Script.Finds(strings.ToLower(text)) })
}
