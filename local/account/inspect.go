package account

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
)

// bbolt maps its file into memory and trusts it: a file that was cut ends the process
// when it is read behind its end, and a bad page number can lead it round in circles.
// So the structure of the file is inspected here first, without bbolt. What follows is
// its format: pages with a header, of which the first two each hold a copy of the meta
// record, the others branches and leaves of trees or the list of free pages. Numbers
// are in the byte order of the machine.
const (
	headerFlags    = 8
	headerCount    = 10
	headerOverflow = 12
	headerSize     = 16

	metaMagic    = 0
	metaPageSize = 8
	metaRoot     = 16
	metaFreelist = 32 // the page that lists the free ones
	metaPages    = 40 // one past the last page in use
	metaTxid     = 48
	metaSum      = 56
	metaSize     = 64

	magic        = 0xED0CDAED
	flagBranch   = 0x01
	flagLeaf     = 0x02
	flagMeta     = 0x04
	flagFreelist = 0x10

	elementSize = 16
	leafBucket  = 0x01 // a leaf element that is a bucket
	bucketSize  = 16   // of the record of a bucket, before its inline page
	countBeyond = 0xFFFF
)

var native = binary.NativeEndian

var errNoStore = errors.New("the file is empty or not an account store")

// inspect reads the whole file and finds what is structurally wrong with it.
func inspect(path string) error {
	data, err := os.ReadFile(path) //nolint:gosec // the caller's own store
	if err != nil {
		return err
	}
	m, err := newestMeta(data, uint64(os.Getpagesize())) //nolint:gosec // not negative
	if err != nil {
		return err
	}
	size := uint64(len(data))
	if m.pageSize == 0 || m.pages > size/m.pageSize {
		return fmt.Errorf("the file has %d bytes of at least %d", size, m.pages*m.pageSize)
	}
	in := &inspection{meta: m, data: data, seen: map[uint64]bool{}}
	for id := range uint64(2) {
		if _, err := in.page(id, flagMeta); err != nil {
			return err
		}
	}
	if err := in.tree(m.root); err != nil {
		return err
	}
	return in.free()
}

// meta is the part of a meta record that is needed here.
type meta struct{ pageSize, root, freelist, pages uint64 }

// newestMeta returns the meta record of the last change that was written in full.
func newestMeta(data []byte, pageSize uint64) (meta, error) {
	var newest uint64
	var found meta
	for id := range uint64(2) {
		from := id*pageSize + headerSize
		if uint64(len(data)) < from+metaSize {
			break
		}
		record := data[from : from+metaSize]
		sum := fnv.New64a()
		_, _ = sum.Write(record[:metaSum]) // a hash never fails
		if native.Uint32(record[metaMagic:]) != magic || native.Uint64(record[metaSum:]) != sum.Sum64() {
			continue
		}
		if txid := native.Uint64(record[metaTxid:]); found.pages == 0 || txid > newest {
			newest = txid
			found = meta{
				pageSize: uint64(native.Uint32(record[metaPageSize:])), root: native.Uint64(record[metaRoot:]),
				freelist: native.Uint64(record[metaFreelist:]), pages: native.Uint64(record[metaPages:]),
			}
		}
	}
	if found.pages == 0 {
		return found, errNoStore
	}
	return found, nil
}

// inspection walks the pages; each must be met once.
type inspection struct {
	meta
	data []byte
	seen map[uint64]bool
}

// page returns a page with its header, and with the pages that continue it.
func (in *inspection) page(id uint64, kinds ...uint16) ([]byte, error) {
	if id >= in.pages {
		return nil, fmt.Errorf("page %d does not exist", id)
	}
	header := in.data[id*in.pageSize:]
	more := uint64(native.Uint32(header[headerOverflow:]))
	if native.Uint64(header) != id || more >= in.pages-id {
		return nil, fmt.Errorf("page %d is not what it should be", id)
	}
	for part := id; part <= id+more; part++ {
		if in.seen[part] {
			return nil, fmt.Errorf("page %d is used twice", part)
		}
		in.seen[part] = true
	}
	for _, kind := range kinds {
		if native.Uint16(header[headerFlags:]) == kind {
			return in.data[id*in.pageSize : (id+1+more)*in.pageSize], nil
		}
	}
	return nil, fmt.Errorf("page %d is of another kind", id)
}

// tree inspects a page and all that hang on it.
func (in *inspection) tree(id uint64) error {
	page, err := in.page(id, flagBranch, flagLeaf)
	if err != nil {
		return err
	}
	if native.Uint16(page[headerFlags:]) == flagLeaf {
		if err := in.leaf(page); err != nil {
			return fmt.Errorf("page %d: %w", id, err)
		}
		return nil
	}
	for i := range uint64(native.Uint16(page[headerCount:])) {
		element, err := cut(page, headerSize+i*elementSize, elementSize)
		if err != nil {
			return fmt.Errorf("page %d: %w", id, err)
		}
		from := headerSize + i*elementSize + uint64(native.Uint32(element))
		if _, err := cut(page, from, uint64(native.Uint32(element[4:]))); err != nil {
			return fmt.Errorf("page %d: %w", id, err)
		}
		if err := in.tree(native.Uint64(element[8:])); err != nil {
			return err
		}
	}
	return nil
}

// leaf inspects the records of a leaf, and the buckets among them.
func (in *inspection) leaf(page []byte) error {
	if len(page) < headerSize {
		return errBounds
	}
	for i := range uint64(native.Uint16(page[headerCount:])) {
		element, err := cut(page, headerSize+i*elementSize, elementSize)
		if err != nil {
			return err
		}
		from := headerSize + i*elementSize + uint64(native.Uint32(element[4:]))
		key, length := uint64(native.Uint32(element[8:])), uint64(native.Uint32(element[12:]))
		if _, err := cut(page, from, key); err != nil {
			return err
		}
		value, err := cut(page, from+key, length)
		if err != nil {
			return err
		}
		if native.Uint32(element)&leafBucket == 0 {
			continue
		}
		if err := in.bucket(value); err != nil {
			return err
		}
	}
	return nil
}

// bucket inspects the tree of a bucket; a small one is a leaf in its own record.
func (in *inspection) bucket(record []byte) error {
	if len(record) < bucketSize {
		return errBounds
	}
	if root := native.Uint64(record); root != 0 {
		return in.tree(root)
	}
	inline := record[bucketSize:]
	if len(inline) < headerSize || native.Uint16(inline[headerFlags:]) != flagLeaf {
		return errBounds
	}
	return in.leaf(inline)
}

// free inspects the list of free pages: none of them may be in use.
func (in *inspection) free() error {
	page, err := in.page(in.freelist, flagFreelist)
	if err != nil {
		return err
	}
	count, first := uint64(native.Uint16(page[headerCount:])), uint64(headerSize)
	if count == countBeyond {
		count, first = native.Uint64(page[headerSize:]), headerSize+8
	}
	if count > in.pages {
		return errBounds
	}
	for i := range count {
		entry, err := cut(page, first+i*8, 8)
		if err != nil {
			return err
		}
		id := native.Uint64(entry)
		if id >= in.pages || in.seen[id] {
			return fmt.Errorf("page %d is in use and listed as free", id)
		}
		in.seen[id] = true
	}
	return nil
}

var errBounds = errors.New("a record leads out of its page")

// cut is a slice of a page that is known to be in it.
func cut(page []byte, from, length uint64) ([]byte, error) {
	size := uint64(len(page))
	if from > size || length > size-from {
		return nil, errBounds
	}
	return page[from : from+length], nil
}
