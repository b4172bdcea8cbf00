package aws_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/aws"
)

func TestEveryDeclarationFitsTheSDK(t *testing.T) {
	t.Parallel()
	_, err := aws.Catalog()
	require.NoError(t, err)
}
