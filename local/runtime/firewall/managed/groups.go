package managed

import (
	"net"
	"strings"

	"wordpress-ecs/local/runtime/firewall/attack"
)

// The limits of the core rule set, in bytes.
const (
	mostQuery  = 2048
	mostCookie = 10240
	mostBody   = 8192
	mostPath   = 1024
)

// extensions are those of files that are not for visitors.
var extensions = endings{".log", ".ini", ".bak", ".backup", ".conf", ".config", ".sql", ".cfg"}

// exploitable are in paths that no visitor asks for.
var exploitable = words{"/web-inf", "/meta-inf", "/.env", "/.git/"}

func common() Group {
	return Group{Labels: "awswaf:managed:aws:core-rule-set:", Rules: []Rule{
		{Name: "NoUserAgent_HEADER", Label: "NoUserAgent_Header", Finds: func(v *View) bool {
			agent, _ := v.Request.Header("user-agent")
			return agent == ""
		}},
		{Name: "UserAgent_BadBots_HEADER", Label: "BadBots_Header", Finds: func(v *View) bool {
			agent, _ := v.Request.Header("user-agent")
			return attack.Scanners.Finds(strings.ToLower(agent))
		}},
		{Name: "SizeRestrictions_QUERYSTRING", Label: "SizeRestrictions_QueryString", Finds: func(v *View) bool {
			return len(v.Request.Query) > mostQuery
		}},
		{Name: "SizeRestrictions_Cookie_HEADER", Label: "SizeRestrictions_Cookie_Header", Finds: func(v *View) bool {
			cookie, _ := v.Request.Header("cookie")
			return len(cookie) > mostCookie
		}},
		{Name: "SizeRestrictions_BODY", Label: "SizeRestrictions_Body", Finds: func(v *View) bool {
			return v.Request.BodySize > mostBody || v.Request.MoreBody
		}},
		{Name: "SizeRestrictions_URIPATH", Label: "SizeRestrictions_URIPath", Finds: func(v *View) bool {
			return len(v.Request.Path) > mostPath
		}},
		{Name: "EC2MetaDataSSRF_BODY", Label: "EC2MetaDataSSRF_Body", Finds: in(body, attack.Metadata)},
		{Name: "EC2MetaDataSSRF_COOKIE", Label: "EC2MetaDataSSRF_Cookie", Finds: in(cookies, attack.Metadata)},
		{Name: "EC2MetaDataSSRF_URIPATH", Label: "EC2MetaDataSSRF_URIPath", Finds: in(path, attack.Metadata)},
		{Name: "EC2MetaDataSSRF_QUERYARGUMENTS", Label: "EC2MetaDataSSRF_QueryArguments", Finds: in(values, attack.Metadata)},
		{Name: "GenericLFI_QUERYARGUMENTS", Label: "GenericLFI_QueryArguments", Finds: in(values, attack.Traversal)},
		{Name: "GenericLFI_URIPATH", Label: "GenericLFI_URIPath", Finds: in(path, attack.Traversal)},
		{Name: "GenericLFI_BODY", Label: "GenericLFI_Body", Finds: in(body, attack.Traversal)},
		{Name: "RestrictedExtensions_URIPATH", Label: "RestrictedExtensions_URIPath", Finds: in(path, extensions)},
		{Name: "RestrictedExtensions_QUERYARGUMENTS", Label: "RestrictedExtensions_QueryArguments", Finds: in(values, extensions)},
		{Name: "GenericRFI_QUERYARGUMENTS", Label: "GenericRFI_QueryArguments", Finds: in(values, attack.Inclusion)},
		{Name: "GenericRFI_BODY", Label: "GenericRFI_Body", Finds: in(body, attack.Inclusion)},
		{Name: "GenericRFI_URIPATH", Label: "GenericRFI_URIPath", Finds: in(path, attack.Inclusion)},
		{Name: "CrossSiteScripting_COOKIE", Label: "CrossSiteScripting_Cookie", Finds: in(cookies, attack.Script)},
		{Name: "CrossSiteScripting_QUERYARGUMENTS", Label: "CrossSiteScripting_QueryArguments", Finds: in(values, attack.Script)},
		{Name: "CrossSiteScripting_BODY", Label: "CrossSiteScripting_Body", Finds: in(body, attack.Script)},
		{Name: "CrossSiteScripting_URIPATH", Label: "CrossSiteScripting_URIPath", Finds: in(path, attack.Script)},
	}}
}

func knownBadInputs() Group {
	return Group{Labels: "awswaf:managed:aws:known-bad-inputs:", Rules: []Rule{
		{Name: "JavaDeserializationRCE_HEADER", Label: "JavaDeserializationRCE_Header", Finds: in(headers, attack.Java)},
		{Name: "JavaDeserializationRCE_BODY", Label: "JavaDeserializationRCE_Body", Finds: in(body, attack.Java)},
		{Name: "JavaDeserializationRCE_URIPATH", Label: "JavaDeserializationRCE_URIPath", Finds: in(path, attack.Java)},
		{Name: "JavaDeserializationRCE_QUERYSTRING", Label: "JavaDeserializationRCE_QueryString", Finds: in(query, attack.Java)},
		// The names that sites have here end in ".localhost" and are none on AWS: only the name itself is found.
		{Name: "Host_localhost_HEADER", Label: "Host_Localhost_Header", Finds: func(v *View) bool {
			host, _ := v.Request.Header("host")
			if name, _, err := net.SplitHostPort(host); err == nil {
				host = name
			}
			return strings.EqualFold(host, "localhost")
		}},
		{Name: "PROPFIND_METHOD", Label: "Propfind_Method", Finds: func(v *View) bool { return v.Request.Method == "PROPFIND" }},
		{Name: "ExploitablePaths_URIPATH", Label: "ExploitablePaths_URIPath", Finds: in(path, exploitable)},
		{Name: "Log4JRCE_HEADER", Label: "Log4JRCE_Header", Finds: in(headers, attack.Lookup)},
		{Name: "Log4JRCE_QUERYSTRING", Label: "Log4JRCE_QueryString", Finds: in(query, attack.Lookup)},
		{Name: "Log4JRCE_BODY", Label: "Log4JRCE_Body", Finds: in(body, attack.Lookup)},
		{Name: "Log4JRCE_URIPATH", Label: "Log4JRCE_URIPath", Finds: in(path, attack.Lookup)},
		{Name: "ReactJSRCE_BODY", Label: "ReactJSRCE_Body"},
	}}
}

func sql() Group {
	return Group{Labels: "awswaf:managed:aws:sql-database:", Rules: []Rule{
		{Name: "SQLi_QUERYARGUMENTS", Label: "SQLi_QueryArguments", Finds: in(values, attack.SQL)},
		{Name: "SQLiExtendedPatterns_QUERYARGUMENTS", Label: "SQLiExtendedPatterns_QueryArguments", Finds: in(values, attack.SQLFunctions)},
		{Name: "SQLi_BODY", Label: "SQLi_Body", Finds: in(body, attack.SQL)},
		{Name: "SQLiExtendedPatterns_BODY", Label: "SQLiExtendedPatterns_Body", Finds: in(body, attack.SQLFunctions)},
		{Name: "SQLi_COOKIE", Label: "SQLi_Cookie", Finds: in(cookies, attack.SQL)},
		{Name: "SQLi_URIPATH", Label: "SQLi_URIPath", Finds: in(path, attack.SQL)},
	}}
}

func php() Group {
	return Group{Labels: "awswaf:managed:aws:php-app:", Rules: []Rule{
		{Name: "PHPHighRiskMethodsVariables_HEADER", Label: "PHPHighRiskMethodsVariables_Header", Finds: in(headers, attack.PHP)},
		{Name: "PHPHighRiskMethodsVariables_QUERYSTRING", Label: "PHPHighRiskMethodsVariables_QueryString", Finds: in(query, attack.PHP)},
		{Name: "PHPHighRiskMethodsVariables_BODY", Label: "PHPHighRiskMethodsVariables_Body", Finds: in(body, attack.PHP)},
	}}
}

func wordPress() Group {
	return Group{Labels: "awswaf:managed:aws:wordpress-app:", Rules: []Rule{
		{
			Name: "WordPressExploitableCommands_QUERYSTRING", Label: "WordPressExploitableCommands_QUERYSTRING",
			Finds: in(query, words{"do-reset-wordpress"}),
		},
		{
			Name: "WordPressExploitablePaths_URIPATH", Label: "WordPressExploitablePaths_URIPATH",
			Finds: in(path, words{"/xmlrpc.php"}),
		},
	}}
}
