package alb

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"sync"
	"sync/atomic"
	"time"
)

// forward sends a request to a target and its response to the client. Nothing is sent twice, except by the
// transport: over a fresh connection, when a kept one turns out to be closed before anything was answered, and
// only if no harm can come of it.
func (f *front) forward(w http.ResponseWriter, r *http.Request, now *routing, to *forward) {
	g := f.balancer.part.knownGroup(to.group(r))
	if g != nil {
		if s := g.settings.Load(); s.function != "" && f.balancer.part.env.Functions != nil {
			f.invoke(w, r, now, s)
			return
		}
	}
	var t *target
	if g != nil {
		t = g.take(r)
	}
	if t == nil {
		f.fail(w, r, now, http.StatusServiceUnavailable)
		return
	}
	defer g.give(t)
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	x := &exchange{
		front: f, now: now, group: g, settings: g.settings.Load(), target: t, begun: time.Now(), idle: now.balancer.idle,
		control: http.NewResponseController(w), cancel: cancel, sticky: to.stick,
	}
	defer context.AfterFunc(t.life, func() { x.stop(http.StatusBadGateway) })()
	x.timer = time.AfterFunc(x.idle, x.silent)
	defer x.timer.Stop()
	r = r.WithContext(context.WithValue(ctx, exchangeKey{}, x))
	if r.Body != nil && r.Body != http.NoBody {
		_ = x.control.EnableFullDuplex() // HTTP/2 is that anyway
		body := &upload{ReadCloser: r.Body, x: x}
		defer body.leave()
		r.Body = body
	}
	f.balancer.part.sent(now.balancer.suffix, x.settings.suffix)
	f.proxy.ServeHTTP(w, r)
}

// exchange is a request that a target has, and what limits it.
type exchange struct {
	front    *front
	now      *routing
	group    *group
	settings *groupSettings
	target   *target
	begun    time.Time
	idle     time.Duration
	sticky   time.Duration

	control *http.ResponseController
	cancel  context.CancelCauseFunc
	timer   *time.Timer
	// receiving while the client is waited for, answered once the response has begun; verdict is the code for the
	// client when the load balancer ended it.
	receiving, answered atomic.Bool
	verdict             atomic.Int32
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

var errEnded = errors.New("ended by the load balancer")

// stop ends it, with a code if the client has seen no other.
func (x *exchange) stop(status int) {
	if !x.verdict.CompareAndSwap(0, int32(status)) { //nolint:gosec // a code of three digits
		return
	}
	past := time.Unix(1, 0)
	if status == http.StatusRequestTimeout {
		_ = x.control.SetReadDeadline(past) // or the server would wait for the rest of the request
	}
	if x.answered.Load() {
		_ = x.control.SetWriteDeadline(past) // the client may be what is silent
	}
	x.cancel(errEnded)
}

// silent ends an exchange in which nothing was sent for the idle timeout.
func (x *exchange) silent() {
	if x.receiving.Load() {
		x.stop(http.StatusRequestTimeout)
		return
	}
	x.stop(http.StatusGatewayTimeout)
}

func (x *exchange) alive() { x.timer.Reset(x.idle) }

// upload is the body of a request.
type upload struct {
	io.ReadCloser
	x        *exchange
	complete atomic.Bool
}

func (u *upload) Read(b []byte) (int, error) {
	u.x.receiving.Store(true)
	n, err := u.ReadCloser.Read(b)
	u.x.receiving.Store(false)
	if n > 0 {
		u.x.alive()
	}
	switch {
	case errors.Is(err, io.EOF):
		u.complete.Store(true)
	case err != nil && !u.x.answered.Load():
		u.x.stop(http.StatusBadRequest)
	}
	return n, err
}

// leave gives a client that still sends, though its request is answered, a moment.
func (u *upload) leave() {
	if !u.complete.Load() {
		_ = u.x.control.SetReadDeadline(time.Now().Add(moment))
	}
}

// download is the body of a response, or a connection that was upgraded.
type download struct {
	io.ReadCloser
	x *exchange
}

func (d *download) Read(b []byte) (int, error) {
	n, err := d.ReadCloser.Read(b)
	if n > 0 {
		d.x.alive()
	}
	return n, err
}

func (d *download) Write(b []byte) (int, error) {
	w, ok := d.ReadCloser.(io.Writer)
	if !ok {
		return 0, errors.ErrUnsupported
	}
	d.x.alive()
	return w.Write(b)
}

// newProxy is the machinery of a front; what a request needs is in its context.
func newProxy() *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Rewrite: rewrite, Transport: transport{}, ModifyResponse: answered, ErrorHandler: failed,
		FlushInterval: -1, BufferPool: buffers{}, ErrorLog: log.New(io.Discard, "", 0),
	}
}

// transport sends requests by the connections of their target.
type transport struct{}

func (transport) RoundTrip(r *http.Request) (*http.Response, error) {
	return exchangeOf(r.Context()).target.transport.RoundTrip(r)
}

// answered is told of the headers of a response.
func answered(res *http.Response) error {
	x := exchangeOf(res.Request.Context())
	x.answered.Store(true)
	x.alive()
	x.front.balancer.part.received(x, res.StatusCode)
	x.bind(res)
	res.Body = &download{res.Body, x}
	return nil
}

// failed answers when there is no response.
func failed(w http.ResponseWriter, r *http.Request, err error) {
	x := exchangeOf(r.Context())
	status := int(x.verdict.Load())
	var network *net.OpError
	switch {
	case status != 0:
	case r.Context().Err() != nil: // the client has gone
		return
	case errors.As(err, &network) && network.Op == "dial" && network.Timeout():
		status = http.StatusGatewayTimeout
	default:
		status = http.StatusBadGateway
	}
	x.front.fail(w, r, x.now, status)
}

// buffers are those that bodies go through.
type buffers struct{}

const bufferSize = 32 << 10

var spare = sync.Pool{New: func() any { return new([bufferSize]byte) }}

func (buffers) Get() []byte {
	b, ok := spare.Get().(*[bufferSize]byte)
	if !ok {
		return make([]byte, bufferSize)
	}
	return b[:]
}

func (buffers) Put(b []byte) {
	if len(b) == bufferSize {
		spare.Put((*[bufferSize]byte)(b))
	}
}
