package iam

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// managed are the policies of AWS that this cloud knows, without their prefix.
var managed = []string{
	"AmazonEC2ContainerRegistryReadOnly",
	"AmazonElasticFileSystemClientReadWriteAccess",
	"AmazonSSMManagedInstanceCore",
	"AmazonSSMPatchAssociation",
	"CloudWatchAgentServerPolicy",
	"CloudWatchLogsFullAccess",
	"service-role/AWSBackupServiceRolePolicyForBackup",
	"service-role/AmazonEC2ContainerServiceAutoscaleRole",
	"service-role/AmazonEC2ContainerServiceRole",
	"service-role/AmazonEC2ContainerServiceforEC2Role",
	"service-role/AmazonECSTaskExecutionRolePolicy",
	"service-role/AmazonRDSEnhancedMonitoringRole",
}

func known(name string) bool { return slices.Contains(managed, name) }

// document is the part of a policy that is looked at.
type document struct {
	Version   string
	Statement json.RawMessage
}

type statement struct {
	Effect    string
	Action    any
	NotAction any
	Resource  any
	NotResource,
	Principal,
	NotPrincipal any
}

// trustPolicy says who may assume a role: it names principals and no resources.
func trustPolicy(path string) kind.Rule {
	return policyRule(path, func(s statement) string {
		switch {
		case s.Resource != nil || s.NotResource != nil:
			return "Has prohibited field Resource"
		case s.Principal == nil && s.NotPrincipal == nil:
			return "Missing required field Principal"
		}
		return ""
	})
}

// accessPolicy says what a role may do: it names resources and no principals.
func accessPolicy(path string) kind.Rule {
	return policyRule(path, func(s statement) string {
		switch {
		case s.Principal != nil || s.NotPrincipal != nil:
			return "Policy document should not specify a principal."
		case s.Resource == nil && s.NotResource == nil:
			return "Policy statement must contain resources."
		}
		return ""
	})
}

// ResourcePolicy is the rule for the policy of a resource, such as a file system.
func ResourcePolicy(path, code string) kind.Rule {
	return policyRule(path, func(s statement) string {
		if s.Principal == nil && s.NotPrincipal == nil {
			return "Missing required field Principal"
		}
		return ""
	}).API(code)
}

func policyRule(path string, further func(statement) string) kind.Rule {
	return kind.Rule{Path: path, Code: "MalformedPolicyDocument", Test: func(v any, _ account.Props) string {
		text, _ := v.(string)
		var doc document
		if err := json.Unmarshal([]byte(text), &doc); err != nil {
			return "Syntax errors in policy."
		}
		if doc.Version != "2012-10-17" && doc.Version != "2008-10-17" && doc.Version != "" {
			return fmt.Sprintf("Policy document must be version 2012-10-17 or greater, not %q.", doc.Version)
		}
		statements, err := statementsOf(doc.Statement)
		if err != nil || len(statements) == 0 {
			return "Syntax errors in policy: there is no statement."
		}
		for _, s := range statements {
			if reason := shape(s); reason != "" {
				return reason
			}
			if reason := further(s); reason != "" {
				return reason
			}
		}
		return ""
	}}
}

func statementsOf(raw json.RawMessage) ([]statement, error) {
	var list []statement
	if strings.HasPrefix(strings.TrimSpace(string(raw)), "{") {
		list = make([]statement, 1)
		return list, json.Unmarshal(raw, &list[0])
	}
	return list, json.Unmarshal(raw, &list)
}

var action = regexp.MustCompile(`^(\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$`)

func shape(s statement) string {
	if s.Effect != "Allow" && s.Effect != "Deny" {
		return fmt.Sprintf("Invalid effect: %s", s.Effect)
	}
	if s.Action == nil && s.NotAction == nil {
		return "Policy statement must contain actions."
	}
	for _, a := range append(texts(s.Action), texts(s.NotAction)...) {
		if !action.MatchString(a) {
			return fmt.Sprintf("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.: %q", a)
		}
	}
	for _, r := range append(texts(s.Resource), texts(s.NotResource)...) {
		if r != "*" && !strings.HasPrefix(r, "arn:") {
			return fmt.Sprintf("Resource %s must be in ARN format or \"*\".", r)
		}
	}
	return ""
}

// texts are the elements of a value that may be one text or a list.
func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var list []string
		for _, element := range v {
			if s, ok := element.(string); ok {
				list = append(list, s)
			}
		}
		return list
	}
	return nil
}
