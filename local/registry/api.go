package registry

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// Repository names, tags and digests as ECR takes them.
const (
	namePattern   = `(?P<name>(?:[a-z0-9]+(?:[._-]+[a-z0-9]+)*/)*[a-z0-9]+(?:[._-]+[a-z0-9]+)*)`
	tagPattern    = `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`
	digestPattern = `sha256:[0-9a-f]{64}`
)

var (
	nameRule   = regexp.MustCompile(`^` + namePattern + `$`)
	digestRule = regexp.MustCompile(`^` + digestPattern + `$`)
)

// apiError is an error as the distribution API words it.
type apiError struct {
	status  int
	code    string
	message string
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

// call is one request with what its path names: a repository and a reference (a digest, a tag
// or the number of an upload).
type call struct {
	repository, reference string
	request               *http.Request
	response              http.ResponseWriter
}

// route is one path of the distribution API with its methods.
type route struct {
	path    *regexp.Regexp
	methods map[string]func(*Registry, *call) error
}

func routes() []route {
	compile := func(tail string) *regexp.Regexp { return regexp.MustCompile(`^/v2/` + namePattern + tail + `$`) }
	return []route{
		{regexp.MustCompile(`^/v2/?$`), map[string]func(*Registry, *call) error{
			http.MethodGet: (*Registry).version, http.MethodHead: (*Registry).version,
		}},
		{compile(`/blobs/uploads/?`), map[string]func(*Registry, *call) error{
			http.MethodPost: (*Registry).startUpload,
		}},
		{compile(`/blobs/uploads/(?P<reference>[0-9a-f]{32})`), map[string]func(*Registry, *call) error{
			http.MethodPatch: (*Registry).appendUpload, http.MethodPut: (*Registry).finishUpload,
			http.MethodDelete: (*Registry).cancelUpload,
		}},
		{compile(`/blobs/(?P<reference>` + digestPattern + `)`), map[string]func(*Registry, *call) error{
			http.MethodGet: (*Registry).getBlob, http.MethodHead: (*Registry).getBlob,
		}},
		{compile(`/manifests/(?P<reference>` + digestPattern + `|` + tagPattern + `)`),
			map[string]func(*Registry, *call) error{
				http.MethodGet: (*Registry).getManifest, http.MethodHead: (*Registry).getManifest,
				http.MethodPut: (*Registry).putManifest,
			}},
		{compile(`/tags/list`), map[string]func(*Registry, *call) error{
			http.MethodGet: (*Registry).listTags,
		}},
	}
}

// Listener is a registry being served.
type Listener struct {
	listener net.Listener
	server   *http.Server
	gone     func()
}

// Serve answers the OCI distribution API on 127.0.0.1:port. Port 0 picks a free one, and the last
// one again when it still is free: the Docker engine remembers what it pushed to an address, and
// neither packs nor sends it a second time. The registry asks for no credentials: who reaches
// loopback of this machine may push.
func (r *Registry) Serve(port int) (*Listener, error) {
	r.serving.Lock()
	defer r.serving.Unlock()
	if r.open == 0 {
		if err := r.clearUploads(); err != nil {
			return nil, fmt.Errorf("clearing interrupted pushes: %w", err)
		}
	}
	listener, err := r.listen(port)
	if err != nil {
		return nil, fmt.Errorf("serving the image registry: %w", err)
	}
	r.open++
	server := &http.Server{Handler: r.handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // it ends with Close, and says nothing else
	return &Listener{listener: listener, server: server, gone: sync.OnceFunc(r.closed)}, nil
}

func (r *Registry) closed() {
	r.serving.Lock()
	defer r.serving.Unlock()
	r.open--
}

// clearUploads removes what interrupted pushes left behind: it is of no use to a new one. It would break a push that
// another listener still receives.
func (r *Registry) clearUploads() error {
	if err := r.files.RemoveAll(uploadsDir); err != nil {
		return err
	}
	return r.files.MkdirAll(uploadsDir, 0o750)
}

func (r *Registry) listen(port int) (net.Listener, error) {
	if port == 0 {
		// Whatever is wrong with the last port, a new one is as good.
		if last, err := r.files.ReadFile(portFile); err == nil {
			if listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", string(last))); err == nil {
				return listener, nil
			}
		}
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, err
	}
	_, picked, err := net.SplitHostPort(listener.Addr().String())
	if err == nil {
		err = r.store(portFile, []byte(picked))
	}
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}

// Port is the TCP port on 127.0.0.1 that answers.
func (l *Listener) Port() int {
	if addr, ok := l.listener.Addr().(*net.TCPAddr); ok {
		return addr.Port
	}
	return 0
}

// Close ends all connections.
func (l *Listener) Close() {
	_ = l.server.Close() // only reports that the listener is closed already
	l.gone()
}

func (r *Registry) handler() http.Handler {
	table := routes()
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if err := r.dispatch(table, w, request); err != nil {
			writeError(w, err)
		}
	})
}

func (r *Registry) dispatch(table []route, w http.ResponseWriter, request *http.Request) error {
	for _, route := range table {
		match := route.path.FindStringSubmatch(request.URL.Path)
		if match == nil {
			continue
		}
		handle, ok := route.methods[request.Method]
		if !ok {
			break
		}
		c := &call{request: request, response: w}
		for i, group := range route.path.SubexpNames() {
			switch group {
			case "name":
				c.repository = match[i]
			case "reference":
				c.reference = match[i]
			}
		}
		return handle(r, c)
	}
	return &apiError{http.StatusNotFound, "UNSUPPORTED",
		fmt.Sprintf("%s %s is not part of this registry", request.Method, request.URL.Path)}
}

func writeError(w http.ResponseWriter, err error) {
	var api *apiError
	if !errors.As(err, &api) {
		api = &apiError{http.StatusInternalServerError, "UNKNOWN", err.Error()}
	}
	type entry struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	writeJSON(w, api.status, map[string][]entry{"errors": {{api.code, api.message}}})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that went away misses nothing
}

func (r *Registry) version(c *call) error {
	c.response.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
	c.response.WriteHeader(http.StatusOK)
	return nil
}
