// Package core has the functions of the AWS package that belong to no service in
// particular, and those of STS and SSM: who and where am I, and which parameters
// does AWS publish.
package core

import (
	"fmt"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/region"
)

// Service declares the functions of this package.
func Service() kind.Service {
	return kind.Service{Functions: []kind.Function{
		{
			Name: "aws:index/getAvailabilityZones:getAvailabilityZones",
			Args: []string{"allAvailabilityZones", "excludeNames", "excludeZoneIds", "filters", "state"}, Run: zones,
		},
		{Name: "aws:index/getCallerIdentity:getCallerIdentity", Args: []string{"id"}, Run: identity},
		{Name: "aws:index/getRegion:getRegion", Args: []string{"endpoint", "id", "name"}, Run: here},
		{Name: "aws:index/getPartition:getPartition", Args: []string{"id"}, Run: partition},
		{
			Name: "aws:ssm/getParameter:getParameter", Args: []string{"name", "withDecryption"},
			Secret: []string{"value"}, Run: parameter,
		},
	}}
}

func zones(c *kind.Call) (account.Props, error) {
	r, _ := region.Find(c.Region)
	names, ids := []any{}, []any{}
	for _, name := range r.Zones() {
		if slices.Contains(c.In.Strings("excludeNames"), name) ||
			slices.Contains(c.In.Strings("excludeZoneIds"), r.ZoneID(name)) {
			continue
		}
		names, ids = append(names, name), append(ids, r.ZoneID(name))
	}
	if state := c.In.String("state"); state != "" && state != "available" {
		names, ids = []any{}, []any{}
	}
	out := c.In.Copy()
	out["id"], out["names"], out["zoneIds"], out["groupNames"] = c.Region, names, ids, []any{c.Region}
	return out, nil
}

func identity(*kind.Call) (account.Props, error) {
	return account.Props{
		"accountId": account.ID, "id": account.ID, "arn": "arn:aws:iam::" + account.ID + ":user/local",
		"userId": "AIDALOCALLOCALLOCALLO",
	}, nil
}

func here(c *kind.Call) (account.Props, error) {
	name := c.Region
	if c.In.Has("name") {
		name = c.In.String("name")
	}
	r, ok := region.Find(name)
	if !ok {
		return nil, fmt.Errorf("region not found for name %q", name)
	}
	return account.Props{
		"id": r.Name, "name": r.Name, "description": r.Description, "endpoint": "ec2." + r.Name + ".amazonaws.com",
	}, nil
}

func partition(*kind.Call) (account.Props, error) {
	return account.Props{
		"id": "aws", "partition": "aws", "dnsSuffix": "amazonaws.com", "reverseDnsPrefix": "com.amazonaws",
	}, nil
}

// parameters are the public ones that this cloud knows, with values that have the
// right form. Image ids differ by region; here they are the same everywhere.
var parameters = map[string]string{
	"/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id":       "ami-0ec5000000000a64d",
	"/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id": "ami-0ec5000000000a64e",
	"/aws/service/ecs/optimized-ami/amazon-linux-2/recommended/image_id":          "ami-0ec5000000000a2d0",
	"/aws/service/ecs/optimized-ami/amazon-linux-2/arm64/recommended/image_id":    "ami-0ec5000000000a2e0",
}

func parameter(c *kind.Call) (account.Props, error) {
	name := c.In.String("name")
	value, ok := parameters[name]
	if !ok {
		return nil, fmt.Errorf("reading SSM Parameter (%s): %w", name,
			kind.Refuse("ParameterNotFound", "this cloud knows the public parameters of the ECS-optimized images only"))
	}
	return account.Props{
		"id": name, "name": name, "value": value, "insecureValue": value, "type": "String", "version": 1.0,
		"arn":            fmt.Sprintf("arn:aws:ssm:%s::parameter%s", c.Region, "/"+strings.TrimPrefix(name, "/")),
		"withDecryption": c.In["withDecryption"],
	}, nil
}
