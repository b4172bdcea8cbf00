package rds

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// auroraMySQL is the engine whose versions, classes and parameters are known here.
const auroraMySQL = "aurora-mysql"

// line is a minor version of Aurora MySQL.
type line struct {
	name string
	// patch is the highest one.
	patch int
}

// lines are the minor versions of Aurora MySQL, from the document history of its release notes, September 2026.
var lines = []line{
	{"5.7.mysql_aurora.2.11", 6}, {"5.7.mysql_aurora.2.12", 6}, {"8.0.mysql_aurora.3.03", 3}, {"8.0.mysql_aurora.3.04", 6},
	{"8.0.mysql_aurora.3.05", 2}, {"8.0.mysql_aurora.3.06", 1}, {"8.0.mysql_aurora.3.07", 1}, {"8.0.mysql_aurora.3.08", 2},
	{"8.0.mysql_aurora.3.09", 0}, {"8.0.mysql_aurora.3.10", 5}, {"8.0.mysql_aurora.3.11", 1}, {"8.0.mysql_aurora.3.12", 0},
	{"8.0.mysql_aurora.3.13", 0}, {"8.4.mysql_aurora.8.4", 8},
}

// actual is the version that runs when a part of one is asked for.
func actual(version string) string {
	switch version {
	case "8.4":
		return "8.4.mysql_aurora.8.4.7"
	case "8.0", "":
		return "8.0.mysql_aurora.3.08.2"
	case "5.7":
		return "5.7.mysql_aurora.2.12.5"
	}
	for _, l := range lines {
		if l.name == version {
			return fmt.Sprintf("%s.%d", l.name, l.patch)
		}
	}
	return version
}

// versionExists knows Aurora MySQL only; of the other engines it believes what it is told.
func versionExists(v any, in account.Props) string {
	version, _ := v.(string)
	if in.String("engine") != auroraMySQL {
		return ""
	}
	full := actual(version)
	minor, patch := full, ""
	if i := strings.LastIndex(full, "."); i > 0 {
		minor, patch = full[:i], full[i+1:]
	}
	n, err := strconv.Atoi(patch)
	if err == nil && slices.ContainsFunc(lines, func(l line) bool { return l.name == minor && n <= l.patch }) {
		return ""
	}
	return fmt.Sprintf("Cannot find version %s for %s", version, auroraMySQL)
}

// major is the part of a version that names its parameter group family: "8.0".
func major(version string) string {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return version
	}
	return parts[0] + "." + parts[1]
}

// family is that of the parameter groups of an engine in a version.
func family(engine, version string) string {
	if strings.HasSuffix(engine, "postgresql") || engine == "postgres" {
		number, _, _ := strings.Cut(version, ".")
		return engine + number
	}
	return engine + major(version)
}

// older compares versions number by number.
func older(a, b string) bool {
	return slices.Compare(numbers(a), numbers(b)) < 0
}

func numbers(version string) []int {
	var list []int
	for _, word := range strings.FieldsFunc(version, func(r rune) bool { return r < '0' || r > '9' }) {
		n, _ := strconv.Atoi(word) // digits
		list = append(list, n)
	}
	return list
}

// wanted is the version that a change asks for, "" when it asks for none: a part of the one that runs is no change.
func wanted(c *kind.Call) string {
	version, now := c.In.String("engineVersion"), c.Old.String("engineVersionActual")
	if version == "" || version == now || strings.HasPrefix(now, version+".") {
		return ""
	}
	return actual(version)
}

// upgrade refuses to go back, and to the next major version unless that is allowed.
func upgrade(c *kind.Call) error {
	to, now := wanted(c), c.Old.String("engineVersionActual")
	switch {
	case to == "":
		return nil
	case older(to, now):
		return kind.Refuse(combination, "Cannot upgrade %s from %s to %s", c.In.String("engine"), now, to)
	case major(to) != major(now) && !c.In.Bool("allowMajorVersionUpgrade"):
		return kind.Refuse(combination, "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.")
	}
	return nil
}

// classes of instances that Aurora MySQL runs on, with their sizes.
var classes = map[string]string{
	"t3": "medium large", "t4g": "medium large", "r5": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge",
	"r6g": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge",
	"r6i": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge",
	"r7g": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge",
	"r7i": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge",
	"r8g": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge",
	"x2g": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge",
}

// runsOn tells whether an engine in a version runs on a class of instances.
func runsOn(engine, version, class string) bool {
	if engine != auroraMySQL || class == "db.serverless" {
		return strings.HasPrefix(class, "db.")
	}
	parts := strings.Split(strings.TrimPrefix(class, "db."), ".")
	if len(parts) != 2 {
		return false
	}
	if class == "db.t3.small" {
		return major(version) == "5.7"
	}
	return slices.Contains(strings.Fields(classes[parts[0]]), parts[1])
}
