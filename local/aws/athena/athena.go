// Package athena is Amazon Athena: work groups and the queries that are kept in them. Nothing runs a query here.
package athena

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/athena"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Tokens by which other services refer to what is declared here.
const (
	Workgroup  = "aws:athena/workgroup:Workgroup"
	NamedQuery = "aws:athena/namedQuery:NamedQuery"
)

const (
	terraform = "terraform-provider-aws internal/service/athena/"
	reference = "Athena API reference, "
	invalid   = "InvalidRequestException"

	longestName        = 128
	longestDescription = 1024
	// leastCutoff is the least limit of what a query may read, in bytes.
	leastCutoff = 10 << 20
	// primary is the work group that every account has.
	primary = "primary"
	// engine is the version that work groups without a choice of their own have.
	engine = "Athena engine version 3"

	result = "configuration.resultConfiguration"
)

// Service declares the kinds of this package.
func Service() kind.Service { return kind.Service{Kinds: []kind.Kind{workgroup(), namedQuery()}} }

func workgroup() kind.Kind {
	taken := kind.Fault{Code: invalid, Message: "WorkGroup is already created"}
	const updates = "ConfigurationUpdates.ResultConfigurationUpdates"
	const key = ".EncryptionConfiguration.KmsKey"
	return kind.Kind{
		Type: Workgroup, Title: "Athena WorkGroup", Args: athena.WorkgroupArgs{}, State: athena.Workgroup{},
		Source: terraform + "workgroup.go",
		API: kind.API{
			Service: "athena", Create: "CreateWorkGroup", Change: "UpdateWorkGroup", Delete: "DeleteWorkGroup",
			Members: map[string]string{
				"name": "Name|WorkGroup", "configuration": "Configuration|ConfigurationUpdates",
				result: "Configuration.ResultConfiguration|" + updates,
				result + ".encryptionConfiguration.kmsKeyArn": "Configuration.ResultConfiguration" + key + "|" + updates + key,
			},
		},
		Name:     kind.Name{Property: "name", Max: longestName},
		Replace:  []string{"name"},
		Kept:     []string{"configuration"},
		Defaults: defaults(),
		Rules: append([]kind.Rule{
			kind.Length("name", 1, longestName),
			kind.Match("name", `^[0-9A-Za-z_.-]+$`, "must contain only alphanumeric characters, periods, underscores, and hyphens").
				Refusing("a b"),
			kind.Length("description", 0, longestDescription),
			kind.OneOf("state", "ENABLED", "DISABLED"),
			{
				Name: "least limit of a query", Path: "configuration.bytesScannedCutoffPerQuery", Bad: leastCutoff - 1.0,
				Test: func(v any, _ account.Props) string {
					if n, ok := v.(float64); ok && n != 0 && n < leastCutoff {
						return "expected configuration.bytesScannedCutoffPerQuery to be at least (10485760), or 0 for no limit"
					}
					return ""
				},
			},
			kind.OneOf(result+".encryptionConfiguration.encryptionOption", "SSE_S3", "SSE_KMS", "CSE_KMS"),
			kind.ARN(result + ".encryptionConfiguration.kmsKeyArn"),
			kind.OneOf(result+".aclConfiguration.s3AclOption", "BUCKET_OWNER_FULL_CONTROL"),
			kind.Match(result+".expectedBucketOwner", `^\d{12}$`, "must be an account ID of 12 digits").Refusing("me"),
			kind.Match(result+".outputLocation", `^s3://[^/]+`, "outputLocation is not a valid S3 path").
				API(invalid).From(reference + "ResultConfiguration").Refusing("site-logs/results"),
		}, kind.Tags(invalid, invalid)...),
		Guards: []kind.Guard{
			{
				Name: "the primary work group is there already", On: kind.Making, Source: reference + "CreateWorkGroup",
				Check: func(c *kind.Call) error {
					if c.Out.String("name") == primary {
						return kind.Refuse(taken.Code, "%s", taken.Message)
					}
					return nil
				},
			},
			{
				Name: "no query is left", On: kind.Deleting, Source: "aws-samples/coast-grafana-athena-plugin#9", Check: emptied,
			},
		},
		Unique:   []kind.Unique{{Property: "name", Taken: taken, Source: reference + "CreateWorkGroup"}},
		NotFound: kind.Fault{Code: invalid, Message: "WorkGroup %s is not found."},
		Create: func(c *kind.Call) error {
			c.ID = c.Out.String("name")
			c.Set(account.Props{"arn": c.ARN("athena", "workgroup/"+c.ID)})
			settle(c)
			return nil
		},
		Update: func(c *kind.Call) error {
			settle(c)
			return nil
		},
		Delete: dropQueries,
	}
}

// defaults are those of the provider.
func defaults() account.Props {
	return account.Props{
		"state": "ENABLED", "forceDestroy": false,
		"configuration.enforceWorkgroupConfiguration": true, "configuration.publishCloudwatchMetricsEnabled": true,
		"configuration.requesterPaysEnabled": false, "configuration.engineVersion.selectedEngineVersion": "AUTO",
	}
}

// settle fills the configuration in with what AWS answers about the parts that were left out.
func settle(c *kind.Call) {
	configuration := c.Out.Object("configuration").Copy()
	for name, value := range map[string]any{
		"enforceWorkgroupConfiguration": true, "publishCloudwatchMetricsEnabled": true, "requesterPaysEnabled": false,
	} {
		if !configuration.Has(name) {
			configuration[name] = value
		}
	}
	version := configuration.Object("engineVersion").Copy()
	selected := version.String("selectedEngineVersion")
	if selected == "" {
		selected = "AUTO"
	}
	version["selectedEngineVersion"], version["effectiveEngineVersion"] = selected, engine
	if selected != "AUTO" {
		version["effectiveEngineVersion"] = selected
	}
	configuration["engineVersion"] = map[string]any(version)
	c.Out["configuration"] = map[string]any(configuration)
}

// queries are the ones that a work group has.
func queries(c *kind.Call, group string) ([]account.Resource, error) {
	all, err := c.All(NamedQuery)
	if err != nil {
		return nil, err
	}
	kept := all[:0]
	for _, q := range all {
		if q.Outputs["workgroup"] == group {
			kept = append(kept, q)
		}
	}
	return kept, nil
}

// emptied wants a work group without queries. On AWS those that were run count, too.
func emptied(c *kind.Call) error {
	if c.In.Bool("forceDestroy") {
		return nil
	}
	left, err := queries(c, c.ID)
	if err == nil && len(left) > 0 {
		err = kind.Refuse(invalid, "WorkGroup %s is not empty", c.ID)
	}
	return err
}

func dropQueries(c *kind.Call) error {
	left, err := queries(c, c.ID)
	if err != nil {
		return err
	}
	for _, q := range left {
		if err := c.Tx.Delete(NamedQuery, q.Region, q.ID); err != nil {
			return err
		}
	}
	return nil
}

func namedQuery() kind.Kind {
	return kind.Kind{
		Type: NamedQuery, Title: "Athena Named Query", Args: athena.NamedQueryArgs{}, State: athena.NamedQuery{},
		Source: terraform + "named_query.go",
		API: kind.API{
			Service: "athena", Create: "CreateNamedQuery", Delete: "DeleteNamedQuery",
			Members: map[string]string{"query": "QueryString"},
		},
		Name:     kind.Name{Property: "name", Max: longestName},
		Replace:  []string{"database", "description", "name", "query", "workgroup"},
		Defaults: account.Props{"workgroup": primary},
		Refs: []kind.Ref{{
			Path: "workgroup", To: Workgroup, By: "name", Loose: true, Source: reference + "CreateNamedQuery",
			Foreign: func(name string) bool { return name == primary },
		}},
		NotFound: kind.Fault{Code: invalid, Message: "NamedQuery %s was not found"},
		Create: func(c *kind.Call) error {
			c.ID = account.NewUUID()
			return nil
		},
	}
}
