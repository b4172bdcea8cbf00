package ecr

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	// properties is where the rules for lifecycle policies are from.
	properties = "ECR user guide, Lifecycle policy properties"
	// mostWildcards is how many "*" one tag pattern may have.
	mostWildcards = 4
)

func lifecyclePolicy() kind.Kind {
	return kind.Kind{
		Type: LifecyclePolicy, Title: "ECR Lifecycle Policy", Args: ecr.LifecyclePolicyArgs{}, State: ecr.LifecyclePolicy{},
		Source: "terraform-provider-aws internal/service/ecr/lifecycle_policy.go",
		API: kind.API{
			Service: "ecr", Create: "PutLifecyclePolicy", Change: "PutLifecyclePolicy", Delete: "DeleteLifecyclePolicy",
			Members: map[string]string{"repository": "repositoryName", "policy": "lifecyclePolicyText"},
		},
		Required: []string{"policy"},
		Replace:  []string{"repository", "policy"},
		// A repository has one policy: a new one made first would go with the old one.
		DeleteFirst: true,
		Text:        map[string]func(string) string{"policy": kind.CanonicalJSON},
		Rules:       append([]kind.Rule{kind.JSON("policy")}, lifecycleRules()...),
		// Policies go with their repository.
		Refs: []kind.Ref{{Path: "repository", To: Repository, By: "name", Loose: true}},
		Create: func(c *kind.Call) error {
			c.ID = c.In.String("repository")
			c.Set(account.Props{"registryId": account.ID})
			// PutLifecyclePolicy overwrites what is there.
			return c.Tx.Delete(LifecyclePolicy, c.Region, c.ID)
		},
	}
}

// lifecycle is a lifecycle policy.
type lifecycle struct {
	Rules []lifecycleRule `json:"rules"`
}

type lifecycleRule struct {
	RulePriority *int      `json:"rulePriority"`
	Description  string    `json:"description,omitempty"`
	Selection    selection `json:"selection"`
	Action       struct {
		Type string `json:"type"`
	} `json:"action"`
}

type selection struct {
	TagStatus      string   `json:"tagStatus"`
	TagPatternList []string `json:"tagPatternList,omitempty"`
	TagPrefixList  []string `json:"tagPrefixList,omitempty"`
	CountType      string   `json:"countType"`
	CountUnit      string   `json:"countUnit,omitempty"`
	CountNumber    *int     `json:"countNumber"`
}

// parse reads a lifecycle policy; wrong is what is wrong with its form: ECR compares it with a schema.
func parse(text string) (p lifecycle, wrong string) {
	const noMatch = "instance failed to match exactly one schema (matched 0 out of 2)"
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if decoder.Decode(&p) != nil || len(p.Rules) == 0 {
		return p, noMatch
	}
	return p, ""
}

// clause is a rule for lifecycle policies. The example is the selection of a rule that is wrong.
type clause struct {
	name, bad string
	check     func(r lifecycleRule) string
}

// lifecycleRules are the rules of the API, each with an example of what it refuses.
func lifecycleRules() []kind.Rule {
	const (
		right = `"tagStatus":"any","countType":"imageCountMoreThan","countNumber":9`
		whole = `{"rules":[{"rulePriority":1,"description":"Keep the newest images","selection":{%s},"action":{"type":"expire"}}]}`
		two   = `{"rules":[{"rulePriority":1,"selection":{` + right + `},"action":{"type":"expire"}},` +
			`{"rulePriority":%d,"selection":{%s},"action":{"type":"expire"}}]}`
	)
	untagged := strings.Replace(right, `"any"`, `"untagged"`, 1)
	rules := []kind.Rule{
		lifecycleTest("schema", `{"rules":[{"priority":1,"selection":{`+right+`},"action":{"type":"expire"}}]}`,
			func(lifecycle) string { return "" }),
		lifecycleTest("priorities", fmt.Sprintf(two, 1, untagged), checkPriorities),
		lifecycleTest("the rule for any image is the last", fmt.Sprintf(two, 2, untagged), checkAny),
		lifecycleTest("action", strings.Replace(fmt.Sprintf(whole, right), `"expire"`, `"keep"`, 1), func(p lifecycle) string {
			for _, r := range p.Rules {
				if r.Action.Type != "expire" {
					return fmt.Sprintf("instance value (%q) not found in enum (possible values: [\"expire\"])", r.Action.Type)
				}
			}
			return ""
		}),
	}
	for _, c := range selectionClauses() {
		rules = append(rules, lifecycleTest(c.name, fmt.Sprintf(whole, c.bad), func(p lifecycle) string {
			for _, r := range p.Rules {
				if wrong := c.check(r); wrong != "" {
					return wrong
				}
			}
			return ""
		}))
	}
	return rules
}

func lifecycleTest(name, bad string, check func(p lifecycle) string) kind.Rule {
	return kind.Rule{
		Name: name, Source: properties, Path: "policy", Code: "InvalidParameterException", Bad: bad,
		Test: func(v any, _ account.Props) string {
			text, _ := v.(string)
			p, wrong := parse(text)
			if wrong == "" {
				wrong = check(p)
			}
			if wrong == "" {
				return ""
			}
			return "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: " + wrong + "'"
		},
	}
}

func checkPriorities(p lifecycle) string {
	seen := map[int]bool{}
	for _, r := range p.Rules {
		switch {
		case r.RulePriority == nil || *r.RulePriority < 1:
			return "object has missing required properties ([\"rulePriority\"])"
		case seen[*r.RulePriority]:
			return fmt.Sprintf("The rulePriority must be unique: %d", *r.RulePriority)
		}
		seen[*r.RulePriority] = true
	}
	return ""
}

func checkAny(p lifecycle) string {
	for _, r := range p.Rules {
		for _, other := range p.Rules {
			if r.Selection.TagStatus == "any" && r.RulePriority != nil && other.RulePriority != nil &&
				*other.RulePriority > *r.RulePriority {
				return "A rule with tagStatus \"any\" must have the highest rulePriority"
			}
		}
	}
	return ""
}

func selectionClauses() []clause {
	return []clause{
		{"tag status", `"tagStatus":"some","countType":"imageCountMoreThan","countNumber":9`, func(r lifecycleRule) string {
			if s := r.Selection.TagStatus; s != "tagged" && s != "untagged" && s != "any" {
				return fmt.Sprintf("instance value (%q) not found in enum (possible values: [\"any\",\"tagged\",\"untagged\"])", s)
			}
			return ""
		}},
		{"tagged rules name tags", `"tagStatus":"tagged","countType":"imageCountMoreThan","countNumber":9`, func(r lifecycleRule) string {
			named := len(r.Selection.TagPatternList)+len(r.Selection.TagPrefixList) > 0
			switch {
			case r.Selection.TagStatus == "tagged" && !named:
				return "tagPrefixList or tagPatternList is required when tagStatus is tagged"
			case r.Selection.TagStatus != "tagged" && named:
				return "tagPrefixList and tagPatternList are only allowed when tagStatus is tagged"
			}
			return ""
		}},
		{"four wildcards in a tag pattern",
			`"tagStatus":"tagged","tagPatternList":["a*b*c*d*e*"],"countType":"imageCountMoreThan","countNumber":9`,
			func(r lifecycleRule) string {
				for _, pattern := range r.Selection.TagPatternList {
					if strings.Count(pattern, "*") > mostWildcards {
						return fmt.Sprintf("tagPatternList: %q has more than %d wildcards", pattern, mostWildcards)
					}
				}
				return ""
			}},
		{"count type", `"tagStatus":"any","countType":"imageCount","countNumber":9`, func(r lifecycleRule) string {
			if t := r.Selection.CountType; t != "imageCountMoreThan" && t != "sinceImagePushed" {
				return fmt.Sprintf("instance value (%q) not found in enum (possible values: [\"imageCountMoreThan\",\"sinceImagePushed\"])", t)
			}
			return ""
		}},
		{"count unit", `"tagStatus":"any","countType":"sinceImagePushed","countNumber":9`, func(r lifecycleRule) string {
			if since := r.Selection.CountType == "sinceImagePushed"; since != (r.Selection.CountUnit == "days") {
				return "countUnit must be days with sinceImagePushed, and is not allowed with imageCountMoreThan"
			}
			return ""
		}},
		{"count number", `"tagStatus":"any","countType":"imageCountMoreThan","countNumber":0`, func(r lifecycleRule) string {
			if n := r.Selection.CountNumber; n == nil || *n < 1 {
				return "numeric instance is lower than the required minimum (minimum: 1, found: 0)"
			}
			return ""
		}},
	}
}
