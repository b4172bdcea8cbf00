package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/model"
)

// asked is what a command asks for.
type asked struct {
	service   *model.Service
	operation string
	input     *model.Shape
	kinds     []*kind.Declared
	// noun is what the operation is about: "DBCluster", "service".
	noun      string
	describes bool
	deletes   bool
}

// kindsOf are the kinds of a service.
func (c *CLI) kindsOf(service string) []*kind.Declared {
	var list []*kind.Declared
	for _, token := range c.Catalog.Types() {
		if d, _ := c.Catalog.Kind(token); d.API.Service == service {
			list = append(list, d)
		}
	}
	return list
}

func (c *CLI) services() []string {
	var names []string
	for _, token := range c.Catalog.Types() {
		if d, _ := c.Catalog.Kind(token); d.API.Service != "" && !slices.Contains(names, d.API.Service) {
			names = append(names, d.API.Service)
		}
	}
	slices.Sort(names)
	return names
}

// commands are the commands of a service that are known, sorted.
func (c *CLI) commands(service string) []string {
	var names []string
	for _, d := range c.kindsOf(service) {
		for _, operation := range d.API.Operations() {
			if operation != d.API.Create || operation == d.API.Change {
				names = append(names, option(operation))
			}
		}
		names = append(names, "describe-"+option(plural(noun(d.API.Create))))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (c *CLI) help(service string) string {
	var b strings.Builder
	b.WriteString("Changes, deletes and describes what the account holds, past Pulumi, in the AWS CLI's words.\n\n")
	for _, s := range c.services() {
		if service != "" && s != service {
			continue
		}
		for _, command := range c.commands(s) {
			fmt.Fprintf(&b, "  aws %s %s\n", s, command)
		}
	}
	b.WriteString("\nlist- and get- do what describe- does. Options are those of the AWS CLI: --NAME VALUE, lists as\n" +
		"several values, structures as JSON or as NAME=VALUE,... --region where a name exists in several.\n")
	return b.String()
}

// find is the operation of a command.
func (c *CLI) find(service, command string) (asked, error) {
	if verb, about, ok := strings.Cut(command, "-"); ok && slices.Contains([]string{"describe", "list", "get"}, verb) {
		a := asked{operation: command, describes: true}
		for _, d := range c.kindsOf(service) {
			for _, operation := range d.API.Operations() {
				if single(option(noun(operation))) == single(about) {
					a.kinds, a.noun = append(a.kinds, d), plural(noun(operation))
					break
				}
			}
		}
		if len(a.kinds) > 0 {
			return a, nil
		}
	}
	var a asked
	for _, d := range c.kindsOf(service) {
		for _, operation := range d.API.Operations() {
			if option(operation) != command || operation == d.API.Create && operation != d.API.Change {
				continue
			}
			a.operation, a.deletes = operation, operation == d.API.Delete
			a.kinds, a.noun = append(a.kinds, d), noun(d.API.Create)
		}
	}
	if a.operation == "" {
		return a, misused("%s %s is not known here; there are\n  %s", service, command,
			strings.Join(c.commands(service), "\n  "))
	}
	var err error
	if a.service, err = model.Load(service); err != nil {
		return a, err
	}
	a.input = a.service.Input(a.operation)
	if a.service.Protocol != "query" && a.service.Protocol != "ec2" {
		a.noun = strings.ToLower(a.noun[:1]) + a.noun[1:]
	}
	return a, nil
}

// noun is what an operation is about, without its verb.
func noun(operation string) string {
	for i, r := range operation {
		if i > 0 && r >= 'A' && r <= 'Z' {
			return operation[i:]
		}
	}
	return operation
}

func plural(name string) string {
	switch {
	case strings.HasSuffix(name, "ss"):
		return name + "es"
	case strings.HasSuffix(name, "cy"):
		return strings.TrimSuffix(name, "y") + "ies"
	case strings.HasSuffix(name, "s"):
		return name
	}
	return name + "s"
}

// single is the singular of a command's noun.
func single(name string) string {
	switch {
	case strings.HasSuffix(name, "ies"):
		return strings.TrimSuffix(name, "ies") + "y"
	case strings.HasSuffix(name, "sses"):
		return strings.TrimSuffix(name, "es")
	case strings.HasSuffix(name, "ss"):
		return name
	}
	return strings.TrimSuffix(name, "s")
}

// The borders of words in the models' names, as botocore finds them.
var (
	pluralAcronym = regexp.MustCompile(`[A-Z]{2,}s$`)
	wordBegins    = regexp.MustCompile(`(.)([A-Z][a-z]+)`)
	wordEnds      = regexp.MustCompile(`([a-z0-9])([A-Z])`)
)

// option is a name of a model as the CLI writes it: "DBClusterIdentifier" is "db-cluster-identifier".
func option(name string) string {
	if at := pluralAcronym.FindStringIndex(name); at != nil && at[0] > 0 {
		name = name[:at[0]] + "-" + strings.ToLower(name[at[0]:])
	}
	name = wordBegins.ReplaceAllString(name, "$1-$2")
	name = wordEnds.ReplaceAllString(name, "$1-$2")
	return strings.ToLower(strings.ReplaceAll(name, "--", "-"))
}

// naming are the members that tell which resource is meant: the required ones that no input carries which an update
// can change, and what a resource belongs to; where nothing is required, also those that end like a name.
func naming(d *kind.Declared, a asked) []string {
	var names []string
	for _, member := range sortedKeys(a.input.Members) {
		required := slices.Contains(a.input.Required, member) || member == "SecurityGroupRuleIds"
		if d.Belongs(a.operation, member) || required && !d.Changeable(a.operation, member) {
			names = append(names, member)
		}
	}
	if len(a.input.Required) > 0 && len(names) > 0 {
		return names
	}
	for _, member := range sortedKeys(a.input.Members) {
		if !slices.Contains(names, member) && namelike.MatchString(member) && !d.Changeable(a.operation, member) {
			names = append(names, member)
		}
	}
	return names
}

// namelike are members that end like a name.
var namelike = regexp.MustCompile(`(Id|Ids|Name|Arn|Identifier)$`)

// resource finds what a request is about.
func (c *CLI) resource(tx *account.Tx, a asked, q request) (*kind.Declared, account.Resource, error) {
	var about []string
	for _, d := range a.kinds {
		given := map[string]string{}
		for _, member := range naming(d, a) {
			if value := first(q.members[member]); value != "" {
				given[member] = value
			}
		}
		if len(given) == 0 {
			return nil, account.Resource{}, misused("the following arguments are required: --%s",
				strings.Join(options(naming(d, a)), ", --"))
		}
		all, err := tx.ByType(d.Type)
		if err != nil {
			return nil, account.Resource{}, err
		}
		var found []account.Resource
		for _, r := range all {
			if (q.region == "" || r.Region == "" || r.Region == q.region) && d.Named(a.operation, r, given) {
				found = append(found, r)
			}
		}
		if len(found) == 1 {
			return d, found[0], nil
		}
		if len(found) > 1 {
			return nil, account.Resource{}, misused("%d resources are called so: give --region, or another name", len(found))
		}
		about = about[:0]
		for _, member := range sortedKeys(given) {
			about = append(about, given[member])
		}
	}
	return nil, account.Resource{}, a.kinds[0].Gone(strings.Join(about, " "))
}

// first is a value, or the first of several.
func first(v any) string {
	if list, ok := v.([]any); ok && len(list) > 0 {
		v = list[0]
	}
	text, _ := v.(string)
	return text
}

func options(members []string) []string {
	names := make([]string, len(members))
	for i, member := range members {
		names[i] = option(member)
	}
	return names
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
