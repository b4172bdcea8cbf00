package machine

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
)

// longestLine is how much of a line without an end is kept before it is passed on, in bytes.
const longestLine = 256 << 10

// Output calls f for every line that a container writes, in order, from a moment on; zero is its beginning. With
// follow it goes on until the container ends. A container that is gone has no output.
func (m *Machine) Output(ctx context.Context, id string, since time.Time, follow bool, f func(at time.Time, line string) error) error {
	options := container.LogsOptions{ShowStdout: true, ShowStderr: true, Timestamps: true, Follow: follow}
	if !since.IsZero() {
		options.Since = fmt.Sprintf("%d.%09d", since.Unix(), since.Nanosecond())
	}
	stream, err := m.docker.ContainerLogs(ctx, id, options)
	if cerrdefs.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the output of container %s: %w", short(id), err)
	}
	defer func() { _ = stream.Close() }() // only read from
	if err := lines(stream, f); err != nil && ctx.Err() == nil {
		return fmt.Errorf("reading the output of container %s: %w", short(id), err)
	}
	return nil
}

// Frames of the engine begin with the stream's number and the length of what follows.
const (
	frameHeader = 8
	frameLength = 4
)

// lines takes a stream of frames apart. Each frame is a time, a space and a line, or a part of one that is longer
// than the engine's buffer.
func lines(stream io.Reader, f func(at time.Time, line string) error) error {
	type partial struct {
		at   time.Time
		text strings.Builder
	}
	open := map[byte]*partial{}
	header := make([]byte, frameHeader)
	var frame bytes.Buffer
	for {
		if _, err := io.ReadFull(stream, header); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				break
			}
			return err
		}
		frame.Reset()
		if _, err := io.CopyN(&frame, stream, int64(binary.BigEndian.Uint32(header[frameLength:]))); err != nil {
			if errors.Is(err, io.EOF) {
				break
			}
			return err
		}
		stamp, text, _ := strings.Cut(frame.String(), " ")
		at, err := time.Parse(time.RFC3339Nano, stamp)
		if err != nil {
			return errors.New("the engine sends " + strconv.Quote(stamp) + " for a time")
		}
		p := open[header[0]]
		if p == nil {
			p = &partial{at: at}
			open[header[0]] = p
		}
		text, ended := strings.CutSuffix(text, "\n")
		p.text.WriteString(text)
		if !ended && p.text.Len() < longestLine {
			continue
		}
		delete(open, header[0])
		if err := f(p.at, p.text.String()); err != nil {
			return err
		}
	}
	for _, number := range []byte{0, 1, 2} { // what has no end when the container has one
		if p := open[number]; p != nil && p.text.Len() > 0 {
			if err := f(p.at, p.text.String()); err != nil {
				return err
			}
		}
	}
	return nil
}
