package random

import (
	"fmt"

	"github.com/pulumi/pulumi-random/sdk/v4/go/random"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// The resource types of the package that this provider has.
const (
	password = "random:index/randomPassword:RandomPassword"
	text     = "random:index/randomString:RandomString"
	bytes    = "random:index/randomId:RandomId"
)

// catalog declares the resource types. Nothing of them changes in place: another
// length, another set of characters or another keeper is another value.
func catalog() (*kind.Catalog, error) {
	inputs := []string{
		"keepers", "length", "lower", "minLower", "minNumeric", "minSpecial", "minUpper", "number", "numeric",
		"overrideSpecial", "special", "upper",
	}
	defaults := account.Props{
		"lower": true, "upper": true, "special": true, "number": true, "numeric": true,
		"minLower": 0.0, "minUpper": 0.0, "minNumeric": 0.0, "minSpecial": 0.0,
	}
	rules := []kind.Rule{kind.Range("length", 1, 1<<20), kind.Whole("room for the least of each kind", room)}
	for _, least := range []string{"minLower", "minUpper", "minNumeric", "minSpecial"} {
		rules = append(rules, kind.Range(least, 0, 1<<20))
	}
	return kind.NewCatalog(kind.Service{Kinds: []kind.Kind{
		{
			Type: password, Title: "Random Password", Args: random.RandomPasswordArgs{}, State: random.RandomPassword{},
			Replace: inputs, Defaults: defaults, Rules: rules, Secret: []string{"result", "bcryptHash"},
		},
		{
			Type: text, Title: "Random String", Args: random.RandomStringArgs{}, State: random.RandomString{},
			Replace: inputs, Defaults: defaults, Rules: rules,
		},
		{
			Type: bytes, Title: "Random Id", Args: random.RandomIdArgs{}, State: random.RandomId{},
			Replace: []string{"byteLength", "keepers", "prefix"},
			Rules:   []kind.Rule{kind.Range("byteLength", 1, 1<<20)},
		},
	}})
}

// room wants the length to hold all the characters that must be there, and at least
// one set of characters to choose from.
func room(in account.Props) string {
	least := in.Number("minLower") + in.Number("minUpper") + in.Number("minNumeric") + in.Number("minSpecial")
	if in.Number("length") < least {
		return fmt.Sprintf("Attribute length value must be at least sum of minUpper + minLower + minNumeric + minSpecial = %v, got: %v",
			least, in.Number("length"))
	}
	if alphabet(in) == "" {
		return "at least one of lower, upper, numeric and special must be true"
	}
	return ""
}
