package image

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"wordpress-ecs/tests/site"
)

// worker is what a worker of php-fpm takes, in MiB: memory of its own, and with its part of what is shared.
type worker struct{ own, proportional float64 }

// workers prints "own proportional" in KiB for every worker.
const workers = `for p in /proc/[0-9]*; do
	grep -q 'pool www' "$p/cmdline" 2>/dev/null || continue
	awk '/^Private_/ {own += $2} /^Pss:/ {part = $2} END {print own, part}' "$p/smaps_rollup"
done`

// biggest is the worker of a task that takes most.
func (b *bench) biggest(t *site.Task) worker {
	var most worker
	for line := range strings.Lines(t.PHP.Must(b, "sh", "-c", workers)) {
		fields := strings.Fields(line)
		if len(fields) != 2 {
			continue // a worker that ended meanwhile
		}
		own, err := strconv.Atoi(fields[0])
		b.check(err, "smaps_rollup")
		proportional, err := strconv.Atoi(fields[1])
		b.check(err, "smaps_rollup")
		most.own = max(most.own, float64(own)/1024)
		most.proportional = max(most.proportional, float64(proportional)/1024)
	}
	if most.own == 0 {
		b.fail("no worker of php-fpm was found")
	}
	return most
}

// measureWorkers looks at workers that have served pages and wait, and then at what the biggest of them takes while
// all kinds of pages are asked for.
func (b *bench) measureWorkers(t *site.Task) {
	b.addWorker("an idle php-fpm worker", b.biggest(t))
	s := b.task("the image", t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, p := range []page{
			{name: "dashboard", path: "/wp-admin/index.php", personal: true},
			{name: "block editor", path: "/wp-admin/post-new.php", personal: true},
			{name: "plugins", path: "/wp-admin/plugins.php", personal: true},
			{name: "search", path: "/?s=%s"},
		} {
			b.put(s, loading{page: p, length: 4 * time.Second, connections: 8})
		}
	}()
	var most worker
	for {
		now := b.biggest(t)
		most.own, most.proportional = max(most.own, now.own), max(most.proportional, now.proportional)
		select {
		case <-done:
			b.addWorker("a php-fpm worker under load, at most", most)
			return
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (b *bench) addWorker(what string, w worker) {
	b.table.add(row{
		what: what + ": its own memory", ours: fmt.Sprintf("%.0f MiB", w.own),
		against: "with its part of what is shared", theirs: fmt.Sprintf("%.0f MiB", w.proportional), target: printed.text,
	})
}
