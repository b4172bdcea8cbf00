package docker

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestStatusShowsStepsAndNowAndThenTheRest(t *testing.T) {
	t.Parallel()
	var r engineReporter
	start := time.Now()
	require.True(t, r.due("Unpacking a", start))
	require.False(t, r.due("Unpacking b", start.Add(statusInterval/2)))
	require.True(t, r.due("Step 2/3 : RUN true", start.Add(statusInterval/2)), "a step always shows")
	require.False(t, r.due("Unpacking c", start.Add(statusInterval)))
	require.True(t, r.due("Unpacking d", start.Add(2*statusInterval)))
}
