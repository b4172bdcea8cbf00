package main

import (
	"fmt"
	"regexp"
	"strings"
)

// rewrites are parts of the models' patterns that Go has no equal for, with what means the same there.
var rewrites = strings.NewReplacer(
	// A path segment of EFS does not begin with a dot.
	"(?!\\.)+[^$#<>;`|&?{}^*/\\n]+", "[^.$#<>;`|&?{}^*/\\n][^$#<>;`|&?{}^*/\\n]*",
	// A label of ACM's domain names does not begin with a hyphen.
	"(?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9]", "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?",
	"(?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9]", "[A-Za-z0-9][A-Za-z0-9-]{0,61}[A-Za-z0-9]",
	// A bucket of Lambda's does not end with a period.
	`^[0-9A-Za-z\.\-_]*(?<!\.)$`, `^([0-9A-Za-z\.\-_]*[0-9A-Za-z\-_])?$`,
	// Java's characters beyond the basic plane are pairs.
	`\uD800\uDC00-\uDBFF\uDFFF`, `\x{10000}-\x{10FFFF}`,
	`\ud800\udc00-\udbff\udfff`, `\x{10000}-\x{10FFFF}`,
	// Java's names of ASCII classes, inside of brackets and outside.
	`\p{Print}+`, `[[:print:]]+`, `\p{Print}*`, `[[:print:]]*`,
	`\p{Alnum}`, `[:alnum:]`,
)

// code is a character by its number.
var code = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)

// exception is at the front of a pattern what a text must not begin with.
var exception = regexp.MustCompile(`^\^\(\?!([^()]*)\)`)

// convert writes a pattern of Java for Go's regexp, and apart from it what a text must not begin with.
func convert(pattern string) (expression, except string, err error) {
	rest := pattern
	if found := exception.FindStringSubmatch(pattern); found != nil {
		rest, except = "^"+pattern[len(found[0]):], found[1]
	}
	expression = code.ReplaceAllString(rewrites.Replace(rest), `\x{$1}`)
	for _, e := range []string{expression, except} {
		if _, err := regexp.Compile(e); err != nil {
			return "", "", fmt.Errorf("the pattern %s cannot be written in Go: add it to the rewrites in "+
				"tools/awsmodels/pattern.go: %w", pattern, err)
		}
	}
	return expression, except, nil
}
