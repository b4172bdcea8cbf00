package cache

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"wordpress-ecs/local/runtime/part"
)

// adjust brings tokens and parameters to the nodes that answer.
func (p *Part) adjust(g group, s *state, nodes []*node, say part.Say) error {
	wanted := fmt.Sprintf("%q %q", s.Tokens, g.parameters)
	for _, n := range nodes {
		if n.client == nil || p.applied[n.container.ID] == wanted {
			continue
		}
		if _, err := n.client.do(append([]string{"ACL", "SETUSER", "default"}, s.rules()...)...); err != nil {
			return fmt.Errorf("cache %s: setting the token of %s: %w", g.id, n.member, err)
		}
		known := len(s.Defaults)
		values := maps.Clone(s.Defaults) // what is not set any more goes back
		for _, name := range slices.Sorted(maps.Keys(g.parameters)) {
			if unchangeable[name] {
				continue
			}
			if _, ok := s.Defaults[name]; !ok {
				answer, err := n.client.do("CONFIG", "GET", name)
				_, value, found := strings.Cut(answer, "\n")
				if err != nil || !found {
					p.sayOnce(fmt.Sprintf("cache %s: the parameter %s has no effect here", g.id, name), say)
					continue
				}
				s.Defaults[name] = value
			}
			values[name] = g.parameters[name]
		}
		for _, name := range slices.Sorted(maps.Keys(values)) {
			if _, err := n.client.do("CONFIG", "SET", name, values[name]); err != nil {
				p.sayOnce(fmt.Sprintf("cache %s: the parameter %s stays as it is: %v", g.id, name, err), say)
			}
		}
		if len(s.Defaults) != known {
			if err := keep(p.env.Account, g.id, *s); err != nil {
				return err
			}
		}
		p.applied[n.container.ID] = wanted
	}
	return nil
}
