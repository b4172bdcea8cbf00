package settings

import "regexp"

// Architecture is a processor architecture.
type Architecture string

// The architectures of EC2 instances.
const (
	X86 Architecture = "x86"
	ARM Architecture = "arm"
)

// gravitonPattern matches the families with Graviton processors: a g follows the generation (t4g, m7gd,
// is4gen), or the family is a1. Families of other makers have the g before the generation (g5) or none.
var gravitonPattern = regexp.MustCompile(`^(a1|[a-z]+[0-9]+g[a-z]*)\.`)

// Architecture follows from the instance type; machine image and container image are chosen by it.
func (s *Settings) Architecture() Architecture {
	if gravitonPattern.MatchString(s.InstanceType) {
		return ARM
	}
	return X86
}

// ECS is the architecture's name in a task definition's runtime platform.
func (a Architecture) ECS() string {
	if a == ARM {
		return "ARM64"
	}
	return "X86_64"
}

// Platform is the architecture's name as the platform of a container image.
func (a Architecture) Platform() string {
	if a == ARM {
		return "linux/arm64"
	}
	return "linux/amd64"
}

// MachineImageParameter is the public SSM parameter that holds the id of the newest ECS-optimised
// Amazon Linux 2023 image.
func (a Architecture) MachineImageParameter() string {
	const prefix = "/aws/service/ecs/optimized-ami/amazon-linux-2023/"
	if a == ARM {
		return prefix + "arm64/recommended/image_id"
	}
	return prefix + "recommended/image_id"
}
