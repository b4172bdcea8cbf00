// Package window is about the backup and maintenance windows of AWS's databases, and what waits for them:
// "hh:mm-hh:mm" every day, "ddd:hh:mm-ddd:hh:mm" every week, in UTC.
package window

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	day  = 24 * 60
	week = 7 * day
)

var (
	daily  = regexp.MustCompile(`^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$`)
	weekly = regexp.MustCompile(`^(sun|mon|tue|wed|thu|fri|sat):([01]\d|2[0-3]):([0-5]\d)-` +
		`(sun|mon|tue|wed|thu|fri|sat):([01]\d|2[0-3]):([0-5]\d)$`)
	days = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
)

// span is a stretch of minutes; the end may lie behind the turn of the cycle.
type span struct{ from, length int }

// Daily wants a window of every day that is as long as so many minutes.
func Daily(path string, least int) kind.Rule {
	return kind.Rule{Name: "window " + path, Path: path, Bad: "25:00-26:00", Test: func(v any, _ account.Props) string {
		text, _ := v.(string)
		s, ok := parseDaily(text)
		if !ok {
			return fmt.Sprintf("%q must satisfy the format of \"hh24:mi-hh24:mi\", got %q", path, text)
		}
		return s.tooShort(path, least)
	}}
}

// Weekly wants a window of every week that is as long as so many minutes.
func Weekly(path string, least int) kind.Rule {
	return kind.Rule{Name: "window " + path, Path: path, Bad: "25:00-26:00", Test: func(v any, _ account.Props) string {
		text, _ := v.(string)
		s, ok := parseWeekly(text)
		if !ok {
			return fmt.Sprintf("%q must satisfy the format of \"ddd:hh24:mi-ddd:hh24:mi\", got %q", path, text)
		}
		return s.tooShort(path, least)
	}}
}

// Apart wants a daily and a weekly window not to overlap.
func Apart(dailyPath, weeklyPath string) kind.Rule {
	return kind.Whole(dailyPath+" apart from "+weeklyPath, func(in account.Props) string {
		d, ok := parseDaily(in.String(dailyPath))
		w, both := parseWeekly(in.String(weeklyPath))
		if !ok || !both {
			return ""
		}
		for i := range days {
			if (span{i*day + d.from, d.length}).meets(w) {
				return "The backup window and maintenance window must not overlap."
			}
		}
		return ""
	}, dailyPath, weeklyPath)
}

func (s span) tooShort(path string, least int) string {
	if s.length < least {
		return fmt.Sprintf("%s must be at least %d minutes long, is %d", path, least, s.length)
	}
	return ""
}

// meets tells whether two spans of the week share a minute.
func (s span) meets(other span) bool {
	return (other.from-s.from+week)%week < s.length || (s.from-other.from+week)%week < other.length
}

func parseDaily(text string) (span, bool) {
	m := daily.FindStringSubmatch(text)
	if m == nil {
		return span{}, false
	}
	from, to := minutes(m[1], m[2]), minutes(m[3], m[4])
	return span{from, (to - from + day) % day}, true
}

func parseWeekly(text string) (span, bool) {
	m := weekly.FindStringSubmatch(strings.ToLower(text))
	if m == nil {
		return span{}, false
	}
	from := slices.Index(days, m[1])*day + minutes(m[2], m[3])
	to := slices.Index(days, m[4])*day + minutes(m[5], m[6])
	return span{from, (to - from + week) % week}, true
}

func minutes(hours, mins string) int {
	h, _ := strconv.Atoi(hours) // digits, by the patterns
	m, _ := strconv.Atoi(mins)
	return h*60 + m
}

// Wait keeps the old values of inputs that AWS changes in the next maintenance window only, unless it is told to do so
// at once. They read back as they were: the next refresh finds the change that has not come.
func Wait(c *kind.Call, paths ...string) {
	if c.In.Bool("applyImmediately") {
		return
	}
	in := c.In.Copy()
	for _, path := range paths {
		if c.Before.Has(path) && in.Has(path) && in[path] != c.Before[path] {
			in[path], c.Out[path] = c.Before[path], c.Old[path]
		}
	}
	c.In = in
}
