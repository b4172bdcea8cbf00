package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"wordpress-ecs/local/engine"
)

func listResources(ctx context.Context, e *engine.Engine, c engine.Command) (int, error) {
	asJSON := false
	if _, err := parseOwn("resources", c.Rest, nil, func(flags *flag.FlagSet) {
		flags.BoolVar(&asJSON, "json", false, "")
	}); err != nil {
		return 1, err
	}
	list, err := e.Resources(ctx)
	if err != nil {
		return 1, err
	}
	return 0, printResources(os.Stdout, list, c.Stack, asJSON)
}

// row is what the list shows of a resource.
type row struct {
	Type   string `json:"type"`
	Name   string `json:"name"`
	ID     string `json:"id"`
	Region string `json:"region"`
	URN    string `json:"urn"`
}

func (r row) inStack(stack string) bool { return strings.HasPrefix(r.URN, "urn:pulumi:"+stack+"::") }

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
		if stack == "" || r.inStack(stack) {
			kept, rows = append(kept, resource), append(rows, r)
		}
	}
	if asJSON {
		return printJSON(out, kept)
	}
	return printTable(out, rows)
}

func printJSON(out io.Writer, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	_, err = fmt.Fprintln(out, string(text))
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
