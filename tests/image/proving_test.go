package image_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/containers"
	"wordpress-ecs/tests/site"
)

// A release that the site has not run before is healthy only after it has run for a while; then all its tasks are
// at once. The release that installs the site has none before it that could go on instead.
func TestReleaseProvesItself(t *testing.T) {
	t.Parallel()
	const seconds = 6
	release := func(name string) site.Variation {
		return site.Variation{Environment: map[string]string{
			"WORDPRESS_RELEASE": name, "WORDPRESS_PROVING_SECONDS": "6",
		}}
	}
	healthyAfter := func(s *site.Site, name string) time.Duration {
		task := s.StartNamespace(t, release(name))
		start := time.Now()
		task.StartPHP(t, release(name))
		return time.Since(start)
	}
	s := site.New(t, containers.Connect(t), site.Options{})
	setup := s.RunSetup(t, release("aa"))
	require.Zero(t, setup.Wait(t), setup.Logs(t))
	first := healthyAfter(s, "aa")
	require.Less(t, first, seconds*time.Second, "the release that installed the site")

	second := s.RunSetup(t, release("bb"))
	require.Zero(t, second.Wait(t), second.Logs(t))
	require.GreaterOrEqual(t, healthyAfter(s, "bb"), (seconds-1)*time.Second, "a new one")
	require.Less(t, healthyAfter(s, "bb"), seconds*time.Second, "another task of it")
	require.Less(t, healthyAfter(s, "aa"), seconds*time.Second, "back to the one before")
}
