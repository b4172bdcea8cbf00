package ecs

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAWaitRepeatsItselfOnceAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var said []string
		w := watch{say: func(line string) { said = append(said, line) }, told: map[string]bool{}, spoke: time.Now()}
		wait := func(d time.Duration, lacks string) {
			for range d / pace {
				time.Sleep(pace)
				w.remind(lacks)
			}
		}
		wait(65*time.Second, "1 of 2 tasks runs")
		require.Equal(t, []string{"waiting: 1 of 2 tasks runs"}, said)
		wait(10*time.Second, "1 of 2 tasks runs")
		require.Len(t, said, 2, "a minute has passed")
		wait(10*time.Second, "1 task is not healthy")
		require.Equal(t, "waiting: 1 task is not healthy", said[2])
	})
}
