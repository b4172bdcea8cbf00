// Package account is the emulated AWS account: a store on disk of the resources
// that exist in it, of the names that AWS still holds after a deletion, and of
// the numbers that AWS never gives out twice. It knows nothing of any service.
package account

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// ID is the number of the emulated account.
const ID = "123456789012"

// Account is an open store. It is safe for use by several goroutines; writes
// happen one at a time and are on disk when they return.
type Account struct {
	db   *bbolt.DB
	path string
}

// Resource is one thing that exists in the account.
type Resource struct {
	// Type is the Pulumi type token, such as "aws:ec2/vpc:Vpc".
	Type string `json:"type"`
	// ID is what AWS calls it, unique among its type and region.
	ID string `json:"id"`
	// Name is its physical name or Name tag; empty when it has none.
	Name string `json:"name,omitempty"`
	// Region it lives in; empty for global services.
	Region string `json:"region,omitempty"`
	// URN of the Pulumi resource that made it.
	URN     string    `json:"urn"`
	Created time.Time `json:"created"`
	// Ready is when it can be used; zero for what could be at once.
	Ready time.Time `json:"ready,omitzero"`
	// Gone is when it no longer exists; zero while nobody deletes it.
	Gone time.Time `json:"gone,omitzero"`
	// Inputs are what was asked for last.
	Inputs Props `json:"inputs,omitempty"`
	// Outputs are what AWS would answer when asked about it.
	Outputs Props `json:"outputs"`
	// Secrets names the properties that hold secrets.
	Secrets []string `json:"secrets,omitempty"`
}

// Images is what the ECR service needs to know about a repository's content.
type Images interface {
	// Digests lists the images of a repository; empty when it holds nothing.
	Digests(repository string) ([]string, error)
	// Remove drops all images of the repository.
	Remove(repository string) error
}

// Close releases the file.
func (a *Account) Close() error {
	if err := a.db.Close(); err != nil {
		return fmt.Errorf("closing account store %s: %w", a.path, err)
	}
	return nil
}

// View runs f on a consistent picture of the account.
func (a *Account) View(f func(tx *Tx) error) error {
	return a.db.View(func(tx *bbolt.Tx) error { return f(&Tx{tx}) })
}

// Update runs f and keeps its changes, all of them or, if f fails, none.
func (a *Account) Update(f func(tx *Tx) error) error {
	return a.db.Update(func(tx *bbolt.Tx) error { return f(&Tx{tx}) })
}

// List returns what exists, sorted by type, region and id, with the inputs left
// out and the secret outputs masked, so that it can be printed.
func (a *Account) List() ([]Resource, error) {
	list := []Resource{}
	err := a.View(func(tx *Tx) error {
		all, err := tx.all("")
		for _, r := range all {
			list = append(list, r.masked())
		}
		return err
	})
	return list, err
}

// HasRepository tells whether an ECR repository of that name exists in any region.
func (a *Account) HasRepository(name string) (bool, error) {
	found := false
	err := a.View(func(tx *Tx) error {
		repositories, err := tx.all("aws:ecr/repository:Repository")
		for _, r := range repositories {
			found = found || r.Name == name
		}
		return err
	})
	return found, err
}

// Observe notes a value that AWS has changed on its own: whoever reads the resource
// sees it as different from what was asked for.
func (r *Resource) Observe(name string, value any) {
	r.Inputs, r.Outputs = r.Inputs.Copy(), r.Outputs.Copy()
	r.Inputs[name], r.Outputs[name] = value, value
}

// Available tells whether a resource can be used at a moment: it is made, and nobody deletes it.
func (r Resource) Available(now time.Time) bool { return !now.Before(r.Ready) && r.Gone.IsZero() }

// masked is the resource as it may be shown to anyone.
func (r Resource) masked() Resource {
	outputs := r.Outputs.Copy()
	for _, name := range r.Secrets {
		if _, ok := outputs[name]; ok {
			outputs[name] = "[secret]"
		}
	}
	r.Outputs, r.Inputs = outputs, nil
	return r
}

// encode and decode are the record format: JSON behind its checksum.
func (r Resource) encode() ([]byte, error) {
	if r.Type == "" || r.ID == "" {
		return nil, errors.New("a resource needs a type and an id")
	}
	body, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("resource %s %s: %w", r.Type, r.ID, err)
	}
	return seal(key(r.Type, r.Region, r.ID), body), nil
}

func decode(k, record []byte) (Resource, error) {
	var r Resource
	body, err := unseal(k, record)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(body, &r); err != nil {
		return r, fmt.Errorf("record of a resource: %w", err)
	}
	return r, nil
}
