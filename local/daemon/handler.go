package daemon

import (
	"crypto/subtle"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// message is a line of a streamed answer.
type message struct {
	// Hello is the first of a connection.
	Hello *hello `json:"hello,omitempty"`
	// Session is the first of a session.
	Session *opened `json:"session,omitempty"`
	// Removed is a resource that was removed.
	Removed *Known `json:"removed,omitempty"`
	// Say is for the person.
	Say string `json:"say,omitempty"`
	// Error ends what was asked for.
	Error string `json:"error,omitempty"`
	// Done ends it well.
	Done bool `json:"done,omitempty"`
}

// hello is how a process presents itself.
type hello struct {
	PID   int     `json:"pid"`
	Build string  `json:"build"`
	Clock float64 `json:"clock"`
}

// Paths of the process.
const (
	pathConnection = "/connection"
	pathSession    = "/session"
	pathResources  = "/resources"
	pathUnrecorded = "/unrecorded"
	pathRemove     = "/remove-unrecorded"
	pathStatus     = "/status"
	pathAct        = "/act"
	pathSuspend    = "/suspend"
	pathStart      = "/start"
	pathClock      = "/clock"
	pathShutdown   = "/shutdown"
	pathSecret     = "/secret"
	pathLocate     = "/locate"
	// pathECS is where ECS answers AWS's own clients.
	pathECS = "/ecs"
)

// handler answers commands, which show the token, and AWS's clients, which cannot.
func (s *server) handler() http.Handler {
	own := http.NewServeMux()
	for pattern, answer := range map[string]http.HandlerFunc{
		"POST " + pathSession: s.session, "DELETE " + pathSession: s.endSession, "GET " + pathResources: s.resources,
		"POST " + pathUnrecorded: s.unrecorded, "POST " + pathRemove: s.removeUnrecorded, "GET " + pathStatus: s.status,
		"POST " + pathAct: s.act, "POST " + pathSuspend: s.suspend, "POST " + pathStart: s.startAgain,
		"POST " + pathClock: s.setClock, "POST " + pathShutdown: s.shutdown, "POST " + pathSecret: s.secret,
		"POST " + pathLocate: s.locate, "POST " + pathAWS: s.aws,
	} {
		own.Handle(pattern, s.counted(answer))
	}
	own.HandleFunc("GET "+pathConnection, s.connection)
	all := http.NewServeMux()
	all.Handle("/", s.authorized(own))
	ecs := http.StripPrefix(pathECS, s.cloud.Runtime.API())
	all.Handle(pathECS+"/", ecs)
	all.Handle(pathECS, ecs)
	return loopbackOnly(all)
}

// authorized lets those in who could read the token.
func (s *server) authorized(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		if subtle.ConstantTimeCompare([]byte(token), []byte(s.info.Token)) != 1 {
			http.Error(w, "the token is in daemon.json", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// loopbackOnly keeps browsers out that a name of some other site has led here.
func loopbackOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil || host != "127.0.0.1" && host != "localhost" {
			http.Error(w, "127.0.0.1 only", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// counted keeps the process from ending while it answers.
func (s *server) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.busy++
		s.mu.Unlock()
		defer func() {
			s.mu.Lock()
			s.busy--
			s.lastSeen = time.Now()
			s.mu.Unlock()
		}()
		next.ServeHTTP(w, r)
	})
}

// connection lasts for as long as a command, which keeps the process from ending meanwhile.
func (s *server) connection(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		http.Error(w, "the local cloud ends just now", http.StatusServiceUnavailable)
		return
	}
	defer s.leave()
	newStream(w).send(message{Hello: &hello{PID: s.info.PID, Build: s.info.Build, Clock: s.clock}})
	<-r.Context().Done()
}

func (s *server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending {
		return false
	}
	s.connected++
	return true
}

func (s *server) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connected--
	s.lastSeen = time.Now()
}

// stream is an answer that comes line by line. It is safe for use by several goroutines.
type stream struct {
	mu sync.Mutex
	w  http.ResponseWriter
}

func newStream(w http.ResponseWriter) *stream {
	w.Header().Set("Content-Type", "application/x-ndjson")
	return &stream{w: w}
}

// send gives up on who has gone; the request's context tells that.
func (s *stream) send(m message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = json.NewEncoder(s.w).Encode(m)
	_ = http.NewResponseController(s.w).Flush()
}

func (s *stream) say(line string) { s.send(message{Say: line}) }

// end is the last line.
func (s *stream) end(err error) {
	if err != nil {
		s.send(message{Error: err.Error()})
		return
	}
	s.send(message{Done: true})
}

// read takes what a command asks for; false means that it was refused.
func read(w http.ResponseWriter, r *http.Request, into any) bool {
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		http.Error(w, "reading the request: "+err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

// reply answers with a value, or with what went wrong.
func reply(w http.ResponseWriter, value any, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value) // who asked may have gone
}
