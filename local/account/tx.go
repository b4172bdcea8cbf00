package account

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// Tx reads and, within Update, writes the account as of one moment.
type Tx struct{ tx *bbolt.Tx }

// separator stands between the parts of a key; no part contains it.
const separator = "\x00"

// key orders resources by type, then region, then id.
func key(parts ...string) []byte {
	var b bytes.Buffer
	for i, part := range parts {
		if i > 0 {
			b.WriteString(separator)
		}
		b.WriteString(part)
	}
	return b.Bytes()
}

// Get returns a resource, or nil when there is none.
func (t *Tx) Get(typ, region, id string) (*Resource, error) {
	k := key(typ, region, id)
	record := t.tx.Bucket(bucketResources).Get(k)
	if record == nil {
		return nil, nil
	}
	r, err := decode(k, record)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", typ, id, err)
	}
	return &r, nil
}

// All returns the resources of a type in a region, sorted by id. Resources of
// global services have the region "".
func (t *Tx) All(typ, region string) ([]Resource, error) {
	return t.scan(key(typ, region, ""))
}

// Put writes a resource, over an older version of itself if there is one.
func (t *Tx) Put(r Resource) error {
	record, err := r.encode()
	if err != nil {
		return err
	}
	if err := t.tx.Bucket(bucketResources).Put(key(r.Type, r.Region, r.ID), record); err != nil {
		return fmt.Errorf("writing %s %s: %w", r.Type, r.ID, err)
	}
	return nil
}

// Delete removes a resource; one that is gone already is no error.
func (t *Tx) Delete(typ, region, id string) error {
	if err := t.tx.Bucket(bucketResources).Delete(key(typ, region, id)); err != nil {
		return fmt.Errorf("deleting %s %s: %w", typ, id, err)
	}
	return nil
}

// Reserve keeps a name taken after its owner is gone: a secret in its recovery
// window, a final snapshot. A zero time means without end.
func (t *Tx) Reserve(class, region, name string, until time.Time) error {
	body, err := json.Marshal(until)
	if err != nil {
		return fmt.Errorf("reserving %s %q: %w", class, name, err)
	}
	k := key(class, region, name)
	if err := t.tx.Bucket(bucketReserved).Put(k, seal(k, body)); err != nil {
		return fmt.Errorf("reserving %s %q: %w", class, name, err)
	}
	return nil
}

// Free takes a Reserve back; a name that is not reserved is no error.
func (t *Tx) Free(class, region, name string) error {
	if err := t.tx.Bucket(bucketReserved).Delete(key(class, region, name)); err != nil {
		return fmt.Errorf("freeing %s %q: %w", class, name, err)
	}
	return nil
}

// Reserved tells whether a name is taken at a moment, though nothing has it.
func (t *Tx) Reserved(class, region, name string, now time.Time) (bool, error) {
	k := key(class, region, name)
	record := t.tx.Bucket(bucketReserved).Get(k)
	if record == nil {
		return false, nil
	}
	body, err := unseal(k, record)
	if err != nil {
		return false, fmt.Errorf("reserved %s %q: %w", class, name, err)
	}
	var until time.Time
	if err := json.Unmarshal(body, &until); err != nil {
		return false, fmt.Errorf("reserved %s %q: %w", class, name, err)
	}
	return until.IsZero() || now.Before(until), nil
}

// Next counts up and returns 1 the first time: revisions of a task definition
// family, say, which never come back even when all of them are deleted.
func (t *Tx) Next(class, region, name string) (int, error) {
	bucket := t.tx.Bucket(bucketCounters)
	k := key(class, region, name)
	n := uint64(1)
	if record := bucket.Get(k); record != nil {
		last, err := unseal(k, record)
		if err != nil || len(last) != 8 {
			return 0, fmt.Errorf("counting %s %q: %w", class, name, errChecksum)
		}
		n = binary.BigEndian.Uint64(last) + 1
	}
	if err := bucket.Put(k, seal(k, binary.BigEndian.AppendUint64(nil, n))); err != nil {
		return 0, fmt.Errorf("counting %s %q: %w", class, name, err)
	}
	return int(n), nil
}

// all returns every resource, or every one of a type, in all regions.
func (t *Tx) all(typ string) ([]Resource, error) {
	if typ == "" {
		return t.scan(nil)
	}
	return t.scan(key(typ, ""))
}

func (t *Tx) scan(prefix []byte) ([]Resource, error) {
	var list []Resource
	cursor := t.tx.Bucket(bucketResources).Cursor()
	for k, record := cursor.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, record = cursor.Next() {
		r, err := decode(k, record)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", bytes.ReplaceAll(k, []byte(separator), []byte(" ")), err)
		}
		list = append(list, r)
	}
	return list, nil
}
