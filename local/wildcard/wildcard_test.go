package wildcard_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/wildcard"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		pattern, text string
		want          bool
	}{
		{"/a", "/a", true}, {"/a", "/ab", false}, {"/a*", "/ab/c", true}, {"*", "", true}, {"", "", true}, {"", "a", false},
		{"/*/x", "/a/b/x", true}, {"/*/x", "/a/b/xy", false}, {"/?", "/a", true}, {"/?", "/", false}, {"a*b*c", "aXbXbXc", true},
		{"a*b*c", "aXcXb", false}, {"**", "a", true}, {`a\*`, "a*", true}, {`a\*`, "ab", false}, {`\?`, "?", true}, {"*.php", "/x.php5", false},
	} {
		require.Equal(t, tc.want, wildcard.Match(tc.pattern, tc.text), "%s %s", tc.pattern, tc.text)
	}
}
