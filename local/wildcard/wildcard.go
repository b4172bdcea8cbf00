// Package wildcard compares texts with patterns as AWS writes them.
package wildcard

import "strings"

// Match compares a text with a pattern in which * stands for any characters, ? for one, and a backslash takes the
// meaning from the character behind it.
func Match(pattern, text string) bool {
	// Where to go on after the last *, and how much of the text it stands for.
	star, covered := -1, 0
	p, t := 0, 0
	for t < len(text) {
		literal, width := byte(0), 1
		if p < len(pattern) {
			literal = pattern[p]
			if literal == '\\' && p+1 < len(pattern) {
				literal, width = pattern[p+1], 2
			}
		}
		switch {
		case p < len(pattern) && width == 1 && literal == '*':
			star, covered = p+1, t
			p++
		case p < len(pattern) && (width == 1 && literal == '?' || literal == text[t]):
			p += width
			t++
		case star >= 0:
			covered++
			p, t = star, covered
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
