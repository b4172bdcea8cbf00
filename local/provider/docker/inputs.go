package docker

import (
	"fmt"
	"maps"
	"path"
	"runtime"

	"github.com/distribution/reference"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"wordpress-ecs/local/provider"
)

// inputs are what a program asks for, without secrets around the values.
type inputs struct {
	imageName  string
	server     string
	context    string
	dockerfile string
	target     string
	platform   string
	args       map[string]*string
	skipPush   bool
}

// hostPlatform is what an image is built for when the program doesn't say.
func hostPlatform() string { return "linux/" + runtime.GOARCH }

// readInputs takes known inputs apart; the defaults are the real provider's.
func readInputs(properties resource.PropertyMap) inputs {
	plain, _ := provider.Reveal(resource.NewObjectProperty(properties))
	all := plain.ObjectValue()
	registry, build := object(all["registry"]), object(all["build"])
	in := inputs{
		imageName:  text(all["imageName"]),
		server:     text(registry["server"]),
		context:    text(build["context"]),
		dockerfile: text(build["dockerfile"]),
		target:     text(build["target"]),
		platform:   text(build["platform"]),
		args:       map[string]*string{},
		skipPush:   all["skipPush"].IsBool() && all["skipPush"].BoolValue(),
	}
	if in.context == "" {
		in.context = "."
	}
	if in.dockerfile == "" {
		in.dockerfile = path.Join(in.context, "Dockerfile")
	}
	if in.platform == "" {
		in.platform = hostPlatform()
	}
	for key, value := range object(build["args"]) {
		argument := text(value)
		in.args[string(key)] = &argument
	}
	return in
}

func object(v resource.PropertyValue) resource.PropertyMap {
	if v.IsObject() {
		return v.ObjectValue()
	}
	return nil
}

func text(v resource.PropertyValue) string {
	if v.IsString() {
		return v.StringValue()
	}
	return ""
}

// unknown tells whether a value, or something in it, is known after a deployment only.
func unknown(v resource.PropertyValue) bool {
	plain, _ := provider.Reveal(v)
	return plain.ContainsUnknowns()
}

// parseName takes a fully qualified image name apart: "host/repository:tag".
func parseName(imageName string) (reference.NamedTagged, error) {
	named, err := reference.ParseNamed(imageName)
	if err != nil {
		return nil, fmt.Errorf("imageName %q: %w. This provider requires all image names to be fully qualified.\n"+
			"For example, if you are attempting to push to Dockerhub, prefix your image name with `docker.io`:\n\n"+
			"`docker.io/repository/image:tag`", imageName, err)
	}
	tagged, ok := reference.TagNameOnly(named).(reference.NamedTagged)
	if !ok {
		return nil, fmt.Errorf("imageName %q names an image by its digest; a push takes a tag", imageName)
	}
	return tagged, nil
}

// compared is what counts for a diff: the plain inputs, and of the registry its server.
func compared(properties resource.PropertyMap) resource.PropertyMap {
	plain, _ := provider.Reveal(resource.NewObjectProperty(properties))
	all := plain.ObjectValue()
	if registry := object(all["registry"]); registry != nil {
		all["registry"] = resource.NewObjectProperty(resource.PropertyMap{"server": registry["server"]})
	}
	return all
}

// markPassword makes the registry's password a secret, whether or not the program said so.
func markPassword(properties resource.PropertyMap) {
	registry, secret := provider.Reveal(properties["registry"])
	password, given := object(registry)["password"]
	if !given || secret || unknown(password) {
		return // something in it is secret already, and then it is the password
	}
	setIn(properties, "registry", "password", resource.MakeSecret(password))
}

// setIn sets a key of an object-valued property, which may be missing and may be a secret.
// The old value stays as it was: others may hold it.
func setIn(properties resource.PropertyMap, property, key resource.PropertyKey, value resource.PropertyValue) {
	was := properties[property]
	secret := was.IsSecret() || was.IsOutput() && was.OutputValue().Secret
	if secret || was.IsOutput() {
		was, _ = provider.Reveal(was)
	}
	changed := resource.PropertyMap{}
	maps.Copy(changed, object(was))
	changed[key] = value
	properties[property] = resource.NewObjectProperty(changed)
	if secret {
		properties[property] = resource.MakeSecret(properties[property])
	}
}
