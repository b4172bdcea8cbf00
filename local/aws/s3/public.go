package s3

import (
	"net/netip"
	"slices"
	"strings"

	"wordpress-ecs/local/aws/iam"
)

// The widest networks that are not the public, as prefix lengths.
const (
	widest4 = 8
	widest6 = 32
)

// fixing are the condition keys that name who asks, in lower case.
var fixing = []string{
	"aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner", "aws:sourceaccount", "aws:sourceorgid", "aws:userid",
	"aws:principalorgid", "aws:principalaccount", "aws:principalarn", "s3:dataaccesspointarn", "s3:dataaccesspointaccount",
	"s3:x-amz-server-side-encryption-aws-kms-key-id",
}

// public tells whether a statement lets the public in, as S3 Block Public Access understands it: it allows everyone, and
// no condition fixes who that is.
func (s statement) public() bool {
	everyone := slices.Contains(s.principals("AWS"), "*") || s.NotPrincipal != nil
	if s.Effect != "Allow" || !everyone {
		return false
	}
	for operator, keys := range s.Condition {
		for key, values := range keys {
			if fixes(operator, strings.ToLower(key), iam.Texts(values)) {
				return false
			}
		}
	}
	return true
}

// fixes tells whether a condition lets only some of the principals in.
func fixes(operator, key string, values []string) bool {
	if len(values) == 0 || strings.Contains(operator, "Not") || strings.HasSuffix(operator, "IfExists") {
		return false
	}
	if key == "aws:sourceip" {
		return !slices.ContainsFunc(values, wide)
	}
	return slices.Contains(fixing, key) && !slices.ContainsFunc(values, func(v string) bool { return strings.ContainsAny(v, "*?$") })
}

// wide tells whether a network is as good as everyone. Private ones are not.
func wide(text string) bool {
	network, err := netip.ParsePrefix(text)
	if err != nil {
		_, err := netip.ParseAddr(text)
		return err != nil
	}
	widest := widest4
	if network.Addr().Is6() {
		widest = widest6
	}
	return network.Bits() < widest && !network.Addr().IsPrivate()
}
