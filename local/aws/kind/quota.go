package kind

import "reflect"

// Quota is the guard that there are no more than so many of something when one more is made.
func Quota(name string, most int, full Fault, count func(c *Call) (int, error)) Guard {
	return Guard{Name: name, On: Making, Check: func(c *Call) error {
		n, err := count(c)
		if err != nil || n < most {
			return err
		}
		return full
	}}
}

// Alike counts the resources of a kind that have the same inputs, or defaults, at some paths as the one that is made.
func Alike(token string, paths ...string) func(c *Call) (int, error) {
	return func(c *Call) (int, error) {
		all, err := c.All(token)
		n := 0
		for _, r := range all {
			same := true
			for _, path := range paths {
				same = same && reflect.DeepEqual(r.Outputs.At(path), c.Out.At(path))
			}
			if same {
				n++
			}
		}
		return n, err
	}
}

// From says where a guard is from.
func (g Guard) From(source string) Guard {
	g.Source = source
	return g
}
