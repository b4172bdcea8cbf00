package faults_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/faults"
)

func TestAPlanIsRead(t *testing.T) {
	t.Parallel()
	plan, err := faults.Parse([]byte(`
seed: 7
faults:
  - {call: create, type: "aws:ec2/*", name: wordpress-*, nth: 2, times: 3, fault: throttling}
  - {call: delete, rate: 0.5, fault: timeout}
  - {zone: eu-central-1a, fault: zone-out}
  - {call: update, fault: kill, when: after}
  - {call: read, fault: delay, for: 2s, nth: 1}
  - {call: function, type: "aws:index/getRegion:getRegion", fault: delay, upTo: 500ms}
`))
	require.NoError(t, err)
	require.Equal(t, &faults.Plan{Seed: 7, Rules: []faults.Rule{
		{Call: faults.Create, Type: "aws:ec2/*", Name: "wordpress-*", Nth: 2, Times: 3, Fault: faults.Throttling},
		{Call: faults.Delete, Type: "*", Name: "*", Nth: 1, Times: 1, Rate: 0.5, Fault: faults.Timeout},
		{Call: faults.Create, Type: "*", Name: "*", Zone: "eu-central-1a", Nth: 1, Times: 1, Rate: 1, Fault: faults.ZoneOut},
		{Call: faults.Update, Type: "*", Name: "*", Nth: 1, Times: 1, Fault: faults.Kill, After: true},
		{Call: faults.Read, Type: "*", Name: "*", Nth: 1, Times: 1, Fault: faults.Delay, For: 2 * time.Second},
		{
			Call: faults.Function, Type: "aws:index/getRegion:getRegion", Name: "*", Nth: 1, Times: 1, Rate: 1,
			Fault: faults.Delay, For: 500 * time.Millisecond, UpTo: true,
		},
	}}, plan)
}

func TestMistakesInAPlanAreNamed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                    "the plan is empty",
		"seed: 1":             "`faults` has no rules",
		"faults: lost":        `line 1: faults: "lost" is not allowed: a list of rules`,
		"seed: x\nfaults: []": `line 1: seed: "x" is not allowed: a whole number`,
		"fault: []":           `line 1: the plan: there is no key "fault"; allowed are faults, seed`,
		"faults: [lost]":      `line 1: faults[0]: "lost" is not allowed: a mapping with the keys call, fault, for, name`,
		"faults:\n- call: create\n  fault: broken":                  `line 3: faults[0].fault: "broken" is not allowed: throttling, timeout, lost, capacity`,
		"faults:\n- {call: make, fault: lost}":                      `line 2: faults[0].call: "make" is not allowed: create, read, update, delete or function`,
		"faults: [{call: create, falt: lost}]":                      `faults[0]: there is no key "falt"; allowed are call, fault, for`,
		"faults: [{call: create, call: create}]":                    `"call" is there twice`,
		"faults: [{call: create}]":                                  "faults[0]: `fault` is missing",
		"faults: [{fault: lost}]":                                   "faults[0]: `call` is missing",
		"faults: [{call: create, fault: lost, nth: 0}]":             `faults[0].nth: "0" is not allowed: a whole number from 1`,
		"faults: [{call: create, fault: lost, rate: 1.1}]":          `faults[0].rate: "1.1" is not allowed: a number above 0, to 1`,
		"faults: [{call: create, fault: lost, rate: 1, times: 2}]":  "`rate` takes the place of",
		"faults: [{call: create, fault: lost, when: after}]":        "`when` goes with fault kill, not with lost",
		"faults: [{call: create, fault: lost, for: 1s}]":            "`for` goes with faults delay and kill, not with lost",
		"faults: [{call: create, fault: kill, upTo: 1s}]":           "`upTo` goes with fault delay, not with kill",
		"faults: [{call: create, fault: delay}]":                    "fault delay needs `for` or `upTo`",
		"faults: [{call: create, fault: delay, for: 2}]":            `faults[0].for: "2" is not allowed: a time such as 500ms`,
		"faults: [{call: create, fault: delay, for: 1s, upTo: 1s}]": "fault delay needs `for` or `upTo`, one of them",
		"faults: [{call: create, fault: zone-out}]":                 "fault zone-out needs `zone`",
		"faults: [{call: delete, fault: quota}]":                    "fault quota goes with call create, not with delete",
		"faults: [{call: read, fault: lost}]":                       "not with read: what only reads is asked again",
		"faults: [{call: function, name: x, fault: timeout}]":       "a function has no `name` and no `zone`",
		"faults: [{call: [create], fault: lost}]":                   "faults[0].call: a list is not allowed: one value",
		"faults: []\n---\nfaults: []":                               "one YAML document",
	} {
		_, err := faults.Parse([]byte(text))
		require.ErrorContains(t, err, want, text)
	}
}

// A rule that could never apply is a mistake, too: the rehearsal would rehearse nothing.
func TestRulesThatCouldNeverApply(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{call: create, type: "aws:ec2/vpc:VPC", fault: lost}`:                   `"aws:ec2/vpc:VPC" is no resource type of the local cloud`,
		`{call: function, type: "aws:index/getRegions:getRegions", fault: lost}`: "goes with call create, update or delete",
		`{call: function, type: "aws:index/getNone:getNone", fault: timeout}`:    `"aws:index/getNone:getNone" is no function`,
		`{call: create, type: "aws:ec2/vpc:Vpc", fault: capacity}`:               "capacity is not allowed for aws:ec2/vpc:Vpc",
		`{call: create, type: "random:*", fault: quota}`:                         "quota is not allowed for random:*",
	} {
		plan, err := faults.Parse([]byte("faults: [" + text + "]"))
		if err == nil {
			_, err = plan.Begin(faults.Env{})
		}
		require.ErrorContains(t, err, want)
	}
}
