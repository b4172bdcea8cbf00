package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// row is what the list shows of a resource.
type row struct {
	Type   string `json:"type"`
	Name   string `json:"name"`
	ID     string `json:"id"`
	Region string `json:"region"`
	URN    string `json:"urn"`
}

// printResources prints the account's list, a JSON array, as it is or as a table. A stack
// restricts it to the resources of that stack.
func printResources(out io.Writer, list []byte, stack string, asJSON bool) error {
	var resources []json.RawMessage
	if err := json.Unmarshal(list, &resources); err != nil {
		return fmt.Errorf("reading the account's list: %w", err)
	}
	kept := []json.RawMessage{}
	rows := []row{}
	for _, resource := range resources {
		var r row
		if err := json.Unmarshal(resource, &r); err != nil {
			return fmt.Errorf("reading the account's list: %w", err)
		}
		if stack == "" || strings.HasPrefix(r.URN, "urn:pulumi:"+stack+"::") {
			kept, rows = append(kept, resource), append(rows, r)
		}
	}
	if asJSON {
		return printJSON(out, kept)
	}
	return printTable(out, rows)
}

func printJSON(out io.Writer, resources []json.RawMessage) error {
	text, err := json.Marshal(resources)
	if err != nil {
		return fmt.Errorf("printing the resources: %w", err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, text, "", "  "); err != nil {
		return fmt.Errorf("printing the resources: %w", err)
	}
	_, err = fmt.Fprintln(out, indented.String())
	return err
}

func printTable(out io.Writer, rows []row) error {
	if len(rows) == 0 {
		_, err := fmt.Fprintln(out, "The account is empty.")
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "TYPE\tNAME\tID\tREGION")
	for _, r := range rows {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", r.Type, r.Name, r.ID, r.Region)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("printing the resources: %w", err)
	}
	return nil
}

// parseOwn parses the flags of a command of our own.
func parseOwn(name string, args []string, define func(*flag.FlagSet)) error {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the error says it; `help` has the rest
	define(flags)
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("%s: %w (see `go run ./local help`)", name, err)
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%s takes no argument %q (see `go run ./local help`)", name, flags.Arg(0))
	}
	return nil
}
