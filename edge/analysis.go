package edge

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/athena"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/glue"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// scanLimit is the most that a query may read, in bytes: 10 GiB, which cost five cents.
const scanLimit = 10 << 30

// analysis makes the access logs a table for each of their sources, and keeps three questions about them.
func (b *builder) analysis() error {
	if b.logs == nil {
		return nil
	}
	// Athena takes no hyphens in names.
	database, err := glue.NewCatalogDatabase(b.ctx, b.name, &glue.CatalogDatabaseArgs{
		Name: pulumi.String(strings.ReplaceAll(b.name+"_"+b.ctx.Stack(), "-", "_")),
	}, b.owned()...)
	if err != nil {
		return fmt.Errorf("access logs: database: %w", err)
	}
	tables := []table{b.balancerTable()}
	if b.cdn != nil {
		tables = append(tables, b.cdnTable())
	}
	for _, t := range tables {
		if err := b.table(t, database); err != nil {
			return err
		}
	}
	if b.acl != nil {
		if err := b.table(b.firewallTable(), database); err != nil {
			return err
		}
	}
	workgroup, err := athena.NewWorkgroup(b.ctx, b.name, &athena.WorkgroupArgs{
		ForceDestroy: pulumi.Bool(true),
		Configuration: athena.WorkgroupConfigurationArgs{
			EnforceWorkgroupConfiguration: pulumi.Bool(true), PublishCloudwatchMetricsEnabled: pulumi.Bool(true),
			BytesScannedCutoffPerQuery: pulumi.Int(scanLimit),
			ResultConfiguration: athena.WorkgroupConfigurationResultConfigurationArgs{
				OutputLocation: pulumi.Sprintf("s3://%s/%s/", b.logs.bucket.Bucket, results),
				EncryptionConfiguration: athena.WorkgroupConfigurationResultConfigurationEncryptionConfigurationArgs{
					EncryptionOption: pulumi.String("SSE_S3"),
				},
			},
		},
	}, b.owned()...)
	if err != nil {
		return fmt.Errorf("access logs: workgroup: %w", err)
	}
	b.edge.Workgroup = workgroup.Name
	// Visitors meet the outermost: what the CDN answers from its cache, the load balancer never sees.
	outermost := tables[len(tables)-1]
	for _, q := range queries {
		_, err := athena.NewNamedQuery(b.ctx, b.name+"-"+q.part, &athena.NamedQueryArgs{
			Database: database.Name, Workgroup: workgroup.ID(), Description: pulumi.String(q.asks),
			Query: pulumi.String(q.over(outermost)),
		}, b.owned()...)
		if err != nil {
			return fmt.Errorf("access logs: query %s: %w", q.part, err)
		}
	}
	return nil
}

// query is a question about requests, of the day when it is asked and the six before.
type query struct {
	part, asks, text string
}

// queries are kept in the workgroup. What a table calls things is filled in.
var queries = []query{{
	part: "errors", asks: "Errors by URL, most first",
	text: `SELECT {status} AS status, {url} AS url, count(*) AS requests
FROM {table}
WHERE {recent} AND {status} >= 400
GROUP BY 1, 2
ORDER BY requests DESC
LIMIT 100`,
}, {
	part: "slow-pages", asks: "Slowest pages: 95th percentile in seconds",
	text: `SELECT {url} AS url, count(*) AS requests, approx_percentile({seconds}, 0.95) AS p95, max({seconds}) AS slowest
FROM {table}
WHERE {recent} AND {status} < 400
GROUP BY 1
HAVING count(*) >= 10
ORDER BY p95 DESC
LIMIT 100`,
}, {
	part: "clients", asks: "Addresses with the most requests",
	text: `SELECT {client} AS client, count(*) AS requests, count_if({status} >= 400) AS errors, sum({bytes}) AS bytes
FROM {table}
WHERE {recent}
GROUP BY 1
ORDER BY requests DESC
LIMIT 100`,
}}

// over is the query over a table.
func (q query) over(t table) string {
	return strings.NewReplacer(
		"{table}", t.name, "{status}", t.status, "{url}", t.url, "{seconds}", t.seconds, "{client}", t.client, "{bytes}", t.bytes,
		"{recent}", "day >= date_format(current_date - interval '6' day, '%Y/%m/%d')",
	).Replace(q.text)
}

func (b *builder) table(t table, database *glue.CatalogDatabase) error {
	var columns glue.CatalogTableStorageDescriptorColumnArray
	for _, c := range t.columns {
		columns = append(columns, glue.CatalogTableStorageDescriptorColumnArgs{Name: pulumi.String(c.name), Type: pulumi.String(c.typ)})
	}
	parameters := pulumi.StringMap{
		"EXTERNAL": pulumi.String("TRUE"),
		// The days are counted and not looked for: no crawler has to run.
		"projection.enabled":        pulumi.String("true"),
		"projection.day.type":       pulumi.String("date"),
		"projection.day.format":     pulumi.String("yyyy/MM/dd"),
		"projection.day.range":      pulumi.Sprintf("NOW-%dDAYS,NOW", b.args.LogDays),
		"storage.location.template": pulumi.Sprintf("s3://%s/%s/${day}", b.logs.bucket.Bucket, t.prefix),
	}
	for key, value := range t.parameters {
		parameters[key] = pulumi.String(value)
	}
	_, err := glue.NewCatalogTable(b.ctx, b.name+"-"+strings.ReplaceAll(t.name, "_", "-"), &glue.CatalogTableArgs{
		Name: pulumi.String(t.name), DatabaseName: database.Name, TableType: pulumi.String("EXTERNAL_TABLE"), Parameters: parameters,
		PartitionKeys: glue.CatalogTablePartitionKeyArray{
			glue.CatalogTablePartitionKeyArgs{Name: pulumi.String("day"), Type: pulumi.String("string")},
		},
		StorageDescriptor: glue.CatalogTableStorageDescriptorArgs{
			Location:     pulumi.Sprintf("s3://%s/%s", b.logs.bucket.Bucket, t.prefix),
			InputFormat:  pulumi.String("org.apache.hadoop.mapred.TextInputFormat"),
			OutputFormat: pulumi.String("org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"),
			Columns:      columns,
			SerDeInfo: glue.CatalogTableStorageDescriptorSerDeInfoArgs{
				SerializationLibrary: pulumi.String(t.serde), Parameters: pulumi.ToStringMap(t.reading),
			},
		},
	}, b.owned()...)
	if err != nil {
		return fmt.Errorf("access logs: table %s: %w", t.name, err)
	}
	return nil
}
