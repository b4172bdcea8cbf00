// Package attack tells texts that look like attacks. What AWS WAF looks for is Amazon's secret; these patterns are made of
// what is public: the examples of the AWS WAF Developer Guide, the tags and attributes that libinjection takes for scripts,
// and what scanners send. They find an attack as a textbook has it. They do not tell what WAF would find.
package attack

import (
	"regexp"
	"slices"
	"strings"
)

// Pattern is what texts of one kind of attack have in common. Texts are in lower case and decoded.
type Pattern struct {
	// words are of which a text has at least one, or else the pattern is not looked for: that is faster.
	words []string
	any   *regexp.Regexp
}

// Finds tells whether a text has the pattern.
func (p Pattern) Finds(text string) bool {
	return slices.ContainsFunc(p.words, func(word string) bool { return strings.Contains(text, word) }) && p.any.MatchString(text)
}

// newPattern makes one of words, with a space between them, and of regular expressions.
func newPattern(words string, alternatives ...string) Pattern {
	return Pattern{strings.Fields(words), regexp.MustCompile(`(?s)` + strings.Join(alternatives, "|"))}
}

// The patterns.
var (
	// Script is cross-site scripting.
	Script = newPattern(`< script:`,
		`<(?:script|iframe|frame|frameset|object|embed|applet|base|link|meta|style|svg|xml|import|noscript)\b`,
		`<[a-z][^<>]*\s(?:on[a-z]{3,}|style|formaction|xlink:href)\s*=`,
		`=\s*["']?\s*(?:java|vb)script:`, `^\s*javascript:`,
	)
	// SQL is what is injected into queries.
	SQL = newPattern(`union or and drop alter truncate delete insert update -- #`,
		`\bunion\s+(?:all\s+|distinct\s+)?select\b`,
		`['"]\s*(?:or|and)\b\s*['"]?\w+['"]?\s*(?:=|like\b|<|>)`,
		`\b(?:or|and)\s+\d+\s*=\s*\d+\s*(?:--|#|$)`,
		`['";]\s*(?:drop|alter|truncate)\s+table\b`, `;\s*(?:delete\s+from|insert\s+into|update\s+\w+\s+set)\b`,
		`['"]\s*;?\s*(?:--|#)\s*$`,
	)
	// SQLWords are statements of SQL, harmless or not: what WAF finds with high sensitivity.
	SQLWords = newPattern(`select insert delete drop /*`,
		`\bselect\b.{1,200}\bfrom\b`, `\binsert\s+into\b`, `\bdelete\s+from\b`, `\bdrop\s+table\b`, `/\*.*\*/`)
	// SQLFunctions are what is injected to read files, to wait, or to learn of tables.
	SQLFunctions = newPattern(`information_schema outfile dumpfile load_file waitfor sleep benchmark extractvalue updatexml xp_cmdshell`,
		`\binformation_schema\b`, `\binto\s+(?:out|dump)file\b`, `\bload_file\s*\(`, `\bwaitfor\s+delay\b`, `\b(?:pg_)?sleep\s*\(\s*\d`,
		`\bbenchmark\s*\(\s*\d`, `\bextractvalue\s*\(`, `\bupdatexml\s*\(`, `\bxp_cmdshell\b`,
	)
	// PHP is code of PHP.
	PHP = newPattern(`<?php $_ $globals fsockopen (`,
		`<\?php\b`, `\$_(?:get|post|request|cookie|server|files|session|env)\b`, `\$globals\b`, `\bfsockopen\b`,
		`\b(?:eval|assert|base64_decode|gzinflate|shell_exec|passthru|proc_open|popen|pcntl_exec|call_user_func(?:_array)?)\s*\(`,
	)
	// Traversal leads out of a directory.
	Traversal = newPattern(`../ ..\ /etc/`, `(?:\.\.[/\\]){2,}`, `/etc/(?:passwd|shadow)\b`)
	// Inclusion names a file on a server that has no name.
	Inclusion = newPattern(`://`, `\b(?:https?|ftps?|file)://\d{1,3}(?:\.\d{1,3}){3}\b`)
	// Metadata is the address at which EC2 tells an instance its credentials.
	Metadata = newPattern(`169.254. /latest/`, `\b169\.254\.169\.254\b`, `/latest/(?:meta-data|user-data|api/token)\b`)
	// Lookup is what Log4j looks up.
	Lookup = newPattern(`${`, `\$\{\s*jndi\s*:`, `\$\{(?:lower|upper|env|sys|::-)[^}]*\}`)
	// Java is code of Java that runs commands.
	Java = newPattern(`getruntime processbuilder class.`,
		`\bgetruntime\s*\(\s*\)\s*\.\s*exec\s*\(`, `\bprocessbuilder\s*\(`, `\bclass\.module\.classloader\b`)
	// Scanners are programs that look for weaknesses.
	Scanners = newPattern(`nessus nmap nikto sqlmap masscan zgrab wpscan buster acunetix`,
		`\b(?:nessus|nmap|nikto|sqlmap|masscan|zgrab|wpscan|dirbuster|gobuster|acunetix)\b`)
)
