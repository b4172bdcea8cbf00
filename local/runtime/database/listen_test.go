package database

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAWaitHearsOnceWhatIsDone(t *testing.T) {
	t.Parallel()
	p := New(Env{Say: func(line string) { t.Errorf("said to nobody: %s", line) }})
	var first, second []string
	hear := func(to *[]string) func(string) { return func(line string) { *to = append(*to, line) } }
	p.busy("site", "making it ready")() // nobody waits for it yet
	stop := p.listen("site", hear(&first))
	p.busy("site", "making it ready")()
	done := p.busy("site", "making it ready")
	stopSecond := p.listen("site", hear(&second))
	done()
	p.busy("site", "copying")()
	require.Equal(t, []string{"making it ready", "copying"}, first)
	require.Equal(t, []string{"making it ready", "copying"}, second, "it began in the middle")
	stop()
	stopSecond()
	defer p.listen("site", hear(&first))()
	p.busy("site", "copying")()
	require.Equal(t, []string{"making it ready", "copying", "copying"}, first, "another wait")
}
