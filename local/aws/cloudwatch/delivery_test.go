package cloudwatch_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/kind/cases"
	"wordpress-ecs/local/aws/s3"
)

func TestDeliveriesSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	deliveries(t).Try(t, func(w *cases.World) {
		const logs = "arn:aws:logs:us-east-1:" + account.ID
		from := w.Need(source, account.Props{"name": "cdn"})
		require.Equal(t, logs+":delivery-source:cdn", from.Outputs["arn"])
		require.Equal(t, "cloudfront", from.Outputs["service"])
		to := w.Need(destination, account.Props{"name": "bucket"})
		require.Equal(t, logs+":delivery-destination:bucket", to.Outputs["arn"])
		require.Equal(t, "S3", to.Outputs["deliveryDestinationType"])
		bare := account.Props{
			"deliverySourceName": "cdn", "deliveryDestinationArn": to.Outputs["arn"],
			"recordFields": nil, "fieldDelimiter": nil, "s3DeliveryConfigurations": nil,
		}
		d := w.Need(delivery, bare)
		require.Regexp(t, `^[0-9a-z]{16}$`, d.ID)
		require.Equal(t, logs+":delivery:"+d.ID, d.Outputs["arn"])
		require.Len(t, d.Outputs["recordFields"], 33, "what CloudFront delivers unless told")
		require.Equal(t, suffix("AWSLogs/{account-id}/CloudFront/", false), d.Outputs["s3DeliveryConfigurations"])
		d, err := w.Change(d, account.Props{"s3DeliveryConfigurations": suffix("{yyyy}", false)})
		require.NoError(t, err)
		require.Equal(t, suffix("{yyyy}", false), d.Outputs["s3DeliveryConfigurations"])
	})
}

func TestWhatReplacesADestination(t *testing.T) {
	t.Parallel()
	d, ok := deliveries(t).Catalog.Kind(destination)
	require.True(t, ok)
	before := account.Props{"name": "a", "outputFormat": "json", "deliveryDestinationConfiguration": toBucket("one")}
	group := object{"destinationResourceArn": "arn:aws:logs:us-east-1:" + account.ID + ":log-group:cdn"}
	for name, tc := range map[string]struct {
		change   account.Props
		replaces bool
	}{
		"another bucket":  {account.Props{"deliveryDestinationConfiguration": toBucket("two")}, false},
		"a log group":     {account.Props{"deliveryDestinationConfiguration": group}, true},
		"another format":  {account.Props{"outputFormat": "plain"}, true},
		"another name":    {account.Props{"name": "b"}, true},
		"nothing but tag": {account.Props{"tags": object{"a": "b"}}, false},
	} {
		after := before.Copy()
		for name, value := range tc.change {
			after[name] = value
		}
		changes := d.Diff(before, after)
		require.Len(t, changes, 1, name)
		require.Equal(t, tc.replaces, changes[0].Replaces, name)
	}
}

// statements are those of the policy that the bucket has.
func statements(t *testing.T, w *cases.World) []any {
	t.Helper()
	r := at(w, here, func() *account.Resource {
		r, err := w.Call().Find(s3.Policy, "bucket", bucketOf(w))
		require.NoError(t, err)
		return r
	})
	if r == nil {
		return nil
	}
	require.Equal(t, r.Inputs["policy"], r.Outputs["policy"], "a refresh shows it")
	var document account.Props
	require.NoError(t, json.Unmarshal([]byte(r.Outputs.String("policy")), &document))
	if list := document.List("Statement"); list != nil {
		return list
	}
	return []any{document["Statement"]}
}

// heard makes or changes a delivery, and returns what is said of it.
func heard(t *testing.T, w *cases.World, ask func(d *kind.Declared, c *kind.Call) error) []string {
	t.Helper()
	var lines []string
	c := w.Call()
	c.Say = func(line string) { lines = append(lines, line) }
	d, ok := c.Catalog.Kind(delivery)
	require.True(t, ok)
	require.NoError(t, ask(d, c))
	return lines
}

func TestAPolicyThatLetsNothingInGetsAStatement(t *testing.T) {
	t.Parallel()
	s := deliveries(t)
	for name, tc := range map[string]struct {
		// policy is the change of the bucket's policy; "-" is no policy.
		policy, prefix string
		hive           bool
		// resource is what the new statement is about, behind the bucket; empty for no new one.
		resource string
		all      int
	}{
		"allowed":           {"", "", false, "", 1},
		"another folder":    {"/AWSLogs/ -> /Other/", "", false, "/AWSLogs/" + account.ID + "/CloudFront/*", 2},
		"another account":   {`"aws:SourceAccount":"ACCOUNT" -> "aws:SourceAccount":"210987654321"`, "", false, "/AWSLogs/" + account.ID + "/CloudFront/*", 2},
		"with Hive's keys":  {"", "", true, "/AWSLogs/aws-account-id=" + account.ID + "/CloudFront/*", 2},
		"with a prefix":     {"", "/cdn", false, "/cdn/*", 2},
		"without a policy":  {"-", "", false, "/AWSLogs/" + account.ID + "/CloudFront/*", 1},
		"the prefix allows": {"/AWSLogs/ACCOUNT/ -> /cdn/", "/cdn", false, "", 1},
	} {
		s.Try(t, func(w *cases.World) {
			if tc.policy != "-" {
				ruled(w, tc.policy)
			}
			to := w.Need(destination, account.Props{"deliveryDestinationConfiguration": toBucket(bucketOf(w) + tc.prefix)})
			in := s.Usual[delivery](w)
			in["deliveryDestinationArn"], in["s3DeliveryConfigurations"] = to.Outputs["arn"], suffix("{yyyy}", tc.hive)
			lines := heard(t, w, func(d *kind.Declared, c *kind.Call) error {
				c.In = in
				_, err := d.Make(c)
				return err
			})
			list := statements(t, w)
			require.Len(t, list, tc.all, name)
			if tc.resource == "" {
				require.Empty(t, lines, name)
				return
			}
			require.Len(t, lines, 1, name)
			require.Contains(t, lines[0], "did not let delivery.logs.amazonaws.com write", name)
			added := account.Props{"s": list[len(list)-1]}.Object("s")
			require.Equal(t, "arn:aws:s3:::"+bucketOf(w)+tc.resource, added["Resource"], name)
			require.Equal(t, "AWSLogDeliveryWrite1", added["Sid"], name)
			require.Equal(t, w.Usual(source).Outputs["arn"], added.Object("Condition").Object("ArnLike")["aws:SourceArn"], name)
		})
	}
}

func TestAChangedPathLosesWhatAWSPutInFrontOfIt(t *testing.T) {
	t.Parallel()
	s := deliveries(t)
	for name, tc := range map[string]struct {
		prefix  string
		changes account.Props
		says    string
	}{
		"another path":     {"", account.Props{"s3DeliveryConfigurations": suffix("{yyyy}", false)}, "below {yyyy} from now on, no longer below AWSLogs/"},
		"another field":    {"", account.Props{"recordFields": []any{"date"}}, ""},
		"below its prefix": {"/cdn", account.Props{"s3DeliveryConfigurations": suffix("{yyyy}", false)}, ""},
	} {
		s.Try(t, func(w *cases.World) {
			to := w.Need(destination, account.Props{"deliveryDestinationConfiguration": toBucket(bucketOf(w) + tc.prefix)})
			r := w.Need(delivery, account.Props{"deliveryDestinationArn": to.Outputs["arn"]})
			in := r.Inputs.Copy()
			for name, value := range tc.changes {
				in[name] = value
			}
			lines := heard(t, w, func(d *kind.Declared, c *kind.Call) error {
				c.ID, c.In = r.ID, in
				_, err := d.Change(c)
				return err
			})
			if tc.says == "" {
				require.Empty(t, lines, name)
				return
			}
			require.Len(t, lines, 1, name)
			require.Contains(t, lines[0], tc.says, name)
		})
	}
}
