package cache

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// answerTimeout is how long a node may take to answer a command.
const answerTimeout = 3 * time.Second

// errRefused is an answer of a node that begins with "-".
type errRefused string

func (e errRefused) Error() string { return string(e) }

// client speaks to a node: Redis's protocol, as much of it as is needed here.
type client struct {
	conn   net.Conn
	reader *bufio.Reader
}

// dial connects to a node and logs in. Without a configuration there is no TLS.
func dial(ctx context.Context, address string, config *tls.Config, user, password string) (*client, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	var conn net.Conn
	var err error
	if config == nil {
		conn, err = (&net.Dialer{}).DialContext(ctx, "tcp", address)
	} else {
		conn, err = (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", address)
	}
	if err != nil {
		return nil, err
	}
	c := &client{conn, bufio.NewReader(conn)}
	if _, err := c.do("AUTH", user, password); err != nil {
		c.close()
		return nil, fmt.Errorf("logging in: %w", err)
	}
	return c, nil
}

func (c *client) close() { _ = c.conn.Close() } // nothing is under way any more

// do sends a command and returns its answer as text; lists come as lines.
func (c *client) do(words ...string) (string, error) {
	if err := c.conn.SetDeadline(time.Now().Add(answerTimeout)); err != nil {
		return "", err
	}
	var request strings.Builder
	fmt.Fprintf(&request, "*%d\r\n", len(words))
	for _, word := range words {
		fmt.Fprintf(&request, "$%d\r\n%s\r\n", len(word), word)
	}
	if _, err := io.WriteString(c.conn, request.String()); err != nil {
		return "", err
	}
	return c.answer()
}

func (c *client) answer() (string, error) {
	line, err := c.line()
	if err != nil {
		return "", err
	}
	kind, rest := line[0], line[1:]
	switch kind {
	case '+', ':':
		return rest, nil
	case '-':
		return "", errRefused(rest)
	case '$':
		return c.bulk(rest)
	case '*':
		n, err := strconv.Atoi(rest)
		if err != nil {
			return "", fmt.Errorf("a strange answer: %q", line)
		}
		var items []string
		for range n {
			item, err := c.answer()
			if err != nil {
				return "", err
			}
			items = append(items, item)
		}
		return strings.Join(items, "\n"), nil
	default:
		return "", fmt.Errorf("a strange answer: %q", line)
	}
}

func (c *client) line() (string, error) {
	line, err := c.reader.ReadString('\n')
	if err != nil {
		return "", err
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", errors.New("an empty answer")
	}
	return line, nil
}

func (c *client) bulk(length string) (string, error) {
	n, err := strconv.Atoi(length)
	if err != nil || n < 0 { // -1 is "nothing"
		return "", err
	}
	text := make([]byte, n+2)
	if _, err := io.ReadFull(c.reader, text); err != nil {
		return "", err
	}
	return string(text[:n]), nil
}

// info reads a section of what a node says of itself.
func (c *client) info(section string) (map[string]string, error) {
	text, err := c.do("INFO", section)
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			values[name] = value
		}
	}
	return values, nil
}

// silence is how long a node may say nothing while it writes a snapshot.
const silence = 30 * time.Second

// dump copies everything that a node holds, as a replica would get it: an RDB file. The connection is of no use
// afterwards.
func (c *client) dump(to io.Writer) error {
	if err := c.conn.SetDeadline(time.Now().Add(silence)); err != nil {
		return err
	}
	if _, err := io.WriteString(c.conn, "*1\r\n$4\r\nSYNC\r\n"); err != nil {
		return err
	}
	line := ""
	for line == "" { // empty lines say that it is still there
		var err error
		if line, err = c.reader.ReadString('\n'); err != nil {
			return err
		}
		line = strings.TrimRight(line, "\r\n")
		if err := c.conn.SetDeadline(time.Now().Add(silence)); err != nil {
			return err
		}
	}
	size, err := strconv.ParseInt(strings.TrimPrefix(line, "$"), 10, 64)
	if err != nil {
		return fmt.Errorf("a strange answer: %q", line)
	}
	copied, err := io.CopyN(to, c.reader, size)
	if err != nil {
		return fmt.Errorf("after %d of %d bytes: %w", copied, size, err)
	}
	return nil
}
