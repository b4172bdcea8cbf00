package account

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Records are what AWS knows beside the resources that someone asked for: tasks, instances,
// deployments, events. A class belongs to the package that writes it; ids are unique in a class.

// Keep writes a record of a class, over an older version of itself if there is one.
func (t *Tx) Keep(class, id string, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("keeping %s %q: %w", class, id, err)
	}
	k := key(class, id)
	if err := t.tx.Bucket(bucketRecords).Put(k, seal(k, body)); err != nil {
		return fmt.Errorf("keeping %s %q: %w", class, id, err)
	}
	return nil
}

// Kept reads a record into a value, and tells whether there is one.
func (t *Tx) Kept(class, id string, value any) (bool, error) {
	k := key(class, id)
	record := t.tx.Bucket(bucketRecords).Get(k)
	if record == nil {
		return false, nil
	}
	body, err := unseal(k, record)
	if err == nil {
		err = json.Unmarshal(body, value)
	}
	if err != nil {
		return false, fmt.Errorf("reading %s %q: %w", class, id, err)
	}
	return true, nil
}

// Drop removes a record; one that is gone already is no error.
func (t *Tx) Drop(class, id string) error {
	if err := t.tx.Bucket(bucketRecords).Delete(key(class, id)); err != nil {
		return fmt.Errorf("dropping %s %q: %w", class, id, err)
	}
	return nil
}

// AllKept returns the records of a class, sorted by id.
func AllKept[T any](t *Tx, class string) ([]T, error) {
	var list []T
	prefix := key(class, "")
	cursor := t.tx.Bucket(bucketRecords).Cursor()
	for k, record := cursor.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, record = cursor.Next() {
		body, err := unseal(k, record)
		var value T
		if err == nil {
			err = json.Unmarshal(body, &value)
		}
		if err != nil {
			return nil, fmt.Errorf("reading %q: %w", bytes.ReplaceAll(k, []byte(separator), []byte(" ")), err)
		}
		list = append(list, value)
	}
	return list, nil
}

// ByType returns the resources of a type in all regions, sorted by region and id.
func (t *Tx) ByType(typ string) ([]Resource, error) { return t.all(typ) }
