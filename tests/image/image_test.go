// Package image_test runs the WordPress image as a task does: nginx and php-fpm in one network
// namespace, here together with their database.
package image_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/stretchr/testify/require"
)

// startTimeout is how long a database and WordPress may take to start on a busy machine.
const startTimeout = 2 * time.Minute

// environment is what the task definition gives the php-fpm container.
func environment() map[string]string {
	variables := map[string]string{
		"WORDPRESS_DB_HOST":     "127.0.0.1",
		"WORDPRESS_DB_NAME":     "wordpress",
		"WORDPRESS_DB_USER":     "wordpress",
		"WORDPRESS_DB_PASSWORD": "correct horse",
	}
	for _, purpose := range []string{"AUTH", "SECURE_AUTH", "LOGGED_IN", "NONCE"} {
		variables["WORDPRESS_"+purpose+"_KEY"] = "key of " + purpose
		variables["WORDPRESS_"+purpose+"_SALT"] = "salt of " + purpose
	}
	return variables
}

func TestImage(t *testing.T) {
	t.Parallel()
	d := requireDocker(t)
	wordpress, mariadb := d.build(t, "wordpress", "../../image"), d.build(t, "mariadb", "testdata/mariadb")
	t.Run("a task serves WordPress", func(t *testing.T) {
		t.Parallel()
		testTask(t, requireDocker(t), wordpress, mariadb)
	})
	t.Run("a missing variable stops the container", func(t *testing.T) {
		t.Parallel()
		testMissingVariables(t, wordpress)
	})
}

func testTask(t *testing.T, d docker, wordpress, mariadb string) {
	t.Helper()
	// The user of this database has to come over TLS.
	database := d.run(t, spec{name: "database", image: mariadb, publish: true})
	site := "http://" + database.address(t)
	php := d.run(t, spec{
		name: "php-fpm", image: wordpress, command: []string{"php-fpm"}, environment: environment(), network: database,
	})
	nginx := d.run(t, spec{name: "nginx", image: wordpress, command: []string{"nginx"}, network: database})

	require.Eventually(t, func() bool { return get(site+"/healthz") == "200 ok\n" }, startTimeout, 100*time.Millisecond)
	require.Eventually(t, func() bool { return get(site+"/fpm-ping") == "200 pong" }, startTimeout, 100*time.Millisecond)
	require.Eventually(t, func() bool { return strings.HasPrefix(get(site+"/"), "200 ") }, startTimeout, 500*time.Millisecond)
	require.Contains(t, get(site+"/"), "WordPress &rsaquo; Installation", "a site without content asks to be installed")

	require.Zero(t, nginx.exec(t, "healthcheck", "nginx"))
	require.Zero(t, php.exec(t, "healthcheck", "php-fpm"))
	require.NotZero(t, php.exec(t, "healthcheck", "other"))
	require.Zero(t, php.exec(t, "sh", "-c", `[ "$(id -u):$(id -g)" = 33:33 ]`), "the owner of the EFS access point")

	install(t, site)
	require.Contains(t, get(site+"/"), "<title>A site under test</title>")
	require.Contains(t, get(site+"/wp-includes/css/dist/block-library/style.min.css"), "200 ")
	require.Contains(t, get(site+"/wp-login.php"), "A site under test")

	requireLocation(t, site+"/wp-admin/", "http", "http://")
	requireLocation(t, site+"/wp-admin/", "https", "https://")

	upload := "/var/www/html/wp-content/uploads/"
	require.Zero(t, php.exec(t, "sh", "-c", `[ "$(stat -c %u:%g `+upload+`)" = 33:33 ]`),
		"Docker gives the volume the owner of the path that it covers, and the access point takes no other")
	require.Zero(t, php.exec(t, "sh", "-c", "echo '<?php echo 1+1;' > "+upload+"x.php; echo hello > "+upload+"x.txt"))
	require.Zero(t, nginx.exec(t, "sh", "-c", "cp /dev/null "+upload+"x.php"), "each has its own files without EFS")
	require.Contains(t, get(site+"/wp-content/uploads/x.php"), "404 ", "nothing in uploads is run")
	require.Contains(t, get(site+"/.htaccess"), "404 ")
	require.NotContains(t, get(site+"/wp-config.php"), "DB_PASSWORD")

	requireGracefulStop(t, site, nginx, php)
	for _, c := range []*box{nginx, php} {
		require.NotContains(t, c.logs(t), "correct horse")
	}
	require.Contains(t, nginx.logs(t), `"GET /wp-login.php HTTP/1.1" 200`, "requests are logged")
}

func testMissingVariables(t *testing.T, wordpress string) {
	t.Helper()
	for name, tc := range map[string]struct {
		change func(map[string]string)
		want   string
	}{
		"missing": {func(v map[string]string) { delete(v, "WORDPRESS_DB_PASSWORD") },
			"php-fpm needs these environment variables: WORDPRESS_DB_PASSWORD\n"},
		"empty, and another missing": {func(v map[string]string) {
			v["WORDPRESS_DB_HOST"] = ""
			delete(v, "WORDPRESS_NONCE_SALT")
		}, "php-fpm needs these environment variables: WORDPRESS_DB_HOST WORDPRESS_NONCE_SALT\n"},
		"unknown TLS mode": {func(v map[string]string) { v["WORDPRESS_DB_TLS"] = "maybe" },
			`WORDPRESS_DB_TLS is "maybe"; it takes require or off`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := requireDocker(t)
			variables := environment()
			tc.change(variables)
			php := d.run(t, spec{name: "php-fpm", image: wordpress, command: []string{"php-fpm"}, environment: variables})
			require.Equal(t, 64, php.wait(t))
			require.Contains(t, php.logs(t), tc.want)
		})
	}
}

// get returns the status code and the body of a page, after redirects; without an answer, why not.
func get(address string) string {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err.Error()
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = response.Body.Close() }() // read to its end
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err.Error()
	}
	return strings.Fields(response.Status)[0] + " " + string(body)
}

// install fills in WordPress's installation form as a person does.
func install(t *testing.T, site string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	browser := &http.Client{Jar: jar, Timeout: startTimeout}
	response, err := browser.PostForm(site+"/wp-admin/install.php?step=2", url.Values{
		"weblog_title": {"A site under test"}, "user_name": {"admin"}, "admin_email": {"admin@example.com"},
		"admin_password": {"battery staple"}, "admin_password2": {"battery staple"}, "pw_weak": {"on"},
		"blog_public": {"0"}, "language": {""},
	})
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Contains(t, string(body), "WordPress has been installed", string(body))
}

// requireGracefulStop stops the containers in the middle of a request, which still gets its answer.
func requireGracefulStop(t *testing.T, site string, nginx, php *box) {
	t.Helper()
	for _, c := range []*box{nginx, php} { // nginx looks for the file before it asks php-fpm
		c.addFile(t, "/var/www/html/slow.php", `<?php touch("/tmp/started"); sleep(3); echo "finished";`)
	}
	answer := make(chan string, 1)
	go func() { answer <- get(site + "/slow.php") }()
	require.Eventually(t, func() bool { return php.exec(t, "test", "-e", "/tmp/started") == 0 },
		startTimeout, 100*time.Millisecond)
	stopped := make(chan error, 2)
	for _, c := range []*box{nginx, php} {
		go func() { stopped <- c.stop() }()
	}
	require.NoError(t, <-stopped)
	require.NoError(t, <-stopped)
	require.Equal(t, "200 finished", <-answer)
	for _, c := range []*box{nginx, php} {
		require.Zero(t, c.wait(t), "%s ends by itself", c.name)
	}
}

// requireLocation asserts where a page redirects to when the load balancer was asked over a scheme.
func requireLocation(t *testing.T, address, scheme, want string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	require.NoError(t, err)
	request.Header.Set("X-Forwarded-Proto", scheme)
	response, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusFound, response.StatusCode)
	redirect, err := url.Parse(response.Header.Get("Location"))
	require.NoError(t, err)
	require.Contains(t, redirect.Query().Get("redirect_to"), want)
}

// spec says how a container is run.
type spec struct {
	name        string
	image       string
	command     []string
	environment map[string]string
	// network is the container whose network namespace is shared, as in an awsvpc task.
	network *box
	// publish makes port 8080 of the namespace reachable on 127.0.0.1.
	publish bool
}

func (s spec) config() *container.Config {
	config := &container.Config{Image: s.image, Cmd: s.command}
	for name, value := range s.environment {
		config.Env = append(config.Env, name+"="+value)
	}
	return config
}
