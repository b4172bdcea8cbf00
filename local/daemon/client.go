package daemon

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"wordpress-ecs/local/runtime/part"
)

// answerPatience is how long a process that lives may take to say so.
const answerPatience = 10 * time.Second

// Client is a connection of a command to the local cloud of a home. The process stays for as long as it is open.
type Client struct {
	home  string
	info  info
	hello hello
	http  *http.Client
	// lasting is the time until Close.
	lasting context.Context
	close   context.CancelFunc
	// lost is closed when the process has gone.
	lost chan struct{}
}

// errNobody says that no process answers at an address, or another program does.
var errNobody = errors.New("nobody answers")

// errEnding says that the process ends just now.
var errEnding = errors.New("the local cloud ends just now")

// dial connects to the process that a daemon.json names.
func dial(ctx context.Context, home string, at info) (*Client, error) {
	c := &Client{
		home: home, info: at, lost: make(chan struct{}),
		http: &http.Client{Transport: &http.Transport{}}, // loopback, past any proxy
	}
	// The connection is the command's, however long what it was dialed for takes.
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c.lasting, c.close = lasting, cancel
	defer context.AfterFunc(ctx, cancel)()
	patience := time.AfterFunc(answerPatience, cancel)
	defer patience.Stop()
	body, err := c.ask(lasting, http.MethodGet, pathConnection, nil)
	if err != nil {
		c.Close()
		return nil, err
	}
	var first message
	if err := json.NewDecoder(body).Decode(&first); err != nil || first.Hello == nil || first.Hello.PID != at.PID {
		_ = body.Close()
		c.Close()
		return nil, errNobody
	}
	c.hello = *first.Hello
	go func() {
		defer close(c.lost)
		defer body.Close()
		_, _ = io.Copy(io.Discard, body) // there is nothing to read until it ends
	}()
	return c, nil
}

// Close ends the connection, and the sessions that were opened through it.
func (c *Client) Close() {
	c.close()
	c.http.CloseIdleConnections()
}

// Lost is closed when the process has gone, or Close was called.
func (c *Client) Lost() <-chan struct{} { return c.lost }

// LostError is the error of a command whose process has gone.
func LostError(home string) error {
	return fmt.Errorf("the background process of the local cloud ended while the command ran: its log is %s", LogFile(home))
}

// ECS is where ECS answers AWS's own clients.
func (c *Client) ECS() string { return "http://" + c.info.Address + pathECS }

// Resources lists what exists in the account as a JSON array.
func (c *Client) Resources(ctx context.Context) ([]byte, error) {
	var list json.RawMessage
	err := c.call(ctx, http.MethodGet, pathResources, nil, &list)
	return bytes.TrimSpace(list), err
}

// Unrecorded finds what Pulumi's state and the account do not have in common.
func (c *Client) Unrecorded(ctx context.Context, state Recorded) (Difference, error) {
	var d Difference
	err := c.call(ctx, http.MethodPost, pathUnrecorded, state, &d)
	return d, err
}

// RemoveUnrecorded removes what was made and never recorded, after ending what runs for it, and returns it.
func (c *Client) RemoveUnrecorded(ctx context.Context, state Recorded, say part.Say) ([]Known, error) {
	var removed []Known
	err := c.followed(ctx, pathRemove, state, say, func(m message) { removed = append(removed, *m.Removed) })
	return removed, err
}

// Status tells what runs.
func (c *Client) Status(ctx context.Context) (Status, error) {
	var s Status
	err := c.call(ctx, http.MethodGet, pathStatus, nil, &s)
	return s, err
}

// Secret is the current value of a secret, by name or ARN, or of one key of it.
func (c *Client) Secret(ctx context.Context, name, key string) (string, error) {
	var value string
	err := c.call(ctx, http.MethodPost, pathSecret, secretAsked{Name: name, Key: key}, &value)
	return value, err
}

// Locate is the id of the Docker container of a task that a person means by a name.
func (c *Client) Locate(ctx context.Context, name string) (string, error) {
	var id string
	err := c.call(ctx, http.MethodPost, pathLocate, name, &id)
	return id, err
}

// Act does what a person asks for beyond Pulumi: "failover", "terminate", "restore".
func (c *Client) Act(ctx context.Context, name string, args []string, say part.Say) error {
	return c.follow(ctx, pathAct, action{Name: name, Args: args}, say)
}

// Suspend stops what runs and keeps its data, then ends the process. The account stays stopped until Start or a
// session that starts it.
func (c *Client) Suspend(ctx context.Context, say part.Say) error {
	return c.follow(ctx, pathSuspend, nil, say)
}

// Start runs an account that was stopped, and waits until all of it works.
func (c *Client) Start(ctx context.Context, say part.Say) error {
	return c.follow(ctx, pathStart, nil, say)
}

// Session is what the Pulumi engine of one command works with.
type Session struct {
	// Providers is the value for PULUMI_DEBUG_PROVIDERS.
	Providers string
	// Absence is why what is deployed does not run, or "".
	Absence string

	client *Client
	end    context.CancelFunc
	over   chan struct{}
}

// lastWords is how long what was said when a session ends may take.
const lastWords = 5 * time.Second

// Session serves the providers until it is closed. Lines for the person go to say.
func (c *Client) Session(ctx context.Context, asked Asked, say part.Say) (*Session, error) {
	lasting, cancel := context.WithCancel(c.lasting)
	defer context.AfterFunc(ctx, cancel)()
	body, err := c.ask(lasting, http.MethodPost, pathSession, asked)
	if err != nil {
		cancel()
		return nil, c.gone(err)
	}
	lines := json.NewDecoder(bufio.NewReader(body))
	var first message
	if err = lines.Decode(&first); err != nil {
		err = fmt.Errorf("%w: %w", errBroken, err)
	} else if first.Session == nil {
		err = errors.New(first.Error)
	}
	if err != nil {
		_ = body.Close()
		cancel()
		return nil, c.gone(err)
	}
	s := &Session{
		Providers: first.Session.Providers, Absence: first.Session.Absence, client: c, end: cancel, over: make(chan struct{}),
	}
	go func() {
		defer close(s.over)
		defer body.Close()
		for {
			var next message
			if lines.Decode(&next) != nil {
				return
			}
			if next.Say != "" {
				say(next.Say)
			}
		}
	}()
	return s, nil
}

// Close ends the session when all is said that there is to say.
func (s *Session) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), lastWords)
	defer cancel()
	_ = s.client.call(ctx, http.MethodDelete, pathSession, nil, nil) // a process that has gone has said all
	select {
	case <-s.over:
	case <-ctx.Done():
	}
	s.end()
	<-s.over
}

// takeOver tells the process to end; what runs goes on.
func (c *Client) takeOver(ctx context.Context, force bool) error {
	return c.call(ctx, http.MethodPost, pathShutdown, force, nil)
}

func (c *Client) setClock(ctx context.Context, speed float64) error {
	return c.call(ctx, http.MethodPost, pathClock, speed, nil)
}

// call asks for one answer.
func (c *Client) call(ctx context.Context, method, path string, ask, into any) error {
	body, err := c.ask(ctx, method, path, ask)
	if err != nil {
		return c.gone(err)
	}
	defer body.Close()
	if into == nil {
		return nil
	}
	if err := json.NewDecoder(body).Decode(into); err != nil {
		return c.gone(fmt.Errorf("%w: %w", errBroken, err))
	}
	return nil
}

// follow asks for an answer that comes line by line.
func (c *Client) follow(ctx context.Context, path string, ask any, say part.Say) error {
	return c.followed(ctx, path, ask, say, func(message) {})
}

// followed is follow for an answer with more than lines for the person; it goes to take.
func (c *Client) followed(ctx context.Context, path string, ask any, say part.Say, take func(message)) error {
	body, err := c.ask(ctx, http.MethodPost, path, ask)
	if err != nil {
		return c.gone(err)
	}
	defer body.Close()
	lines := json.NewDecoder(bufio.NewReader(body))
	for {
		var next message
		if err := lines.Decode(&next); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return c.gone(fmt.Errorf("%w: %w", errBroken, err))
		}
		switch {
		case next.Done:
			return nil
		case next.Error != "":
			return errors.New(next.Error)
		case next.Say != "":
			say(next.Say)
		case next.Removed != nil:
			take(next)
		}
	}
}

// errBroken says that an answer did not come, or not to its end.
var errBroken = errors.New("asking the local cloud")

// gonePatience is how long the end of the process takes to show on its connection.
const gonePatience = 500 * time.Millisecond

// gone words an error for the case that the process has gone.
func (c *Client) gone(err error) error {
	if !errors.Is(err, errBroken) {
		return err
	}
	select {
	case <-c.lost:
		return fmt.Errorf("%w (%w)", LostError(c.home), err)
	case <-time.After(gonePatience):
		return err
	}
}

// ask sends a request and returns the body of its answer.
func (c *Client) ask(ctx context.Context, method, path string, ask any) (io.ReadCloser, error) {
	text, err := json.Marshal(ask)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBroken, err)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+c.info.Address+path, bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBroken, err)
	}
	req.Header.Set("Authorization", "Bearer "+c.info.Token)
	resp, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%w: %w", errBroken, err)
	}
	switch resp.StatusCode {
	case http.StatusOK:
		return resp.Body, nil
	case http.StatusServiceUnavailable:
		err = errEnding
	case http.StatusUnauthorized:
		err = errNobody
	default:
		said, _ := io.ReadAll(resp.Body) // what could not be read says nothing
		err = errors.New(strings.TrimSpace(string(said)))
	}
	_ = resp.Body.Close()
	return nil, err
}
