package window_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/window"
)

func TestWindows(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"23:45-00:15": "", "01:00-01:30": "", "01:00-01:29": "at least 30 minutes", "1:00-2:00": "must satisfy the format",
		"24:00-25:00": "must satisfy the format",
	} {
		require.Contains(t, window.Daily("w", 30).Test(text, nil), want, text)
	}
	for text, want := range map[string]string{
		"sat:23:30-sun:00:30": "", "Mon:03:00-Mon:04:00": "", "mon:03:00-mon:03:59": "at least 60 minutes",
		"day:03:00-day:04:00": "must satisfy the format",
	} {
		require.Contains(t, window.Weekly("w", 60).Test(text, nil), want, text)
	}
}

func TestWindowsApart(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		daily, weekly string
		apart         bool
	}{
		"apart":            {"02:00-03:00", "mon:03:00-mon:04:00", true},
		"over midnight":    {"23:30-00:30", "mon:00:00-mon:01:00", false},
		"over the weekend": {"00:00-00:30", "sat:23:30-sun:00:30", false},
		"within":           {"02:00-06:00", "thu:03:00-thu:04:00", false},
		"only one":         {"02:00-03:00", "", true},
	} {
		got := window.Apart("d", "w").Test(nil, account.Props{"d": tc.daily, "w": tc.weekly})
		require.Equal(t, tc.apart, got == "", name)
	}
}
