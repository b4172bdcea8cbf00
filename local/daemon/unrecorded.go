package daemon

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"wordpress-ecs/local/account"
)

// Known is a resource as Pulumi's state names it.
type Known struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	// Name is its logical name.
	Name string `json:"name,omitempty"`
}

// Recorded is what the state of a stack has.
type Recorded struct {
	// Prefix begins the URNs of the stack: "urn:pulumi:dev::site::".
	Prefix string `json:"prefix"`
	// Since is when the command began that may have left something behind.
	Since time.Time `json:"since"`
	Known []Known   `json:"known"`
}

// Difference is what a state and the account do not have in common.
type Difference struct {
	// Unrecorded was made by the command, and the state does not know it.
	Unrecorded []Known `json:"unrecorded"`
	// Missing is what the state knows and the account has not.
	Missing []Known `json:"missing"`
}

// unrecorded compares a state with the account.
func (s *server) unrecorded(w http.ResponseWriter, r *http.Request) {
	var asked Recorded
	if !read(w, r, &asked) {
		return
	}
	d := Difference{Unrecorded: []Known{}, Missing: []Known{}}
	all, err := s.everything()
	all = slices.DeleteFunc(all, ended)
	for _, made := range all {
		if asked.lacks(made) {
			d.Unrecorded = append(d.Unrecorded, knownAs(made))
		}
	}
	for _, known := range asked.Known {
		if !slices.ContainsFunc(all, known.is) {
			d.Missing = append(d.Missing, known)
		}
	}
	reply(w, d, err)
}

// removeUnrecorded removes what a command made and Pulumi never recorded, and what runs for it. What was made last
// goes first: nothing of it is needed by what stays.
func (s *server) removeUnrecorded(w http.ResponseWriter, r *http.Request) {
	var asked Recorded
	if !read(w, r, &asked) {
		return
	}
	answer := newStream(w)
	all, err := s.everything()
	slices.SortFunc(all, func(a, b account.Resource) int { return b.Created.Compare(a.Created) })
	for _, made := range all {
		switch {
		case err != nil:
		case ended(made):
			err = s.forget(made)
		case asked.lacks(made):
			if err = s.remove(r, made, answer.say); err == nil {
				known := knownAs(made)
				answer.send(message{Removed: &known})
			}
		}
	}
	s.cloud.Runtime.Changed()
	answer.end(err)
}

// remove removes one resource that nobody knows: first what runs for it, then its record.
func (s *server) remove(r *http.Request, made account.Resource, say func(line string)) error {
	forgotten := unused(made)
	err := s.cloud.Account.Update(func(tx *account.Tx) error { return tx.Put(forgotten) })
	if err == nil {
		err = s.cloud.Runtime.Release(r.Context(), forgotten, say)
	}
	if err == nil {
		err = s.forget(made)
	}
	if err != nil {
		return fmt.Errorf("removing %s %s: %w", made.Type, made.ID, err)
	}
	return nil
}

// forget removes the record of a resource.
func (s *server) forget(r account.Resource) error {
	return s.cloud.Account.Update(func(tx *account.Tx) error { return s.cloud.Forget(tx, r) })
}

// ended tells whether a resource no longer exists: its deletion was cut off before its record went.
func ended(r account.Resource) bool { return !r.Gone.IsZero() && !time.Now().Before(r.Gone) }

// unused is a resource without the last snapshot that it asks for: it holds nothing of anybody's, and the snapshot
// would take the name from the one of its successor.
func unused(r account.Resource) account.Resource {
	r.Inputs, r.Outputs = r.Inputs.Copy(), r.Outputs.Copy()
	for _, props := range []account.Props{r.Inputs, r.Outputs} {
		delete(props, "finalSnapshotIdentifier")
		if props.Has("skipFinalSnapshot") {
			props["skipFinalSnapshot"] = true
		}
	}
	return r
}

// everything is what exists in the account, secrets included.
func (s *server) everything() ([]account.Resource, error) {
	var all []account.Resource
	err := s.cloud.Account.View(func(tx *account.Tx) (err error) {
		all, err = tx.ByType("") // of all types
		return err
	})
	return all, err
}

// lacks tells whether a resource is one of the stack's that its state does not know. The name in a URN may have
// changed since (an alias), the type and the ID have not.
func (asked Recorded) lacks(r account.Resource) bool {
	known := slices.ContainsFunc(asked.Known, func(k Known) bool { return k.is(r) })
	return strings.HasPrefix(r.URN, asked.Prefix) && !r.Created.Before(asked.Since) && !known
}

func (k Known) is(r account.Resource) bool { return k.Type == r.Type && k.ID == r.ID }

func knownAs(r account.Resource) Known {
	return Known{Type: r.Type, ID: r.ID, Name: resource.URN(r.URN).Name()}
}
