package image

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
)

// table is what the benchmark has to say.
type table struct{ rows []row }

type row struct {
	what, against, ours, theirs, ratio, target string
	missed                                     bool
}

// target is what a ratio has to be.
type target struct {
	text string
	met  func(ratio float64) bool
}

// printed is for what has no target.
var printed = target{"printed", func(float64) bool { return true }}

func atLeast(least float64) target {
	return target{fmt.Sprintf("at least %gx", least), func(ratio float64) bool { return ratio >= least }}
}

// wanted is a target that this project is not sure to reach: the ratio is printed beside it, and does not fail.
func wanted(goal float64) target {
	return target{fmt.Sprintf("%gx wanted, not held", goal), printed.met}
}

func atMost(most float64) target {
	return target{fmt.Sprintf("at most %gx", most), func(ratio float64) bool { return ratio <= most }}
}

// ratio adds a row of two numbers, which have a unit.
func (t *table) ratio(what, against string, ours, theirs float64, unit string, ratio float64, want target) {
	t.add(row{
		what: what, against: against, ours: number(ours) + unit, theirs: number(theirs) + unit,
		ratio: number(ratio) + "x", target: want.text, missed: !want.met(ratio),
	})
}

func (t *table) add(r row) {
	t.rows = append(t.rows, r)
	fmt.Fprintf(os.Stderr, "  %s: %s; %s: %s; %s (%s)\n", r.what, r.ours, r.against, r.theirs, r.ratio, r.target)
}

// number keeps three digits, which is more than a run repeats.
func number(value float64) string {
	switch {
	case value >= 100:
		return fmt.Sprintf("%.0f", value)
	case value >= 10:
		return fmt.Sprintf("%.1f", value)
	}
	return fmt.Sprintf("%.2f", value)
}

// print writes the table as Markdown, in columns.
func (t *table) print() {
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', tabwriter.Debug)
	line := func(cells ...string) { fmt.Fprintln(out, "| "+strings.Join(cells, "\t ")+"\t") }
	line("what", "the image", "against", "", "ratio", "target")
	line("---", "---", "---", "---", "---", "---")
	for _, r := range t.rows {
		verdict := r.target
		if r.missed {
			verdict += ", missed"
		}
		line(r.what, r.ours, r.against, r.theirs, r.ratio, verdict)
	}
	_ = out.Flush() // standard output
}

// missed is an error that names what was not reached.
func (t *table) missed() error {
	var errs []error
	for _, r := range t.rows {
		if r.missed {
			errs = append(errs, fmt.Errorf("%s against %s: %s, wanted %s", r.what, r.against, r.ratio, r.target))
		}
	}
	return errors.Join(errs...)
}
