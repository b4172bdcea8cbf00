package rds

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

func parameterGroup() kind.Kind {
	return kind.Kind{
		Type: ParameterGroup, Title: "RDS Cluster Parameter Group",
		Args: rds.ClusterParameterGroupArgs{}, State: rds.ClusterParameterGroup{},
		API: kind.API{
			Service: "rds", Create: "CreateDBClusterParameterGroup", Change: "ModifyDBClusterParameterGroup",
			Delete: "DeleteDBClusterParameterGroup", Members: map[string]string{
				"name": "DBClusterParameterGroupName", "family": "DBParameterGroupFamily",
				"parameters[].name": "Parameters[].ParameterName", "parameters[].value": "Parameters[].ParameterValue",
			},
		},
		Source:   "RDS ModifyDBClusterParameterGroup",
		Name:     kind.Name{Property: "name", Prefix: "namePrefix", Lower: true},
		Replace:  []string{"name", "namePrefix", "family", "description"},
		Sets:     []string{"parameters"},
		Text:     map[string]func(string) string{"parameters.name": strings.ToLower},
		Defaults: account.Props{"description": "Managed by Pulumi", "parameters.applyMethod": "immediate"},
		Rules: append([]kind.Rule{
			kind.Match("name", `^[a-z]([a-z0-9.]|-[a-z0-9.]){0,254}$`,
				"must begin with a letter, be in lower case, and have no two hyphens in a row").From(provider),
			kind.Conflict("name", "namePrefix").From(provider),
			kind.OneOf("parameters[].applyMethod", "immediate", "pending-reboot").From(provider),
			{
				Name: "family exists", Source: "RDS CreateDBClusterParameterGroup", Path: "family", Bad: "mariadb11.4", Code: value,
				Test: familyExists,
			},
		}, parameters.Rules(value)...),
		Guards: []kind.Guard{
			kind.Quota("groups per region", 50, kind.Fault{
				Code: "DBParameterGroupQuotaExceeded", Message: "Cannot create more than 50 DB cluster parameter groups",
			}, kind.Alike(ParameterGroup)).From(guideQuotas),
		},
		Unique: []kind.Unique{{Property: "name", Source: "RDS CreateDBClusterParameterGroup", Taken: kind.Fault{
			Code: "DBParameterGroupAlreadyExists", Message: "Parameter group %s already exists",
		}}},
		NotFound: kind.Fault{Code: "DBClusterParameterGroupNotFound", Message: "DBClusterParameterGroup not found: %s"},
		InUse: kind.Fault{
			Code:    "InvalidDBParameterGroupState",
			Message: "One or more database instances are still members of this parameter group %s, so the group cannot be deleted",
		},
		Create: func(c *kind.Call) error {
			c.ID = c.Out.String("name")
			c.Set(account.Props{"arn": c.ARN("rds", "cluster-pg:"+c.ID), "namePrefix": ""})
			return later(c)
		},
		Update: later,
	}
}

// later notes the static parameters: AWS applies them at the next reboot, whatever was asked for.
func later(c *kind.Call) error {
	if !parameters.Families(c.In.String("family")) {
		return nil
	}
	list := slices.Clone(c.In.List("parameters"))
	changed := false
	for i, one := range c.In.Objects("parameters") {
		p, known := parameters.Find(one.String("name"))
		if known && p.Static && one.String("applyMethod") != "pending-reboot" {
			noted := one.Copy()
			noted["applyMethod"] = "pending-reboot"
			list[i], changed = map[string]any(noted), true
		}
	}
	if changed {
		c.In = c.In.Copy()
		c.In["parameters"], c.Out["parameters"] = list, list
	}
	return nil
}

func familyExists(v any, _ account.Props) string {
	name, _ := v.(string)
	for _, engine := range []string{"aurora-mysql5.7", "aurora-mysql8.0", "aurora-mysql8.4", "mysql8.0", "mysql8.4"} {
		if name == engine {
			return ""
		}
	}
	for _, engine := range []string{"aurora-postgresql", "postgres"} {
		if number, ok := strings.CutPrefix(name, engine); ok && len(number) == 2 && number >= "11" && number <= "18" {
			return ""
		}
	}
	return fmt.Sprintf("ParameterGroupFamily %s is not a valid parameter group family", name)
}
