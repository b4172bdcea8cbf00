package ec2

import (
	"errors"
	"fmt"
	"slices"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/prefixlist"
)

// listQuotas is where it is from for how much a list counts in a group.
const listQuotas = vpcQuotas + "; " + prefixlist.Source

// inlineLists are the lists that a group's own rules name.
var inlineLists = []string{"ingress[].prefixListIds[]", "egress[].prefixListIds[]"}

// noList is AWS's answer to a prefix list that does not exist.
func noList(id string) error {
	return kind.Refuse("InvalidPrefixListID.NotFound", "The prefix list ID '%s' does not exist", id)
}

// listsExist is the guard that the prefix lists at some paths exist. There are only AWS's own here.
func listsExist(paths ...string) kind.Guard {
	return kind.Guard{
		Name: "the prefix list exists", Source: errorCodes, On: kind.Making | kind.Changing, Check: func(c *kind.Call) error {
			for _, path := range paths {
				for _, v := range c.In.All(path) {
					id, _ := v.(string)
					if _, known := prefixlist.ByID(c.Region, id); !known {
						return noList(id)
					}
				}
			}
			return nil
		},
	}
}

// getManagedPrefixList finds a list by its id or its name.
func getManagedPrefixList(c *kind.Call) (account.Props, error) {
	var found []prefixlist.List
	for _, l := range prefixlist.All(c.Region) {
		if c.In.Has("id") && c.In.String("id") != l.ID || c.In.Has("name") && c.In.String("name") != l.Name {
			continue
		}
		passes, err := passes(l, c.In.Objects("filters"))
		if err != nil {
			return nil, err
		}
		if passes {
			found = append(found, l)
		}
	}
	switch {
	case len(found) == 0:
		return nil, fmt.Errorf("no matching EC2 Managed Prefix List found (id %q, name %q, region %s)",
			c.In.String("id"), c.In.String("name"), c.Region)
	case len(found) > 1:
		return nil, errors.New("multiple EC2 Managed Prefix Lists matched; " +
			"use additional constraints to reduce matches to a single EC2 Managed Prefix List")
	}
	l := found[0]
	entries := []any{}
	for _, network := range l.Entries {
		entries = append(entries, map[string]any{"cidr": network, "description": ""})
	}
	return account.Props{
		"id": l.ID, "name": l.Name, "addressFamily": l.Family, "arn": "arn:aws:ec2:" + c.Region + ":aws:prefix-list/" + l.ID,
		"ownerId": "AWS", "entries": entries, "filters": c.In["filters"], "tags": map[string]any{},
		// AWS does not tell these of its own lists.
		"maxEntries": 0.0, "version": 0.0,
	}, nil
}

// passes tells whether a list has one of the values of every filter.
func passes(l prefixlist.List, filters []account.Props) (bool, error) {
	for _, f := range filters {
		value, known := map[string]string{"prefix-list-id": l.ID, "prefix-list-name": l.Name, "owner-id": "AWS"}[f.String("name")]
		if !known {
			return false, kind.Refuse("InvalidParameterValue", "The filter '%s' is invalid", f.String("name"))
		}
		if !slices.Contains(f.Strings("values"), value) {
			return false, nil
		}
	}
	return true, nil
}
