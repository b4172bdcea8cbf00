package kind_test

import (
	"reflect"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// thing is a kind as an SDK has it.
type thingArgs struct {
	Name  *string           `pulumi:"name"`
	Size  int               `pulumi:"size"`
	Parts []part            `pulumi:"parts"`
	Lock  *lock             `pulumi:"lock"`
	Tags  map[string]string `pulumi:"tags"`
}

type part struct {
	Kind string `pulumi:"kind"`
}

type lock struct {
	Code *int `pulumi:"code"`
}

type args struct{}

func (args) ElementType() reflect.Type { return reflect.TypeFor[thingArgs]() }

type state struct {
	Name pulumi.StringOutput    `pulumi:"name"`
	Size pulumi.IntOutput       `pulumi:"size"`
	Arn  pulumi.StringOutput    `pulumi:"arn"`
	Tags pulumi.StringMapOutput `pulumi:"tags"`
}

func thing() kind.Kind {
	return kind.Kind{Type: "test:index:Thing", Title: "Thing", Args: args{}, State: state{}}
}

func declared(t *testing.T, k kind.Kind) *kind.Declared {
	t.Helper()
	c, err := kind.NewCatalog(kind.Service{Kinds: []kind.Kind{k}})
	require.NoError(t, err)
	d, ok := c.Kind(k.Type)
	require.True(t, ok)
	return d
}

func TestDeclarationsThatFitNothingAreErrors(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*kind.Kind){
		"replace":  func(k *kind.Kind) { k.Replace = []string{"sise"} },
		"set":      func(k *kind.Kind) { k.Sets = []string{"parts.kinds"} },
		"required": func(k *kind.Kind) { k.Required = []string{"part"} },
		"default":  func(k *kind.Kind) { k.Defaults = account.Props{"colour": "red"} },
		"rule":     func(k *kind.Kind) { k.Rules = []kind.Rule{kind.Length("parts[].kin", 1, 2)} },
		"need":     func(k *kind.Kind) { k.Rules = []kind.Rule{kind.Conflict("name", "nome")} },
		"text":     func(k *kind.Kind) { k.Text = map[string]func(string) string{"policy": kind.CanonicalJSON} },
		"unique":   func(k *kind.Kind) { k.Unique = []kind.Unique{{Property: "id"}} },
		"ref path": func(k *kind.Kind) { k.Refs = []kind.Ref{{Path: "vpc", To: k.Type}} },
		"ref kind": func(k *kind.Kind) { k.Refs = []kind.Ref{{Path: "name", To: "test:index:Other"}} },
	} {
		k := thing()
		change(&k)
		_, err := kind.NewCatalog(kind.Service{Kinds: []kind.Kind{k}})
		require.ErrorContains(t, err, "test:index:Thing", name)
	}
	_, err := kind.NewCatalog(kind.Service{Kinds: []kind.Kind{thing(), thing()}})
	require.ErrorContains(t, err, "declared twice")
}

func TestRulesSeeWhatIsThereAndKnown(t *testing.T) {
	t.Parallel()
	k := thing()
	k.Rules = []kind.Rule{
		kind.OneOf("parts[].kind", "wheel", "door"), kind.Range("size", 1, 3), kind.Conflict("name", "tags"),
	}
	d := declared(t, k)
	parts := func(kinds ...any) []any {
		var list []any
		for _, v := range kinds {
			list = append(list, map[string]any{"kind": v})
		}
		return list
	}
	for name, tc := range map[string]struct {
		in   account.Props
		want int
	}{
		"good":            {account.Props{"size": 2.0, "parts": parts("wheel", "door")}, 0},
		"two bad parts":   {account.Props{"size": 2.0, "parts": parts("roof", "wheel", "bell")}, 2},
		"unknown part":    {account.Props{"size": 2.0, "parts": parts(kind.Unknown{}, "wheel")}, 0},
		"unknown size":    {account.Props{"size": kind.Unknown{}}, 0},
		"too big":         {account.Props{"size": 4.0}, 1},
		"conflict":        {account.Props{"size": 1.0, "name": "a", "tags": map[string]any{"b": "c"}}, 1},
		"unknown partner": {account.Props{"size": 1.0, "name": "a", "tags": kind.Unknown{}}, 0},
	} {
		require.Len(t, d.Check(tc.in, nil), tc.want, name)
	}
}

// "block: {}" says something, an empty list or map does not.
func TestStructuresCountWhenTheyAreEmpty(t *testing.T) {
	t.Parallel()
	d := declared(t, thing())
	none := account.Props{"size": 1.0}
	with := func(name string, v any) account.Props { return account.Props{"size": 1.0, name: v} }
	for name, tc := range map[string]struct {
		before, after account.Props
		want          []kind.Change
	}{
		"appears":    {none, with("lock", map[string]any{}), []kind.Change{{Path: "lock", Op: kind.Added}}},
		"disappears": {with("lock", map[string]any{}), none, []kind.Change{{Path: "lock", Op: kind.Removed}}},
		"stays":      {with("lock", map[string]any{}), with("lock", map[string]any{}), nil},
		"list":       {none, with("parts", []any{}), nil},
		"map":        {with("tags", map[string]any{}), none, nil},
	} {
		require.Equal(t, tc.want, d.Diff(tc.before, tc.after), name)
	}
}

func TestPredicates(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		rule kind.Rule
		v    any
		ok   bool
	}{
		"network":            {kind.CIDR("x", 16, 28), "10.0.0.0/16", true},
		"no network":         {kind.CIDR("x", 16, 28), "10.0.0.0", false},
		"host bits":          {kind.CIDR("x", 16, 28), "10.0.0.1/24", false},
		"wide network":       {kind.CIDR("x", 16, 28), "10.0.0.0/15", false},
		"arn":                {kind.ARN("x"), "arn:aws:ecs:eu-west-1:123456789012:cluster/x", true},
		"arn of AWS":         {kind.ARN("x"), "arn:aws:iam::aws:policy/service-role/X", true},
		"arn cut off":        {kind.ARN("x"), "arn:aws:iam", false},
		"json":               {kind.JSON("x"), `{"a":1}`, true},
		"no json":            {kind.JSON("x"), `{a:1}`, false},
		"number":             {kind.Number("x", 0, 60), 60.0, true},
		"no such number":     {kind.Number("x", 0, 60), 61.0, false},
		"items":              {kind.Count("x", 1, 2), []any{1.0}, true},
		"too few items":      {kind.Count("x", 1, 2), []any{}, false},
		"too many items":     {kind.Count("x", 1, 2), []any{1.0, 2.0, 3.0}, false},
		"rejected":           {kind.Reject("x", "^aws", "no"), "aws-x", false},
		"limited and met":    {kind.Range("x", 0, 1).When(func(account.Props) bool { return false }), 5.0, true},
		"limited and heeded": {kind.Range("x", 0, 1).When(func(account.Props) bool { return true }), 5.0, false},
	} {
		require.Equal(t, tc.ok, tc.rule.Test(tc.v, account.Props{}) == "", name)
	}
}

func TestCanonicalPolicies(t *testing.T) {
	t.Parallel()
	one := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["b:c","a:b"],"Resource":["*"]}]}`
	other := `{"Statement":{"Resource":"*","Action":["a:b","b:c"],"Effect":"Allow"},"Version":"2012-10-17"}`
	require.Equal(t, kind.CanonicalPolicy(one), kind.CanonicalPolicy(other))
	require.NotEqual(t, kind.CanonicalPolicy(one), kind.CanonicalPolicy(`{"Statement":{"Effect":"Deny"}}`))
	require.Equal(t, "no json", kind.CanonicalPolicy("no json"))
}
