package s3

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/objects"
	"wordpress-ecs/local/runtime/sigv4"
)

const (
	// largest is how many bytes one PutObject may bring, metadataMost how many its metadata may have.
	largest      = 5 << 30
	metadataMost = 2 << 10

	encryption = "x-amz-server-side-encryption"
	canned     = "x-amz-acl"
	storage    = "x-amz-storage-class"
	// ours is how S3 encrypts what says nothing else.
	ours     = "AES256"
	standard = "STANDARD"
)

// storing are headers of PutObject.
var storing = []string{encryption, canned, storage}

// stored are headers of HTTP that an object keeps.
var stored = []string{
	"Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Type", "Expires",
}

// put is PutObject.
func (c *call) put() (*answer, error) {
	headers, err := c.kept()
	if err != nil {
		return nil, err
	}
	conditions := map[string]string{}
	for _, name := range storing {
		if value := c.request.Header.Get(name); value != "" {
			conditions["s3:"+name] = value
		}
	}
	allowed := func() error { return c.demand("s3:PutObject", c.objectARN(), conditions) }
	if err := allowed(); err != nil {
		return nil, err
	}
	if err := c.fits(); err != nil {
		return nil, err
	}
	info, err := c.env.Objects.Put(c.bucket, c.key, headers, c.request.Body, func(r objects.Received, before *objects.Info) error {
		if err := c.complete(r); err != nil {
			return err
		}
		if err := c.mayReplace(before); err != nil {
			return err
		}
		return allowed() // the bucket may be gone by now
	})
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, refuse(http.StatusBadRequest, "IncompleteBody",
			"You did not provide the number of bytes specified by the Content-Length HTTP header")
	}
	if err != nil {
		return nil, err
	}
	return &answer{status: http.StatusOK, header: http.Header{
		"Etag": {quoted(info.ETag)}, "X-Amz-Server-Side-Encryption": {ours}, "Content-Length": {"0"},
	}}, nil
}

// kept are the headers that an object is put with.
func (c *call) kept() (map[string]string, error) {
	headers, size := map[string]string{"Content-Type": "binary/octet-stream"}, 0
	for name, values := range c.request.Header {
		value := strings.Join(values, ",")
		lower := strings.ToLower(name)
		switch {
		case strings.HasPrefix(lower, metadata):
			size += len(lower) - len(metadata) + len(value)
		case !slices.Contains(stored, name) || value == "":
			continue
		}
		headers[name] = value
	}
	if size > metadataMost {
		return nil, refuse(http.StatusBadRequest, "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size",
			"Size", strconv.Itoa(size), "MaxSizeAllowed", strconv.Itoa(metadataMost))
	}
	if strings.Contains(headers["Content-Encoding"], "aws-chunked") {
		return nil, notHere("Content-Encoding")
	}
	return headers, nil
}

// fits tells why S3 does not take a body, or why it cannot be done here.
func (c *call) fits() error {
	h := c.request.Header
	switch {
	case h.Get(encryption) != "" && h.Get(encryption) != ours:
		return notHere(encryption)
	case h.Get(storage) != "" && h.Get(storage) != standard:
		return notHere(storage)
	case len(c.request.TransferEncoding) > 0:
		return notHere("Transfer-Encoding")
	case c.request.ContentLength < 0:
		return refuse(http.StatusLengthRequired, "MissingContentLength", "You must provide the Content-Length HTTP header.")
	case c.request.ContentLength > largest:
		return refuse(http.StatusBadRequest, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size",
			"ProposedSize", strconv.FormatInt(c.request.ContentLength, 10), "MaxSizeAllowed", strconv.Itoa(largest))
	}
	if list := h.Get(canned); list != "" && list != "bucket-owner-full-control" {
		return c.noLists()
	}
	return nil
}

// noLists tells why an access control list is not taken: buckets have none unless they say so.
func (c *call) noLists() error {
	return c.env.Account.View(func(tx *account.Tx) error {
		o, err := setting(tx, ownershipType, c.bucket)
		if err != nil {
			return err
		}
		if mode := o.String("rule.objectOwnership"); mode != "" && mode != "BucketOwnerEnforced" {
			return notHere(canned)
		}
		return refuse(http.StatusBadRequest, "AccessControlListNotSupported", "The bucket does not allow ACLs")
	})
}

// complete compares what came with what was announced.
func (c *call) complete(r objects.Received) error {
	if want := c.request.Header.Get(payloadHeader); want != sigv4.UnsignedPayload && want != hex.EncodeToString(r.SHA256) {
		return refuse(http.StatusBadRequest, "XAmzContentSHA256Mismatch",
			"The provided 'x-amz-content-sha256' header does not match what was computed.",
			"ClientComputedContentSHA256", want, "S3ComputedContentSHA256", hex.EncodeToString(r.SHA256))
	}
	text := c.request.Header.Get("Content-Md5")
	if text == "" {
		return nil
	}
	sum, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(sum) != len(r.MD5) {
		return refuse(http.StatusBadRequest, "InvalidDigest", "The Content-MD5 you specified was invalid.", "Content-MD5", text)
	}
	if !bytes.Equal(sum, r.MD5) {
		return refuse(http.StatusBadRequest, "BadDigest", "The Content-MD5 you specified did not match what we received.",
			"ExpectedDigest", text, "CalculatedDigest", base64.StdEncoding.EncodeToString(r.MD5))
	}
	return nil
}

// mayReplace holds a PutObject to its conditions.
func (c *call) mayReplace(before *objects.Info) error {
	h := c.request.Header
	if none := h.Get("If-None-Match"); none != "" {
		switch {
		case none != "*":
			return notHere("If-None-Match")
		case before != nil:
			return failed("If-None-Match")
		}
	}
	if match := h.Get("If-Match"); match != "" {
		switch {
		case before == nil:
			return noKey(c.key)
		case strings.Trim(match, `"`) != before.ETag:
			return failed("If-Match")
		}
	}
	return nil
}

// get is GetObject and HeadObject.
func (c *call) get() (*answer, error) {
	if err := c.demand("s3:GetObject", c.objectARN(), nil); err != nil {
		return nil, err
	}
	o, err := c.env.Objects.Get(c.bucket, c.key)
	if errors.Is(err, objects.ErrNotFound) {
		// Who may not list a bucket does not learn what is not in it.
		if err := c.demand("s3:ListBucket", bucketARN(c.bucket), nil); err != nil {
			return nil, err
		}
		return nil, noKey(c.key)
	}
	if err != nil {
		return nil, err
	}
	a, err := c.content(o)
	if err != nil || a.body == nil {
		return a, errors.Join(err, o.Close())
	}
	return a, nil
}

// content is an object as an answer, or the part of it that is asked for.
func (c *call) content(o *objects.Object) (*answer, error) {
	header := http.Header{
		"Etag": {quoted(o.ETag)}, "Last-Modified": {o.Modified.Format(http.TimeFormat)}, "Accept-Ranges": {"bytes"},
		"X-Amz-Server-Side-Encryption": {ours},
	}
	for name, value := range o.Headers {
		header.Set(name, value)
	}
	changed, err := c.changed(o.Info)
	if err != nil {
		return nil, err
	}
	if !changed {
		for _, name := range []string{"Content-Type", "Content-Encoding", "Content-Language", "Content-Disposition"} {
			header.Del(name)
		}
		return &answer{status: http.StatusNotModified, header: header}, nil
	}
	status, from, length := http.StatusOK, int64(0), o.Size
	if text := c.request.Header.Get("Range"); text != "" {
		first, n, ok := span(text, o.Size)
		switch {
		case ok && n == 0:
			return nil, refuse(http.StatusRequestedRangeNotSatisfiable, "InvalidRange", "The requested range is not satisfiable",
				"RangeRequested", text, "ActualObjectSize", strconv.FormatInt(o.Size, 10))
		case ok:
			status, from, length = http.StatusPartialContent, first, n
			header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, first+n-1, o.Size))
		}
	}
	header.Set("Content-Length", strconv.FormatInt(length, 10))
	return &answer{status: status, header: header, body: struct {
		io.Reader
		io.Closer
	}{io.NewSectionReader(o.Bytes(), from, length), o}}, nil
}

// remove is DeleteObject. It tells nobody whether there was an object.
func (c *call) remove() (*answer, error) {
	if err := c.demand("s3:DeleteObject", c.objectARN(), nil); err != nil {
		return nil, err
	}
	if c.request.Header.Get("If-Match") != "" {
		return nil, notHere("If-Match")
	}
	if err := c.env.Objects.Delete(c.bucket, c.key); err != nil {
		return nil, err
	}
	return &answer{status: http.StatusNoContent, header: http.Header{}}, nil
}

func quoted(etag string) string { return `"` + etag + `"` }
