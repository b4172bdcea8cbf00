package account

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// schema is the version of the records. Raise it when an older program could
// not read them, or this one could not read older ones.
const schema = "2"

// lockWait is how long to wait for another process to let go of the file.
const lockWait = time.Second

var (
	bucketMeta      = []byte("meta")
	bucketResources = []byte("resources")
	bucketReserved  = []byte("reserved")
	bucketCounters  = []byte("counters")
	bucketRecords   = []byte("records")
	keySchema       = []byte("schema")
)

// buckets are those that hold sealed records.
var buckets = [][]byte{bucketResources, bucketReserved, bucketCounters, bucketRecords}

// ErrCorrupt is what Open reports about a file that is damaged.
var ErrCorrupt = errors.New("account store is damaged")

// ErrSchema is what Open reports about a file of another version of this program.
var ErrSchema = errors.New("account store is of another version")

// Open opens the store in a file and makes it, with its directory, if there is
// none. It reads all of it once: a damaged file is refused here, with an error
// that names it and the way out, and not in the middle of a deployment. Nothing
// is ever deleted.
func Open(path string) (*Account, error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		if err := create(path); err != nil {
			return nil, fmt.Errorf("making account store %s: %w", path, err)
		}
	}
	if err := inspect(path); err != nil {
		return nil, damaged(path, err)
	}
	db, err := open(path)
	if errors.Is(err, bbolterrors.ErrTimeout) {
		return nil, fmt.Errorf("account store %s is in use by another process: wait until it ends", path)
	}
	if err != nil {
		return nil, damaged(path, err)
	}
	if err := verify(db); err != nil {
		_ = db.Close() // the error that matters is the one about the content
		if errors.Is(err, ErrSchema) {
			return nil, fmt.Errorf("%s: %w; %s", path, err, wayOut(path))
		}
		return nil, damaged(path, err)
	}
	return &Account{db: db, path: path}, nil
}

func damaged(path string, err error) error {
	return fmt.Errorf("%w: %s: %w; %s", ErrCorrupt, path, err, wayOut(path))
}

func wayOut(path string) string {
	return fmt.Sprintf("nothing was changed; to begin with an empty account move the file away "+
		"(mv %s %s.bad), or put a backup in its place", path, path)
}

// create makes the store beside its place and renames it, so that a file which
// is there is complete.
func create(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	fresh := fmt.Sprintf("%s.new-%d", path, os.Getpid())
	defer func() { _ = os.Remove(fresh) }() // gone already after the rename
	db, err := bbolt.Open(fresh, 0o600, &bbolt.Options{Timeout: lockWait})
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range append([][]byte{bucketMeta}, buckets...) {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return tx.Bucket(bucketMeta).Put(keySchema, []byte(schema))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	return os.Rename(fresh, path)
}

// open opens a file that has the right structure; bbolt panics at what is left to
// find.
func open(path string) (db *bbolt.DB, err error) {
	defer recovered(&err)()
	return bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockWait})
}

// verify reads all records once.
func verify(db *bbolt.DB) (err error) {
	defer recovered(&err)()
	return db.View(func(tx *bbolt.Tx) error {
		if err := verifySchema(tx); err != nil {
			return err
		}
		return verifyRecords(tx)
	})
}

func verifySchema(tx *bbolt.Tx) error {
	meta := tx.Bucket(bucketMeta)
	if meta == nil {
		return errNoStore
	}
	if v := string(meta.Get(keySchema)); v != schema {
		return fmt.Errorf("%w: it has version %q, this program reads %q", ErrSchema, v, schema)
	}
	return nil
}

func verifyRecords(tx *bbolt.Tx) error {
	for _, name := range buckets {
		if tx.Bucket(name) == nil {
			return fmt.Errorf("bucket %q is missing", name)
		}
	}
	for _, name := range buckets {
		err := tx.Bucket(name).ForEach(func(k, record []byte) error {
			_, err := unseal(k, record)
			return err
		})
		if err != nil {
			return fmt.Errorf("bucket %q: %w", name, err)
		}
	}
	_, err := (&Tx{tx}).all("")
	return err
}

// recovered turns panics and memory faults of this goroutine into an error
// until the function that it returns runs.
func recovered(err *error) func() {
	before := debug.SetPanicOnFault(true)
	return func() {
		debug.SetPanicOnFault(before)
		if cause := recover(); cause != nil {
			*err = fmt.Errorf("unreadable: %v", cause)
		}
	}
}

// seal puts a checksum of a record and its key before it; pages have none in bbolt.
func seal(key, body []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, checksum(key, body)), body...)
}

var errChecksum = errors.New("a record does not match its checksum")

func unseal(key, record []byte) ([]byte, error) {
	if len(record) < 4 || binary.BigEndian.Uint32(record) != checksum(key, record[4:]) {
		return nil, errChecksum
	}
	return record[4:], nil
}

func checksum(key, body []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Checksum(key, table), table, body)
}
