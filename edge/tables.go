package edge

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// table is how Athena reads the logs of one source, which are text in folders by day.
type table struct {
	name string
	// prefix is where the folders are, below the bucket.
	prefix  pulumi.StringInput
	columns []column
	// serde reads a line, reading are its parameters; parameters are the table's own.
	serde               string
	reading, parameters map[string]string
	// What the table calls what queries ask for: expressions of SQL.
	status, url, seconds, client, bytes string
}

type column struct{ name, typ string }

// text is the type of a column that holds any.
const text = "string"

const (
	patternSerDe   = "org.apache.hadoop.hive.serde2.RegexSerDe"
	delimitedSerDe = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
	jsonSerDe      = "org.openx.data.jsonserde.JsonSerDe"
)

// balancerLine is a line of the load balancer's log as far as the columns below go: Elastic Load Balancing, User Guide
// for Application Load Balancers, "Access log entries". Newer fields are added at its end.
const balancerLine = `^([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*):([0-9]*) ([^ ]*) ([-.0-9]*) ([-.0-9]*) ([-.0-9]*) ` +
	`([-0-9]*) ([-0-9]*) ([0-9]*) ([0-9]*) ` +
	`"([^ ]*) ([^ ]*) ([^"]*)" "([^"]*)" .*$`

func (b *builder) balancerTable() table {
	return table{
		name:   "load_balancer",
		prefix: pulumi.Sprintf("%s/AWSLogs/%s/elasticloadbalancing/%s", balancerLogs, b.logs.account, b.args.Region),
		columns: []column{
			{"type", text}, {"time", text}, {"load_balancer", text}, {"client", text}, {"client_port", "int"},
			{"target", text}, {"request_seconds", "double"}, {"target_seconds", "double"}, {"response_seconds", "double"},
			{"status", "int"}, {"target_status", text}, {"received_bytes", "bigint"}, {"sent_bytes", "bigint"},
			{"method", text}, {"url", text}, {"protocol", text}, {"user_agent", text},
		},
		serde: patternSerDe, reading: map[string]string{"input.regex": balancerLine},
		status: "status", url: `regexp_extract(url, '^[^?]*')`, seconds: "target_seconds", client: "client", bytes: "sent_bytes",
	}
}

// cdnTypes are the columns that hold numbers.
var cdnTypes = map[string]string{
	"sc_status": "int", "sc_bytes": "bigint", "time_taken": "double", "time_to_first_byte": "double",
}

func (b *builder) cdnTable() table {
	var columns []column
	for _, field := range cdnFields {
		name := strings.ToLower(strings.NewReplacer("-", "_", "(", "_", ")", "").Replace(field))
		typ := cdnTypes[name]
		if typ == "" {
			typ = text
		}
		columns = append(columns, column{name, typ})
	}
	return table{
		name:    "cdn",
		prefix:  pulumi.String(fmt.Sprintf("AWSLogs/%s/CloudFront", b.logs.account)),
		columns: columns,
		serde:   delimitedSerDe, reading: map[string]string{"field.delim": "\t", "serialization.format": "\t"},
		// A file begins with its version and the names of its fields.
		parameters: map[string]string{"skip.header.line.count": "2"},
		status:     "sc_status", url: "x_host_header || cs_uri_stem", seconds: "time_taken", client: "c_ip", bytes: "sc_bytes",
	}
}

func (b *builder) firewallTable() table {
	where := b.args.Region
	if b.s.CDN.On {
		where = "cloudfront"
	}
	return table{
		name:   "firewall",
		prefix: pulumi.Sprintf("AWSLogs/%s/WAFLogs/%s/%s", b.logs.account, where, b.acl.Name),
		columns: []column{
			{"timestamp", "bigint"}, {"action", text}, {"terminatingruleid", text}, {"httpsourceid", text},
			{"httprequest", "struct<clientip:string,country:string,uri:string,args:string,httpmethod:string>"},
			{"labels", "array<struct<name:string>>"},
		},
		serde: jsonSerDe,
	}
}
