package settings_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/settings"
)

func TestArchitectureFollowsTheInstanceType(t *testing.T) {
	t.Parallel()
	for instance, want := range map[string]settings.Architecture{
		"t4g.small": settings.ARM, "m7g.large": settings.ARM, "m7gd.large": settings.ARM, "c7gn.xlarge": settings.ARM,
		"r8g.metal-24xl": settings.ARM, "is4gen.medium": settings.ARM, "im4gn.large": settings.ARM, "a1.medium": settings.ARM,
		"x2gd.large": settings.ARM, "g5g.xlarge": settings.ARM, "hpc7g.4xlarge": settings.ARM, "i8ge.large": settings.ARM,
		"t3.medium": settings.X86, "t3a.small": settings.X86, "m7i.large": settings.X86, "m7i-flex.large": settings.X86,
		"m7a.large": settings.X86, "g4dn.xlarge": settings.X86, "g4ad.xlarge": settings.X86, "g5.xlarge": settings.X86,
		"gr6.4xlarge": settings.X86, "i3en.large": settings.X86, "c5n.large": settings.X86, "u-6tb1.metal": settings.X86,
	} {
		s, err := load(t, map[string]string{"wordpress:instanceType": instance})
		require.NoError(t, err, instance)
		require.Equal(t, want, s.Architecture(), instance)
	}
}

func TestArchitectureNames(t *testing.T) {
	t.Parallel()
	require.Equal(t, "ARM64", settings.ARM.ECS())
	require.Equal(t, "X86_64", settings.X86.ECS())
	require.Equal(t, "linux/arm64", settings.ARM.Platform())
	require.Equal(t, "linux/amd64", settings.X86.Platform())
	const ami = "/aws/service/ecs/optimized-ami/amazon-linux-2023/"
	require.Equal(t, ami+"arm64/recommended/image_id", settings.ARM.MachineImageParameter())
	require.Equal(t, ami+"recommended/image_id", settings.X86.MachineImageParameter())
}
