package alb

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Whoever asks where a load balancer is may ask while it gets a listener.
func TestAddressWhileListenersCome(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	balancer, url := c.balancer()
	c.listener(balancer, 80, fixedTo("x"))
	host, _, _ := strings.Cut(strings.TrimPrefix(url, "http://"), ":")
	var over atomic.Bool
	var asking sync.WaitGroup
	for range 4 {
		asking.Go(func() {
			for !over.Load() {
				_, _ = c.Address(host, 80)
			}
		})
	}
	made := make(chan struct{})
	go func() {
		defer close(made)
		for port := range 20 {
			c.listener(balancer, 9000+port, fixedTo("x"))
		}
	}()
	select {
	case <-made:
	case <-time.After(time.Minute):
		t.Fatal("the two wait for each other")
	}
	over.Store(true)
	asking.Wait()
	at, err := c.Address(host, 9019)
	require.NoError(t, err)
	require.NotEmpty(t, at)
}
