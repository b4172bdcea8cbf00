package daemon

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

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
	for _, resource := range all {
		if asked.lacks(resource) {
			d.Unrecorded = append(d.Unrecorded, knownAs(resource))
		}
	}
	for _, known := range asked.Known {
		there := func(r account.Resource) bool { return r.Type == known.Type && r.ID == known.ID }
		if !slices.ContainsFunc(all, there) {
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
	for _, resource := range all {
		switch {
		case err != nil:
		case ended(resource):
			err = s.forget(resource)
		case asked.lacks(resource):
			if err = s.remove(r, resource, answer.say); err == nil {
				known := knownAs(resource)
				answer.send(message{Removed: &known})
			}
		}
	}
	s.cloud.Runtime.Changed()
	answer.end(err)
}

// remove removes one resource that nobody knows: first what runs for it, then its record.
func (s *server) remove(r *http.Request, resource account.Resource, say func(line string)) error {
	forgotten := unused(resource)
	err := s.cloud.Account.Update(func(tx *account.Tx) error { return tx.Put(forgotten) })
	if err == nil {
		err = s.cloud.Runtime.Release(r.Context(), forgotten, say)
	}
	if err == nil {
		err = s.forget(resource)
	}
	if err != nil {
		return fmt.Errorf("removing %s %s: %w", resource.Type, resource.ID, err)
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
	known := func(k Known) bool { return k.Type == typeOf(r.URN) && k.ID == r.ID }
	return strings.HasPrefix(r.URN, asked.Prefix) && !r.Created.Before(asked.Since) && !slices.ContainsFunc(asked.Known, known)
}

func knownAs(r account.Resource) Known {
	return Known{Type: r.Type, ID: r.ID, Name: r.URN[strings.LastIndex(r.URN, "::")+2:]}
}

// typeOf is the resource's own type in a URN, without its parents' types.
func typeOf(urn string) string {
	parts := strings.SplitN(urn, "::", 4)
	if len(parts) < 4 {
		return ""
	}
	return parts[2][strings.LastIndex(parts[2], "$")+1:]
}
