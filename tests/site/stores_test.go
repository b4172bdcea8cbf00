package site_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/containers"
	"wordpress-ecs/tests/site"
)

// A store that is down comes back with what it had, under the same name.
func TestStores(t *testing.T) {
	t.Parallel()
	e := containers.Connect(t)
	n, authority := e.Network(t), site.NewAuthority(t)
	database := site.StartDatabase(t, e, n, authority, site.StoreOptions{})
	redis := site.StartRedis(t, e, n, authority, site.StoreOptions{})

	database.Query(t, "CREATE TABLE kept (word TEXT); INSERT INTO kept VALUES ('hello')")
	require.Equal(t, "0600 1000", database.Must(t, "stat", "-c", "0%a %u", "/etc/stores/server.key")[:9])
	require.Equal(t, "OK", redis.Command(t, "SET", "a", "1"))
	for _, store := range []*site.Store{database, redis} {
		store.Down(t)
		store.Up(t)
	}
	require.Equal(t, "hello", database.Query(t, "SELECT word FROM kept"))
	require.Empty(t, redis.Command(t, "GET", "a"))
}
