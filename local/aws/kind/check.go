package kind

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"wordpress-ecs/local/account"
)

// Check applies the types and the rules that hold before a deployment. The values of
// the named inputs are secret, and appear in no reason.
func (d *Declared) Check(in account.Props, secrets []string) []Failure {
	failures := d.Schema.Check(in)
	if len(failures) > 0 {
		return failures // rules may rely on the types
	}
	for _, rule := range d.Rules {
		if rule.Code != "" {
			continue
		}
		for _, failure := range rule.failures(in) {
			failure.Reason = d.mask(failure.Reason, in, secrets)
			failures = append(failures, failure)
		}
	}
	return failures
}

// refuse applies the rules of the AWS API.
func (d *Declared) refuse(c *Call) error {
	for _, rule := range d.Rules {
		if rule.Code == "" {
			continue
		}
		for _, failure := range rule.failures(c.In) {
			return Fault{Code: rule.Code, Message: d.mask(failure.Reason, c.In, c.Secrets)}
		}
	}
	return nil
}

// mask takes secret values out of a message.
func (d *Declared) mask(message string, in account.Props, secrets []string) string {
	for _, name := range append(slices.Clone(d.Secret), secrets...) {
		for _, value := range leaves(in[name]) {
			message = strings.ReplaceAll(message, strconv.Quote(value), "[secret]")
			message = strings.ReplaceAll(message, value, "[secret]")
		}
	}
	return message
}

// leaves are the texts in a value, at any depth, except empty ones.
func leaves(v any) []string {
	var list []string
	switch v := v.(type) {
	case string:
		if v != "" {
			list = append(list, v)
		}
	case []any:
		for _, element := range v {
			list = append(list, leaves(element)...)
		}
	case map[string]any:
		for _, element := range v {
			list = append(list, leaves(element)...)
		}
	}
	return list
}

// Name says how a resource that was given no name gets one.
type Name struct {
	// Property that holds the name; empty when the kind has none to give.
	Property string
	// Prefix is the input that asks for a name which AWS completes.
	Prefix string
	// Max is the greatest length; 0 means 255.
	Max int
	// Lower names must be in lower case.
	Lower bool
	// Snake names are in lower case and end in "_" and letters, as pulumi-aws names databases and tables.
	Snake bool
}

// Autonaming is what the engine said about the name of a resource.
type Autonaming struct {
	// Proposed by the stack's settings; empty when they say nothing.
	Proposed string
	// Enforced proposals are taken as they are.
	Enforced bool
	// Disabled leaves the name out.
	Disabled bool
	// Seed makes the random part repeatable within one deployment.
	Seed []byte
}

const (
	// randomLength is the number of hexadecimal digits behind a logical name.
	randomLength = 7
	// randomLetters is the number of letters behind the name of a database.
	randomLetters = 8
	letters       = "abcdefghijklmnopqrstuvwxyz"
)

// Generate returns the physical name for a logical one; "" when it gets none.
func (n Name) Generate(logical string, a Autonaming) (string, error) {
	limit := n.Max
	if limit == 0 {
		limit = 255
	}
	switch {
	case n.Property == "" || a.Disabled:
		return "", nil
	case a.Enforced:
		return a.Proposed, nil
	case a.Proposed != "":
		if len(a.Proposed) > limit {
			return "", fmt.Errorf("the name %q that pulumi:autonaming proposes has %d characters, "+
				"%d are allowed: shorten its pattern or the resource's name", a.Proposed, len(a.Proposed), limit)
		}
		return n.fold(a.Proposed), nil
	}
	name, err := n.random(logical, a.Seed, limit)
	if err != nil {
		return "", fmt.Errorf("naming %q: %w: shorten the resource's name", logical, err)
	}
	return n.fold(name), nil
}

// random is a logical name with something behind it that makes it unique.
func (n Name) random(logical string, seed []byte, limit int) (string, error) {
	if n.Snake {
		return resource.NewUniqueName(seed, logical+"_", randomLetters, limit, []rune(letters))
	}
	return resource.NewUniqueName(seed, logical+"-", randomLength, limit, nil)
}

func (n Name) fold(name string) string {
	if n.Lower || n.Snake {
		return strings.ToLower(name)
	}
	return name
}
