package image

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
)

// decoded is the text of an answer, which has to be encoded as it was asked for.
func decoded(got answer, encoding string) (string, error) {
	if sent := got.header.Get("Content-Encoding"); sent != encoding {
		return "", fmt.Errorf("the answer's encoding is %q, asked for was %q", sent, encoding)
	}
	if encoding == "" {
		return string(got.body), nil
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(got.body))
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(unpacked)
	return string(text), err
}
