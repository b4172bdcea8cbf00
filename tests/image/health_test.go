package image_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/containers"
	"wordpress-ecs/tests/site"
)

// readiness is what /readyz says.
type readiness struct {
	Status int  `json:"-"`
	Ready  bool `json:"ready"`
	Checks map[string]struct {
		State string  `json:"state"`
		Error string  `json:"error"`
		MS    float64 `json:"ms"`
		Age   *int    `json:"ageSeconds"`
	} `json:"checks"`
}

// ready asks a task, as its neighbours may.
func ready(t *testing.T, task *site.Task) readiness {
	t.Helper()
	page := task.Visitor(t).Get(t, "/readyz")
	require.Contains(t, page.Header.Get("Content-Type"), "application/json", page.Body)
	r := readiness{Status: page.Status}
	require.NoError(t, json.Unmarshal([]byte(page.Body), &r), page.Body)
	require.Equal(t, page.Status == http.StatusOK, r.Ready)
	require.Len(t, r.Checks, 4)
	requireNoSecrets(t, page.Body, site.Secrets()...)
	return r
}

// A task without anything to depend on is healthy and not ready; a task without php-fpm is neither.
func TestHealthWithoutASite(t *testing.T) {
	t.Parallel()
	s := site.New(t, containers.Connect(t), site.Options{})
	s.Database.Down(t)
	s.Redis.Down(t)
	task := s.StartNamespace(t, site.Variation{})
	task.StartPHP(t, site.Variation{})
	task.StartNginx(t, site.Variation{})
	visitor := task.Visitor(t)
	require.Equal(t, "ok", visitor.Get(t, "/healthz").Body)
	task.Nginx.Must(t, "healthcheck", site.Nginx)
	state := ready(t, task)
	require.Equal(t, http.StatusServiceUnavailable, state.Status)
	for _, name := range []string{"database", "redis", "cron"} {
		require.Equal(t, "failed", state.Checks[name].State, name)
		require.NotEmpty(t, state.Checks[name].Error, name)
	}

	s.Database.Up(t)
	s.Redis.Up(t)
	require.Equal(t, "ok", visitor.Get(t, "/healthz").Body, "before the installation")
	state = ready(t, task)
	require.Equal(t, "ok", state.Checks["database"].State)
	require.Equal(t, "ok", state.Checks["redis"].State)
	require.Equal(t, "failed", state.Checks["cron"].State)

	task.PHP.Kill(t)
	page := visitor.Get(t, "/healthz")
	require.GreaterOrEqual(t, page.Status, 500, page.Body)
	code, _ := task.Nginx.Exec(t, "healthcheck", site.Nginx)
	require.NotZero(t, code)
	require.GreaterOrEqual(t, visitor.Get(t, "/readyz").Status, 500)
}

// During maintenance visitors are told so, and the task is healthy.
func TestHealthInMaintenance(t *testing.T) {
	t.Parallel()
	_, tasks := start(t, site.Options{Variation: site.Variation{Files: map[string]string{
		// Cron and setup would not run either; they have the file, too.
		root + ".maintenance": `<?php $upgrading = 'cli' === PHP_SAPI ? 0 : time();`,
	}}})
	visitor := tasks[0].Visitor(t)
	require.Equal(t, http.StatusServiceUnavailable, visitor.Get(t, "/?s=maintenance").Status)
	require.Equal(t, "ok", visitor.Get(t, "/healthz").Body)
	tasks[0].PHP.Must(t, "healthcheck", site.PHP)
	tasks[0].Nginx.Must(t, "healthcheck", site.Nginx)
}

// A task with everything it needs is ready; whoever comes through the load balancer is not told.
func TestReadiness(t *testing.T) {
	t.Parallel()
	s, tasks := start(t, site.Options{})
	task := tasks[0]
	site.Eventually(t, func() bool { return ready(t, task).Ready }, "the task is ready, with cron")
	for name, check := range ready(t, task).Checks {
		require.Equal(t, "ok", check.State, name)
		require.Empty(t, check.Error, name)
		if name == "cron" {
			require.NotNil(t, check.Age)
		} else {
			require.Positive(t, check.MS, name)
		}
	}
	require.Equal(t, http.StatusNotFound, s.Visitor(t).Get(t, "/readyz").Status)
	require.Equal(t, http.StatusNotFound,
		task.Visitor(t).With(http.Header{"X-Forwarded-For": {"127.0.0.1"}}).Get(t, "/readyz").Status)

	s.Redis.Down(t)
	state := ready(t, task)
	require.Equal(t, "failed", state.Checks["redis"].State)
	require.Equal(t, "ok", state.Checks["database"].State)
	s.Redis.Up(t)

	task.PHP.Must(t, "chmod", "0555", shared+"uploads")
	state = ready(t, task)
	require.Equal(t, "failed", state.Checks["storage"].State)
	require.Contains(t, state.Checks["storage"].Error, "write")
	task.PHP.Must(t, "chmod", "0755", shared+"uploads")
	require.True(t, ready(t, task).Ready)

	s.Database.Query(t, "UPDATE wp_options SET option_value = option_value - 3600 WHERE option_name = 'wordpress_ecs_cron'")
	state = ready(t, task)
	require.Equal(t, "failed", state.Checks["cron"].State)
	require.Greater(t, *state.Checks["cron"].Age, 3500)
}

// A task whose readiness nobody around it may ask for tells it to itself alone.
func TestReadinessIsClosedToStrangers(t *testing.T) {
	t.Parallel()
	_, tasks := start(t, site.Options{Variation: site.Variation{
		Environment: map[string]string{"WORDPRESS_TRUSTED_PROXIES": "192.0.2.0/24"},
	}})
	for _, header := range []http.Header{{}, {"X-Forwarded-For": {"127.0.0.1"}}, {"X-Real-Ip": {"127.0.0.1"}}} {
		require.Equal(t, http.StatusNotFound, tasks[0].Visitor(t).With(header).Get(t, "/readyz").Status, "%v", header)
	}
	require.Contains(t, tasks[0].Nginx.Must(t, "php", "-n", "-r",
		`echo file_get_contents('http://127.0.0.1:8080/readyz', false, stream_context_create(['http' => ['ignore_errors' => true]]));`),
		`"checks"`)
}
