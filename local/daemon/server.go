package daemon

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"wordpress-ecs/local/flock"
)

const (
	// grace is how long the process stays after a command, so that the next one finds it.
	grace = time.Second
	// lockPatience is how long to wait for the process before to end.
	lockPatience = 20 * time.Second
	// endPatience bounds how long what commands asked for may take to end with the process.
	endPatience = 20 * time.Second
	// suspendPatience bounds the stop of containers whose home was removed.
	suspendPatience = time.Minute
)

// server is the process at work.
type server struct {
	home  string
	log   *log
	cloud *Cloud
	info  info
	// clock is the speed that the process was started with.
	clock float64
	// ctx ends with the process, and with it everything that commands asked for.
	ctx context.Context
	// ends gets the reason to end.
	ends chan string
	// slot is taken by the one command at a time that changes things.
	slot chan struct{}

	mu        sync.Mutex
	connected int       // commands
	busy      int       // requests that are under way
	lastSeen  time.Time // when the last of them went
	ending    bool
	started   bool

	// linesMu is apart: whatever happens may be said, also while mu is held.
	linesMu  sync.Mutex
	sessions map[*listener]bool
}

// Main is the hidden command: it runs the process until no one needs it or a signal ends it, and returns the exit
// code.
func Main(home string, open Open) int {
	closeInherited()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := Run(ctx, home, open); err != nil {
		fmt.Fprintln(os.Stderr, err) // into the log, where the command that started it looks
		return 1
	}
	return 0
}

// Run is the process: it opens the home's account and answers commands until no one needs it, or the context
// ends. The reason is in the log.
func Run(ctx context.Context, home string, open Open) error {
	lock, err := flock.Open(lockFile(home))
	if err != nil {
		return err
	}
	defer lock.Close()
	waiting, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	if err := flock.Wait(waiting, lock); err != nil {
		return fmt.Errorf("another process runs the local cloud of %s: %w", home, err)
	}
	file, err := openLog(home)
	if err != nil {
		return err
	}
	defer file.Close()
	s := &server{
		home: home, log: &log{file: file}, ends: make(chan string, 1), slot: make(chan struct{}, 1),
		lastSeen: time.Now(), sessions: map[*listener]bool{},
	}
	if err := traceInto(file); err != nil {
		return fmt.Errorf("opening the local cloud's log: %w", err)
	}
	s.log.say(fmt.Sprintf("the local cloud begins (pid %d)", os.Getpid()))
	return s.run(ctx, open)
}

// traceInto lets the trace of a panic stand in the log. It does already unless the process before has removed
// the file that standard error is.
func traceInto(file *os.File) error {
	now, err := file.Stat()
	if err != nil {
		return err
	}
	if then, err := os.Stderr.Stat(); err == nil && os.SameFile(now, then) {
		return nil
	}
	return debug.SetCrashOutput(file, debug.CrashOptions{})
}

func (s *server) run(ctx context.Context, open Open) (err error) {
	if s.cloud, err = open(ctx, s.home, s.say); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.cloud.Account.Close()) }()
	defer func() { err = errors.Join(err, s.cloud.Runtime.Close()) }()
	if s.clock, err = Clock(s.cloud.Account); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.ctx = ctx
	listener, err := s.listen()
	if err != nil {
		return err
	}
	isStopped, err := stopped(s.cloud.Account)
	if err != nil {
		return err
	}
	if !isStopped {
		s.start()
	}
	web := &http.Server{
		Handler: s.handler(), ReadHeaderTimeout: 5 * time.Second,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = web.Serve(listener) // ends with Close
	}()
	if err := s.info.write(s.home); err != nil {
		return err
	}
	reason := s.attend(ctx)
	err = s.info.remove(s.home)
	cancel()
	s.endAnswers(web)
	<-served
	s.cloud.Runtime.Stop()
	s.log.say("the local cloud ends: " + reason)
	return errors.Join(err, s.tidy())
}

// listen takes a port and decides who may use it.
func (s *server) listen() (net.Listener, error) {
	id, err := build()
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening for commands: %w", err)
	}
	s.info = info{
		Address: listener.Addr().String(), Token: rand.Text(), PID: os.Getpid(), Build: id,
		Since: time.Now().Round(time.Second),
	}
	return listener, nil
}

// start runs the account, where an engine answers.
func (s *server) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.started || s.cloud.Runtime.Absence() != nil {
		return
	}
	s.started = true
	s.cloud.Runtime.Start(s.ctx)
}

func (s *server) isStarted() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.started
}

// resume runs an account that was stopped.
func (s *server) resume() error {
	if err := setStopped(s.cloud.Account, false); err != nil {
		return err
	}
	s.start()
	return nil
}

// endAnswers waits until what commands asked for has ended; the context has told it to.
func (s *server) endAnswers(web *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), endPatience)
	defer cancel()
	if err := web.Shutdown(ctx); err != nil {
		s.log.say("something that a command asked for does not end; going without it")
		_ = web.Close() // ends the connections at least
	}
}

// tidy removes the log of an account in which nothing is left.
func (s *server) tidy() error {
	left, err := s.cloud.Account.List()
	if err != nil || len(left) > 0 {
		return err
	}
	if err := os.Remove(LogFile(s.home)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("removing the local cloud's log: %w", err)
	}
	return nil
}
