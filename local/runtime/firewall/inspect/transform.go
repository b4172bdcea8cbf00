package inspect

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"wordpress-ecs/local/account"
)

// Transformation brings a text into the form in which it is compared.
type Transformation func(text string) string

// transformations are those that are known here: AWS WAF Developer Guide, "Using text transformations in AWS WAF".
var transformations = map[string]Transformation{
	"NONE":                 func(text string) string { return text },
	"LOWERCASE":            lower,
	"URL_DECODE":           DecodeURL,
	"HTML_ENTITY_DECODE":   DecodeEntities,
	"NORMALIZE_PATH":       NormalizePath,
	"NORMALIZE_PATH_WIN":   func(text string) string { return NormalizePath(strings.ReplaceAll(text, `\`, "/")) },
	"COMPRESS_WHITE_SPACE": compressSpace,
	"CMD_LINE":             commandLine,
	"BASE64_DECODE":        decodeBase64,
	"HEX_DECODE":           decodeHex,
	"REMOVE_NULLS":         func(text string) string { return strings.ReplaceAll(text, "\x00", "") },
	"REPLACE_NULLS":        func(text string) string { return strings.ReplaceAll(text, "\x00", " ") },
	"REPLACE_COMMENTS":     func(text string) string { return comment.ReplaceAllString(text, " ") },
}

// comment is one of C, with or without its end.
var comment = regexp.MustCompile(`(?s)/\*.*?(?:\*/|$)`)

// NewTransformation reads the transformations of a statement, which happen in the order of their priority.
func NewTransformation(list []account.Props) (Transformation, error) {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b account.Props) int { return cmp.Compare(a.Number("priority"), b.Number("priority")) })
	var steps []Transformation
	for _, t := range list {
		step := transformations[t.String("type")]
		if step == nil {
			return nil, fmt.Errorf("text transformation %s", t.String("type"))
		}
		steps = append(steps, step)
	}
	return func(text string) string {
		for _, step := range steps {
			text = step(text)
		}
		return text
	}, nil
}

// lower changes A to Z only.
func lower(text string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'A' && c <= 'Z' {
			return c + 'a' - 'A'
		}
		return c
	}, text)
}

// DecodeURL decodes once. What is not a code stays; a plus is a space, as in ModSecurity, from which the names and meanings of
// WAF's transformations come.
func DecodeURL(text string) string {
	if !strings.ContainsAny(text, "%+") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '+':
			b.WriteByte(' ')
		case text[i] == '%' && i+2 < len(text):
			code, err := strconv.ParseUint(text[i+1:i+3], 16, 8)
			if err != nil {
				b.WriteByte('%')
				continue
			}
			b.WriteByte(byte(code))
			i += 2
		default:
			b.WriteByte(text[i])
		}
	}
	return b.String()
}

var entity = regexp.MustCompile(`&(?:(quot|nbsp|lt|gt)|#[xX]([0-9A-Fa-f]{1,6})|#([0-9]{1,7}));`)

// named are the entities with a name that WAF knows.
var named = map[string]string{"quot": `"`, "nbsp": "\xa0", "lt": "<", "gt": ">"}

// DecodeEntities replaces the entities of HTML that WAF knows.
func DecodeEntities(text string) string {
	if !strings.Contains(text, "&") {
		return text
	}
	return entity.ReplaceAllStringFunc(text, func(found string) string {
		parts := entity.FindStringSubmatch(found)
		if parts[1] != "" {
			return named[parts[1]]
		}
		digits, base := parts[2], 16
		if digits == "" {
			digits, base = parts[3], 10
		}
		code, err := strconv.ParseInt(digits, base, 32)
		if err != nil {
			return found
		}
		return string(rune(code))
	})
}

// NormalizePath takes doubled slashes and references to the same and the upper directory out of a path. Those to an upper
// directory at its beginning stay, unless the path begins at the root.
func NormalizePath(path string) string {
	rooted := strings.HasPrefix(path, "/")
	var kept []string
	parts := strings.Split(path, "/")
	for _, part := range parts {
		switch {
		case part == "" || part == ".":
		case part == ".." && len(kept) > 0 && kept[len(kept)-1] != "..":
			kept = kept[:len(kept)-1]
		case part == ".." && rooted:
		default:
			kept = append(kept, part)
		}
	}
	normal := strings.Join(kept, "/")
	if rooted {
		normal = "/" + normal
	}
	// What ends in a directory still does.
	if last := parts[len(parts)-1]; (last == "" || last == "." || last == "..") && len(kept) > 0 && kept[len(kept)-1] != ".." {
		normal += "/"
	}
	return normal
}

var spaces = regexp.MustCompile(` {2,}`)

func compressSpace(text string) string {
	text = strings.NewReplacer("\f", " ", "\t", " ", "\n", " ", "\r", " ", "\v", " ", "\u00a0", " ", "\xa0", " ").Replace(text)
	return spaces.ReplaceAllString(text, " ")
}

var beforeSlash = regexp.MustCompile(` +([/(])`)

func commandLine(text string) string {
	text = strings.NewReplacer(`\`, "", `"`, "", "'", "", "^", "", ",", " ", ";", " ").Replace(text)
	return lower(spaces.ReplaceAllString(beforeSlash.ReplaceAllString(text, "$1"), " "))
}

func decodeBase64(text string) string {
	if decoded, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "=")); err == nil {
		return string(decoded)
	}
	return text
}

func decodeHex(text string) string {
	if decoded, err := hex.DecodeString(text); err == nil {
		return string(decoded)
	}
	return text
}
