package browser_test

import (
	"testing"

	"wordpress-ecs/tests/containers"
	"wordpress-ecs/tests/site"
)

// startSite starts a site of two tasks: a browser's requests reach them in turn.
func startSite(t *testing.T) *site.Site {
	t.Helper()
	s, _ := site.Start(t, containers.Connect(t), site.Options{Tasks: 2})
	return s
}
