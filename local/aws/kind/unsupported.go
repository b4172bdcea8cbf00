package kind

import (
	"fmt"

	"wordpress-ecs/local/account"
)

// Unsupported refuses an input that AWS takes and the local cloud would pass over. The hint says what to do instead.
func Unsupported(path, hint string) Rule {
	return Rule{
		Name: "no " + path, Source: "the local cloud; AWS has it", Path: path, Test: func(any, account.Props) string {
			return fmt.Sprintf("%s is not supported by the local cloud: %s", path, hint)
		},
	}
}
