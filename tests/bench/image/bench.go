// Package image measures the image under test: WordPress in tasks as ECS runs them, beside what Debian's packages
// serve by themselves, with the same core and the same database, in one run on one machine.
package image

import (
	"context"
	_ "embed" // of testdata
	"errors"
	"net/http"
	"net/url"
	"strings"

	"wordpress-ecs/tests/containers"
	"wordpress-ecs/tests/site"
)

// bench is what is measured.
type bench struct {
	*run
	engine *containers.Engine
	image  string
	site   *site.Site
	// host is the site's name in requests, cookies are those of the administrator.
	host, cookies string
	terms         terms
	table         *table
}

//go:embed testdata/world.php
var world string

// worldPath is where a plugin of the image is; setups of Debian have it among theirs.
const worldPath = "/var/www/html/bundled/mu-plugins/world.php"

// Run measures and prints. The working directory is that of the project.
func Run(ctx context.Context) error {
	var results table
	err := measure(ctx, func(r *run) {
		b := &bench{run: r, engine: containers.Connect(r), table: &results}
		b.image = site.Image(r, b.engine)
		b.measurePull()
		b.measureStart()

		site, tasks := site.Start(r, b.engine, site.Options{Variation: variation(nil, nil)})
		b.site, b.host = site, strings.TrimPrefix(site.URL, "http://")
		b.fill(tasks[0])
		b.login()
		b.measurePages(tasks[0])
		b.measureWorkers(tasks[0])
		b.measureStop(tasks[0])
	})
	results.print()
	return errors.Join(err, results.missed())
}

// variation is a task in the world of the benchmark. The memory is that of a task for eight workers, more than
// there are connections.
func variation(environment, files map[string]string) site.Variation {
	all := map[string]string{worldPath: world}
	for path, content := range files {
		all[path] = content
	}
	return site.Variation{Environment: environment, Files: all, PHPMemory: 1024}
}

// login signs the administrator in. The cookies are good for all sides: they have the same keys and the same address.
func (b *bench) login() {
	visitor := b.site.Visitor(b)
	page := visitor.Post(b, "/wp-login.php", url.Values{"log": {site.AdminUser}, "pwd": {site.AdminPassword}})
	if page.Status != http.StatusFound {
		b.fail("login: status %d", page.Status)
	}
	cookies := map[string]string{}
	response := http.Response{Header: page.Header}
	for _, cookie := range response.Cookies() {
		cookies[cookie.Name] = cookie.Value
	}
	var pairs []string
	for name, value := range cookies {
		pairs = append(pairs, name+"="+value)
	}
	b.cookies = strings.Join(pairs, "; ")
}

// task is a side that is a task of the image.
func (b *bench) task(name string, t *site.Task) *side {
	return &side{name: name, address: t.Address, load: b.loader(t.PHP)}
}

// loader makes load inside another container's network namespace.
func (b *bench) loader(target *containers.Container) *containers.Container {
	return b.engine.Run(b, containers.Spec{
		Name: "load", Image: b.engine.Build(b, "bench-load", "tests/bench/image/testdata/load", nil), Join: target,
	})
}
