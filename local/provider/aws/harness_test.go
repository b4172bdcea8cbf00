package aws

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/structpb"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/provider"
)

// props are inputs as a test writes them.
type props = map[string]any

// unknown stands for an input that a preview does not know.
type unknown struct{}

// secret marks an input as secret.
type secret struct{ value any }

// cloud is the provider as the engine reaches it: over a connection of its own.
type cloud struct {
	t      *testing.T
	client pulumirpc.ResourceProviderClient
	acct   *account.Account
	checks int
}

// noImages is a registry without content.
type noImages struct{}

func (noImages) Digests(string) ([]string, error) { return nil, nil }
func (noImages) Remove(string) error              { return nil }

// newCloud serves a fresh account in a region, with default tags.
func newCloud(t *testing.T, images account.Images) *cloud {
	t.Helper()
	acct, err := account.Open(t.TempDir() + "/account.db")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, acct.Close()) })
	c := &cloud{t: t, acct: acct}
	c.client = c.connect(newFactory(acct, images, nil, Options{}, 0))
	c.configure(props{"region": "eu-west-1", "defaultTags": `{"tags":{"Project":"site","Stack":"test"}}`})
	return c
}

func (c *cloud) connect(factory provider.Factory) pulumirpc.ResourceProviderClient {
	c.t.Helper()
	listener, err := provider.Serve(factory, 0)
	require.NoError(c.t, err)
	c.t.Cleanup(listener.Close)
	conn, err := grpc.NewClient(fmt.Sprintf("127.0.0.1:%d", listener.Port()),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(c.t, err)
	c.t.Cleanup(func() { require.NoError(c.t, conn.Close()) })
	return pulumirpc.NewResourceProviderClient(conn)
}

func (c *cloud) configure(args props) {
	c.t.Helper()
	_, err := c.client.Configure(c.t.Context(), &pulumirpc.ConfigureRequest{Args: c.wire(args)})
	require.NoError(c.t, err)
}

// wire writes test inputs as a request carries them.
func (c *cloud) wire(p props) *structpb.Struct {
	c.t.Helper()
	m := resource.PropertyMap{}
	for key, v := range p {
		m[resource.PropertyKey(key)] = value(v)
	}
	s, err := provider.Marshal("test", m)
	require.NoError(c.t, err)
	return s
}

func value(v any) resource.PropertyValue {
	switch v := v.(type) {
	case unknown:
		return resource.MakeComputed(resource.NewStringProperty(""))
	case secret:
		return resource.MakeSecret(value(v.value))
	case []any:
		list := []resource.PropertyValue{}
		for _, element := range v {
			list = append(list, value(element))
		}
		return resource.NewArrayProperty(list)
	case props:
		m := resource.PropertyMap{}
		for key, element := range v {
			m[resource.PropertyKey(key)] = value(element)
		}
		return resource.NewObjectProperty(m)
	default:
		return resource.NewPropertyValue(v)
	}
}

func (c *cloud) read(s *structpb.Struct) resource.PropertyMap {
	c.t.Helper()
	m, err := provider.Unmarshal("test", s)
	require.NoError(c.t, err)
	return m
}

func urn(typ, name string) string {
	return string(resource.NewURN("test", "site", "", typeOf(typ), name))
}

// check returns the checked inputs, and the failures as one text.
func (c *cloud) check(typ string, news props) (*structpb.Struct, string) {
	c.t.Helper()
	c.checks++ // the engine's seed differs with every registration, too
	resp, err := c.client.Check(c.t.Context(), &pulumirpc.CheckRequest{
		Urn: urn(typ, "site"), Type: typ, Name: "site", News: c.wire(news), RandomSeed: fmt.Append(nil, c.t.Name(), c.checks),
	})
	require.NoError(c.t, err)
	var failures []string
	for _, f := range resp.GetFailures() {
		failure := f.GetReason()
		if name := f.GetProperty(); name != "" {
			// The engine prints the value with it, whatever it is.
			failure = fmt.Sprintf("%s: %s (%v)", name, failure, news[name])
		}
		failures = append(failures, failure)
	}
	return resp.GetInputs(), strings.Join(failures, "\n")
}

// try checks and creates, and returns what refused it first.
func (c *cloud) try(typ string, inputs props) error {
	c.t.Helper()
	checked, failures := c.check(typ, inputs)
	if failures != "" {
		return fmt.Errorf("check: %s", failures)
	}
	_, err := c.client.Create(c.t.Context(), &pulumirpc.CreateRequest{
		Urn: urn(typ, "site"), Type: typ, Name: "site", Properties: checked,
	})
	return err
}

// made is a resource that exists.
type made struct {
	id      string
	inputs  *structpb.Struct
	outputs resource.PropertyMap
	state   *structpb.Struct
}

// text is an output.
func (m made) text(name string) string { return m.outputs[resource.PropertyKey(name)].StringValue() }

func (c *cloud) make(typ string, inputs props) made {
	c.t.Helper()
	checked, failures := c.check(typ, inputs)
	require.Empty(c.t, failures)
	resp, err := c.client.Create(c.t.Context(), &pulumirpc.CreateRequest{
		Urn: urn(typ, "site"), Type: typ, Name: "site", Properties: checked,
	})
	require.NoError(c.t, err)
	return made{resp.GetId(), checked, c.read(resp.GetProperties()), resp.GetProperties()}
}

// change checks new inputs against what exists and updates it.
func (c *cloud) change(typ string, m made, inputs props) made {
	c.t.Helper()
	checked := c.recheck(typ, m, inputs)
	resp, err := c.client.Update(c.t.Context(), &pulumirpc.UpdateRequest{
		Id: m.id, Urn: urn(typ, "site"), Type: typ, Olds: m.state, OldInputs: m.inputs, News: checked,
	})
	require.NoError(c.t, err)
	return made{m.id, checked, c.read(resp.GetProperties()), resp.GetProperties()}
}

func (c *cloud) recheck(typ string, m made, inputs props) *structpb.Struct {
	c.t.Helper()
	resp, err := c.client.Check(c.t.Context(), &pulumirpc.CheckRequest{
		Urn: urn(typ, "site"), Type: typ, Name: "site", Olds: m.inputs, News: c.wire(inputs),
	})
	require.NoError(c.t, err)
	require.Empty(c.t, resp.GetFailures())
	return resp.GetInputs()
}

func (c *cloud) delete(typ string, m made) error {
	c.t.Helper()
	_, err := c.client.Delete(c.t.Context(), &pulumirpc.DeleteRequest{
		Id: m.id, Urn: urn(typ, "site"), Type: typ, Properties: m.state, OldInputs: m.inputs,
	})
	return err
}

// within is a provider that waits for what stands in the way.
func (c *cloud) within(wait time.Duration) {
	c.t.Helper()
	c.client = c.connect(newFactory(c.acct, noImages{}, nil, Options{}, wait))
	c.configure(props{"region": "eu-west-1"})
}

// refreshed is what the engine keeps after a refresh; without an id when the resource is gone.
func (c *cloud) refreshed(typ string, m made) made {
	c.t.Helper()
	resp, err := c.client.Read(c.t.Context(), &pulumirpc.ReadRequest{
		Id: m.id, Urn: urn(typ, "site"), Properties: m.state, Inputs: m.inputs,
	})
	require.NoError(c.t, err)
	return made{resp.GetId(), resp.GetInputs(), c.read(resp.GetProperties()), resp.GetProperties()}
}

// differs are the properties that a preview would change, sorted by the provider.
func (c *cloud) differs(typ string, m made, inputs props) []string {
	c.t.Helper()
	resp, err := c.client.Diff(c.t.Context(), &pulumirpc.DiffRequest{
		Id: m.id, Urn: urn(typ, "site"), Type: typ, Olds: m.state, OldInputs: m.inputs, News: c.recheck(typ, m, inputs),
	})
	require.NoError(c.t, err)
	return resp.GetDiffs()
}
