package provider_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"wordpress-ecs/local/provider"
)

// counting is a provider that remembers its configuration, as real ones do.
type counting struct {
	provider.Base
	mu     sync.Mutex
	region string
}

func (c *counting) Configure(ctx context.Context, req *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.region = req.GetArgs().GetFields()["region"].GetStringValue()
	return c.Base.Configure(ctx, req)
}

func (c *counting) Invoke(context.Context, *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return nil, fmt.Errorf("region %q", c.region)
}

func connect(t *testing.T, port int) pulumirpc.ResourceProviderClient {
	t.Helper()
	conn, err := grpc.NewClient(fmt.Sprintf("127.0.0.1:%d", port), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return pulumirpc.NewResourceProviderClient(conn)
}

func TestEveryConnectionHasAProviderOfItsOwn(t *testing.T) {
	t.Parallel()
	listener, err := provider.Serve(func() pulumirpc.ResourceProviderServer { return &counting{} }, 0)
	require.NoError(t, err)
	t.Cleanup(listener.Close)

	regions := []string{"eu-west-1", "us-east-1"}
	clients := make([]pulumirpc.ResourceProviderClient, len(regions))
	for i, region := range regions {
		clients[i] = connect(t, listener.Port())
		args, err := provider.Marshal("args", map2("region", region))
		require.NoError(t, err)
		_, err = clients[i].Configure(t.Context(), &pulumirpc.ConfigureRequest{Args: args})
		require.NoError(t, err)
	}
	for i, region := range regions {
		_, err := clients[i].Invoke(t.Context(), &pulumirpc.InvokeRequest{})
		require.ErrorContains(t, err, fmt.Sprintf("region %q", region))
	}
}

func TestClosingEndsConnectionsAndThePort(t *testing.T) {
	t.Parallel()
	listener, err := provider.Serve(func() pulumirpc.ResourceProviderServer { return &counting{} }, 0)
	require.NoError(t, err)
	client := connect(t, listener.Port())
	_, err = client.GetSchema(t.Context(), &pulumirpc.GetSchemaRequest{})
	require.NoError(t, err)

	listener.Close()
	_, err = client.GetSchema(t.Context(), &pulumirpc.GetSchemaRequest{})
	require.Error(t, err)
	again, err := provider.Serve(func() pulumirpc.ResourceProviderServer { return &counting{} }, listener.Port())
	require.NoError(t, err, "the port is free again")
	again.Close()
}

func TestATakenPortIsAnError(t *testing.T) {
	t.Parallel()
	listener, err := provider.Serve(func() pulumirpc.ResourceProviderServer { return &counting{} }, 0)
	require.NoError(t, err)
	t.Cleanup(listener.Close)
	_, err = provider.Serve(func() pulumirpc.ResourceProviderServer { return &counting{} }, listener.Port())
	require.ErrorContains(t, err, "listening for the engine")
}
