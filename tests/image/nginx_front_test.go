package image_test

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/image"
	"wordpress-ecs/tests/containers"
	"wordpress-ecs/tests/site"
)

// front is nginx of the image in front of php-fpm with a few small programs instead of WordPress: what nginx does
// by itself needs no database.
type front struct {
	nginx, php *containers.Container
	address    string // what listens on this machine
	files      string // the folder that is /var/www/html
}

// programs are the site behind nginx. The path says what an answer is like.
var programs = map[string]string{
	"index.php": `<?php
		$path = explode( '?', $_SERVER['REQUEST_URI'] )[0];
		if ( str_contains( $path, '/vars' ) ) {
			header( 'Content-Type: application/json' );
			exit( json_encode( $_SERVER ) );
		}
		foreach ( explode( '/', trim( $path, '/' ) ) as $part ) {
			list( $do, $what ) = explode( '=', rawurldecode( $part ), 2 ) + array( '', '' );
			match ( $do ) {
				'cache' => header( "Cache-Control: $what" ),
				'header' => header( $what, false ),
				'status' => http_response_code( (int) $what ),
				'sleep' => usleep( (int) $what * 1000 ),
				'unless' => file_exists( "/tmp/$what" ) && http_response_code( 500 ) && header( 'Cache-Control: no-store' ) . exit( 'broken' ),
				'note' => touch( "/tmp/$what" ),
				'length' => print( bin2hex( random_bytes( (int) $what / 2 ) ) ),
				default => null,
			};
		}
		echo $_SERVER['REQUEST_METHOD'], ' ', uniqid( more_entropy: true ), str_repeat( ' words', 1000 ), ' end';`,
	"wp-login.php":          `<?php echo 'a login';`,
	"wp-admin/index.php":    `<?php header( 'Cache-Control: s-maxage=60' ); echo uniqid( 'dashboard ' );`,
	"wp-admin/with.php":     `<?php header( 'X-Frame-Options: SAMEORIGIN' ); header( 'Referrer-Policy: no-referrer' ); echo 'run';`,
	"wp-comments-post.php":  `<?php echo strlen( file_get_contents( 'php://input' ) );`,
	"xmlrpc.php":            `<?php echo 'run';`,
	"wp-includes/script.js": strings.Repeat("let variable = 'text';\n", 200),
}

const siteHost = "site.example"

// startFront starts nginx and php-fpm. The site is http://site.example, and every peer is a trusted proxy unless
// the environment says otherwise; files are added to the programs.
func startFront(t *testing.T, environment, files map[string]string) *front {
	t.Helper()
	e := containers.Connect(t)
	f := &front{files: t.TempDir()}
	for _, all := range []map[string]string{programs, files} {
		for name, content := range all {
			f.write(t, name, content)
		}
	}
	built, network := site.Image(t, e), e.Network(t)
	settings := map[string]string{"WORDPRESS_URL": "http://" + siteHost, "WORDPRESS_TRUSTED_PROXIES": network.Subnet}
	maps.Copy(settings, environment)
	mounts := []containers.Mount{{Source: f.files, Target: "/var/www/html", ReadOnly: true}}
	f.nginx = e.Run(t, containers.Spec{
		Name: "nginx", Image: built, Command: []string{"nginx"}, Environment: settings, User: "33:33",
		Network: network, Publish: image.Port, Restricted: true, Memory: image.NginxMemory, Mounts: mounts,
		Tmpfs: site.Tmpfs(site.Nginx),
	})
	pool := filepath.Join(t.TempDir(), "pool.conf")
	require.NoError(t, os.WriteFile(pool, []byte(
		"[global]\ndaemonize = no\nerror_log = /proc/self/fd/2\nprocess_control_timeout = 70s\n"+
			"[www]\nlisten = 127.0.0.1:9000\npm = static\npm.max_children = 6\n"+
			"ping.path = /healthz\nping.response = ok\npm.status_path = /fpm-status\n"), 0o644))
	f.php = e.Run(t, containers.Spec{
		Name: "php-fpm", Image: built, Entrypoint: []string{"php-fpm", "-y", "/etc/pool.conf"}, User: "33:33",
		Join: f.nginx, Restricted: true, Tmpfs: site.Tmpfs(site.PHP),
		Mounts: append(mounts, containers.Mount{Source: pool, Target: "/etc/pool.conf", ReadOnly: true}),
	})
	f.address = f.nginx.Address(t, image.Port)
	site.Eventually(t, func() bool {
		require.True(t, f.nginx.Running(t), "nginx starts")
		answer, err := f.try(request{path: "/healthz"})
		return err == nil && answer.status == http.StatusOK
	}, "nginx and php-fpm answer")
	return f
}

// write puts a file into the site as an editor does: it appears complete.
func (f *front) write(t *testing.T, name, content string) {
	t.Helper()
	path := filepath.Join(f.files, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path+".new", []byte(content), 0o644))
	require.NoError(t, os.Rename(path+".new", path))
}

// request is a request to the site, a GET unless said otherwise. The zero client is one that nobody else is.
type request struct {
	method, path, host, body string
	// target is what stands in the request line instead of the path.
	target string
	header http.Header
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func header(pairs ...string) http.Header {
	h := http.Header{}
	for pair := range slices.Chunk(pairs, 2) {
		h.Add(pair[0], pair[1])
	}
	return h
}

// ask sends a request that has to be answered.
func (f *front) ask(t *testing.T, r request) answer {
	t.Helper()
	a, err := f.try(r)
	require.NoError(t, err, "%+v", r)
	return a
}

// get asks for a page as an anonymous visitor.
func (f *front) get(t *testing.T, path string) answer {
	t.Helper()
	return f.ask(t, request{path: path})
}

// try sends the request as it is written: a client of the standard library would tidy it up.
func (f *front) try(r request) (answer, error) {
	ctx, cancel := context.WithTimeout(context.Background(), site.StartTimeout)
	defer cancel()
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", f.address)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = connection.Close() }() // everything was read
	deadline, _ := ctx.Deadline()
	if err := connection.SetDeadline(deadline); err != nil {
		return answer{}, err
	}
	method := cmp.Or(r.method, http.MethodGet)
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", method,
		cmp.Or(r.target, r.path), cmp.Or(r.host, siteHost))
	for name, values := range r.header {
		for _, value := range values {
			fmt.Fprintf(&text, "%s: %s\r\n", name, value)
		}
	}
	if r.body != "" && r.header.Get("Content-Length") == "" {
		fmt.Fprintf(&text, "Content-Length: %d\r\n", len(r.body))
	}
	text.WriteString("\r\n" + r.body)
	if _, err := io.WriteString(connection, text.String()); err != nil {
		return answer{}, err
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), &http.Request{Method: method})
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }() // the same
	body, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(body)}, err
}

// cacheState is what nginx says about the page cache; empty where it was not asked.
func (a answer) cacheState() string { return a.header.Get("X-Page-Cache") }

// logLines waits until the log says something and returns its lines.
func (f *front) logLines(t *testing.T, want string) []string {
	t.Helper()
	var log string
	site.Eventually(t, func() bool {
		log = f.nginx.Logs(t)
		return strings.Contains(log, want)
	}, "the log has %q", want)
	return strings.Split(strings.TrimSpace(log), "\n")
}

// awaitState waits until a page comes from the cache in a certain way.
func (f *front) awaitState(t *testing.T, path, want string) answer {
	t.Helper()
	var last answer
	site.Eventually(t, func() bool {
		last = f.get(t, path)
		return last.cacheState() == want
	}, "%s is %s", path, want)
	return last
}
