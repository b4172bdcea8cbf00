package image

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"wordpress-ecs/tests/site"
)

// measurePages puts every set-up under load.
func (b *bench) measurePages(t *site.Task) {
	ours := b.task("the image", t)
	apache, nginx := b.stock("stock Apache + mod_php", "apache"), b.stock("stock nginx + php-fpm", "nginx")
	b.measureFront(t, ours, apache, nginx)

	reconnecting := b.site.StartTask(b, variation(nil, b.withoutPersistence(t)))
	uncached := b.site.StartTask(b, variation(map[string]string{"WORDPRESS_OBJECT_CACHE": "off"}, nil))
	fresh := b.task("a new TLS connection for every request to Redis", reconnecting)
	none := b.task("without an object cache", uncached)
	for _, made := range []struct {
		page page
		want target
	}{
		{page{name: "dashboard, signed in", path: "/wp-admin/index.php", marker: `id="dashboard_right_now"`, personal: true}, atLeast(1.5)},
		// Finding and rendering posts is WordPress's own work, which no setting makes less.
		{page{name: "search, never cached", path: "/?s=%s", marker: "Search results for"}, wanted(1.5)},
	} {
		p, want := made.page, made.want
		b.compare(loading{page: p, rounds: 3, length: 5 * time.Second, connections: 4, everyAnswer: true},
			ours, apache, nginx, fresh, none)
		for _, s := range []*side{apache, nginx} {
			b.table.ratio(p.name+", requests/s", s.name, ours.rps(), s.rps(), "", ours.rps()/s.rps(), want)
			b.table.ratio(p.name+", p95", s.name, ours.p95(), s.p95(), " ms", s.p95()/ours.p95(), want)
		}
		for _, s := range []*side{fresh, none} {
			b.table.ratio(p.name+", requests/s", s.name, ours.rps(), s.rps(), "", ours.rps()/s.rps(), printed)
		}
	}
	for _, done := range []*site.Task{reconnecting, uncached} {
		b.site.Front.Drain(done)
		done.Stop(b)
	}
}

// measureFront compares the front page, which visitors get from the page cache.
func (b *bench) measureFront(t *site.Task, ours, apache, nginx *side) {
	cached := *ours
	cached.cached = true
	for _, encoding := range []string{"", "gzip"} {
		p := page{name: "front page, anonymous", path: "/", marker: "Post 300", encoding: encoding}
		if encoding != "" {
			p.name += ", " + encoding
		}
		limits := b.limits(t, &cached, p)
		var stock []*side
		if encoding == "" {
			stock = []*side{apache, nginx}
		}
		b.compare(loading{page: p, rounds: 3, length: 4 * time.Second, connections: 16},
			slices.Concat([]*side{&cached}, limits, stock)...)
		for _, s := range stock {
			b.table.ratio(p.name+", requests/s", s.name, cached.rps(), s.rps(), "", cached.rps()/s.rps(), atLeast(100))
			b.table.ratio(p.name+", p99", s.name, cached.p99(), s.p99(), " ms", s.p99()/cached.p99(), printed)
		}
		limit := slices.MaxFunc(limits, func(a, b *side) int { return cmp.Compare(a.rps(), b.rps()) })
		b.table.ratio(p.name+", requests/s", limit.name, cached.rps(), limit.rps(), "", cached.rps()/limit.rps(), atLeast(0.7))
		b.table.ratio(p.name+", p99", limit.name, cached.p99(), limit.p99(), " ms", limit.p99()/cached.p99(), printed)
	}
}

// withoutPersistence is the drop-in's connection, changed to what public drop-ins do, and more: it is not kept, and
// every round trip to Redis has one of its own.
func (b *bench) withoutPersistence(t *site.Task) map[string]string {
	const path = "/var/www/html/bundled/object-cache/connection.php"
	text := t.PHP.Must(b, "cat", path)
	for _, change := range [][2]string{
		{"->pconnect(", "->connect("},
		{"public function run( array $commands ): ?array {", `private bool $used = false;

	public function run( array $commands ): ?array {
		if ( $this->used && null !== $this->redis && $this->connect() ) {
			$this->redis->rawCommand( 'AUTH', $this->password );
		}
		$this->used = true;`},
		{"private function connect(): bool {", "private function connect(): bool {\n\t\t$this->used = false;"},
	} {
		if strings.Count(text, change[0]) != 1 {
			b.fail("%s has %q not once: the benchmark does not know how to change it", path, change[0])
		}
		text = strings.Replace(text, change[0], change[1], 1)
	}
	return map[string]string{path: text}
}
