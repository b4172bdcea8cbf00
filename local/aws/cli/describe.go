package cli

import (
	"slices"
	"strings"

	"wordpress-ecs/local/account"
)

// describe prints the resources of the kinds, or those of them that a name in the options is one of.
func (c *CLI) describe(a asked, words []string) (string, error) {
	var names []string
	region := ""
	for i := 0; i < len(words); i++ {
		option, value, joined := strings.Cut(words[i], "=")
		if !strings.HasPrefix(option, "--") {
			names = append(names, words[i])
			continue
		}
		if !joined && i+1 < len(words) && isGlobal(option) {
			i++
			value = words[i]
		}
		switch {
		case option == "--region":
			region = value
		case joined:
			names = append(names, value)
		}
	}
	entries := []map[string]any{}
	err := c.Account.View(func(tx *account.Tx) error {
		for _, d := range a.kinds {
			all, err := tx.ByType(d.Type)
			if err != nil {
				return err
			}
			for _, r := range all {
				wanted := len(names) == 0 || slices.ContainsFunc(names, func(name string) bool { return d.Means(r, name) })
				if wanted && (region == "" || r.Region == "" || r.Region == region) {
					entries = append(entries, entry(r))
				}
			}
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	if len(names) > 0 && len(entries) == 0 {
		return "", a.kinds[0].Gone(strings.Join(names, " "))
	}
	return show(a.noun, entries)
}
