package alb

import (
	"strconv"
	"time"

	"wordpress-ecs/local/runtime/metrics"
)

const namespace = "AWS/ApplicationELB"

// put adds a point to a metric of a load balancer or a target group, by its ARN suffix.
func (p *Part) put(dimension, name string, value float64) {
	p.env.Metrics.Put(metrics.Metric{Namespace: namespace, Name: name, Dimension: dimension}, time.Now(), value)
}

func (p *Part) count(dimension, name string) { p.put(dimension, name, 1) }

// sent counts a request that goes to a target. RequestCountPerTarget is to be divided by the number of targets.
func (p *Part) sent(balancer, group string) {
	p.count(balancer, "RequestCount")
	p.count(group, "RequestCount")
	p.count(group, "RequestCountPerTarget")
}

// received counts a response of a target.
func (p *Part) received(x *exchange, status int) {
	p.put(x.settings.suffix, "TargetResponseTime", time.Since(x.begun).Seconds())
	if class := status / 100; class >= 2 && class <= 5 {
		name := "HTTPCode_Target_" + strconv.Itoa(class) + "XX_Count"
		p.count(x.settings.suffix, name)
		p.count(x.now.balancer.suffix, name)
	}
}

// measure counts the targets that are healthy, and those that are not.
func (p *Part) measure() {
	p.mu.Lock()
	var used []*group
	for _, g := range p.groups {
		if s := g.settings.Load(); s != nil && s.used {
			used = append(used, g)
		}
	}
	p.mu.Unlock()
	for _, g := range used {
		healthy, unhealthy := 0, 0
		for _, h := range g.health() {
			switch h.State {
			case Healthy:
				healthy++
			case Unhealthy:
				unhealthy++
			}
		}
		suffix := g.settings.Load().suffix
		p.put(suffix, "HealthyHostCount", float64(healthy))
		p.put(suffix, "UnHealthyHostCount", float64(unhealthy))
	}
}
