package statements_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/cloud"
)

const (
	image       = "docker:index/image:Image"
	repository  = "aws:ecr/repository:Repository"
	dockerImage = image + " site"
)

// withSource makes an account for a small program that builds an image.
func withSource(t *testing.T, program, mistake string) *cloud.Cloud {
	t.Helper()
	c := try(t, program, mistake)
	c.Write("site/Dockerfile", "FROM scratch\nCOPY index.html /\n")
	c.Write("site/index.html", "one")
	return c
}

// P-02: the image is there before a task needs it, with no command but one.
func TestP02ImageIsPushedFirst(t *testing.T) {
	t.Parallel()
	broken := func(s state) []string {
		problems := none(s.ofType(taskDefinition), "task definition")
		for _, d := range s.ofType(taskDefinition) {
			for _, c := range d.containers() {
				from, ok := s.with(image, "repoDigest", c.String("image"))
				if !ok || !s.waits(d, from) {
					problems = append(problems, fmt.Sprintf("nobody pushes %s before %s runs", c.String("image"), c.String("name")))
				}
			}
		}
		return problems
	}
	require.Empty(t, broken(ours(t)))
	for mistake, want := range map[string]bool{"": false, "by hand": true} {
		c := withSource(t, "pushed", mistake)
		c.Up(stack)
		require.Equal(t, want, len(broken(exported(t, c, stack))) > 0, mistake)
	}
}

// P-03: a new version is deployed by changing its source, and nothing else.
func TestP03NewSourceIsANewRelease(t *testing.T) {
	t.Parallel()
	released := map[string]string{
		dockerImage: "update", taskDefinition + " web": "replace", ecsService + " web": "update",
	}
	for mistake, want := range map[string]map[string]string{
		"": released, "by tag": {dockerImage: "update"}, // built, and never deployed
	} {
		c := withSource(t, "release", mistake)
		c.Up(stack)
		c.Write("site/index.html", "two")
		require.Equal(t, want, c.Changes(stack), "mistake %q", mistake)
	}
}

// P-17: no image that is built or run comes from Docker Hub.
func TestP17NothingComesFromDockerHub(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"FROM php:8.4-fpm", "FROM docker.io/library/debian", "FROM --platform=linux/amd64 nginx AS web",
		"FROM library/debian:13", "FROM bitnami/wordpress", "FROM scratch\nCOPY --from=composer:2 /usr/bin/composer /",
	} {
		require.NotEmpty(t, fromDockerHub(text), text)
	}
	for _, text := range []string{
		"FROM public.ecr.aws/docker/library/debian:trixie-slim AS tools\nFROM tools AS core\nFROM scratch\nCOPY --from=core /out /",
	} {
		require.Empty(t, fromDockerHub(text), text)
	}
	text, err := os.ReadFile(filepath.Join(root, "image", "Dockerfile"))
	require.NoError(t, err)
	require.Empty(t, fromDockerHub(string(text)))
	require.Contains(t, string(text), "\nFROM ")
	for _, d := range ours(t).ofType(taskDefinition) {
		for _, c := range d.containers() {
			require.Empty(t, fromDockerHub("FROM "+c.String("image")))
		}
	}
}

var sources = regexp.MustCompile(`(?mi)^FROM (?:--\S+ )*(\S+)(?: AS (\S+))?|^COPY .*?--from=(\S+)`)

// fromDockerHub are the images in a Dockerfile that Docker looks for on Docker Hub: those whose name does not begin
// with that of another registry.
func fromDockerHub(dockerfile string) []string {
	var found []string
	stages := map[string]bool{"scratch": true}
	for _, m := range sources.FindAllStringSubmatch(dockerfile, -1) {
		name := m[1] + m[3]
		registry, _, pathed := strings.Cut(name, "/")
		if !stages[name] && (!pathed || !strings.ContainsAny(registry, ".:") || registry == "docker.io") {
			found = append(found, name)
		}
		stages[m[2]] = true
	}
	return found
}

// W-23: the image that runs stays in the registry while it runs: nothing takes its tag, and many newer ones have to
// come before it goes.
func TestW23RunningImagesStay(t *testing.T) {
	t.Parallel()
	const kept = 10 // releases that have to follow
	requireStatement(t, func(s state) []string {
		problems := none(s.ofType(repository), "repository")
		for _, r := range s.ofType(repository) {
			if r.Inputs.String("imageTagMutability") != "IMMUTABLE" {
				problems = append(problems, r.name()+": a new image takes the tag of the one that runs")
			}
		}
		for _, p := range s.ofType("aws:ecr/lifecyclePolicy:LifecyclePolicy") {
			var policy struct {
				Rules []struct {
					Selection struct {
						TagStatus, CountType string
						CountNumber          int
					}
				}
			}
			decoder := json.NewDecoder(bytes.NewReader([]byte(p.Inputs.String("policy"))))
			if err := decoder.Decode(&policy); err != nil {
				problems = append(problems, p.name()+": "+err.Error())
			}
			for _, rule := range policy.Rules {
				if rule.Selection.CountType != "imageCountMoreThan" || rule.Selection.CountNumber < kept {
					problems = append(problems, fmt.Sprintf("%s expires by %+v", p.name(), rule.Selection))
				}
			}
		}
		return problems
	}, "lifecycle", "untagged", "newest")
}

// W-24: all containers of a task have the same files: one image, and nothing of the instance.
func TestW24OneImageForATask(t *testing.T) {
	t.Parallel()
	requireStatement(t, func(s state) []string {
		problems := none(s.ofType(taskDefinition), "task definition")
		for _, d := range s.ofType(taskDefinition) {
			images := map[string]bool{}
			for _, c := range d.containers() {
				images[c.String("image")] = true
			}
			if len(images) != 1 {
				problems = append(problems, fmt.Sprintf("%s has %d images", d.name(), len(images)))
			}
			for _, volume := range d.Inputs.Objects("volumes") {
				if !volume.Has("efsVolumeConfiguration") {
					problems = append(problems, volume.String("name")+" outlives its task")
				}
			}
		}
		return problems
	}, "two images", "image", "host")
}
