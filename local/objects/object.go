package objects

import (
	"crypto/md5" //nolint:gosec // S3's ETag is an MD5
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"
)

// Info is what is known of an object beside its bytes.
type Info struct {
	// Key is UTF-8, as S3 wants it.
	Key string `json:"key"`
	// Size is in bytes.
	Size int64 `json:"size"`
	// ETag is the MD5 of the bytes, 32 hex digits.
	ETag string `json:"etag"`
	// Modified is when it was put, in whole seconds as HTTP tells them.
	Modified time.Time `json:"modified"`
	// Headers are those of HTTP that go with it, such as Content-Type and x-amz-meta-..., by canonical name.
	Headers map[string]string `json:"headers,omitempty"`
}

// Received is what came in to become an object.
type Received struct {
	Size int64
	// MD5 and SHA256 are sums of the bytes.
	MD5, SHA256 []byte
}

// Object is an object that is being read. It stays as it is, whatever is put or deleted meanwhile.
type Object struct {
	Info

	file *os.File
}

// Bytes are those of the object.
func (o *Object) Bytes() *io.SectionReader { return io.NewSectionReader(o.file, 0, o.Size) }

// Close ends the reading.
func (o *Object) Close() error { return o.file.Close() }

// The end of a file: what is known of the object, the length of that in 8 bytes, and the mark.
const (
	mark      = "object1\n"
	footerLen = 8 + len(mark)
	// maxInfo bounds what is known: 2 kB of metadata, a key, and headers.
	maxInfo = 1 << 20
)

// Put writes an object, over what has its key. Accept is asked when all bytes are there, and nothing else is put or
// deleted meanwhile: before is what has the key, nil for nothing. If it refuses, nothing changes.
func (s *Store) Put(bucket, key string, headers map[string]string, body io.Reader, accept func(r Received, before *Info) error,
) (info Info, err error) {
	name, err := fileOf(bucket, key)
	if err != nil {
		return info, err
	}
	incoming := temporary()
	received, err := s.receive(incoming, body)
	if err == nil {
		info = Info{
			Key: key, Size: received.Size, ETag: hex.EncodeToString(received.MD5), Headers: headers,
			Modified: time.Now().UTC().Truncate(time.Second),
		}
		err = s.finish(incoming, info)
	}
	if err == nil {
		err = s.place(incoming, name, func(before *Info) error { return accept(received, before) })
	}
	if err != nil {
		_ = s.files.Remove(incoming) // or the next Open does it
		return info, err
	}
	return info, nil
}

// receive writes bytes into a new file.
func (s *Store) receive(name string, body io.Reader) (r Received, err error) {
	file, err := s.files.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return r, fmt.Errorf("receiving an object: %w", err)
	}
	sum5, sum256 := md5.New(), sha256.New() //nolint:gosec // as above
	r.Size, err = io.Copy(io.MultiWriter(file, sum5, sum256), body)
	if err := errors.Join(err, file.Close()); err != nil {
		return r, fmt.Errorf("receiving an object: %w", err)
	}
	r.MD5, r.SHA256 = sum5.Sum(nil), sum256.Sum(nil)
	return r, nil
}

// finish adds what is known of the object, and waits until all is on the disk.
func (s *Store) finish(name string, info Info) error {
	text, err := json.Marshal(info)
	if err != nil {
		return fmt.Errorf("writing an object: %w", err)
	}
	file, err := s.files.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return fmt.Errorf("writing an object: %w", err)
	}
	_, err = file.Write(append(binary.BigEndian.AppendUint64(text, uint64(len(text))), mark...))
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("writing an object: %w", err)
	}
	return nil
}

// place gives a file its name, unless accept refuses.
func (s *Store) place(incoming, name string, accept func(before *Info) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	before, err := s.stat(name)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err := accept(before); err != nil {
		return err
	}
	if err := s.files.MkdirAll(path.Dir(name), 0o700); err != nil {
		return fmt.Errorf("writing an object: %w", err)
	}
	if err := s.files.Rename(incoming, name); err != nil {
		return fmt.Errorf("writing an object: %w", err)
	}
	return nil
}

// Get opens an object. The error is ErrNotFound when there is none.
func (s *Store) Get(bucket, key string) (*Object, error) {
	name, err := fileOf(bucket, key)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.open(name)
}

// List tells of the objects of a bucket whose keys begin with a prefix, in the order of the bytes of their keys.
func (s *Store) List(bucket, prefix string) ([]Info, error) {
	var list []Info
	s.mu.RLock()
	defer s.mu.RUnlock()
	err := s.each(bucket, func(name string) error {
		info, err := s.stat(name)
		if err == nil && strings.HasPrefix(info.Key, prefix) {
			list = append(list, *info)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing bucket %s: %w", bucket, err)
	}
	slices.SortFunc(list, func(a, b Info) int { return strings.Compare(a.Key, b.Key) })
	return list, nil
}

func (s *Store) stat(name string) (*Info, error) {
	o, err := s.open(name)
	if err != nil {
		return nil, err
	}
	return &o.Info, o.Close()
}

func (s *Store) open(name string) (*Object, error) {
	file, err := s.files.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("reading an object: %w", err)
	}
	o := &Object{file: file}
	if err := o.read(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s of the object store is damaged, and may be deleted: %w", name, err), file.Close())
	}
	return o, nil
}

// read reads what stands behind the bytes.
func (o *Object) read() error {
	stat, err := o.file.Stat()
	if err != nil {
		return err
	}
	var footer [footerLen]byte
	if _, err := o.file.ReadAt(footer[:], stat.Size()-int64(footerLen)); err != nil {
		return err
	}
	length := binary.BigEndian.Uint64(footer[:8])
	if string(footer[8:]) != mark || length > maxInfo {
		return errors.New("its end is missing")
	}
	text := make([]byte, length)
	if _, err := o.file.ReadAt(text, stat.Size()-int64(footerLen)-int64(len(text))); err != nil {
		return err
	}
	if err := json.Unmarshal(text, &o.Info); err != nil {
		return err
	}
	if o.Size != stat.Size()-int64(footerLen)-int64(len(text)) {
		return errors.New("it has not as many bytes as it says")
	}
	return nil
}
