// Package kind is the vocabulary in which an AWS service declares its resource
// kinds: what each accepts, how it is named, what a change does to it, what AWS
// computes, and what it refuses. The services themselves are the packages beside
// this one; nothing here knows any of them.
package kind

import (
	"fmt"
	"maps"
	"slices"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/model"
)

// Kind declares one resource type. Most of it is data; the three hooks are for
// what data cannot say.
type Kind struct {
	// Type is the Pulumi type, such as "aws:ec2/subnet:Subnet".
	Type string
	// Title is what AWS calls it in messages, such as "EC2 Subnet".
	Title string
	// Args is the SDK's args struct (ec2.SubnetArgs{}): the names, types and
	// required ones of the inputs are read from it.
	Args SDKArgs
	// State is the SDK's resource struct (ec2.Subnet{}): the names of the outputs.
	State any
	// API names the requests behind it, whose model gives further rules.
	API API
	// Required names inputs that Args cannot mark: required lists and maps.
	Required []string
	// Global kinds exist once for all regions.
	Global bool

	// Name says how an unnamed resource gets its name.
	Name Name
	// Replace lists the inputs whose change makes a new resource (ForceNew in the
	// provider's schema), as paths without indexes: "networkConfiguration.subnets".
	Replace []string
	// ReplaceIf finds further paths for which the old and the new inputs together decide.
	ReplaceIf func(before, after account.Props) []string
	// DeleteFirst kinds cannot exist twice, so a replacement deletes before it creates.
	DeleteFirst bool
	// Sets lists the inputs whose order has no meaning.
	Sets []string
	// Text gives the canonical form of inputs that can be written in several ways.
	Text map[string]func(string) string
	// Kept lists further inputs (lists and maps) that keep their value when they are
	// left out; the SDK's types show it for the others.
	Kept []string
	// ReadBack lists the inputs whose answer counts: a change is what differs from what AWS answered, not from what
	// was asked for before.
	ReadBack []string
	// Defaults are the values of inputs that were left out, by path.
	Defaults account.Props
	// Volatile names the outputs that any update may change.
	Volatile []string
	// Secret names the properties that always are secret.
	Secret []string

	// Source is where the rules are from that name none themselves: documentation, a model, a provider's source.
	Source string
	// Rules are what the inputs must fulfil.
	Rules []Rule
	// Refs are the inputs that name other resources.
	Refs []Ref
	// Guards are what the rest of the account must fulfil.
	Guards []Guard
	// Unique are the inputs that no two resources may share.
	Unique []Unique
	// NotFound is AWS's answer when a Ref leads nowhere; "%s" stands for the value.
	NotFound Fault
	// InUse is AWS's answer when it is deleted while a Ref holds it; "%s" is its id.
	InUse Fault
	// Takes is how long AWS takes with one.
	Takes Takes

	// Create sets the id and adds the computed outputs.
	Create func(c *Call) error
	// Update adjusts the computed outputs; nil when nothing changes but the inputs.
	Update func(c *Call) error
	// Delete refuses what AWS refuses, and drops what goes with the resource.
	Delete func(c *Call) error
}

// Ref is an input that names another resource of the account.
type Ref struct {
	// Path of the input; "[]" stands for each element: "subnets[]".
	Path string
	// To is the token of what is named.
	To string
	// By is the output that the value equals; empty for the id.
	By string
	// Loose references do not keep what they name from being deleted.
	Loose bool
	// Missing replaces the target's NotFound.
	Missing Fault
	// Early is AWS's answer while what is named is still being made; without a code it may be named then.
	Early Fault
	// Foreign tells values that AWS provides itself, such as "default.redis7".
	Foreign func(value string) bool
	// Value takes the name out of the input; nil when it is all of it.
	Value func(input string) string
	// Source is where the rule is from; empty for the kind's own.
	Source string

	// target is the NotFound of what it refers to.
	target Fault
}

// Unique is an input that no two resources of a kind in a region may share.
type Unique struct {
	Property string
	Taken    Fault
	// Reserved is the class of names that stay taken after a deletion.
	Reserved string
	// Held is AWS's answer for a reserved name.
	Held Fault
	// Source is where the rule is from; empty for the kind's own.
	Source string
}

// Function declares one Pulumi function (a data source).
type Function struct {
	// Name is the Pulumi token, such as "aws:index/getRegion:getRegion".
	Name string
	// Args names the arguments that it understands.
	Args []string
	// Secret names the results that are secret.
	Secret []string
	// Notes tells that it notes in the account what it answered, also in a preview.
	Notes bool
	Run   func(c *Call) (account.Props, error)
}

// Service is what one package of AWS offers.
type Service struct {
	Kinds     []Kind
	Functions []Function
}

// Catalog finds kinds and functions by token.
type Catalog struct {
	kinds     map[string]*Declared
	functions map[string]Function
	// models are those of the services that were read already.
	models map[string]*model.Service
}

// Declared is a kind in the catalog, with what was derived from its declaration.
type Declared struct {
	Kind
	Schema Schema
	// holders are the references of other kinds that keep this one from deletion.
	holders []holder
	// members are the inputs that its requests carry.
	members []Member
}

type holder struct {
	token string
	ref   Ref
}

// NewCatalog collects services. A declaration that contradicts itself or the SDK
// is an error: it would be a rule that never applies.
func NewCatalog(services ...Service) (*Catalog, error) {
	c := &Catalog{
		kinds: map[string]*Declared{}, functions: map[string]Function{}, models: map[string]*model.Service{},
	}
	for _, service := range services {
		for _, k := range service.Kinds {
			if err := c.add(k); err != nil {
				return nil, fmt.Errorf("kind %s: %w", k.Type, err)
			}
		}
		for _, f := range service.Functions {
			c.functions[f.Name] = f
		}
	}
	for token, k := range c.kinds {
		for i, ref := range k.Refs {
			target, ok := c.kinds[ref.To]
			if !ok {
				return nil, fmt.Errorf("kind %s: %s refers to the unknown kind %s", token, ref.Path, ref.To)
			}
			k.Refs[i].target = target.NotFound
			if !ref.Loose {
				target.holders = append(target.holders, holder{token, ref})
			}
		}
	}
	return c, nil
}

// Kind returns the kind of a token.
func (c *Catalog) Kind(token string) (*Declared, bool) {
	k, ok := c.kinds[token]
	return k, ok
}

// Function returns the function of a token.
func (c *Catalog) Function(token string) (Function, bool) {
	f, ok := c.functions[token]
	return f, ok
}

func (c *Catalog) add(k Kind) error {
	if _, twice := c.kinds[k.Type]; twice {
		return fmt.Errorf("is declared twice")
	}
	d := &Declared{Kind: k, Schema: newSchema(k)}
	if err := d.verify(); err != nil {
		return err
	}
	if err := c.describe(d); err != nil {
		return err
	}
	if err := d.verifyRules(); err != nil {
		return err
	}
	c.kinds[k.Type] = d
	return nil
}

// verify finds paths of the declaration that the SDK does not know.
func (d *Declared) verify() error {
	paths := append([]string{}, d.Replace...)
	paths = append(paths, d.Sets...)
	paths = append(paths, d.Kept...)
	paths = append(paths, d.ReadBack...)
	paths = append(paths, d.Required...)
	for path := range d.Text {
		paths = append(paths, path)
	}
	for path := range d.Defaults {
		paths = append(paths, path)
	}
	for _, rule := range d.Rules {
		paths = append(paths, rule.Path)
		paths = append(paths, rule.Needs...)
	}
	for _, ref := range d.Refs {
		paths = append(paths, ref.Path)
	}
	for _, unique := range d.Unique {
		paths = append(paths, unique.Property)
	}
	for _, path := range paths {
		if path != "" && !d.Schema.has(path) {
			return fmt.Errorf("%q is no property of it", path)
		}
	}
	return nil
}

// Types are the kinds of the catalog, sorted.
func (c *Catalog) Types() []string { return slices.Sorted(maps.Keys(c.kinds)) }
