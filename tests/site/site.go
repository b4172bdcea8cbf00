// Package site runs WordPress as production does, on one machine: database and Redis with TLS, tasks of four
// containers that share one volume, and a load balancer in front of them.
package site

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/containers"
)

// sites is how many sites run at a time; each has about ten containers.
const sites = 4

var running = make(chan struct{}, sites)

// Options change what a site is like.
type Options struct {
	// Tasks is how many Start starts; without a number, one.
	Tasks int
	// HTTPS has the load balancer end TLS, as a production one does.
	HTTPS bool
	// Database and Redis change the stores.
	Database, Redis StoreOptions
	Variation
}

// Variation is what one task, or all of a site, have that others have not.
type Variation struct {
	// Image is what runs instead of the image under test.
	Image string
	// Environment has variables of the contract. Each goes to the containers that have it; an empty one is left out.
	Environment map[string]string
	// Files are mounted over the image's, by path.
	Files map[string]string
	// SetupSeconds is how long setup waits for the database; empty is the image's own bound.
	SetupSeconds string
	// PHPMemory is php-fpm's limit in MiB; without a number, 512.
	PHPMemory int64
}

// Site is a WordPress with everything around it.
type Site struct {
	// URL is where visitors reach it, without a slash at the end.
	URL       string
	Engine    *containers.Engine
	Network   *containers.Network
	Authority *Authority
	Database  *Store
	Redis     *Store
	// Front is the load balancer.
	Front *Front

	options Options
	volume  string // what the tasks share
	trusted string // the authority's certificate on the host
}

// New starts the stores and the load balancer; there is no task yet. It waits while many other sites run.
func New(t containers.T, e *containers.Engine, o Options) *Site {
	t.Helper()
	running <- struct{}{}
	t.Cleanup(func() { <-running })
	if o.Image == "" {
		o.Image = Image(t, e)
	}
	s := &Site{Engine: e, Network: e.Network(t), Authority: NewAuthority(t), options: o}
	s.Database = StartDatabase(t, e, s.Network, s.Authority, o.Database)
	s.Redis = StartRedis(t, e, s.Network, s.Authority, o.Redis)
	s.volume = e.Volume(t)
	s.trusted = hostFile(t, "authority.pem", s.Authority.PEM)
	s.Front = newFront(t, s.Authority, o.HTTPS)
	s.URL = s.Front.URL
	return s
}

// Start is New and then the tasks, one after the other.
func Start(t containers.T, e *containers.Engine, o Options) (*Site, []*Task) {
	t.Helper()
	s := New(t, e, o)
	var tasks []*Task
	for range cmp.Or(o.Tasks, 1) {
		tasks = append(tasks, s.StartTask(t, Variation{}))
	}
	return s, tasks
}

// Image is the image under test: the one that WORDPRESS_TEST_IMAGE names, or else one that is built
// from the same files as a deployment's.
func Image(t containers.T, e *containers.Engine) string {
	t.Helper()
	if name := os.Getenv("WORDPRESS_TEST_IMAGE"); name != "" {
		return name
	}
	return e.Build(t, "wordpress", "image", nil)
}

// with is a variation on top of another.
func (v Variation) with(other Variation) Variation {
	v.Image = cmp.Or(other.Image, v.Image)
	v.SetupSeconds = cmp.Or(other.SetupSeconds, v.SetupSeconds)
	v.PHPMemory = cmp.Or(other.PHPMemory, v.PHPMemory)
	v.Environment, v.Files = merged(v.Environment, other.Environment), merged(v.Files, other.Files)
	return v
}

func merged(base, changes map[string]string) map[string]string {
	all := map[string]string{}
	maps.Copy(all, base)
	maps.Copy(all, changes)
	return all
}

// hostFile writes a file that containers can mount.
func hostFile(t containers.T, name, content string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "wordpress-tests-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	path := filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	require.NoError(t, os.Chmod(path, 0o644)) //nolint:gosec // G302: the containers' users read it
	return path
}
