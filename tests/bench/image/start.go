package image

import (
	"strings"
	"time"

	"wordpress-ecs/tests/containers"
	"wordpress-ecs/tests/site"
)

const starts = 7

// measureStart compares the image's php-fpm, which checks its environment and sizes its pool first, with one that
// does nothing but start. Both answer a ping from the pool that serves pages; none needs a store for it.
func (b *bench) measureStart() {
	environment := site.Environment(site.PHP, "http://site.example")
	ours := containers.Spec{
		Name: "php-fpm", Image: b.image, Command: []string{site.PHP}, Environment: environment, Memory: 1024, Restricted: true,
		Tmpfs: map[string]string{"/tmp": "size=64m"},
	}
	bare := containers.Spec{
		Name: "bare-php-fpm", Image: b.stockImage(), Command: []string{"php-fpm"},
		Files: []containers.File{{
			Name: "/etc/php/8.4/fpm/pool.d/zz-ping.conf", Content: "[www]\nlisten = 127.0.0.1:9000\nping.path = /healthz\n",
		}},
	}
	var mine, theirs []float64
	for range starts {
		mine = append(mine, b.start(ours))
		theirs = append(theirs, b.start(bare))
	}
	b.table.ratio("container start to the first answer to a ping", "php-fpm of Debian, nothing else",
		median(mine), median(theirs), " ms", median(mine)/median(theirs), atMost(2))
}

// start returns how many milliseconds a container needs from its start to its first answer.
func (b *bench) start(s containers.Spec) float64 {
	namespace := b.loader(nil)
	s.Join = namespace
	c := b.engine.Create(b, s)
	answered := make(chan string, 1)
	go func() {
		_, output := namespace.Exec(b, "timeout", "60", "await-ping", "/healthz")
		answered <- output
	}()
	begin := time.Now()
	c.Start(b)
	output := <-answered
	took := time.Since(begin)
	if !strings.Contains(output, "ok") && !strings.Contains(output, "pong") {
		b.fail("%s: %q is no answer to a ping: %s", s.Name, output, c.Logs(b))
	}
	for _, done := range []*containers.Container{c, namespace} {
		done.Kill(b)
	}
	return float64(took) / float64(time.Millisecond)
}
