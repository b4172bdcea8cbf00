package kind

import (
	"fmt"

	"strings"
	"unicode/utf8"

	"wordpress-ecs/local/account"
)

// The limits of tags, the same for all services.
const (
	mostTags     = 50
	longestKey   = 128
	longestValue = 256
	tagSource    = "docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html: tag naming limits"
)

// Tags are the rules of tags in a service, with the codes of its refusals. The provider's default tags count.
func Tags(tooMany, invalid string) []Rule {
	many := map[string]any{}
	for i := range mostTags + 1 {
		many[fmt.Sprintf("key-%d", i)] = "value"
	}
	return []Rule{
		{
			Name: "number of tags", Source: tagSource, Path: "tags", Bad: many, Code: tooMany,
			Test: func(v any, in account.Props) string {
				if len(allTags(v, in)) > mostTags {
					return "The maximum number of Tags for a resource has been reached."
				}
				return ""
			},
		},
		{
			Name: "form of tags", Source: tagSource, Path: "tags", Bad: map[string]any{"aws:name": "value"}, Code: invalid,
			Test: func(v any, in account.Props) string { return oddTag(allTags(v, in)) },
		},
	}
}

// allTags are the tags of a resource with those that it has by default.
func allTags(own any, in account.Props) map[string]any {
	if all := in.Object("tagsAll"); all != nil {
		return all
	}
	tags, _ := own.(map[string]any)
	return tags
}

// oddTag finds a tag whose key or value AWS does not take.
func oddTag(tags map[string]any) string {
	for _, key := range sorted(tags) {
		value, _ := tags[key].(string)
		switch {
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			return "Tag keys starting with 'aws:' are reserved for internal use"
		case key == "" || utf8.RuneCountInString(key) > longestKey:
			return fmt.Sprintf("Tag key exceeds the maximum length of %d characters", longestKey)
		case utf8.RuneCountInString(value) > longestValue:
			return fmt.Sprintf("Tag value exceeds the maximum length of %d characters", longestValue)
		}
	}
	return ""
}
