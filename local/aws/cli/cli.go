// Package cli answers commands of the AWS CLI that change, delete and describe what the account holds, past Pulumi.
// Which operations there are, their options and what they set follow from the kinds' API and its models.
package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Exit codes of the AWS CLI.
const (
	// CodeRefused is that of what the service refuses.
	CodeRefused = 254
	// CodeMisused is that of a command which the CLI does not understand.
	CodeMisused = 252
)

// Runtime runs what the account holds.
type Runtime interface {
	kind.Ports
	// Changed is told of every change of the account.
	Changed()
	// Release ends what runs for a resource that is about to be deleted.
	Release(ctx context.Context, r account.Resource, say func(line string)) error
}

// CLI is the AWS CLI of one account.
type CLI struct {
	Account *account.Account
	Images  account.Images
	// Objects are what S3 buckets hold.
	Objects kind.Objects
	// Runs is nil where nothing can run.
	Runs    Runtime
	Catalog *kind.Catalog
}

// Answer is what a command prints, and how it ends.
type Answer struct {
	Out  string `json:"out,omitempty"`
	Err  string `json:"err,omitempty"`
	Code int    `json:"code,omitempty"`
}

// misuse is a command that the CLI does not understand.
type misuse struct{ text string }

func (m misuse) Error() string { return m.text }

func misused(format string, args ...any) error { return misuse{fmt.Sprintf(format, args...)} }

// Run answers a command: its words after "aws".
func (c *CLI) Run(ctx context.Context, words []string) Answer {
	out, operation, err := c.run(ctx, words)
	var m misuse
	var f kind.Fault
	switch {
	case err == nil:
		return Answer{Out: out}
	case errors.As(err, &m):
		return Answer{Err: "aws: " + m.text, Code: CodeMisused}
	case errors.As(err, &f):
		return Answer{Code: CodeRefused, Err: fmt.Sprintf("An error occurred (%s) when calling the %s operation: %s",
			f.Code, operation, f.Message)}
	default:
		return Answer{Err: err.Error(), Code: 1}
	}
}

// NeedsNoAccount tells whether words ask for nothing but help.
func NeedsNoAccount(words []string) bool {
	return len(words) < 2 || words[0] == "help" || words[1] == "help"
}

func (c *CLI) run(ctx context.Context, words []string) (out, operation string, err error) {
	if len(words) == 0 || words[0] == "help" {
		return c.help(""), "", nil
	}
	service := words[0]
	if len(c.commands(service)) == 0 {
		return "", "", misused("the service %q is not known here; there are %s", service, strings.Join(c.services(), ", "))
	}
	if NeedsNoAccount(words) {
		return c.help(service), "", nil
	}
	asked, err := c.find(service, words[1])
	if err != nil {
		return "", "", err
	}
	if asked.describes {
		out, err = c.describe(asked, words[2:])
		return out, asked.operation, err
	}
	q, err := parse(asked.input, asked.service, words[2:])
	if err != nil {
		return "", "", err
	}
	if asked.deletes {
		err = c.delete(ctx, asked, q)
		return "", asked.operation, err
	}
	out, err = c.change(asked, q)
	return out, asked.operation, err
}

// call is a request to the services about a resource.
func (c *CLI) call(tx *account.Tx, r account.Resource) *kind.Call {
	call := &kind.Call{
		Tx: tx, Region: r.Region, URN: r.URN, Now: time.Now(), Images: c.Images, Objects: c.Objects,
		Catalog: c.Catalog, ID: r.ID, Secrets: r.Secrets,
	}
	if c.Runs != nil {
		call.Ports = c.Runs
	}
	return call
}

// change sets inputs of a resource as they would be if somebody had done so on AWS.
func (c *CLI) change(a asked, q request) (string, error) {
	var printed string
	err := c.Account.Update(func(tx *account.Tx) error {
		d, r, err := c.resource(tx, a, q)
		if err != nil {
			return err
		}
		in, err := d.Asked(a.operation, q.members, r.Inputs, naming(d, a))
		if err != nil {
			return misused("%v", err)
		}
		if failures := d.Check(plainly(in), r.Secrets); len(failures) > 0 {
			return kind.Refuse(kind.Invalid(d.API.Service, a.operation), "%s: %s", failures[0].Property, failures[0].Reason)
		}
		call := c.call(tx, r)
		call.In = in
		changed, err := d.Change(call)
		if err != nil {
			return err
		}
		printed, err = show(a.noun, entry(changed))
		return err
	})
	if err == nil {
		c.changed()
	}
	return printed, err
}

// errRehearsed takes a deletion back that was only tried.
var errRehearsed = errors.New("taken back")

// delete removes a resource, after ending what runs for it.
func (c *CLI) delete(ctx context.Context, a asked, q request) error {
	var doomed account.Resource
	remove := func(tx *account.Tx) error {
		d, r, err := c.resource(tx, a, q)
		if err != nil {
			return err
		}
		if r.Inputs, err = d.Asked(a.operation, q.members, r.Inputs, naming(d, a)); err != nil {
			return misused("%v", err)
		}
		if err := tx.Put(r); err != nil {
			return err
		}
		doomed = r
		return d.Remove(c.call(tx, r))
	}
	err := c.Account.Update(func(tx *account.Tx) error {
		if err := remove(tx); err != nil {
			return err
		}
		return errRehearsed
	})
	if !errors.Is(err, errRehearsed) {
		return err
	}
	if c.Runs != nil {
		if err := c.Runs.Release(ctx, doomed, func(string) {}); err != nil {
			return err
		}
	}
	if err := c.Account.Update(remove); err != nil {
		return err
	}
	c.changed()
	return nil
}

func (c *CLI) changed() {
	if c.Runs != nil {
		c.Runs.Changed()
	}
}

// plainly are inputs without what the provider adds to them.
func plainly(in account.Props) account.Props {
	in = in.Copy()
	delete(in, "tagsAll")
	for name := range in {
		if strings.HasPrefix(name, "__") {
			delete(in, name)
		}
	}
	return in
}

// entry is what is printed of a resource, its secrets masked.
func entry(r account.Resource) map[string]any {
	e := map[string]any{}
	for name, value := range r.Outputs {
		e[name] = value
	}
	for _, name := range r.Secrets {
		if _, ok := e[name]; ok {
			e[name] = "[secret]"
		}
	}
	e["id"] = r.ID
	return e
}

// show is the output of the CLI: a JSON document with the resource, or several, under the name of the kind.
func show(name string, value any) (string, error) {
	var b bytes.Buffer
	printer := json.NewEncoder(&b)
	printer.SetEscapeHTML(false)
	printer.SetIndent("", "    ")
	err := printer.Encode(map[string]any{name: value})
	return b.String(), err
}
