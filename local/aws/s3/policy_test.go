package s3_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind/cases"
	"wordpress-ecs/local/aws/s3"
)

const write = `"Effect":"Allow","Principal":{"Service":"delivery.logs.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::site-logs/*"`

// policyOf is a policy of one statement, which lets logs be delivered, or of one that differs from it: "OLD -> NEW".
func policyOf(change string) string {
	old, fresh, _ := strings.Cut(change, " -> ")
	return `{"Version":"2012-10-17","Statement":[{` + strings.Replace(write, old, fresh, 1) + `}]}`
}

// delivery is what the usual policy allows.
var delivery = s3.Delivery{
	Service: "delivery.logs.amazonaws.com", Action: "s3:PutObject", Key: "AWSLogs/123456789012/x",
	Context: map[string]string{"aws:SourceAccount": account.ID},
}

func policyCases() []cases.Case {
	const p = s3.Policy
	put := func(change string) cases.Trial { return cases.Make(account.Props{"policy": policyOf(change)}) }
	one := func(rule, says, bad, good string) cases.Case { return cases.One(p, rule, put(bad), put(good), says) }
	service := `{"Service":"delivery.logs.amazonaws.com"}`
	// open is the trial of a policy after the block says whether it may be public.
	open := func(blocked bool, change string) cases.Trial {
		return func(w *cases.World, typ string) error {
			w.Need(s3.PublicAccessBlock, account.Props{"blockPublicPolicy": blocked})
			return put(change)(w, typ)
		}
	}
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}]}`
	role := func(made bool) cases.Trial {
		return func(w *cases.World, typ string) error {
			if made {
				c := w.Call()
				c.In = account.Props{"name": "reader", "assumeRolePolicy": trust}
				d, _ := c.Catalog.Kind(iam.Role)
				if _, err := d.Make(c); err != nil {
					return err
				}
			}
			return put(service+` -> {"AWS":"arn:aws:iam::123456789012:role/reader"}`)(w, typ)
		}
	}
	const blocked = `because public policies are prevented by the BlockPublicPolicy setting`
	from := func(key, value string) string {
		return service + ` -> "*","Condition":{"` + key + `":{` + value + `}}`
	}
	return []cases.Case{
		cases.Refused(p, "bucket exists", "NoSuchBucket: The specified bucket does not exist", account.Props{
			"bucket": "other", "policy": policyOf("site-logs -> other"),
		}),
		one("actions are S3's", "MalformedPolicy: Policy has invalid action", "s3:PutObject -> s3:WriteObject", "s3:PutObject -> s3:Put*"),
		one("actions fit the resources", "MalformedPolicy: Action does not apply to any resource(s) in statement",
			"site-logs/* -> site-logs", "s3:PutObject -> *"),
		one("actions fit the resources", "Action does not apply", "s3:PutObject -> s3:GetBucketAcl", "s3:PutObject -> s3:*"),
		one("form of the principals", "MalformedPolicy: Invalid principal in policy", service+` -> {"AWS":"reader"}`, service+` -> {"AWS":"210987654321"}`),
		one("resources are those of the bucket", "MalformedPolicy: Policy has invalid resource", "site-logs/* -> other/*", "site-logs/* -> site-logs/a/*"),
		one("resources are those of the bucket", "Policy has invalid resource", `"arn:aws:s3:::site-logs/*" -> "*"`, "site-logs/* -> site-logs*"),
		one("resources are those of the bucket", "Policy has invalid resource", "site-logs/* -> site-logs-2/*", "site-logs/* -> site-logs/*"),
		cases.One(p, "roles that are named exist", role(false), role(true), "MalformedPolicy: Invalid principal in policy"),
		cases.One(p, "public policies are not blocked", put(service+` -> "*"`), put(`"Allow","Principal":`+service+` -> "Deny","Principal":"*"`),
			`AccessDenied: User: arn:aws:iam::123456789012:user/local is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::site-logs" `+blocked),
		cases.One(p, "public policies are not blocked", open(true, service+` -> {"AWS":"*"}`), open(false, service+` -> {"AWS":"*"}`), blocked),
		one("public policies are not blocked", blocked, from("StringLike", `"aws:SourceArn":"arn:aws:*"`),
			from("StringEquals", `"aws:SourceAccount":"123456789012"`)),
		one("public policies are not blocked", blocked, from("IpAddress", `"aws:SourceIp":"0.0.0.0/1"`), from("IpAddress", `"aws:SourceIp":"10.0.0.0/8"`)),
		one("public policies are not blocked", blocked, from("StringNotEquals", `"aws:SourceAccount":"1"`), from("IpAddress", `"aws:SourceIp":"192.0.2.7"`)),
		one("public policies are not blocked", blocked, from("IpAddress", `"aws:SourceIp":"2001::/16"`), from("IpAddress", `"aws:SourceIp":"2001:db8::/32"`)),
	}
}

func TestAPolicyIsTheSameHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	d, ok := suite(t).Catalog.Kind(s3.Policy)
	require.True(t, ok)
	spaced := strings.ReplaceAll(policyOf(`"s3:PutObject" -> ["s3:PutObject"]`), ",", ", ")
	require.Empty(t, d.Diff(account.Props{"policy": policyOf("")}, account.Props{"policy": spaced}))
}

func TestThePolicyOfABucketDecidesWhoWrites(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		policy string
		may    bool
	}{
		"as it is":       {policyOf(""), true},
		"another prefix": {policyOf("site-logs/* -> site-logs/alb/*"), false},
		"another source": {policyOf(`site-logs/*" -> site-logs/*","Condition":{"StringEquals":{"aws:SourceAccount":"210987654321"}}`), false},
		"the own source": {policyOf(`site-logs/*" -> site-logs/*","Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}`), true},
		"TLS alone":      {policyOf(`site-logs/*" -> site-logs/*","Condition":{"Bool":{"aws:SecureTransport":"true"}}`), true},
		"no policy":      {"", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			suite(t).Try(t, func(w *cases.World) {
				theBucket(w)
				if tc.policy != "" {
					w.Need(s3.Policy, account.Props{"policy": tc.policy})
				}
				c := w.Call()
				c.Region = "us-east-1" // whoever delivers may be elsewhere
				place, err := s3.Find(c, logs)
				require.NoError(t, err)
				require.Equal(t, "eu-central-1", place.Region)
				answer, err := place.Lets(w.Call(), delivery)
				require.NoError(t, err)
				require.Equal(t, tc.may, answer.Allowed, answer.Reason)
			})
		})
	}
}

func TestABucketSaysHowItEncrypts(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		theBucket(w)
		place, err := s3.Find(w.Call(), logs)
		require.NoError(t, err)
		require.False(t, place.KMS)
		w.Need(s3.Encryption, nil)
		place, err = s3.Find(w.Call(), logs)
		require.NoError(t, err)
		require.True(t, place.KMS)
		none, err := s3.Find(w.Call(), "other")
		require.NoError(t, err)
		require.Nil(t, none)
	})
}
