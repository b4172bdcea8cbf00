package model_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/aws/model"
)

func TestDataIsWhatTheModuleSays(t *testing.T) {
	t.Parallel()
	list, err := filepath.Abs("operations.txt")
	require.NoError(t, err)
	fresh := t.TempDir()
	made := exec.Command("go", "run", "-C", "../../../tools/awsmodels", ".", list, fresh)
	out, err := made.CombinedOutput()
	require.NoError(t, err, "%s", out)
	want, err := filepath.Glob(filepath.Join(fresh, "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, want)
	have, err := filepath.Glob("*.json")
	require.NoError(t, err)
	require.Len(t, have, len(want))
	for _, file := range want {
		fresh, err := os.ReadFile(file)
		require.NoError(t, err)
		kept, err := os.ReadFile(filepath.Base(file))
		require.NoError(t, err)
		require.Equal(t, string(fresh), string(kept), "run `go generate ./local/aws/model`")
	}
}

func TestPatternsAreJavas(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		service, shape, text string
		ok                   bool
	}{
		{"efs", "Path", "/wp-content/uploads", true},
		{"efs", "Path", "/", true},
		{"efs", "Path", "/.hidden", false},
		{"efs", "Path", "/a/b/c/d/e", false},
		{"efs", "TagKey", "Name", true},
		{"efs", "TagKey", "AWS:name", false},
		{"iam", "pathType", "/service/", true},
		{"iam", "pathType", "service/", false},
		{"autoscaling", "XmlStringMaxLen255", "a\tb 🙂", true},
		{"autoscaling", "XmlStringMaxLen255", "a\x00b", false},
		{"application-autoscaling", "PolicyName", "cpu 60 %", true},
		{"application-autoscaling", "PolicyName", "cpü", false},
		{"ecr", "RepositoryName", "web/wordpress", true},
		{"ecr", "RepositoryName", "web/", false},
	} {
		s, err := model.Load(tc.service)
		require.NoError(t, err)
		require.Contains(t, s.Shapes, tc.shape)
		matches, err := s.Shapes[tc.shape].Matches()
		require.NoError(t, err)
		require.Equal(t, tc.ok, matches(tc.text), "%s %s %q", tc.service, tc.shape, tc.text)
	}
	_, err := model.Load("s3")
	require.ErrorContains(t, err, `"s3"`)
}
