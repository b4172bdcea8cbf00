package alb

import (
	"bufio"
	"context"
	"crypto/sha256"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// echo answers with the request as it arrived.
func echo(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Host", r.Host)
	_ = r.Header.Write(w)
}

// sees is what a target sees of a request.
func (c *cloud) sees(url string, headers ...string) http.Header {
	c.t.Helper()
	res := c.get(url, headers...)
	require.Equal(c.t, http.StatusOK, res.StatusCode, res.body)
	req, err := http.ReadRequest(bufio.NewReader(strings.NewReader("GET / HTTP/1.1\r\nHost: x\r\n" + res.body + "\r\n")))
	require.NoError(c.t, err)
	req.Header.Set("Host", res.Header.Get("X-Host"))
	return req.Header
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	group, url := c.site(props{"dropInvalidHeaderFields": true})
	c.register(group, serve(t, "10.0.0.1", echo))

	h := c.sees(url + "/x")
	host := strings.TrimPrefix(url, "http://")
	port := url[strings.LastIndex(url, ":")+1:]
	require.Equal(t, host, h.Get("Host"), "with the port that leads back here")
	require.Equal(t, "127.0.0.1", h.Get("X-Forwarded-For"))
	require.Equal(t, "http", h.Get("X-Forwarded-Proto"))
	require.Equal(t, port, h.Get("X-Forwarded-Port"))
	require.Regexp(t, `^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$`, h.Get("X-Amzn-Trace-Id"))

	h = c.sees(url, "Host: other.example.com", "X-Forwarded-For: 1.2.3.4, 5.6.7.8", "X-Forwarded-Proto: https", "X-Forwarded-Host: a.b",
		"Connection: X-Hop", "X-Hop: 1", "Keep-Alive: 5", "Under_score: 1", "X-Kept: 1", "X-Amzn-Trace-Id: Self=1-2-3;Root=1-67891233-abcdef012345678912345678")
	require.Equal(t, "other.example.com", h.Get("Host"))
	require.Equal(t, "1.2.3.4, 5.6.7.8, 127.0.0.1", h.Get("X-Forwarded-For"))
	require.Equal(t, "http", h.Get("X-Forwarded-Proto"), "clients cannot say it")
	require.Equal(t, "a.b", h.Get("X-Forwarded-Host"))
	require.Equal(t, "1", h.Get("X-Kept"))
	for _, name := range []string{"X-Hop", "Keep-Alive", "Under_score"} {
		require.NotContains(t, h, http.CanonicalHeaderKey(name))
	}
	require.Regexp(t, `^Self=1-[0-9a-f]{8}-[0-9a-f]{24};Root=1-67891233-abcdef012345678912345678$`, h.Get("X-Amzn-Trace-Id"))
}

func TestForwardedForModes(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	for mode, want := range map[string]string{"append": `^1\.2\.3\.4, 127\.0\.0\.1:\d+$`, "preserve": `^1\.2\.3\.4$`, "remove": `^$`} {
		group, url := c.site(props{"xffHeaderProcessingMode": mode, "enableXffClientPort": true})
		c.register(group, serve(t, "10.0.0.1", echo))
		h := c.sees(url, "X-Forwarded-For: 1.2.3.4", "Under_score: 1")
		require.Regexp(t, want, h.Get("X-Forwarded-For"), mode)
		require.Equal(t, "1", h.Get("Under_score"), "it is dropped on request only")
	}
}

// What the target answers arrives as it is: no type is guessed, nothing is added or decoded.
func TestResponsesAreNotChanged(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	group, url := c.site()
	c.register(group, serve(t, "10.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthy" {
			return
		}
		w.Header()["Content-Type"] = nil
		w.Header().Set("Server", "nginx")
		w.Header().Add("Set-Cookie", "a=b")
		w.Header().Add("Set-Cookie", "c=d")
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, r.RequestURI) //nolint:gosec // the client is this test
	}))
	res := c.get(url+"/a%2Fb;c?q=1;2&%zz", "Accept-Encoding: identity")
	require.Equal(t, http.StatusTeapot, res.StatusCode)
	require.Equal(t, "/a%2Fb;c?q=1;2&%zz", res.body)
	require.NotContains(t, res.Header, "Content-Type")
	require.Equal(t, "nginx", res.Header.Get("Server"))
	require.Equal(t, []string{"a=b", "c=d"}, res.Header["Set-Cookie"])
}

func TestErrorsOfTheLoadBalancer(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	group, url := c.site(props{"idleTimeout": 2.0})
	res := c.get(url)
	require.Equal(t, http.StatusServiceUnavailable, res.StatusCode, "no target is registered")
	require.Equal(t, "awselb/2.0", res.Header.Get("Server"))
	require.Equal(t, "text/html", res.Header.Get("Content-Type"))
	require.Contains(t, res.body, "<center><h1>503 Service Temporarily Unavailable</h1></center>")

	s := serve(t, "10.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/slow":
			<-r.Context().Done()
		case "/closes":
			panic(http.ErrAbortHandler)
		case "/nonsense":
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, "what?\r\n\r\n")
				_ = conn.Close()
			}
		case "/huge":
			w.Header().Set("X-Huge", strings.Repeat("x", 70<<10))
		}
	})
	c.register(group, s)
	require.Equal(t, http.StatusOK, c.get(url).StatusCode)
	for path, want := range map[string]int{"/closes": 502, "/nonsense": 502, "/huge": 502, "/slow": 504} {
		require.Equal(t, want, c.get(url+path).StatusCode, path)
	}
	require.Equal(t, http.StatusBadGateway, c.send(http.MethodPost, url+"/closes", []byte("x")).StatusCode)
	s.Close()
	require.Equal(t, http.StatusBadGateway, c.get(url).StatusCode, "nothing listens")
}

func TestRequestsThatAreRefused(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	group, url := c.site()
	c.register(group, named(t, "10.0.0.1"))
	for name, tc := range map[string]struct {
		method, path string
		header       string
		want         int
	}{
		"header of 15 KB": {header: "X-A: " + strings.Repeat("a", 15<<10), want: 200},
		"header of 17 KB": {header: "X-A: " + strings.Repeat("a", 17<<10), want: 400},
		"long address":    {path: "/" + strings.Repeat("a", 17<<10), want: 414},
		"trace":           {method: http.MethodTrace, want: 405},
		"many proxies":    {header: "X-Forwarded-For: " + strings.Repeat("1.1.1.1,", 30) + "1.1.1.1", want: 463},
	} {
		if tc.method == "" {
			tc.method = http.MethodGet
		}
		require.Equal(t, tc.want, c.send(tc.method, url+tc.path, nil, tc.header).StatusCode, name)
	}
	require.Contains(t, raw(t, url, "GET / HTTP/1.1\r\nno header\r\n\r\n"), "400 Bad Request")
	require.Contains(t, raw(t, url, "GET / HTTP/1.1\r\n\r\n"), "400 Bad Request", "no host")
}

// Clients that stall lose their connection when the idle timeout is over, and hold nothing.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	group, url := c.site(props{"idleTimeout": 0.4})
	c.register(group, serve(t, "10.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.URL.Path == "/endless" {
			for {
				if _, err := w.Write(make([]byte, 1<<20)); err != nil {
					return
				}
			}
		}
	}))
	begun := time.Now()
	require.Empty(t, raw(t, url, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "))
	require.Empty(t, raw(t, url, ""))
	require.Contains(t, raw(t, url, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"), "408 Request Time-out")
	require.Less(t, time.Since(begun), 50*time.Second) // a minute is the default

	conn, err := net.Dial("tcp4", local(url)) // it never reads
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	g := c.knownGroup(group)
	inFlight := func() int {
		g.mu.Lock()
		defer g.mu.Unlock()
		return g.targets[0].inFlight
	}
	require.Eventually(t, func() bool { return inFlight() == 1 }, time.Minute, time.Millisecond)
	require.Eventually(t, func() bool { return inFlight() == 0 }, time.Minute, 10*time.Millisecond)
}

// What the target has sent of a response reaches the client while the rest is not there yet.
func TestPartsArriveAtOnce(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	group, url := c.site()
	read := make(chan struct{})
	c.register(group, serve(t, "10.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthy" {
			return
		}
		w.Header().Set("Content-Length", "2")
		_, _ = io.WriteString(w, "1")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-read:
			_, _ = io.WriteString(w, "2")
		case <-r.Context().Done():
		}
	}))
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	res, err := c.client().Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	b := make([]byte, 1)
	_, err = io.ReadFull(res.Body, b)
	require.NoError(t, err)
	close(read)
	_, err = io.ReadFull(res.Body, b)
	require.NoError(t, err)
	require.Equal(t, "2", string(b))
}

// A body that trickles is alive: the idle timeout counts from the last byte.
func TestSlowButAlive(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	group, url := c.site(props{"idleTimeout": 2.0})
	c.register(group, serve(t, "10.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthy" {
			return
		}
		for range 5 {
			_, _ = io.WriteString(w, "x")
			_ = http.NewResponseController(w).Flush()
			time.Sleep(500 * time.Millisecond)
		}
	}))
	require.Equal(t, "xxxxx", c.get(url).body)
}

// Bodies pass through in both directions at once, and as they come.
func TestStreaming(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	group, url := c.site()
	const size = 64 << 20
	c.register(group, serve(t, "10.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/echo" {
			control := http.NewResponseController(w)
			_ = control.EnableFullDuplex()
			b := make([]byte, 1<<10)
			for {
				n, err := r.Body.Read(b)
				_, _ = w.Write(b[:n])
				_ = control.Flush()
				if err != nil {
					return
				}
			}
		}
		sum := sha256.New()
		_, _ = io.Copy(sum, r.Body)
		_, _ = w.Write(sum.Sum(nil))
	}))

	sum := sha256.New()
	body := io.TeeReader(io.LimitReader(&counter{}, size), sum)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url, body)
	require.NoError(t, err)
	res := c.do(c.client(), req)
	require.Equal(t, string(sum.Sum(nil)), res.body)

	out, in := io.Pipe()
	req, err = http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/echo", out)
	require.NoError(t, err)
	answers := make(chan *http.Response, 1)
	go func() {
		res, err := c.client().Do(req) //nolint:bodyclose // below
		if err == nil {
			answers <- res
		}
	}()
	_, err = io.WriteString(in, "ping")
	require.NoError(t, err)
	echoed := <-answers
	defer echoed.Body.Close()
	b := make([]byte, 4)
	for range 3 {
		_, err = io.ReadFull(echoed.Body, b)
		require.NoError(t, err)
		require.Equal(t, "ping", string(b), "before the request is over")
		_, err = io.WriteString(in, "ping")
		require.NoError(t, err)
	}
	require.NoError(t, in.Close())
}

// counter is a stream of bytes that differ.
type counter struct{ n byte }

func (c *counter) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = c.n
		c.n++
	}
	return len(b), nil
}

// An answer that comes before the upload is over reaches the client whole.
func TestEarlyAnswers(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	group, url := c.site()
	c.register(group, serve(t, "10.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthy" {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			_, _ = w.Write(make([]byte, 200<<10))
		}
	}))
	answer := raw(t, url, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nabc")
	require.Contains(t, answer, "413 Request Entity Too Large")
	require.Greater(t, len(answer), 200<<10)
}

func TestWebSockets(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	group, url := c.site(props{"idleTimeout": 0.7})
	c.register(group, serve(t, "10.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "websocket" {
			return
		}
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		_, _ = io.Copy(conn, buffered)
	}))
	conn, err := net.Dial("tcp4", local(url))
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	require.NoError(t, err)
	reader := bufio.NewReader(conn)
	res, err := http.ReadResponse(reader, nil) //nolint:bodyclose // it is the connection
	require.NoError(t, err)
	require.Equal(t, http.StatusSwitchingProtocols, res.StatusCode)
	for range 5 {
		_, err = io.WriteString(conn, "hello\n")
		require.NoError(t, err)
		line, err := reader.ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, "hello\n", line)
	}
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
	_, err = reader.ReadByte()
	require.ErrorIs(t, err, io.EOF, "the idle timeout ends it")
}

// Connections to targets are used again, and a client's own is ended when it is old.
func TestConnections(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	group, url := c.site(props{"clientKeepAlive": 0.2})
	c.register(group, serve(t, "10.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.RemoteAddr) //nolint:gosec // the client is this test
	}))
	first := c.get(url).body
	for range 20 {
		require.Equal(t, first, c.get(url).body)
	}
	client := c.client()
	closing := func() bool {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
		require.NoError(t, err)
		return c.do(client, req).Close
	}
	require.False(t, closing())
	time.Sleep(300 * time.Millisecond) // what passes is the time itself
	require.True(t, closing())
}
