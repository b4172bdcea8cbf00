package wafv2

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/wafv2"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/cloudfront"
	"wordpress-ecs/local/aws/kind"
)

const mostWebACLs = 100

func webACL() kind.Kind {
	return kind.Kind{
		Type: WebACL, Title: "WAFv2 WebACL", Args: wafv2.WebAclArgs{}, State: wafv2.WebAcl{}, Source: terraform + "web_acl.go",
		API: webACLAPI(), Volatile: []string{"lockToken", "capacity"},
		Name:     kind.Name{Property: "name", Prefix: "namePrefix", Max: longestName},
		Replace:  []string{"name", "namePrefix", "scope"},
		Sets:     webACLSets(),
		Defaults: webACLDefaults(),
		Rules:    webACLRules(),
		Guards: append(placeGuards(WebACL, "web ACLs", mostWebACLs),
			kind.Guard{Name: "sets exist", On: kind.Making | kind.Changing, Source: "pulumi/pulumi-aws#4070", Check: setsExist},
			kind.Guard{Name: "no distribution uses it", On: kind.Deleting, Source: model + inUse, Check: noDistribution}),
		NotFound: kind.Fault{Code: missing, Message: missingWords},
		InUse:    kind.Fault{Code: inUse, Message: inUseWords},
		Create: func(c *kind.Call) error {
			identified(c, "webacl")
			c.Set(account.Props{"applicationIntegrationUrl": "", "capacity": float64(capacity(c.In))})
			return nil
		},
		Update: func(c *kind.Call) error {
			c.Out["capacity"] = float64(capacity(c.In))
			return relocked(c)
		},
		// Its logging goes with it.
		Delete: func(c *kind.Call) error { return c.Tx.Delete(Logging, c.Region, c.Old.String("arn")) },
	}
}

// places are the paths of a web ACL's statements as deep as the provider lets them be.
func places() []string {
	type place struct {
		path  string
		level int
	}
	all := []place{
		{"rules.statement", levels}, {"rules.statement.managedRuleGroupStatement.scopeDownStatement", levels - 1},
		{"rules.statement.rateBasedStatement.scopeDownStatement", levels - 1},
	}
	var paths []string
	for i := 0; i < len(all); i++ {
		paths = append(paths, all[i].path)
		for _, logical := range []string{"andStatement", "orStatement", "notStatement"} {
			if all[i].level > 0 {
				all = append(all, place{all[i].path + "." + logical + ".statements", all[i].level - 1})
			}
		}
	}
	return paths
}

// webACLSets are the inputs whose order has no meaning. Rules have priorities, and transformations, too.
func webACLSets() []string {
	sets := []string{"rules", "customResponseBodies", "rules.ruleLabels", "rules.action.block.customResponse.responseHeaders"}
	for _, path := range places() {
		for _, looking := range []string{
			"byteMatchStatement", "regexMatchStatement", "regexPatternSetReferenceStatement", "sizeConstraintStatement", "sqliMatchStatement",
			"xssMatchStatement",
		} {
			sets = append(sets, path+"."+looking+".textTransformations")
		}
	}
	return sets
}

// webACLDefaults are those of the provider.
func webACLDefaults() account.Props {
	const rate = "rules.statement.rateBasedStatement."
	defaults := account.Props{rate + "aggregateKeyType": "IP", rate + "evaluationWindowSec": 300.0}
	for _, path := range places() {
		defaults[path+".sqliMatchStatement.sensitivityLevel"] = "LOW"
	}
	return defaults
}

// references are the ARNs of the sets that rules refer to.
func references(in account.Props) map[string][]string {
	arns := map[string][]string{}
	for _, s := range all(in) {
		switch s.kind {
		case "ipSetReferenceStatement":
			arns[IPSet] = append(arns[IPSet], s.body.String("arn"))
		case "regexPatternSetReferenceStatement":
			arns[RegexPatternSet] = append(arns[RegexPatternSet], s.body.String("arn"))
		}
	}
	return arns
}

// setsExist wants the sets that rules refer to, of the same scope.
func setsExist(c *kind.Call) error {
	named := references(c.In)
	for _, token := range []string{IPSet, RegexPatternSet} {
		for _, arn := range named[token] {
			set, err := c.Find(token, "arn", arn)
			if err != nil {
				return err
			}
			if set == nil || set.Outputs["scope"] != c.In["scope"] {
				return kind.Refuse(invalid, "%s", because("A reference in your rule statement is not valid.", "RULE", arn))
			}
		}
	}
	return nil
}

// unreferenced refuses to delete a set that rules refer to. The provider tries again for some minutes.
func unreferenced(token string) kind.Guard {
	return kind.Guard{Name: "no rule refers to it", On: kind.Deleting, Source: model + inUse, Check: func(c *kind.Call) error {
		acls, err := c.All(WebACL)
		if err != nil {
			return err
		}
		for _, acl := range acls {
			if slices.Contains(references(acl.Inputs)[token], c.Old.String("arn")) {
				return kind.RefuseForNow(inUse, "%s", inUseWords)
			}
		}
		return nil
	}}
}

// noDistribution refuses to delete a web ACL in front of a distribution.
func noDistribution(c *kind.Call) error {
	if _, known := c.Catalog.Kind(cloudfront.Distribution); !known {
		return nil
	}
	distributions, err := c.All(cloudfront.Distribution)
	if err != nil {
		return err
	}
	for _, d := range distributions {
		if d.Outputs.String("webAclId") == c.Old.String("arn") {
			return kind.RefuseForNow(inUse, "%s", inUseWords)
		}
	}
	return nil
}
