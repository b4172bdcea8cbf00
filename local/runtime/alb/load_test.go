package alb

import (
	"io"
	"net/http"
	"runtime"
	"testing"
)

// BenchmarkRequests is what a request through a load balancer costs, both ends included.
func BenchmarkRequests(b *testing.B) {
	c := newCloud(b, 1)
	group, url := c.site()
	c.register(group, serve(b, "10.0.0.1", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 20<<10)) }))
	client := c.client()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			res, err := client.Get(url)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
	})
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.Sys)/(1<<20), "MB-sys")
}
