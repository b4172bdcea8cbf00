package daemon

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheLogIsBounded(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	file, err := openLog(home)
	require.NoError(t, err)
	defer file.Close()
	l := &log{file: file}
	for range 200 {
		l.say(strings.Repeat("x", logSize/100))
	}
	l.say("the last line")
	info, err := os.Stat(LogFile(home))
	require.NoError(t, err)
	require.LessOrEqual(t, info.Size(), int64(logSize))
	require.Greater(t, info.Size(), int64(logSize/3))
	text, err := os.ReadFile(LogFile(home))
	require.NoError(t, err)
	require.Regexp(t, `^\d{4}-\d\d-\d\d `, string(text), "it begins with a whole line")
	require.Contains(t, lastLines(home, 0), "the last line")
	require.Empty(t, lastLines(home, info.Size()))
}
