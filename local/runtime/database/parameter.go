package database

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// parameter is one of a cluster parameter group. Reboot tells that it is to wait for one.
type parameter struct {
	name, value string
	reboot      bool
}

// fixed are the parameters that the local cloud needs as they are, or whose values are for greater machines.
var fixed = []string{
	"basedir", "binlog_format", "datadir", "general_log_file", "init_file", "innodb_buffer_pool_instances",
	"innodb_buffer_pool_size", "innodb_data_home_dir", "innodb_log_group_home_dir", "innodb_read_only",
	"innodb_undo_tablespaces", "log_bin", "log_error", "log_output", "log_slave_updates", "performance_schema",
	"pid_file", "plugin_dir", "port", "read_only", "relay_log", "secure_file_priv", "server_audit_file_path",
	"server_audit_output_type", "server_id", "skip_name_resolve", "skip_slave_start", "slow_query_log_file", "socket",
	"ssl_ca", "ssl_cert", "ssl_key", "super_read_only", "tmpdir",
}

// options are the parameters that have another name in the server's option file. Those of connections can be set
// only while it runs.
var options = map[string]string{
	"time_zone": "default-time-zone", "character_set_client": "", "character_set_connection": "",
	"character_set_results": "", "collation_connection": "",
}

// reason tells why a parameter is not applied; "" when it is, if the server knows it.
func (p parameter) reason() string {
	switch {
	case slices.Contains(fixed, p.name):
		return "the local cloud settles it itself"
	case strings.Contains(p.value, "{"):
		return "formulas are AWS's"
	case strings.ContainsAny(p.value, "\n\r\x00"):
		return "its value has several lines"
	}
	return ""
}

// option is the parameter's line in the option file; "" for none. A server that does not know it says so and goes on.
func (p parameter) option() string {
	name, renamed := options[p.name]
	if !renamed {
		name = p.name
	}
	if name == "" || p.reason() != "" {
		return ""
	}
	return "loose-" + name + ` = "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(p.value) + `"` + "\n"
}

var number = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// statement sets the parameter while the server runs.
func (p parameter) statement() string {
	value := p.value
	if !number.MatchString(value) {
		value = quoted(value)
	}
	return "SET GLOBAL " + p.name + " = " + value + ";\n"
}

var word = regexp.MustCompile(`^[a-z0-9_]+$`)

// quoted is a text as SQL has it.
func quoted(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `''`, "\x00", `\0`).Replace(text) + "'"
}

// connectionsOf are Aurora MySQL's default max_connections by the size of the class.
var connectionsOf = map[string]int{
	"small": 45, "medium": 90, "large": 1000, "xlarge": 2000, "2xlarge": 3000, "4xlarge": 4000, "8xlarge": 5000,
	"12xlarge": 6000, "16xlarge": 6000, "24xlarge": 7000, "32xlarge": 7000,
}

// connections is how many an instance class takes by default.
func connections(class string) int {
	family, size, _ := strings.Cut(strings.TrimPrefix(class, "db."), ".")
	switch n := connectionsOf[size]; {
	case size == "large" && strings.HasPrefix(family, "t"):
		return 135
	case n > 0:
		return n
	}
	return connectionsOf["large"] // serverless
}

// settings are the parameters of an instance: those that follow from its class, and the group's.
func (c *cluster) settings(m member) []parameter {
	own := parameter{name: "max_connections", value: strconv.Itoa(connections(m.class))}
	if slices.ContainsFunc(c.parameters, func(p parameter) bool { return p.name == own.name && p.reason() == "" }) {
		return c.parameters
	}
	return append([]parameter{own}, c.parameters...)
}
