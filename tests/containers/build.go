package containers

import (
	"path/filepath"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/provider/docker/buildcontext"
	"wordpress-ecs/local/provider/docker/builder"
)

// builds are the images that this process has built: what many tests run is built by the first of them.
var builds struct {
	sync.Mutex
	ids map[string]string
}

// project keeps the images of tests apart from those of deployments. A deployment's image has another label, so
// that each build would remove what the other has made.
const project = "wordpress-tests"

// Build builds a directory of the project and returns the image's id. The engine keeps the layers for next time,
// by name.
func (e *Engine) Build(t T, name, dir string, args map[string]string) (id string) {
	t.Helper()
	builds.Lock()
	defer builds.Unlock()
	if id, done := builds.ids[name]; done {
		return id
	}
	engine, err := builder.Connect(t.Context(), "")
	require.NoError(t, err)
	defer func() { require.NoError(t, engine.Close()) }()
	dir = filepath.Join(Root(t), dir)
	files, err := buildcontext.Read(dir, filepath.Join(dir, "Dockerfile"))
	require.NoError(t, err)
	options := builder.Options{
		Context: files,
		Cache:   builder.CacheTag(resource.NewURN("test", project, "", "docker:index/image:Image", name)),
		Args:    map[string]*string{},
	}
	for key, value := range args {
		options.Args[key] = &value
	}
	id, err = engine.Build(t.Context(), options, reporter{t})
	require.NoError(t, err)
	if builds.ids == nil {
		builds.ids = map[string]string{}
	}
	builds.ids[name] = id
	return id
}

// reporter shows what is worth keeping of a build; an error brings the last lines before it.
type reporter struct{ t T }

func (r reporter) Info(line string) { r.t.Logf("%s", line) }
func (reporter) Status(string)      {}
