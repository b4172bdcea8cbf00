package account

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// The first two pages of a bbolt file each hold a copy of its meta record, behind
// a page header. Offsets within a page, in the byte order of the machine:
const (
	metaOffset   = 16 // after the page header
	metaMagic    = 0
	metaPageSize = 8
	metaPages    = 40 // one past the last page in use
	metaTxid     = 48
	metaSum      = 56
	metaSize     = 64

	magic = 0xED0CDAED
)

var errNoStore = errors.New("the file is empty or not an account store")

// measure tells whether the file is as long as its meta record says. A file that
// was cut must never be mapped: reading behind its end kills the process.
func measure(path string) error {
	file, err := os.Open(path) //nolint:gosec // the caller's own store
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // only read
	info, err := file.Stat()
	if err != nil {
		return err
	}
	want, err := wanted(file, int64(os.Getpagesize()))
	if err != nil {
		return err
	}
	if info.Size() < want {
		return fmt.Errorf("the file has %d bytes of at least %d", info.Size(), want)
	}
	return nil
}

// wanted is the length in bytes that the newest valid meta record implies.
func wanted(file io.ReaderAt, pageSize int64) (int64, error) {
	var size int64
	var newest uint64
	for page := range int64(2) {
		meta := make([]byte, metaSize)
		if _, err := file.ReadAt(meta, page*pageSize+metaOffset); err != nil {
			continue
		}
		sum := fnv.New64a()
		_, _ = sum.Write(meta[:metaSum]) // a hash never fails
		if binary.NativeEndian.Uint32(meta[metaMagic:]) != magic ||
			binary.NativeEndian.Uint64(meta[metaSum:]) != sum.Sum64() {
			continue
		}
		pages := binary.NativeEndian.Uint64(meta[metaPages:])
		bytes := int64(pages) * int64(binary.NativeEndian.Uint32(meta[metaPageSize:])) //nolint:gosec // checksummed
		if txid := binary.NativeEndian.Uint64(meta[metaTxid:]); size == 0 || txid > newest {
			newest, size = txid, bytes
		}
	}
	if size == 0 {
		return 0, errNoStore
	}
	return size, nil
}
