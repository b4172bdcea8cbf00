package ecs

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"wordpress-ecs/local/account"
)

// A task on instances has at least an eighth of a vCPU, and at most as many as the largest instance.
const (
	leastCPU, mostCPU = 128, 196608
	unitsOfCPU        = 1024
	mebibytesOfGB     = 1024
)

var (
	cpuForm    = regexp.MustCompile(`^([0-9]*\.?[0-9]+) ?[vV][cC][pP][uU]$`)
	memoryForm = regexp.MustCompile(`^([0-9]*\.?[0-9]+) ?[gG][bB]$`)
)

// units is a task's cpu as ECS keeps it: "1 vCPU" is "1024".
func units(cpu string) string { return converted(cpu, cpuForm, unitsOfCPU) }

// mebibytes is a task's memory as ECS keeps it: "1 GB" is "1024".
func mebibytes(memory string) string { return converted(memory, memoryForm, mebibytesOfGB) }

func converted(text string, form *regexp.Regexp, factor float64) string {
	m := form.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return text
	}
	return strconv.Itoa(int(n * factor))
}

func checkCPU(v any, _ account.Props) string {
	text, _ := v.(string)
	if n, err := strconv.Atoi(units(text)); err != nil || n < leastCPU || n > mostCPU {
		return fmt.Sprintf("Invalid 'cpu' setting for task: %s. It must be between %d and %d.", text, leastCPU, mostCPU)
	}
	return ""
}

func checkTaskMemory(v any, _ account.Props) string {
	text, _ := v.(string)
	if n, err := strconv.Atoi(mebibytes(text)); err != nil || n <= 0 {
		return fmt.Sprintf("Invalid 'memory' setting for task: %s.", text)
	}
	return ""
}

// fargateSizes are the memories in MiB, from, to and in steps, for each cpu.
var fargateSizes = map[int][3]int{
	256: {512, 2048, 512}, 512: {1024, 4096, 1024}, 1024: {2048, 8192, 1024}, 2048: {4096, 16384, 1024},
	4096: {8192, 30720, 1024}, 8192: {16384, 61440, 4096}, 16384: {32768, 122880, 8192},
}

func checkFargateSize(in account.Props) string {
	if !onFargate(in) {
		return ""
	}
	for _, size := range []string{"cpu", "memory"} {
		if in.String(size) == "" {
			return fmt.Sprintf("Fargate requires that '%s' be defined at the task level.", size)
		}
	}
	cpu, _ := strconv.Atoi(units(in.String("cpu")))
	memory, _ := strconv.Atoi(mebibytes(in.String("memory")))
	bounds, known := fargateSizes[cpu]
	odd := cpu == 256 && !slices.Contains([]int{512, 1024, 2048}, memory)
	if !known || odd || memory < bounds[0] || memory > bounds[1] || (memory-bounds[0])%bounds[2] != 0 {
		return "No Fargate configuration exists for given values."
	}
	return ""
}

// numberOf is the task's cpu or memory; ok if it has one that is right.
func numberOf(text string, form func(string) string) (n float64, ok bool) {
	n, err := strconv.ParseFloat(form(strings.TrimSpace(text)), 64)
	return n, err == nil
}
