package iam

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// clause is a rule for policies.
type clause struct {
	name string
	// bad is what makes a right statement wrong, by element; nil takes one away.
	bad statement
	// check looks at a policy whose form is right.
	check func(d document) string
}

// Statements that are right.
var (
	rightTrust = statement{
		"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"Service": "ec2.amazonaws.com"},
	}
	rightAccess = statement{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
)

var (
	actionForm    = regexp.MustCompile(`^(\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$`)
	sidForm       = regexp.MustCompile(`^[0-9A-Za-z]*$`)
	serviceForm   = regexp.MustCompile(`^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$`)
	conditionForm = regexp.MustCompile(`^(ForAllValues:|ForAnyValue:)?(String(Not)?(Equals(IgnoreCase)?|Like)|` +
		`Numeric(Not)?Equals|Numeric(Less|Greater)Than(Equals)?|Date(Not)?Equals|Date(Less|Greater)Than(Equals)?|` +
		`Bool|BinaryEquals|(Not)?IpAddress|Arn(Not)?(Equals|Like)|Null)(IfExists)?$`)
	conditionKey = regexp.MustCompile(`^[A-Za-z0-9-]+:.+$`)
)

// each applies a check to every statement.
func each(check func(s statement) string) func(d document) string {
	return func(d document) string {
		for _, s := range d.statements {
			if wrong := check(s); wrong != "" {
				return wrong
			}
		}
		return ""
	}
}

// vendor is said of actions and condition keys alike.
const vendor = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."

// common are the clauses of every policy.
func common() []clause {
	return []clause{
		{"elements", statement{"Comment": ""}, func(document) string { return "" }},
		{"effects", statement{"Effect": "allow"}, each(func(s statement) string {
			if s["Effect"] != "Allow" && s["Effect"] != "Deny" {
				return fmt.Sprintf("Invalid effect: %v", s["Effect"])
			}
			return ""
		})},
		{"actions", statement{"Action": nil}, each(func(s statement) string {
			if !s.has("Action") {
				return "Policy statement must contain actions."
			}
			return ""
		})},
		{"form of the actions", statement{"Action": "GetObject"}, each(func(s statement) string {
			for _, action := range s.all("Action") {
				if !actionForm.MatchString(action) {
					return vendor
				}
			}
			return ""
		})},
		{"statement ids", statement{"Sid": "a b"}, checkSids},
		{"conditions", statement{"Condition": map[string]any{"StringEqual": map[string]any{}}}, each(checkConditions)},
	}
}

func checkSids(d document) string {
	seen := map[string]bool{}
	for _, s := range d.statements {
		sid, _ := s["Sid"].(string)
		switch {
		case !sidForm.MatchString(sid):
			return "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
		case sid != "" && seen[sid]:
			return "Statement IDs (SID) in a single policy must be unique."
		}
		seen[sid] = true
	}
	return ""
}

func checkConditions(s statement) string {
	conditions, _ := s["Condition"].(map[string]any)
	for operator, keys := range conditions {
		if !conditionForm.MatchString(operator) {
			return "Invalid Condition type : " + operator
		}
		keys, ok := keys.(map[string]any)
		if !ok {
			return syntax
		}
		for key := range keys {
			if !conditionKey.MatchString(key) {
				return vendor
			}
		}
	}
	return ""
}

// allowing are the clauses of what says what somebody may do: it names resources and no principals.
func allowing() []clause {
	return append(common(),
		clause{"no principal", statement{"Principal": "*"}, each(func(s statement) string {
			if s.has("Principal") {
				return "Policy document should not specify a principal."
			}
			return ""
		})},
		clause{"resources", statement{"Resource": nil}, each(func(s statement) string {
			if !s.has("Resource") {
				return "Policy statement must contain resources."
			}
			return ""
		})},
		clause{"form of the resources", statement{"Resource": "bucket"}, each(checkResources)})
}

func checkResources(s statement) string {
	for _, r := range s.all("Resource") {
		if r != "*" && !strings.HasPrefix(r, "arn:") {
			return fmt.Sprintf("Resource %s must be in ARN format or \"*\".", r)
		}
	}
	return ""
}

// assuming are the clauses of what says who may assume a role: it names principals and no resources.
func assuming() []clause {
	return append(common(),
		clause{"no resource", statement{"Resource": "*"}, each(func(s statement) string {
			if s.has("Resource") {
				return "Has prohibited field Resource"
			}
			return ""
		})},
		clause{"principals", statement{"Principal": nil}, each(checkPrincipal)},
		clause{"form of the services", statement{"Principal": map[string]any{"Service": "ecs-tasks"}},
			each(func(s statement) string {
				for _, service := range s.principals("Service") {
					if !serviceForm.MatchString(service) {
						return fmt.Sprintf("Invalid principal in policy: \"SERVICE\":%q", service)
					}
				}
				return ""
			})},
		clause{"actions of STS", statement{"Action": "s3:GetObject"}, each(func(s statement) string {
			for _, action := range s.all("Action") {
				if !strings.HasPrefix(action, "sts:") {
					return "AssumeRole policy may only specify STS AssumeRole actions."
				}
			}
			return ""
		})})
}

func checkPrincipal(s statement) string {
	if !s.has("Principal") {
		return "Missing required field Principal"
	}
	return ""
}

func trustRules(path string) []kind.Rule  { return rules(path, rightTrust, assuming()) }
func accessRules(path string) []kind.Rule { return rules(path, rightAccess, allowing()) }

// rules are clauses about the policy at a path.
func rules(path string, right statement, clauses []clause) []kind.Rule {
	list := []kind.Rule{{
		Name: "version of " + path, Source: grammar, Path: path, Code: malformed,
		Bad: written("2012-10-18", right), Test: checked(checkVersion),
	}}
	for _, cl := range clauses {
		wrong := maps.Clone(right)
		for element, v := range cl.bad {
			wrong[element] = v
			if v == nil {
				delete(wrong, element)
			}
		}
		list = append(list, kind.Rule{
			Name: cl.name + " of " + path, Source: grammar, Path: path, Code: malformed,
			Bad: written("2012-10-17", wrong), Test: checked(cl.check),
		})
	}
	return list
}

func checkVersion(d document) string {
	if d.version != "2012-10-17" && d.version != "2008-10-17" && d.version != "" {
		return "The policy must contain a valid version string."
	}
	return ""
}

// checked is a check of policies as a test of inputs.
func checked(check func(d document) string) func(v any, _ account.Props) string {
	return func(v any, _ account.Props) string {
		text, ok := v.(string)
		if !ok {
			return ""
		}
		d, wrong := parse(text)
		if wrong != "" {
			return wrong
		}
		return check(d)
	}
}

// written is a policy of one statement.
func written(version string, s statement) string {
	text, err := json.Marshal(map[string]any{"Version": version, "Statement": []any{s}})
	if err != nil {
		return err.Error() // never: it is made of texts
	}
	return string(text)
}

// ResourcePolicy is the rule for the policy of a resource, such as a file system.
func ResourcePolicy(path, code string) kind.Rule {
	clauses := append(common(),
		clause{check: each(checkPrincipal)}, clause{check: each(checkResources)}, clause{check: checkVersion})
	return kind.Rule{
		Name: "policy " + path, Source: grammar, Path: path, Code: code, Bad: written("2012-10-17", rightAccess),
		Test: checked(func(d document) string {
			for _, cl := range clauses {
				if wrong := cl.check(d); wrong != "" {
					return wrong
				}
			}
			return ""
		}),
	}
}
