package kind

import "wordpress-ecs/local/account"

// WithoutRules is the catalog without what AWS refuses: it takes whatever its types allow. Names, defaults and what is
// computed stay. It is what the cost of the rules is measured against.
func (c *Catalog) WithoutRules() *Catalog {
	lenient := &Catalog{kinds: map[string]*Declared{}, functions: c.functions}
	for token, d := range c.kinds {
		free := *d
		free.Rules, free.Refs, free.Guards, free.Unique, free.holders = nil, nil, nil, nil, nil
		lenient.kinds[token] = &free
	}
	return lenient
}

// Forget removes a resource and what it shows in others, as its deletion does, but nothing refuses it.
func (c *Catalog) Forget(call *Call, r account.Resource) error {
	d, known := c.WithoutRules().Kind(r.Type)
	if !known {
		return call.Tx.Delete(r.Type, r.Region, r.ID)
	}
	call.Catalog, call.Region, call.ID = c, r.Region, r.ID
	return d.Remove(call)
}
