package image

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"wordpress-ecs/tests/site"
)

const (
	visitors = 8
	// around is how long the load lasts before the stop and after it.
	around = 3 * time.Second
)

// measureStop stops a task while visitors ask for pages of all kinds, as ECS does it: the load balancer gives it no
// new requests, and then its containers are told to stop while they still answer what they have.
func (b *bench) measureStop(stopped *site.Task) {
	b.site.StartTask(b, variation(nil, nil))
	paths := []string{"/", "/?s=word1+word%d", "/wp-login.php", "/?p=%d"}
	var asked, lost, open, inFlight atomic.Int64
	var firstLoss atomic.Value
	over := make(chan struct{})
	var all sync.WaitGroup
	for v := range visitors {
		all.Go(func() {
			visitor := b.site.Visitor(b)
			for i := 0; ; i++ {
				select {
				case <-over:
					return
				default:
				}
				path := paths[(v+i)%len(paths)]
				if n := i*visitors + v; path != "/" && path != "/wp-login.php" {
					path = fmt.Sprintf(path, n)
				}
				open.Add(1)
				page, err := visitor.Try(b.Context(), http.MethodGet, path, "", nil)
				open.Add(-1)
				asked.Add(1)
				if err != nil || page.Status >= 500 {
					lost.Add(1)
					firstLoss.CompareAndSwap(nil, fmt.Sprintf("%s: status %d, %v", path, page.Status, err))
				}
			}
		})
	}
	time.Sleep(around)
	inFlight.Store(open.Load())
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		b.site.Front.Drain(stopped)
	}()
	begin := time.Now()
	stopped.Stop(b)
	took := time.Since(begin)
	<-drained
	time.Sleep(around)
	close(over)
	all.Wait()
	if asked.Load() < visitors || inFlight.Load() == 0 {
		b.fail("stop under load: %d requests, %d of them open at the stop: that is no load", asked.Load(), inFlight.Load())
	}
	if first := firstLoss.Load(); first != nil {
		b.Logf("first request lost: %s", first)
	}
	b.table.add(row{
		what: "requests lost while a task is stopped under load", ours: strconv.FormatInt(lost.Load(), 10),
		against: fmt.Sprintf("%d open when it was told to stop, gone after %.1f s", inFlight.Load(), took.Seconds()),
		theirs:  fmt.Sprintf("%d asked for", asked.Load()),
		target:  "0", missed: lost.Load() > 0,
	})
}
