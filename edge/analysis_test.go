package edge_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/graph"
)

const (
	database  = "aws:glue/catalogDatabase:CatalogDatabase"
	workgroup = "aws:athena/workgroup:Workgroup"
	query     = "aws:athena/namedQuery:NamedQuery"
)

// Each source of logs has a table where it writes, and none of the others has one.
func TestTables(t *testing.T) {
	t.Parallel()
	const account = graph.Account
	for name, tc := range map[string]struct {
		changes []change
		// places are the folders below the bucket, {acl} the name of the web ACL.
		places map[string]string
	}{
		"load balancer": {[]change{logged}, map[string]string{
			"load_balancer": "load-balancer/AWSLogs/" + account + "/elasticloadbalancing/eu-central-1",
		}},
		"firewall": {[]change{logged, walled}, map[string]string{
			"load_balancer": "load-balancer/AWSLogs/" + account + "/elasticloadbalancing/eu-central-1",
			"firewall":      "AWSLogs/" + account + "/WAFLogs/eu-central-1/{acl}",
		}},
		"all": {[]change{behindCDN, logged, walled}, map[string]string{
			"load_balancer": "load-balancer/AWSLogs/" + account + "/elasticloadbalancing/eu-central-1",
			"cdn":           "AWSLogs/" + account + "/CloudFront",
			"firewall":      "AWSLogs/" + account + "/WAFLogs/cloudfront/{acl}",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := registered(t, tc.changes...)
			require.Equal(t, "site_test", g.Only(t, database).At("name"))
			require.Len(t, g.OfType(table), len(tc.places))
			for name, place := range tc.places {
				r := g.Named(t, table, "site-"+strings.ReplaceAll(name, "_", "-"))
				require.Equal(t, name, r.At("name"))
				require.Equal(t, g.Only(t, database).Computed("name"), r.At("databaseName"))
				if acls := g.OfType(webACL); len(acls) > 0 {
					place = strings.ReplaceAll(place, "{acl}", acls[0].Computed("name").(string))
				}
				location := "s3://" + g.Only(t, bucket).Computed("bucket").(string) + "/" + place
				require.Equal(t, location, r.At("storageDescriptor.location"))
				require.Equal(t, location+"/${day}", r.At(`parameters["storage.location.template"]`))
			}
		})
	}
}

// The partitions of a table are counted, by days as the folders are called, and as far back as logs are kept.
func TestDaysArePartitions(t *testing.T) {
	t.Parallel()
	for _, r := range registered(t, behindCDN, logged, walled).OfType(table) {
		require.Equal(t, "EXTERNAL_TABLE", r.At("tableType"))
		require.Equal(t, []any{map[string]any{"name": "day", "type": "string"}}, r.At("partitionKeys"))
		for key, value := range map[string]string{
			"EXTERNAL": "TRUE", "projection.enabled": "true", "projection.day.type": "date", "projection.day.format": "yyyy/MM/dd",
			"projection.day.range": "NOW-30DAYS,NOW",
		} {
			require.Equal(t, value, r.At(`parameters["`+key+`"]`), r.Name)
		}
	}
}

// Results are in the bucket of the logs and go with them, and no query costs more than was meant.
func TestWorkgroup(t *testing.T) {
	t.Parallel()
	g := registered(t, logged)
	r := g.Only(t, workgroup)
	require.Equal(t, r.Computed("name"), g.Exports()["workgroup"].Value)
	require.Equal(t, true, r.At("forceDestroy"), "its queries are no reason to keep it")
	require.Equal(t, true, r.At("configuration.enforceWorkgroupConfiguration"))
	require.Equal(t, 10<<30, r.At("configuration.bytesScannedCutoffPerQuery"))
	place := "s3://" + g.Only(t, bucket).Computed("bucket").(string) + "/results/"
	require.Equal(t, place, r.At("configuration.resultConfiguration.outputLocation"))
	require.Equal(t, "SSE_S3", r.At("configuration.resultConfiguration.encryptionConfiguration.encryptionOption"))
}

// words are those of SQL in the queries, and the names of results that they sort by.
var words = strings.Fields(`select from where and group by having order desc limit count count_if sum max approx_percentile
	regexp_extract date_format current_date interval day requests p95`)

// The questions are about the outermost that visitors meet, ask for what the table has, and read days only that they need.
func TestQueries(t *testing.T) {
	t.Parallel()
	beside := regexp.MustCompile(`'[^']*'| as [a-z0-9]+`)
	names := regexp.MustCompile(`[a-z_][a-z_0-9]*`)
	for of, changes := range map[string][]change{
		"load_balancer": {inDomain, logged, walled}, "cdn": {behindCDN, logged, walled},
	} {
		g := registered(t, changes...)
		require.Equal(t, []string{"site-clients", "site-errors", "site-slow-pages"}, g.Names(query))
		types, _ := columns(t, g.Named(t, table, "site-"+strings.ReplaceAll(of, "_", "-")))
		for _, r := range g.OfType(query) {
			require.Equal(t, g.Only(t, database).Computed("name"), r.At("database"))
			require.Equal(t, g.Only(t, workgroup).ID, r.At("workgroup"))
			require.NotEmpty(t, r.At("description"))
			text := r.Text(t, "query")
			require.Contains(t, text, "FROM "+of+"\n")
			require.Contains(t, text, "WHERE day >= date_format(current_date - interval '6' day, '%Y/%m/%d')")
			require.NotContains(t, text, "{")
			asked := strings.Replace(beside.ReplaceAllString(strings.ToLower(text), ""), "from "+of, "", 1)
			for _, name := range names.FindAllString(asked, -1) {
				require.True(t, types[name] != "" || slices.Contains(words, name), "%s: there is no %s in %s", r.Name, name, of)
			}
		}
	}
}
