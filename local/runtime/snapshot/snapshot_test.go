package snapshot_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/runtime/snapshot"
)

func TestAFileIsThereWhenItIsComplete(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "snapshots")
	name := filepath.Join(dir, "site.rdb")
	broken := errors.New("the server has gone")
	require.ErrorIs(t, snapshot.Write(name, func(to io.Writer) error {
		_, err := io.WriteString(to, "half")
		require.NoError(t, err)
		require.NoFileExists(t, name)
		return broken
	}), broken)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)

	require.NoError(t, snapshot.Describe(name, map[string]string{"kind": "test"}))
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	require.JSONEq(t, `{"kind": "test"}`, string(text))
}
