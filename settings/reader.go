package settings

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	// ARNs and service names are written for the aws partition: China and GovCloud have others.
	regionPattern   = regexp.MustCompile(`^(af|ap|ca|eu|il|me|mx|sa|us)-(central|north|south|(north|south)?(east|west))-[0-9]$`)
	instancePattern = regexp.MustCompile(`^[a-z][a-z0-9-]*\.[a-z0-9-]+$`)
	databasePattern = regexp.MustCompile(`^db\.[a-z][a-z0-9-]*\.[a-z0-9]+$`)
	cachePattern    = regexp.MustCompile(`^cache\.[a-z][a-z0-9-]*\.[a-z0-9]+$`)
	imagePattern    = regexp.MustCompile(`^$|^[a-z0-9][a-zA-Z0-9._:-]*(/[a-z0-9._-]+)+@sha256:[0-9a-f]{64}$`)
	stackPattern    = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$`)
)

// logRetentions are the days that CloudWatch Logs accepts (PutRetentionPolicy).
var logRetentions = []int{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

// reader takes values out of a configuration and collects what is wrong with them. Its methods return
// the zero value for a key that has a problem, so that reading goes on to the next.
type reader struct {
	project  string
	config   map[string]string
	known    map[string]bool
	refused  map[string]bool
	problems []error
}

func (r *reader) problem(key, value, want string) {
	r.refused[r.full(key)] = true
	r.problems = append(r.problems, fmt.Errorf("config %q: %q is not allowed; want %s", r.full(key), value, want))
}

func (r *reader) full(key string) string {
	if strings.Contains(key, ":") {
		return key
	}
	return r.project + ":" + key
}

func (r *reader) text(key, want string) (string, bool) {
	key = r.full(key)
	r.known[key] = true
	value, ok := r.config[key]
	if !ok {
		r.refused[key] = true
		r.problems = append(r.problems, fmt.Errorf("config %q: not set; want %s", key, want))
	}
	return value, ok
}

func (r *reader) match(key string, pattern *regexp.Regexp, want string) string {
	value, ok := r.text(key, want)
	if ok && !pattern.MatchString(value) {
		r.problem(key, value, want)
		return ""
	}
	return value
}

// optional is match for a value that may be empty.
func (r *reader) optional(key string, pattern *regexp.Regexp, want string) string {
	value, ok := r.text(key, want)
	if ok && value != "" && !pattern.MatchString(value) {
		r.problem(key, value, want)
		return ""
	}
	return value
}

func (r *reader) choice(key string, choices ...string) string {
	want := "one of " + strings.Join(choices, ", ")
	value, ok := r.text(key, want)
	if ok && !slices.Contains(choices, value) {
		r.problem(key, value, want)
		return ""
	}
	return value
}

func (r *reader) boolean(key string) bool {
	return r.choice(key, "true", "false") == "true"
}

func (r *reader) number(key string, low, high int) int {
	want := fmt.Sprintf("a whole number from %d to %d", low, high)
	value, ok := r.text(key, want)
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < low || n > high {
		r.problem(key, value, want)
		return 0
	}
	return n
}

func (r *reader) oneOf(key string, allowed []int) int {
	names := make([]string, len(allowed))
	for i, n := range allowed {
		names[i] = strconv.Itoa(n)
	}
	n, err := strconv.Atoi(r.choice(key, names...))
	if err != nil {
		return 0
	}
	return n
}

// accepted says whether keys that were read have values that are allowed. A refused one reads as zero, which
// is no reason to complain about its partner as well.
func (r *reader) accepted(keys ...string) bool {
	return !slices.ContainsFunc(keys, func(key string) bool { return r.refused[r.full(key)] })
}

// ordered checks a pair of bounds.
func (r *reader) ordered(lowKey string, low int, highKey string, high int) {
	if r.accepted(lowKey, highKey) && low > high {
		r.problem(lowKey, strconv.Itoa(low), fmt.Sprintf("at most %s, which is %d", r.full(highKey), high))
	}
}

// vpcCIDR reads the address range of a VPC. Below /22 the public subnets would be smaller than the /27
// that a load balancer needs.
func (r *reader) vpcCIDR(key string) string {
	const want = "a private IPv4 range from /16 to /22 at its first address, such as 10.0.0.0/16"
	value, ok := r.text(key, want)
	if !ok {
		return ""
	}
	prefix, err := netip.ParsePrefix(value)
	switch {
	case err != nil, !prefix.Addr().Is4(), !prefix.Addr().IsPrivate(),
		prefix.Bits() < 16, prefix.Bits() > 22, prefix.Masked() != prefix:
		r.problem(key, value, want)
		return ""
	}
	return value
}
