package objects_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/objects"
)

const bucket = "site-media"

func open(t *testing.T, dir string) *objects.Store {
	t.Helper()
	s, err := objects.Open(dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func fine(objects.Received, *objects.Info) error { return nil }

func put(t *testing.T, s *objects.Store, key, content string) objects.Info {
	t.Helper()
	info, err := s.Put(bucket, key, nil, strings.NewReader(content), fine)
	require.NoError(t, err)
	return info
}

func get(t *testing.T, s *objects.Store, key string) string {
	t.Helper()
	o, err := s.Get(bucket, key)
	require.NoError(t, err)
	defer func() { require.NoError(t, o.Close()) }()
	content, err := io.ReadAll(o.Bytes())
	require.NoError(t, err)
	return string(content)
}

func keys(t *testing.T, s *objects.Store, prefix string) []string {
	t.Helper()
	list, err := s.List(bucket, prefix)
	require.NoError(t, err)
	var names []string
	for _, info := range list {
		names = append(names, info.Key)
	}
	return names
}

// files are all files below a directory.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var list []string
	require.NoError(t, filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			list = append(list, name)
		}
		return err
	}))
	return list
}

func TestWhatIsPutCanBeRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	headers := map[string]string{"Content-Type": "image/png", "X-Amz-Meta-By": "somebody"}
	info, err := s.Put(bucket, "a/b.png", headers, strings.NewReader("hello"), fine)
	require.NoError(t, err)
	require.Equal(t, "5d41402abc4b2a76b9719d911017c592", info.ETag)

	again := open(t, dir) // another process
	o, err := again.Get(bucket, "a/b.png")
	require.NoError(t, err)
	defer func() { require.NoError(t, o.Close()) }()
	require.Equal(t, info, o.Info)
	require.Equal(t, headers, o.Headers)
	require.Equal(t, "hello", get(t, again, "a/b.png"))
	require.Empty(t, get(t, again, putEmpty(t, again)))

	require.NoError(t, again.Delete(bucket, "a/b.png"))
	require.NoError(t, again.Delete(bucket, "a/b.png"), "twice is no error")
	_, err = again.Get(bucket, "a/b.png")
	require.ErrorIs(t, err, objects.ErrNotFound)
	content, err := io.ReadAll(o.Bytes())
	require.NoError(t, err)
	require.Equal(t, "hello", string(content), "who reads it goes on")
}

func putEmpty(t *testing.T, s *objects.Store) string {
	t.Helper()
	put(t, s, "empty", "")
	return "empty"
}

// Keys are any text: none of them is a way out of the store, and none hides another.
func TestKeysAreNoPaths(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "store"))
	all := []string{
		"../../outside", "/etc/passwd", "..", ".", "a", "a/", "a//b", "a/b", "A/B", "nul\x00byte", "ümlaut", strings.Repeat("k", 1024),
		"buckets/other/key",
	}
	for i, key := range all {
		put(t, s, key, strconv.Itoa(i))
	}
	for i, key := range all {
		require.Equal(t, strconv.Itoa(i), get(t, s, key), "%q", key)
	}
	require.ElementsMatch(t, all, keys(t, s, ""))
	for _, name := range files(t, dir) {
		require.True(t, strings.HasPrefix(name, filepath.Join(dir, "store", "buckets", bucket)), name)
	}
	for _, name := range []string{"..", "../incoming", "a/b", "", "Upper", "a..b"} {
		_, err := s.Put(name, "key", nil, strings.NewReader(""), fine)
		require.ErrorContains(t, err, "is no name of a bucket")
		require.Error(t, s.Remove(name))
		_, err = s.Holds(name)
		require.Error(t, err)
	}
}

func TestKeysAreListedInTheOrderOfTheirBytes(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	require.Empty(t, keys(t, s, ""))
	for _, key := range []string{"b", "a/2", "é", "a/10", "B", "a"} {
		put(t, s, key, key)
	}
	require.Equal(t, []string{"B", "a", "a/10", "a/2", "b", "é"}, keys(t, s, ""))
	require.Equal(t, []string{"a/10", "a/2"}, keys(t, s, "a/"))
}

// broken ends before it has given all that it promised.
type broken struct{ io.Reader }

func (b broken) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func TestAnObjectIsWrittenAsAWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, "key", "before")

	_, err := s.Put(bucket, "key", nil, broken{strings.NewReader("aft")}, fine)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Equal(t, "before", get(t, s, "key"))

	refused := errors.New("refused")
	_, err = s.Put(bucket, "key", nil, strings.NewReader("after"), func(r objects.Received, before *objects.Info) error {
		require.EqualValues(t, 5, r.Size)
		require.EqualValues(t, 6, before.Size)
		return refused
	})
	require.ErrorIs(t, err, refused)
	require.Equal(t, "before", get(t, s, "key"))
	require.Len(t, files(t, dir), 1, "nothing is left of what was refused")

	// A process that dies leaves what it had got so far.
	begun := filepath.Join(dir, "incoming", "begun")
	require.NoError(t, os.WriteFile(begun, []byte("aft"), 0o600))
	require.Equal(t, "before", get(t, open(t, dir), "key"))
	require.NoFileExists(t, begun)
}

func TestADamagedFileIsNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, "key", "content")
	name := files(t, dir)[0]
	whole, err := os.ReadFile(name)
	require.NoError(t, err)
	for _, content := range [][]byte{nil, whole[:len(whole)-1], whole[1:], []byte("short")} {
		require.NoError(t, os.WriteFile(name, content, 0o600))
		_, err := s.Get(bucket, "key")
		require.ErrorContains(t, err, filepath.Base(name))
		require.NotErrorIs(t, err, objects.ErrNotFound)
	}
}

func TestABucketIsEmptiedAsAWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	holds := func(want bool) {
		t.Helper()
		held, err := s.Holds(bucket)
		require.NoError(t, err)
		require.Equal(t, want, held)
	}
	holds(false)
	put(t, s, "key", "content")
	holds(true)
	require.NoError(t, s.Delete(bucket, "key"))
	holds(false)
	put(t, s, "key", "content")
	_, err := s.Put("other", "key", nil, strings.NewReader("stays"), fine)
	require.NoError(t, err)
	require.NoError(t, s.Remove(bucket))
	require.NoError(t, s.Remove(bucket), "twice is no error")
	holds(false)
	require.Len(t, files(t, dir), 1)
	names, err := s.Buckets()
	require.NoError(t, err)
	require.Equal(t, []string{"other"}, names)
}

// Whoever reads while others write gets one of the contents, whole.
func TestReadersAndWritersMeet(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	contents := [][]byte{bytes.Repeat([]byte("a"), 300_000), bytes.Repeat([]byte("b"), 200_000)}
	put(t, s, "key", string(contents[0]))
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for range 20 {
				_, err := s.Put(bucket, "key", nil, bytes.NewReader(contents[i%2]), fine)
				if err != nil {
					t.Error(err)
				}
			}
		})
		all.Go(func() {
			for range 40 {
				o, err := s.Get(bucket, "key")
				if err != nil {
					t.Error(err)
					return
				}
				got, err := io.ReadAll(o.Bytes())
				if err != nil || !bytes.Equal(got, contents[0]) && !bytes.Equal(got, contents[1]) {
					t.Errorf("a mixture of %d bytes: %v", len(got), err)
				}
				_ = o.Close()
			}
		})
	}
	all.Wait()
	require.Equal(t, []string{"key"}, keys(t, s, ""))
}
