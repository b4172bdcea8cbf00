package main

import (
	"fmt"
	"os"
	"strconv"

	"wordpress-ecs/local/daemon"
	"wordpress-ecs/local/engine"
	"wordpress-ecs/local/faults"
)

// fastestLatency bounds --latency.
const fastestLatency = 1000

// behave sets how the account behaves for a command: --clock, --latency, --rules and --faults.
func behave(e *engine.Engine, inv invocation) (err error) {
	if e.Clock, err = parseClock(inv); err != nil {
		return err
	}
	for flag, given := range map[string]string{"--latency": inv.latency, "--rules": inv.rules, "--faults": inv.faults} {
		if name := command(inv); given != "" && !providersServe(name) {
			return fmt.Errorf("%s is not for `%s`: it goes with up, preview, refresh, destroy and serve", flag, name)
		}
	}
	if inv.latency != "" {
		e.Latency, err = strconv.ParseFloat(inv.latency, 64)
		if err != nil || !(e.Latency >= 1 && e.Latency <= fastestLatency) {
			return fmt.Errorf("--latency %s is not allowed: 1 (as slow as AWS) to %d; without it nothing takes time",
				inv.latency, fastestLatency)
		}
	}
	switch inv.rules {
	case "", "on":
	case "off":
		e.Lenient = true
	default:
		return fmt.Errorf("--rules %s is not allowed: on (unless given) or off", inv.rules)
	}
	if inv.faults != "" {
		e.Faults, err = readPlan(inv.faults)
	}
	return err
}

// readPlan reads a plan of faults and refuses one with mistakes before anything is done.
func readPlan(file string) (string, error) {
	text, err := os.ReadFile(file) //nolint:gosec // a file that a person names
	if err != nil {
		return "", fmt.Errorf("reading --faults: %w", err)
	}
	plan, err := faults.Parse(text)
	if err == nil {
		_, err = plan.Begin(faults.Env{})
	}
	if err != nil {
		return "", fmt.Errorf("reading --faults %s: %w", file, err)
	}
	return string(text), nil
}

// parseClock reads --clock for a command that can set it; 0 is not given.
func parseClock(inv invocation) (float64, error) {
	if inv.clock == "" {
		return 0, nil
	}
	name := command(inv)
	if way := ways[name]; isOwn(name) && name != "start" && name != "serve" || way == engine.Read || way == engine.Show {
		return 0, fmt.Errorf("--clock is not for `%s`: it goes with up, preview, refresh, destroy, start and serve", name)
	}
	speed, err := strconv.ParseFloat(inv.clock, 64)
	if err != nil {
		return 0, fmt.Errorf("--clock %s is not a number: 1 (as slow as AWS's) to 100 are allowed", inv.clock)
	}
	return speed, daemon.CheckClock(speed)
}

func command(inv invocation) string { return inv.command.Words[0] }

// providersServe tells whether a command has the account answer Pulumi's engine.
func providersServe(name string) bool {
	way, listed := ways[name]
	return name == "serve" || listed && (way == engine.Operate || way == engine.Preview)
}
