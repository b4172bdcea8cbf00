package image

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"wordpress-ecs/tests/containers"
	"wordpress-ecs/tests/site"
)

// sending are the ways in which nginx can send a file. Which is faster depends on the file's size: with the first,
// the end of a long one may wait for the client's acknowledgement.
var sending = map[string]string{
	"by sendfile":    "sendfile on; tcp_nopush on;",
	"through memory": "sendfile off; tcp_nopush off; output_buffers 2 64k;",
}

// limits are the most that nginx can do here, each in its own way of sending.
func (b *bench) limits(t *site.Task, ours *side, p page) (list []*side) {
	for _, way := range slices.Sorted(maps.Keys(sending)) {
		list = append(list, b.limit(t, ours, p, way))
	}
	return list
}

// limit is the same nginx with as many workers and the same log, which sends the bytes of the cached page and its
// headers from a file.
func (b *bench) limit(t *site.Task, ours *side, p page, way string) *side {
	b.warm(ours, p)
	sample := b.prove(ours, p)
	var headers strings.Builder
	for _, name := range slices.Sorted(maps.Keys(sample.header)) {
		switch name {
		case "Content-Type", "Content-Encoding", "Content-Length", "Date", "Server", "Connection":
			continue
		}
		for _, value := range sample.header[name] {
			fmt.Fprintf(&headers, "\t\tadd_header %s '%s';\n", name, strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value))
		}
	}
	if p.encoding != "" {
		fmt.Fprintf(&headers, "\t\tadd_header Content-Encoding %s;\n", p.encoding)
	}
	name, workers := "the same bytes from a file, "+way, t.Nginx.Must(b, "cat", "/tmp/nginx/workers.conf")
	c := b.engine.Run(b, containers.Spec{
		Name: "limit", Image: b.image, Entrypoint: []string{"nginx", "-c", "/srv/limit/nginx.conf"},
		Network: b.site.Network, Publish: 8080,
		Files: []containers.File{
			{Name: "/srv/limit/page", Content: string(sample.body)},
			{Name: "/srv/limit/nginx.conf", Content: fmt.Sprintf(limitConfig, workers, sending[way], headers.String())},
		},
	})
	s := &side{name: name, address: c.Address(b, 8080), load: b.loader(c), cached: true}
	b.warm(s, p)
	if same := b.prove(s, p); string(same.body) != string(sample.body) {
		b.fail("%s: %d bytes instead of %d", name, len(same.body), len(sample.body))
	}
	return s
}

const limitConfig = `daemon off;
pid /tmp/limit.pid;
error_log stderr error;
%s
worker_rlimit_nofile 16384;
events {
	worker_connections 4096;
}
http {
	map $scheme $visitor_scheme {
		default http;
	}
	include /etc/nginx/http/log.conf;
	%s
	etag off;
	max_ranges 0;
	open_file_cache max=16;
	client_body_temp_path /tmp/limit-body;
	proxy_temp_path /tmp/limit-proxy;
	fastcgi_temp_path /tmp/limit-fastcgi;
	uwsgi_temp_path /tmp/limit-uwsgi;
	scgi_temp_path /tmp/limit-scgi;
	server {
		listen 8080 backlog=4096;
		default_type "text/html; charset=UTF-8";
		root /srv/limit;
%s		location / {
			try_files /page =404;
		}
	}
}
`
