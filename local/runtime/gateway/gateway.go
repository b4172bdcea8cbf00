// Package gateway stands for AWS's APIs where tasks call them: the endpoint that gives a task the credentials of its
// role, S3, and CloudFront's CreateInvalidation. Names, certificates, signatures and permissions are looked at as on
// AWS; a task needs no setting that says where it runs.
//
// A task reaches it by two Unix sockets in a directory of its own, which is mounted into the container that holds the
// task's network (package task): nothing listens on an address of this machine, and who comes through a socket is the
// task that it belongs to.
//
// Other APIs of AWS are not here: their names lead where the names of the internet lead, and AWS knows none of these
// credentials.
package gateway

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/authority"
	"wordpress-ecs/local/runtime/part"
	"wordpress-ecs/local/runtime/reach"
	"wordpress-ecs/local/runtime/sigv4"
)

// The names of the sockets in the directory of a task, and of that of the account.
const (
	SocketHTTP  = "http"
	SocketHTTPS = "https"

	directory = "gateway"
)

// Caller is a task.
type Caller struct {
	// Task is its id, Role the ARN of its role, empty for none, Region where it runs.
	Task, Role, Region string
	// From is its network interface. Without a subnet nothing is known of it, and what it reaches is not looked at.
	From reach.Interface
}

// Place is what a task needs to reach its gateway.
type Place struct {
	// Directory is one of this machine, absolute, with the sockets.
	Directory string
	// Hosts are names that lead to SocketHTTPS. Buckets that are made later have no name of their own among them.
	Hosts []string
	// CredentialsURI is the path of the task's credentials at SocketHTTP, empty for a task without a role.
	CredentialsURI string
}

// Objects is S3.
type Objects interface {
	http.Handler
	// Hosts are the names that buckets are asked by; the one of a region is among them in any case.
	Hosts(region string) ([]string, error)
}

// Env is what the gateway needs.
type Env struct {
	// Home is the account's directory.
	Home      string
	Account   *account.Account
	Authority *authority.Authority
	Keys      *sigv4.Keys
	Objects   Objects
	// Invalidate drops paths from what a distribution keeps, and returns the id of the invalidation. The error is a
	// *Refusal where CloudFront would answer with one. It is nil where no distribution is served.
	Invalidate func(distribution string, paths []string) (string, error)
	Say        part.Say
}

// Gateway answers the tasks of an account.
type Gateway struct {
	env          Env
	batches      batches
	certificates certificates

	mu   sync.Mutex
	open map[string]*entrance // by task
	said map[string]bool
}

// entrance is where a task comes in.
type entrance struct {
	caller  Caller
	servers []*http.Server
}

// New returns the gateway of an account.
func New(e Env) *Gateway {
	return &Gateway{env: e, open: map[string]*entrance{}, said: map[string]bool{}}
}

// Open lets a task in, and tells it the way. For a task that is in already only the way is told.
func (g *Gateway) Open(c Caller) (p Place, err error) {
	if p.Directory, err = g.directory(c.Task); err != nil {
		return p, err
	}
	if p.Hosts, err = g.hosts(c.Region); err != nil {
		return p, fmt.Errorf("names of AWS's APIs: %w", err)
	}
	if c.Role != "" {
		p.CredentialsURI = credentialsPath + g.env.Keys.ID(c.Task)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open[c.Task] != nil {
		return p, nil
	}
	e := &entrance{caller: c}
	if err := g.listen(e, p.Directory); err != nil {
		return p, errors.Join(fmt.Errorf("sockets for AWS's APIs: %w", err), e.close())
	}
	g.open[c.Task] = e
	return p, nil
}

func (g *Gateway) listen(e *entrance, dir string) error {
	// The directory above keeps others out; the task's is seen in its container, where another user reads it.
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // as said
		return err
	}
	plain, err := listen(filepath.Join(dir, SocketHTTP))
	if err != nil {
		return err
	}
	e.serve(plain, g.credentials(e.caller))
	secure, err := listen(filepath.Join(dir, SocketHTTPS))
	if err != nil {
		return err
	}
	e.serve(g.secure(secure, e.caller), http.HandlerFunc(g.dispatch))
	return nil
}

// listen makes a socket, in the place of one that a process that died has left. It is bound by a short name, because
// the system takes no more than 100 characters or so.
func listen(name string) (net.Listener, error) {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	short, err := os.MkdirTemp("", "gateway-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(short) }() // a link
	link := filepath.Join(short, "d")
	if err := os.Symlink(filepath.Dir(name), link); err != nil {
		return nil, err
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(link, filepath.Base(name)), Net: "unix"})
	if err != nil {
		return nil, err
	}
	// Another process may listen there by the time that this one ends.
	l.SetUnlinkOnClose(false)
	if err := os.Chmod(name, 0o666); err != nil { //nolint:gosec // for the user of the container
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func (e *entrance) serve(l net.Listener, h http.Handler) {
	const patience = 30 * time.Second
	s := &http.Server{Handler: h, ReadHeaderTimeout: patience, IdleTimeout: 2 * patience, ErrorLog: silent()}
	e.servers = append(e.servers, s)
	go func() { _ = s.Serve(l) }() // until it is closed
}

func (e *entrance) close() error {
	failed := make([]error, 0, len(e.servers))
	for _, s := range e.servers {
		failed = append(failed, s.Close())
	}
	return errors.Join(failed...)
}

// Close lets a task out for good. One that is not in is no error.
func (g *Gateway) Close(task string) error {
	dir, err := g.directory(task)
	if err != nil {
		return err
	}
	g.mu.Lock()
	e := g.open[task]
	delete(g.open, task)
	g.mu.Unlock()
	if e != nil {
		err = e.close()
	}
	return errors.Join(err, os.RemoveAll(dir))
}

// Stop lets nobody in any more. The directories stay for another process, which the tasks then reach.
func (g *Gateway) Stop() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	var failed []error
	for task, e := range g.open {
		failed = append(failed, e.close())
		delete(g.open, task)
	}
	return errors.Join(failed...)
}

// directory is that of a task.
func (g *Gateway) directory(task string) (string, error) {
	const enough = 12
	home, err := filepath.Abs(g.env.Home)
	if err != nil {
		return "", fmt.Errorf("finding %s: %w", g.env.Home, err)
	}
	return filepath.Join(home, directory, task[:min(len(task), enough)]), nil
}

// sayOnce says a line about a task, but not again.
func (g *Gateway) sayOnce(task, line string) {
	text := "task " + task + ": " + line
	g.mu.Lock()
	known := g.said[text]
	g.said[text] = true
	g.mu.Unlock()
	if !known {
		g.env.Say(text)
	}
}
