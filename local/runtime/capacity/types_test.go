package capacity

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRoomOfInstanceTypes(t *testing.T) {
	t.Parallel()
	for instanceType, wanted := range map[string]room{
		"t3.micro": {2048, 912, 1}, "t3.small": {2048, 1885, 2}, "t3a.small": {2048, 1885, 1}, "t3.medium": {2048, 3822, 2},
		"t4g.large": {2048, 7785, 2}, "t3.2xlarge": {8192, 31563, 3},
		"m7g.medium": {1024, 3822, 1}, "m7i.large": {2048, 7785, 2}, "m8g.xlarge": {4096, 15711, 3},
		"c6g.medium": {1024, 1885, 1}, "c7i.2xlarge": {8192, 15711, 3}, "r5.4xlarge": {16384, 126672, 7},
	} {
		got, err := roomOf(instanceType)
		require.NoError(t, err, instanceType)
		require.Equal(t, wanted.cpu, got.cpu, instanceType)
		require.Equal(t, wanted.enis, got.enis, instanceType)
		require.InDelta(t, wanted.memory, got.memory, 1, instanceType)
	}
}

func TestUnknownTypesNameTheTable(t *testing.T) {
	t.Parallel()
	for instanceType, wanted := range map[string]string{
		"x1.large": "t4g", "m7i.medium": "large, xlarge", "m7i": "large, xlarge", "": "m7i",
	} {
		_, err := roomOf(instanceType)
		require.ErrorContains(t, err, "local/runtime/capacity/types.go", instanceType)
		require.ErrorContains(t, err, wanted, instanceType)
		require.NotContains(t, err.Error(), "\n")
	}
}
