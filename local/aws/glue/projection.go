package glue

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Athena computes the partitions of a table from the table's parameters, if they say so ("partition projection"). Glue
// takes any parameters: it is a query that fails on wrong ones. They are refused here before that.
const (
	athena   = "docs.aws.amazon.com/athena/latest/ug/"
	setup    = athena + "partition-projection-setting-up.html"
	types    = athena + "partition-projection-supported-types.html"
	template = "storage.location.template"
)

// needed are the properties that a type of projection must have.
var needed = map[string][]string{"enum": {"values"}, "integer": {"range"}, "date": {"range", "format"}, "injected": nil}

// units of the intervals between dates.
var units = []string{"YEARS", "MONTHS", "WEEKS", "DAYS", "HOURS", "MINUTES", "SECONDS", "MILLISECONDS"}

// relative is a date in relation to the time of a query, as the documentation has it.
var relative = regexp.MustCompile(`^NOW\s*([+-]\s*[0-9]+\s*(YEARS?|MONTHS?|WEEKS?|DAYS?|HOURS?|MINUTES?|SECONDS?))?$`)

// column is a partition key with its projection.
type column struct {
	name       string
	parameters account.Props
}

// property is what "projection.COLUMN.NAME" says; "" where there is none.
func (c column) property(name string) string {
	value, _ := c.parameters["projection."+c.name+"."+name].(string)
	return strings.TrimSpace(value)
}

func (c column) typ() string { return strings.ToLower(c.property("type")) }

// wrong is a message about one of its properties.
func (c column) wrong(name, allowed string) string {
	return fmt.Sprintf("Athena cannot read the table: projection.%s.%s is %q, allowed is %s", c.name, name, c.property(name), allowed)
}

// projection are the rules of a table whose partitions are projected, each asked about every partition key.
func projection() []kind.Rule {
	var rules []kind.Rule
	for _, r := range []struct {
		name, source string
		check        func(c column) string
	}{
		{"types of projection", types, checkType},
		{"properties of a projection", types, checkNeeded},
		{"range of projected integers", types, checkIntegers},
		{"range of projected dates", types, checkDates},
		{"interval of projected dates", types, checkInterval},
		{"template with each partition key", setup, checkTemplate},
	} {
		rules = append(rules, kind.Whole(r.name, func(in account.Props) string {
			for _, c := range projected(in) {
				if reason := r.check(c); reason != "" {
					return reason
				}
			}
			return ""
		}, "parameters", "partitionKeys").From(r.source))
	}
	return append([]kind.Rule{complete()}, rules...)
}

// projected are the partition keys of a table that has projection.
func projected(in account.Props) []column {
	parameters := in.Object("parameters")
	if enabled, _ := parameters["projection.enabled"].(string); !strings.EqualFold(enabled, "true") {
		return nil
	}
	var columns []column
	for _, key := range in.Objects("partitionKeys") {
		columns = append(columns, column{key.String("name"), parameters})
	}
	return columns
}

// complete wants a projection for every partition key. The words are Athena's.
func complete() kind.Rule {
	return kind.Whole("each partition key is projected", func(in account.Props) string {
		var missing []string
		for _, c := range projected(in) {
			if c.property("type") == "" {
				missing = append(missing, c.name)
			}
		}
		if len(missing) == 0 {
			return ""
		}
		return fmt.Sprintf("Athena cannot read the table: HIVE_METASTORE_ERROR: Table %s.%s is configured for partition projection, but "+
			"the following partition columns are missing projection configuration: %v", in.String("databaseName"), in.String("name"), missing)
	}, "parameters", "partitionKeys", "databaseName").From(setup)
}

func checkType(c column) string {
	if _, known := needed[c.typ()]; !known && c.typ() != "" {
		return c.wrong("type", "enum, integer, date or injected")
	}
	return ""
}

func checkNeeded(c column) string {
	for _, name := range needed[c.typ()] {
		if c.property(name) == "" {
			return fmt.Sprintf("Athena cannot read the table: projection.%s.%s is missing, which the type %s requires", c.name, name, c.typ())
		}
	}
	return ""
}

// bounds are the two ends of a range.
func (c column) bounds() (low, high string, ok bool) {
	low, high, ok = strings.Cut(c.property("range"), ",")
	return strings.TrimSpace(low), strings.TrimSpace(high), ok
}

func checkIntegers(c column) string {
	if c.typ() != "integer" || c.property("range") == "" {
		return ""
	}
	low, high, ok := c.bounds()
	first, errFirst := strconv.ParseInt(low, 10, 64)
	last, errLast := strconv.ParseInt(high, 10, 64)
	if !ok || errFirst != nil || errLast != nil || first > last {
		return c.wrong("range", `two integers, the smaller one first: "0,23"`)
	}
	return ""
}

func checkDates(c column) string {
	if c.typ() != "date" || c.property("range") == "" || c.property("format") == "" {
		return ""
	}
	low, high, ok := c.bounds()
	form := formOf(c.property("format"))
	for _, bound := range []string{low, high} {
		if !ok || (!relative.MatchString(bound) && !form.MatchString(bound)) {
			return c.wrong("range", fmt.Sprintf(`two dates in the format %q or in relation to NOW: "NOW-90DAYS,NOW"`, c.property("format")))
		}
	}
	return ""
}

// checkInterval wants an interval between dates unless they are days or months, one after the other.
func checkInterval(c column) string {
	if c.typ() != "date" {
		return ""
	}
	format := quotation.ReplaceAllString(c.property("format"), "")
	fine := strings.ContainsAny(format, "aAhHkKmsSnN")
	if fine || !strings.ContainsAny(format, "dDML") {
		for _, name := range []string{"interval", "interval.unit"} {
			if c.property(name) == "" {
				return fmt.Sprintf("Athena cannot read the table: projection.%s.%s is missing, which dates other than days and months require",
					c.name, name)
			}
		}
	}
	if n, err := strconv.Atoi(c.property("interval")); c.property("interval") != "" && (err != nil || n < 1) {
		return c.wrong("interval", "a positive integer")
	}
	if unit := strings.ToUpper(c.property("interval.unit")); unit != "" && !slices.Contains(units, unit) {
		return c.wrong("interval.unit", strings.Join(units, ", "))
	}
	return ""
}

func checkTemplate(c column) string {
	location, _ := c.parameters[template].(string)
	if location != "" && !strings.Contains(location, "${"+c.name+"}") {
		return fmt.Sprintf("Athena cannot read the table: %s is %q, which does not contain ${%s}: it must name each partition key",
			template, location, c.name)
	}
	return ""
}

var (
	// quotation is text in a date's format that stands for itself.
	quotation = regexp.MustCompile(`'[^']*'`)
	// parts of a format: what is quoted, the letters of one field, and single characters.
	parts = regexp.MustCompile(`'[^']*'|u+|y+|M+|D+|d+|H+|h+|K+|k+|m+|s+|S+|.`)
)

// formOf is what dates in a format of Java's DateTimeFormatter look like. What it does not know may be anything.
func formOf(format string) *regexp.Regexp {
	var pattern strings.Builder
	for _, part := range parts.FindAllString(format, -1) {
		switch {
		case quotation.MatchString(part):
			pattern.WriteString(regexp.QuoteMeta(strings.Trim(part, "'")))
		case strings.HasPrefix(part, "MMM"):
			pattern.WriteString(`\p{L}+`) // the name of a month
		case strings.ContainsAny(part, "uyMDdHhKkmsS"):
			fmt.Fprintf(&pattern, `\d{%d,}`, len(part))
		case strings.ContainsAny(strings.ToLower(part), "abcdefghijklmnopqrstuvwxyz"):
			pattern.WriteString(`.+`)
		default:
			pattern.WriteString(regexp.QuoteMeta(part))
		}
	}
	return regexp.MustCompile("^" + pattern.String() + "$")
}
