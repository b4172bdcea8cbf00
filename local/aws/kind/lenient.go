package kind

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
