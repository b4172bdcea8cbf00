package elb_test

import (
	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/acm"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/kind/cases"
)

// actionCases are those of the rules that listeners and rules share. What is free is for another one at the same place.
func actionCases(typ, path string, free account.Props) []cases.Case {
	acting := func(actions ...map[string]any) cases.Trial {
		list := []any{}
		for _, a := range actions {
			list = append(list, a)
		}
		return cases.Make(account.Props{path: list})
	}
	to := func(target func(w *cases.World) string) cases.Trial {
		return func(w *cases.World, typ string) error {
			_, err := w.Make(typ, account.Props{path: []any{weighted(target(w))}})
			return err
		}
	}
	shared := func(w *cases.World) string {
		group := w.Need(elb.TargetGroup, nil).ID
		other := w.Need(elb.LoadBalancer, nil)
		w.Need(elb.Listener, account.Props{"loadBalancerArn": other.ID, "defaultActions": []any{weighted(group)}})
		return group
	}
	crowded := func(n int) cases.Trial {
		return func(w *cases.World, typ string) error {
			w.Usual(elb.Listener)
			for _, chunk := range split(w, n) {
				w.Need(elb.ListenerRule, account.Props{"actions": []any{weighted(chunk...)}, "priority": nil})
			}
			changes := free.Copy()
			changes[path] = []any{weighted(w.Need(elb.TargetGroup, nil).ID)}
			_, err := w.Make(typ, changes)
			return err
		}
	}
	good := to(func(w *cases.World) string { return w.Need(elb.TargetGroup, nil).ID })
	each := path + "[]."
	return []cases.Case{
		cases.One(typ, "values of "+each+"type", acting(map[string]any{"type": "drop"}), nil, "to be one of"),
		cases.One(typ, "count of "+each+"forward.targetGroups", acting(weighted("arn:aws:elasticloadbalancing:eu-central-1:123456789012:a",
			"arn:aws:b:c:123456789012:d", "arn:aws:b:c:123456789012:e", "arn:aws:b:c:123456789012:f", "arn:aws:b:c:123456789012:g",
			"arn:aws:b:c:123456789012:h")), good, "supports 5 item maximum"),
		cases.One(typ, "range of "+each+"forward.targetGroups[].weight", acting(map[string]any{"type": "forward", "forward": map[string]any{
			"targetGroups": []any{map[string]any{"arn": certificate, "weight": 1000.0}},
		}}), good, "range (0 - 999)"),
		cases.One(typ, "range of "+each+"forward.stickiness.duration", acting(map[string]any{"type": "forward", "forward": map[string]any{
			"targetGroups": []any{map[string]any{"arn": certificate}}, "stickiness": map[string]any{"duration": 0.0},
		}}), good, "range (1 - 604800)"),
		cases.One(typ, "form of "+each+"forward.targetGroups[].arn", acting(weighted("web")), good, "is not a valid ARN"),
		cases.One(typ, each+"forward.targetGroups[].arn exists", to(func(*cases.World) string { return certificate }), good, "TargetGroupNotFound"),
		cases.One(typ, "values of "+each+"redirect.statusCode", acting(redirect(map[string]any{"statusCode": "301"})), acting(redirect(nil)), "to be one of"),
		cases.One(typ, "values of "+each+"redirect.protocol", acting(redirect(map[string]any{"protocol": "https"})), acting(redirect(nil)), "to be one of"),
		cases.One(typ, "form of "+each+"redirect.port", acting(redirect(map[string]any{"port": "https"})), acting(redirect(nil)), "port from 1"),
		cases.One(typ, "form of "+each+"redirect.path", acting(redirect(map[string]any{"path": "login"})), acting(redirect(map[string]any{"path": "/login"})), "must begin with"),
		cases.One(typ, "length of "+each+"redirect.path", acting(redirect(map[string]any{"path": "/" + long(128)})), acting(redirect(nil)), "range (1 - 128)"),
		cases.One(typ, "length of "+each+"redirect.host", acting(redirect(map[string]any{"host": long(129)})), acting(redirect(nil)), "range (1 - 128)"),
		cases.One(typ, "length of "+each+"redirect.query", acting(redirect(map[string]any{"query": long(129)})), acting(redirect(nil)), "range (0 - 128)"),
		cases.One(typ, "values of "+each+"fixedResponse.contentType", acting(answer(map[string]any{"contentType": "image/png"})), acting(answer(nil)), "to be one of"),
		cases.One(typ, "form of "+each+"fixedResponse.statusCode", acting(answer(map[string]any{"statusCode": "302"})), acting(answer(nil)), "of the form 2XX"),
		cases.One(typ, "length of "+each+"fixedResponse.messageBody", acting(answer(map[string]any{"messageBody": long(1025)})), acting(answer(nil)), "range (0 - 1024)"),
		cases.One(typ, "actions are complete", acting(map[string]any{"type": "redirect"}), acting(redirect(nil)), "must be specified when"),
		cases.One(typ, "count of "+path, acting(answer(nil), answer(nil), answer(nil), answer(nil), answer(nil), answer(nil)), nil, "TooManyActions"),
		cases.One(typ, "no redirect to itself", acting(redirect(map[string]any{"protocol": "#{protocol}", "port": "#{port}"})), acting(redirect(nil)),
			"InvalidLoadBalancerAction: The redirect configuration is not valid because it creates a loop."),
		cases.One(typ, "the last action answers", acting(answer(nil), answer(nil)), acting(answer(nil)), "You must specify exactly one action of type"),
		cases.One(typ, "target groups are in the same VPC", to(func(w *cases.World) string {
			vpc, _, _ := elsewhere(w)
			return w.Need(elb.TargetGroup, account.Props{"vpcId": vpc}).ID
		}), good, "InvalidConfigurationRequest: The following target groups are not in the same VPC"),
		cases.One(typ, "target groups speak the protocol", to(func(w *cases.World) string {
			return w.Need(elb.TargetGroup, account.Props{"protocol": "TCP", "protocolVersion": nil, "stickiness": nil}).ID
		}), good, "IncompatibleProtocols: The listener and the following target groups have incompatible protocols: arn:"),
		cases.One(typ, "one load balancer per target group", to(shared), good,
			"TargetGroupAssociationLimit: The following target groups cannot be associated with more than one load balancer: arn:"),
		cases.One(typ, "target groups per load balancer", crowded(99), crowded(98),
			"You have reached the maximum number of unique target groups that you can associate with a load balancer of type 'application': [100]"),
	}
}

// split makes target groups and returns their ARNs, five at a time.
func split(w *cases.World, n int) [][]string {
	var chunks [][]string
	for n > 0 {
		var chunk []string
		for range min(n, 5) {
			chunk = append(chunk, w.Need(elb.TargetGroup, nil).ID)
		}
		n -= len(chunk)
		chunks = append(chunks, chunk)
	}
	return chunks
}

func listenerCases() []cases.Case {
	const l = elb.Listener
	plain := account.Props{"protocol": "HTTP", "certificateArn": nil, "sslPolicy": nil, "port": 80.0}
	with := func(changes account.Props) account.Props {
		all := plain.Copy()
		for name, v := range changes {
			all[name] = v
		}
		return all
	}
	full := func(n int) cases.Trial {
		return func(w *cases.World, typ string) error {
			w.Fill(w.Need(typ, with(account.Props{"port": 81.0})), n-1)
			_, err := w.Make(typ, plain)
			return err
		}
	}
	return append(actionCases(l, "defaultActions", account.Props{"port": 8443.0}),
		cases.Case{Type: l, Rule: "a port", Refused: cases.Make(account.Props{"port": nil}), Says: "ValidationError: A listener port"},
		cases.Case{Type: l, Rule: "a certificate exactly for HTTPS", Refused: cases.Make(account.Props{"certificateArn": nil}),
			Accepted: cases.Make(plain), Says: "ValidationError: A certificate must be specified for HTTPS listeners"},
		cases.Case{Type: l, Rule: "a certificate exactly for HTTPS", Refused: cases.Make(with(account.Props{"certificateArn": certificate})),
			Says: "Listener certificates are only supported for HTTPS listeners"},
		cases.Case{Type: l, Rule: "form of sslPolicy", Refused: cases.Make(account.Props{"sslPolicy": "TLS-1-3"}), Says: "SSLPolicyNotFound"},
		cases.Case{Type: l, Rule: "loadBalancerArn exists", Refused: cases.Make(account.Props{"loadBalancerArn": certificate}), Says: "LoadBalancerNotFound"},
		cases.Case{Type: l, Rule: "the load balancer speaks the protocol", Refused: cases.Make(with(account.Props{"protocol": "TCP"})),
			Says: "ValidationError: Protocol 'TCP' must be one of 'HTTPS, HTTP'"},
		cases.Case{Type: l, Rule: "the certificate is in the region",
			Refused: cases.Make(account.Props{"certificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1"}), Says: "ValidationError: Certificate ARN"},
		cases.Refused(l, "the certificate is in the region", "CertificateNotFound: Certificate '"+certificate+"' not found",
			account.Props{"certificateArn": certificate}),
		cases.One(l, "the certificate is issued", func(w *cases.World, typ string) error {
			_, err := w.Make(typ, account.Props{"certificateArn": w.Need(acm.Certificate, account.Props{"domainName": "shop.example.com"}).ID})
			return err
		}, nil, "UnsupportedCertificate: The certificate 'arn:aws:acm:"),
		cases.Case{Type: l, Rule: "one listener per port", Refused: func(w *cases.World, typ string) error {
			w.Usual(typ)
			_, err := w.Make(typ, nil)
			return err
		}, Says: "DuplicateListener: A listener already exists on this port for this load balancer 'arn:"},
		cases.Case{Type: l, Rule: "one listener per port", Refused: func(w *cases.World, typ string) error {
			w.Usual(typ)
			_, err := w.Change(w.Need(typ, plain), account.Props{"port": 443.0})
			return err
		}, Accepted: cases.Change(account.Props{"port": 8443.0}), Says: "DuplicateListener"},
		cases.Case{Type: l, Rule: "listeners per load balancer", Refused: full(50), Accepted: full(49), Says: "TooManyListeners"},
	)
}

func ruleCases() []cases.Case {
	const r = elb.ListenerRule
	list := actionCases(r, "actions", account.Props{"priority": 49000.0})
	on := func(conditions ...map[string]any) cases.Trial {
		all := []any{}
		for _, c := range conditions {
			all = append(all, c)
		}
		return cases.Make(account.Props{"conditions": all})
	}
	query := func(key, value string) map[string]any {
		return map[string]any{"queryStrings": []any{map[string]any{"key": key, "value": value}}}
	}
	header := func(name string, values ...any) map[string]any {
		return map[string]any{"httpHeader": map[string]any{"httpHeaderName": name, "values": values}}
	}
	const each = "conditions[]."
	six := []any{"a", "b", "c", "d", "e", "f"}
	for name, good := range map[string]map[string]any{
		"hostHeader": condition("hostHeader", "a.example"), "httpHeader": header("X-A", "a"),
		"httpRequestMethod": condition("httpRequestMethod", "GET"), "pathPattern": condition("pathPattern", "/a"),
		"sourceIp": condition("sourceIp", "10.0.0.0/8"),
	} {
		bad := condition(name, six...)
		if name == "httpHeader" {
			bad = header("X-A", six...)
		}
		if name == "httpRequestMethod" {
			bad = condition(name, "GET", "PUT", "POST", "HEAD", "DELETE", "PATCH")
		}
		list = append(list, cases.Case{Type: r, Rule: "count of " + each + name + ".values", Refused: on(bad), Accepted: on(good), Says: "ValidationError"})
	}
	numbered := func(n int) cases.Trial {
		return func(w *cases.World, typ string) error {
			w.Fill(w.Usual(typ), n-1)
			_, err := w.Make(typ, account.Props{"priority": 49000.0})
			return err
		}
	}
	return append(list,
		cases.Case{Type: r, Rule: "count of conditions", Refused: on(condition("pathPattern", "/"), condition("pathPattern", "/"), condition("pathPattern", "/"),
			condition("pathPattern", "/"), condition("pathPattern", "/"), condition("pathPattern", "/")), Says: "ValidationError"},
		cases.Case{Type: r, Rule: "length of " + each + "hostHeader.values[]", Refused: on(condition("hostHeader", long(129))),
			Accepted: on(condition("hostHeader", long(128))), Says: "range (1 - 128)"},
		cases.Case{Type: r, Rule: "length of " + each + "httpHeader.values[]", Refused: on(header("X-A", long(129))), Accepted: on(header("X-A", "a")), Says: "range (1 - 128)"},
		cases.Case{Type: r, Rule: "length of " + each + "queryStrings[].key", Refused: on(query(long(129), "a")), Accepted: on(query("a", "a")), Says: "range (0 - 128)"},
		cases.Case{Type: r, Rule: "length of " + each + "queryStrings[].value", Refused: on(query("a", long(129))), Accepted: on(query("a", "a")), Says: "range (1 - 128)"},
		cases.Case{Type: r, Rule: "form of " + each + "httpHeader.httpHeaderName", Refused: on(header("X A", "a")), Accepted: on(header("X-A", "a")), Says: "names of headers"},
		cases.Case{Type: r, Rule: "not allowed in " + each + "httpHeader.httpHeaderName", Refused: on(header("Host", "a")), Accepted: on(header("X-A", "a")), Says: "use a hostHeader"},
		cases.Case{Type: r, Rule: "form of " + each + "httpRequestMethod.values[]", Refused: on(condition("httpRequestMethod", "get")),
			Accepted: on(condition("httpRequestMethod", "GET")), Says: "must be 1 to 40 capitals"},
		cases.Case{Type: r, Rule: "one kind per condition", Refused: on(map[string]any{}), Says: "exactly one of"},
		cases.Case{Type: r, Rule: "number of values in conditions", Refused: on(condition("pathPattern", "/a", "/b", "/c"), condition("hostHeader", "a", "b", "c")),
			Accepted: on(condition("pathPattern", "/a", "/b", "/c"), condition("hostHeader", "a", "b")), Says: "A rule can only have '5' condition values"},
		cases.Case{Type: r, Rule: "number of values in conditions", Refused: on(condition("pathPattern", "/a"), condition("pathPattern", "/b")),
			Says: "A rule can only have one 'path-pattern' condition"},
		cases.One(r, "number of wildcards in conditions", on(header("X-A", "*a*", "?b?"), query("*", "*c*")), on(header("X-A", "*a*"), header("X-B", "?b?"), query("*", "c*")),
			"ValidationError: A rule can only have '6' condition wildcards"),
		cases.Case{Type: r, Rule: "networks of sourceIp", Refused: on(condition("sourceIp", "10.0.0.1")), Accepted: on(condition("sourceIp", "10.0.0.1/32")), Says: "is not valid"},
		cases.Case{Type: r, Rule: "one rule per priority", Refused: func(w *cases.World, typ string) error {
			w.Usual(typ)
			_, err := w.Make(typ, nil)
			return err
		}, Says: "PriorityInUse: Priority '10' is currently in use"},
		cases.Case{Type: r, Rule: "one rule per priority", Refused: func(w *cases.World, typ string) error {
			w.Usual(typ)
			_, err := w.Change(w.Need(typ, account.Props{"priority": nil}), account.Props{"priority": 10.0})
			return err
		}, Accepted: cases.Change(account.Props{"priority": 11.0}), Says: "PriorityInUse"},
		cases.Case{Type: r, Rule: "rules per load balancer", Refused: numbered(100), Accepted: numbered(99), Says: "TooManyRules"},
	)
}

func certificateCases() []cases.Case {
	const typ = elb.ListenerCertificate
	plain := func(w *cases.World, typ string) error {
		l := w.Need(elb.Listener, account.Props{"port": 80.0, "protocol": "HTTP", "certificateArn": nil, "sslPolicy": nil})
		_, err := w.Make(typ, account.Props{"listenerArn": l.ID})
		return err
	}
	// More listeners of the same load balancer share the quota.
	full := func(there int) cases.Trial {
		return func(w *cases.World, typ string) error {
			second := w.Need(elb.Listener, account.Props{"port": 8443.0})
			w.Fill(w.Need(typ, account.Props{"listenerArn": second.ID}), there-1)
			_, err := w.Make(typ, nil)
			return err
		}
	}
	byDefault := func(w *cases.World, typ string) error {
		_, err := w.Make(typ, account.Props{"certificateArn": w.Usual(elb.Listener).Outputs["certificateArn"]})
		return err
	}
	return []cases.Case{
		cases.Refused(typ, "form of certificateArn", "is not a valid ARN", account.Props{"certificateArn": "web"}),
		cases.Refused(typ, "form of listenerArn", "is not a valid ARN", account.Props{"listenerArn": "web"}),
		cases.One(typ, "the listener speaks TLS", plain, byDefault, "ValidationError: Listener certificates are only supported for HTTPS listeners"),
		cases.Refused(typ, "the certificate is in the region", "ValidationError: Certificate ARN",
			account.Props{"certificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1"}),
		cases.One(typ, "the certificate is issued", func(w *cases.World, typ string) error {
			_, err := w.Make(typ, account.Props{"certificateArn": w.Need(acm.Certificate, account.Props{"domainName": "new.example.com"}).ID})
			return err
		}, nil, "UnsupportedCertificate: The certificate 'arn:aws:acm:"),
		cases.One(typ, "certificates per load balancer", full(25), full(24), "TooManyCertificates"),
	}
}
