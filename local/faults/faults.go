// Package faults lets calls to the emulated account fail on demand, as calls to AWS fail: by a plan, which is a file
// of rules that say which calls fail, and how.
//
// A plan stands in front of the providers: it delays their calls, refuses them with AWS's error, loses their answers,
// or ends the process in the middle. Counts belong to one run.
package faults

import (
	"path"
	"strings"
	"time"
)

// Plan is the rules of one run.
type Plan struct {
	// Seed makes rates and random delays repeatable; 0 unless given.
	Seed  int64
	Rules []Rule
}

// Rule says which calls fail, and how.
type Rule struct {
	// Call is what is asked for.
	Call Call
	// Type is a Pulumi type, or the token of a function; "*" stands for any text in it.
	Type string
	// Name is the logical name of the resource; "*" stands for any text in it.
	Name string
	// Zone limits the rule to what is in one availability zone; empty for all.
	Zone string
	// Nth is the first of the matching calls that fails, counted from 1, and Times how many fail from there on.
	Nth, Times int
	// Rate is the share of the matching calls that fail, in place of Nth and Times; 1 is all.
	Rate float64
	// Fault is how they fail.
	Fault Fault
	// After makes a kill come when the call is done and its answer is not sent yet; otherwise it comes before.
	After bool
	// For is how long a delay is, or, with UpTo, at most. After a kill it is how long the process lives on, without
	// answering the call: others get under way meanwhile, and end with it.
	For  time.Duration
	UpTo bool
}

// Call is a request to a provider.
type Call string

// The calls. A preview makes none but functions and reads.
const (
	Create   Call = "create"
	Read     Call = "read"
	Update   Call = "update"
	Delete   Call = "delete"
	Function Call = "function"
)

// Fault is a way to fail.
type Fault string

// The faults.
const (
	// Throttling refuses an attempt because there were too many before. The SDK tries again, up to 25 times.
	Throttling Fault = "throttling"
	// Timeout is a request that never arrives: nothing happens.
	Timeout Fault = "timeout"
	// Lost is an answer that never arrives: what was asked for has happened.
	Lost Fault = "lost"
	// Capacity is AWS out of machines.
	Capacity Fault = "capacity"
	// Quota is the account's limit reached.
	Quota Fault = "quota"
	// ZoneOut is an availability zone in which nothing can be made.
	ZoneOut Fault = "zone-out"
	// Kill ends the process with no chance to tidy up.
	Kill Fault = "kill"
	// Delay lets the call wait.
	Delay Fault = "delay"
)

// onMaking are the faults that only the creation of a resource can meet.
func (f Fault) onMaking() bool { return f == Capacity || f == Quota || f == ZoneOut }

// lasting faults befall all matching calls unless their rule says otherwise; of the others it is the first.
func (f Fault) lasting() bool { return f == ZoneOut || f == Delay }

// call is one that a provider is asked for.
type call struct {
	call Call
	// typ is the type of the resource, or the function; name the logical name.
	typ, name string
	// zones are the availability zones that it is in.
	zones []string
}

// concerns tells whether a rule is about a call.
func (r Rule) concerns(c call) bool {
	if r.Call != c.call || !matches(r.Type, c.typ) || !matches(r.Name, c.name) {
		return false
	}
	if r.Zone != "" && (len(c.zones) != 1 || c.zones[0] != r.Zone) {
		return false // what spans zones goes on in the others
	}
	return true
}

// matches compares a text with a pattern in which "*" stands for any text.
func matches(pattern, text string) bool {
	// path.Match lets no "*" stand for a slash, which types have.
	flat := func(s string) string { return strings.ReplaceAll(s, "/", "\x00") }
	matched, err := path.Match(flat(pattern), flat(text))
	return err == nil && matched
}
