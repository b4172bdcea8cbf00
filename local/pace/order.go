package pace

import (
	"slices"
	"strings"
	"time"
)

// Work is how long a deployment has to do with a resource; 0 where it does nothing.
type Work func(r Resource) time.Duration

// Up are the steps of an update in the order that Pulumi keeps: a resource after all that it depends on and its parent,
// and after the whole of a component of another provider, whose outputs come when all its children exist.
func Up(s Stack, work Work) []Step {
	at, above := s.places(), s.below()
	steps := make([]Step, len(s))
	for i, r := range s {
		steps[i] = Step{Label: r.Label(), Takes: work(r)}
		for _, urn := range append(slices.Clone(r.After), r.Parent) {
			a, ok := at[urn]
			if !ok || a == i {
				continue
			}
			steps[i].After = append(steps[i].After, a)
			for _, c := range s.remote(a, above) {
				if !above[i][c] && c != i {
					steps[i].After = append(steps[i].After, s.inside(c, above)...)
				}
			}
		}
		slices.Sort(steps[i].After)
		steps[i].After = slices.Compact(steps[i].After)
	}
	return steps
}

// remote are the components of other providers that a resource is or is in.
func (s Stack) remote(i int, above []map[int]bool) []int {
	var list []int
	for c, r := range s {
		if (c == i || above[i][c]) && !r.Custom && strings.HasPrefix(r.Type, "awsx:") {
			list = append(list, c)
		}
	}
	return list
}

// inside are the resources below one.
func (s Stack) inside(parent int, above []map[int]bool) []int {
	var list []int
	for i := range s {
		if above[i][parent] {
			list = append(list, i)
		}
	}
	return list
}

// Destroy are the steps of a destroy in the order that Pulumi keeps (ScheduleDeletes in its step generator): it gives each
// resource the number of the layer after those of all that it depends on, and deletes layer by layer from the last one,
// each when all of the layer before is gone.
func Destroy(s Stack, work Work) []Step {
	layers := s.layers()
	var steps []Step
	var before []int
	for _, layer := range slices.Backward(layers) {
		var now []int
		for _, i := range layer {
			now = append(now, len(steps))
			steps = append(steps, Step{Label: s[i].Label(), Takes: work(s[i]), After: before})
		}
		before = now
	}
	return steps
}

// layers are the resources by the length of their longest chain of dependencies.
func (s Stack) layers() [][]int {
	at, above := s.places(), s.below()
	var layers [][]int
	depth := make([]int, len(s))
	for i, r := range s {
		for _, urn := range append(slices.Clone(r.After), r.Parent) {
			a, ok := at[urn]
			if !ok || a >= i {
				continue
			}
			depth[i] = max(depth[i], depth[a]+1)
			if s[a].Custom || urn == r.Parent && !slices.Contains(r.After, urn) {
				continue
			}
			// What depends on a component depends on all of it that stands before.
			for _, child := range s.inside(a, above) {
				if child < i {
					depth[i] = max(depth[i], depth[child]+1)
				}
			}
		}
		for len(layers) <= depth[i] {
			layers = append(layers, nil)
		}
		layers[depth[i]] = append(layers[depth[i]], i)
	}
	return layers
}
