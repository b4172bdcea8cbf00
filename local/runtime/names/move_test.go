package names

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
)

// another is a second load balancer, whose server says so.
const another = "site-2.eu-west-1.elb.localhost"

func (c *cloud) another() {
	c.t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, another) }))
	c.t.Cleanup(server.Close)
	places, ok := c.env.Directory.Balancers.(listening)
	require.True(c.t, ok)
	places[another+" 80"] = server.Listener.Addr().String()
	c.put(balancerType, "lb2", props{"dnsName": another})
}

// Whoever comes after a name was changed is led to where it leads now, also by a connection that is kept.
func TestANameMoves(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.put(balancerType, "lb", props{"dnsName": balancer})
	c.another()
	c.record("A", "example.com", alias(balancer))
	client := c.client("127.0.0.1")
	_, body, err := c.get(client, "http://example.com/")
	require.NoError(t, err)
	require.Contains(t, body, "example.com / ")
	c.record("A", "example.com", alias(another))
	_, body, err = c.get(client, "http://example.com/")
	require.NoError(t, err)
	require.Equal(t, another, body)
}

// A change of a name is over when those who were led to where it led before have had the time to ask there. Nobody waits for
// a name that nobody came for, or that leads where it did.
func TestAMoveWaitsForThoseOnTheirWay(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.put(balancerType, "lb", props{"dnsName": balancer})
	c.another()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	// waits tells whether the end of a change or of a record would be waited for.
	waits := func(err error) bool {
		if err != nil {
			require.ErrorIs(t, err, context.Canceled)
		}
		return err != nil
	}
	change := func(to string) bool {
		t.Helper()
		r := account.Resource{Type: recordType, ID: "Z1_example.com_A", Outputs: props{"fqdn": "example.com", "type": "A", "zoneId": "Z1"}}
		for name, v := range alias(to) {
			r.Outputs[name] = v
		}
		require.NoError(t, c.env.Account.Update(func(tx *account.Tx) error { return tx.Put(r) }))
		return waits(c.Await(over, r, nil))
	}
	remove := func() bool {
		return waits(c.Release(over, account.Resource{Type: recordType, ID: "Z1_example.com_A"}, nil))
	}
	at := func() error {
		_, err := c.env.Directory.Address("example.com", 80)
		return err
	}
	require.False(t, change(balancer))
	require.False(t, change(another), "nobody has come")
	require.NoError(t, at())
	require.False(t, change(another), "it leads where it did")
	require.True(t, change(balancer))
	require.NoError(t, at())
	require.True(t, remove())
	require.ErrorIs(t, at(), ErrUnknown, "the account still has it, for a moment")
	change(balancer)
	require.NoError(t, at(), "it has come again")
}
