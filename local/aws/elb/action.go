package elb

import (
	"fmt"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Listeners and rules have the same actions, in properties of different names.

// actionRefs are the target groups that actions name.
func actionRefs(path string) []kind.Ref {
	missing := kind.Fault{Code: "TargetGroupNotFound", Message: "One or more target groups not found: %s"}
	const source = model + "TargetGroupNotFoundException"
	return []kind.Ref{
		{Path: path + "[].targetGroupArn", To: TargetGroup, By: "arn", Missing: missing, Source: source},
		{Path: path + "[].forward.targetGroups[].arn", To: TargetGroup, By: "arn", Missing: missing, Source: source},
	}
}

// forwarded are the target groups in the actions of a listener or a rule.
func forwarded(props account.Props, path string) []string {
	var arns []string
	for _, ref := range actionRefs(path) {
		for _, v := range props.All(ref.Path) {
			if arn, ok := v.(string); ok {
				arns = append(arns, arn)
			}
		}
	}
	return arns
}

// actionDefaults are the parts of a redirect that were left out.
func actionDefaults(path string) account.Props {
	return account.Props{
		path + ".redirect.host": "#{host}", path + ".redirect.path": "/#{path}", path + ".redirect.port": "#{port}",
		path + ".redirect.protocol": "#{protocol}", path + ".redirect.query": "#{query}",
	}
}

func actionRules(path string) []kind.Rule {
	one := path + "[]."
	rules := []kind.Rule{
		kind.OneOf(one+"type", "forward", "redirect", "fixed-response", "authenticate-cognito", "authenticate-oidc"),
		kind.Range(one+"order", 1, 50000),
		kind.ARN(one + "targetGroupArn"), kind.ARN(one + "forward.targetGroups[].arn"),
		kind.Count(one+"forward.targetGroups", 1, 5), kind.Range(one+"forward.targetGroups[].weight", 0, 999),
		kind.Range(one+"forward.stickiness.duration", 1, 604800),
		kind.OneOf(one+"redirect.statusCode", "HTTP_301", "HTTP_302"),
		kind.OneOf(one+"redirect.protocol", "HTTP", "HTTPS", "#{protocol}"),
		kind.Match(one+"redirect.port", `^(#\{port\}|[1-9]\d{0,4})$`, "must be a port from 1 to 65535, or #{port}"),
		kind.Match(one+"redirect.path", `^/`, "must begin with a '/' character"),
		kind.Length(one+"redirect.path", 1, 128), kind.Length(one+"redirect.host", 1, 128),
		kind.Length(one+"redirect.query", 0, 128),
		kind.OneOf(one+"fixedResponse.contentType", "text/plain", "text/css", "text/html", "application/javascript",
			"application/json"),
		kind.Match(one+"fixedResponse.statusCode", `^[245]\d\d$`, "must be a code of the form 2XX, 4XX or 5XX"),
		kind.Length(one+"fixedResponse.messageBody", 0, 1024),
		kind.Whole("actions are complete", func(in account.Props) string { return incomplete(path, in) }, path),
	}
	for i := range rules {
		rules[i].Source = terraform + "listener.go"
	}
	return append(rules,
		kind.Count(path, 1, 5).API("TooManyActions").From(model+"TooManyActionsException"),
		kind.Whole("no redirect to itself", func(in account.Props) string { return endless(path, in) }, path).
			API("InvalidLoadBalancerAction").From(model+"RedirectActionConfig"),
		kind.Whole("the last action answers", func(in account.Props) string { return unfinished(path, in) }, path).
			API("ValidationError").From(model+"Action"),
	)
}

// incomplete finds an action that lacks what its type needs.
func incomplete(path string, in account.Props) string {
	needs := map[string]string{
		"redirect": "redirect", "fixed-response": "fixedResponse",
		"authenticate-cognito": "authenticateCognito", "authenticate-oidc": "authenticateOidc",
	}
	for i, action := range in.Objects(path) {
		typ := action.String("type")
		if need := needs[typ]; need != "" && !action.Has(need) {
			return fmt.Sprintf("Attribute \"%s[%d].%s\" must be specified when \"%s[%d].type\" is %q.", path, i, need, path, i, typ)
		}
		if typ == "forward" && action.Has("targetGroupArn") == action.Has("forward") {
			return fmt.Sprintf("Exactly one of \"%s[%d].targetGroupArn\" and \"%s[%d].forward\" must be specified when "+
				"\"%s[%d].type\" is %q.", path, i, path, i, path, i, typ)
		}
	}
	return ""
}

// endless finds a redirect that leads to itself.
func endless(path string, in account.Props) string {
	for _, action := range in.Objects(path) {
		redirect := action.Object("redirect")
		if redirect == nil {
			continue
		}
		changes := false
		for name, value := range map[string]string{
			"protocol": "#{protocol}", "host": "#{host}", "port": "#{port}", "path": "/#{path}", "query": "#{query}",
		} {
			changes = changes || redirect.Has(name) && redirect[name] != value
		}
		if !changes {
			return "The redirect configuration is not valid because it creates a loop."
		}
	}
	return ""
}

// unfinished finds actions that do not end with an answer.
func unfinished(path string, in account.Props) string {
	answers := 0
	for _, action := range in.Objects(path) {
		switch action.String("type") {
		case "forward", "redirect", "fixed-response":
			answers++
		}
	}
	if answers != 1 {
		return "You must specify exactly one action of type 'forward', 'redirect' or 'fixed-response'"
	}
	return ""
}
