package pace

import (
	"strings"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Figures are how long AWS takes with the resources of a stack.
type Figures struct {
	catalog *kind.Catalog
	stack   Stack
}

// For are the figures for a stack.
func For(catalog *kind.Catalog, stack Stack) Figures { return Figures{catalog, stack} }

// image is how long an image takes to be built and pushed. It is no time of AWS's, but a deployment waits for it.
const image = 3 * time.Minute

func (f Figures) takes(r Resource) kind.Takes {
	d, ok := f.catalog.Kind(r.Type)
	switch {
	case ok && r.Custom:
		return d.Lasts(r.Inputs, func(token, property, value string) account.Props {
			return f.stack.find(token, property, value)
		})
	case strings.HasPrefix(r.Type, "docker:index/image:"):
		return kind.Takes{Create: image, Update: image}
	default:
		return kind.Takes{} // components, providers and random values exist in Pulumi alone
	}
}

// Create is how long it takes to make one.
func (f Figures) Create(r Resource) time.Duration { return f.takes(r).Create }

// Update is Create for a change.
func (f Figures) Update(r Resource) time.Duration { return f.takes(r).Update }

// Delete is Create for a deletion.
func (f Figures) Delete(r Resource) time.Duration { return f.takes(r).Delete }
