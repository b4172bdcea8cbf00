package elasticache

import (
	"slices"
	"strconv"
	"strings"
)

// nodeTypes are the families of node types with their sizes, from the ElastiCache user guide, Supported node types.
var nodeTypes = map[string]string{
	"t2": "micro small medium", "t3": "micro small medium", "t4g": "micro small medium",
	"m4": "large xlarge 2xlarge 4xlarge 10xlarge", "m5": "large xlarge 2xlarge 4xlarge 12xlarge 24xlarge",
	"m6g": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge", "m7g": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge",
	"r4": "large xlarge 2xlarge 4xlarge 8xlarge 16xlarge", "r5": "large xlarge 2xlarge 4xlarge 12xlarge 24xlarge",
	"r6g": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge", "r6gd": "xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge",
	"r7g": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge", "c7gn": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge",
}

// nodeTypeExists tells whether a text such as "cache.t4g.micro" names one.
func nodeTypeExists(name string) bool {
	parts := strings.Split(name, ".")
	return len(parts) == 3 && parts[0] == "cache" && slices.Contains(strings.Fields(nodeTypes[parts[1]]), parts[2])
}

// versions are those of the engines, from the ElastiCache user guide, Supported engines and versions, September 2026.
var versions = map[string][]string{
	"redis":  {"4.0.10", "5.0.0", "5.0.3", "5.0.4", "5.0.5", "5.0.6", "6.0", "6.2", "7.0", "7.1"},
	"valkey": {"7.2", "8.0", "8.1", "8.2", "9.0", "9.1"},
}

// versionExists tells whether an engine has a version. "6.x" is the newest of 6.
func versionExists(engine, version string) bool {
	return slices.Contains(versions[engine], version) || (engine == "redis" && version == "6.x")
}

// actual is the version that runs when a part of one is asked for.
func actual(engine, version string) string {
	switch {
	case engine == "valkey" && strings.Count(version, ".") < 2:
		return version + ".1"
	case version == "6.x":
		return "6.2.6"
	case version == "7.0":
		return "7.0.7"
	case strings.Count(version, ".") == 1:
		return version + ".0"
	default:
		return version
	}
}

// family is that of the parameter groups of an engine in a version.
func family(engine, version string) string {
	major, minor, _ := strings.Cut(version, ".")
	switch {
	case engine == "redis" && major == "6":
		return "redis6.x"
	case engine == "redis" && (major == "4" || major == "5"):
		return engine + major + "." + minor[:1]
	default:
		return engine + major
	}
}

// older compares versions number by number; ones that have no numbers are never older.
func older(a, b string) bool { return slices.Compare(numbers(a), numbers(b)) < 0 }

func numbers(version string) []int {
	var list []int
	for _, word := range strings.Split(version, ".") {
		n, err := strconv.Atoi(word)
		if err != nil {
			n = 1 << 16 // the "x" of "6.x", which is the newest
		}
		list = append(list, n)
	}
	return list
}
