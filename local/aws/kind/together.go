package kind

import (
	"fmt"
	"strings"

	"wordpress-ecs/local/account"
)

// Together wants all of several inputs or none of them.
func Together(paths ...string) Rule {
	return Whole(strings.Join(paths, ", ")+" together", func(in account.Props) string {
		given := ""
		missing := false
		for _, path := range paths {
			if in.Has(path) {
				given = path
			} else {
				missing = true
			}
		}
		if given == "" || !missing {
			return ""
		}
		return fmt.Sprintf("Missing required argument: %q: all of `%s` must be specified", given, strings.Join(paths, ","))
	}, paths...)
}
