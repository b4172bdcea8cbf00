package capacity

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// size is what a size of an instance family has. Network interfaces are per instance, without trunking.
type size struct {
	name           string
	vCPU, networks int
	// memory is in GiB; 0 follows from the family.
	memory float64
}

// family is a family of instance types.
type family struct {
	// perCPU is the memory in GiB for each vCPU.
	perCPU float64
	sizes  []size
}

// The sizes that families have in common, up to 4xlarge. The vCPUs and the memory are those of EC2's list of
// instance types. The network interfaces are those of pkg/aws/vpc/limits.go in amazon-vpc-resource-controller-k8s,
// which EC2's documentation calls "maximum network interfaces".
var (
	standard = []size{
		{name: "large", vCPU: 2, networks: 3}, {name: "xlarge", vCPU: 4, networks: 4},
		{name: "2xlarge", vCPU: 8, networks: 4}, {name: "4xlarge", vCPU: 16, networks: 8},
	}
	graviton  = append([]size{{name: "medium", vCPU: 1, networks: 2}}, standard...)
	burstable = burst(3)
	// T3a.small has one network interface less than its siblings.
	burstableAMD = burst(2)
)

func burst(smallNetworks int) []size {
	return []size{
		{name: "nano", vCPU: 2, networks: 2, memory: 0.5}, {name: "micro", vCPU: 2, networks: 2, memory: 1},
		{name: "small", vCPU: 2, networks: smallNetworks, memory: 2}, {name: "medium", vCPU: 2, networks: 3, memory: 4},
		{name: "large", vCPU: 2, networks: 3, memory: 8}, {name: "xlarge", vCPU: 4, networks: 4, memory: 16},
		{name: "2xlarge", vCPU: 8, networks: 4, memory: 32},
	}
}

var families = map[string]family{
	"t3": {sizes: burstable}, "t3a": {sizes: burstableAMD}, "t4g": {sizes: burstable},
	"m5": {4, standard}, "m5a": {4, standard}, "m6a": {4, standard}, "m6i": {4, standard}, "m6g": {4, graviton},
	"m7a": {4, graviton}, "m7i": {4, standard}, "m7g": {4, graviton}, "m8g": {4, graviton},
	"c5": {2, standard}, "c5a": {2, standard}, "c6a": {2, standard}, "c6i": {2, standard}, "c6g": {2, graviton},
	"c7a": {2, graviton}, "c7i": {2, standard}, "c7g": {2, graviton}, "c8g": {2, graviton},
	"r5": {8, standard}, "r5a": {8, standard}, "r6a": {8, standard}, "r6i": {8, standard}, "r6g": {8, graviton},
	"r7a": {8, graviton}, "r7i": {8, standard}, "r7g": {8, graviton}, "r8g": {8, graviton},
}

// What the operating system keeps of the memory before the ECS agent registers the rest, in MiB and in parts of the
// whole. It is the line through the figures of Karpenter's table of memory overheads for the sixth generation
// (c6i.large 272 MiB, m6i.large 405, r6i.large 671, m6i.4xlarge 2270). Other families differ from it by up to two
// percent of their memory, instances and machine images by a few MiB among themselves.
const (
	overheadFixed = 140
	overheadPart  = 0.0325
	// Instances with less than 4 GiB keep less for the case of a crash.
	smallMemory, smallFixed, smallPart = 4096, 60, 0.05
)

// room is what a container instance has for tasks.
type room struct {
	// cpu is in units, memory in MiB; enis counts network interfaces for tasks, one each.
	cpu, memory, enis int
}

// roomOf is what an instance type registers with ECS.
func roomOf(instanceType string) (room, error) {
	name, sizeName, _ := strings.Cut(instanceType, ".")
	f, known := families[name]
	i := slices.IndexFunc(f.sizes, func(s size) bool { return s.name == sizeName })
	switch {
	case !known:
		return room{}, fmt.Errorf("instance type %q: its family is not in the table local/runtime/capacity/types.go, which has %s",
			instanceType, strings.Join(slices.Sorted(maps.Keys(families)), ", "))
	case i < 0:
		var names []string
		for _, s := range f.sizes {
			names = append(names, s.name)
		}
		return room{}, fmt.Errorf("instance type %q: its size is not in the table local/runtime/capacity/types.go, which has %s",
			instanceType, strings.Join(names, ", "))
	}
	s := f.sizes[i]
	memory := s.memory
	if memory == 0 {
		memory = f.perCPU * float64(s.vCPU)
	}
	// The instance itself has the first network interface.
	return room{cpu: 1024 * s.vCPU, memory: registered(memory * 1024), enis: s.networks - 1}, nil
}

// registered is what the ECS agent finds of an instance's memory in MiB.
func registered(memory float64) int {
	overhead := overheadFixed + overheadPart*memory
	if memory < smallMemory {
		overhead = smallFixed + smallPart*memory
	}
	return int(memory - overhead)
}
