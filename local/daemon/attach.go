package daemon

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"wordpress-ecs/local/provider"
)

// attached are providers that are being served.
type attached struct {
	// providers is the value of PULUMI_DEBUG_PROVIDERS: "aws:4001,awsx:4002".
	providers string
	listeners []*provider.Listener
}

// attach serves the providers on loopback: in the order of their names on the ports from firstPort on, or on
// free ones when it is 0.
func attach(providers map[string]provider.Factory, firstPort int) (*attached, error) {
	a := &attached{}
	var entries []string
	for i, name := range slices.Sorted(maps.Keys(providers)) {
		port := 0
		if firstPort != 0 {
			port = firstPort + i
		}
		listener, err := provider.Serve(providers[name], port)
		if err != nil {
			a.close()
			return nil, fmt.Errorf("serving the %s provider: %w", name, err)
		}
		a.listeners = append(a.listeners, listener)
		entries = append(entries, fmt.Sprintf("%s:%d", name, listener.Port()))
	}
	a.providers = strings.Join(entries, ",")
	return a, nil
}

// close ends all connections to the providers and waits until their calls are over.
func (a *attached) close() {
	for _, listener := range a.listeners {
		listener.Close()
	}
}
