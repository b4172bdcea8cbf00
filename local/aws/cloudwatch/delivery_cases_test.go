package cloudwatch_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/cloudwatch"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/kind/cases"
	"wordpress-ecs/local/aws/s3"
)

const (
	distribution = "aws:cloudfront/distribution:Distribution"
	source       = cloudwatch.DeliverySource
	destination  = cloudwatch.DeliveryDestination
	delivery     = cloudwatch.Delivery

	// here is where the buckets are, home where CloudFront's logs begin.
	here = "eu-central-1"
	home = "us-east-1"
)

// object keeps the tables short.
type object = map[string]any

func deliveries(t *testing.T) cases.Suite {
	t.Helper()
	// Of distributions only ARNs are asked for.
	distributions := kind.Service{Kinds: []kind.Kind{{
		Type: distribution, Title: "CloudFront Distribution", Args: cloudfront.DistributionArgs{}, State: cloudfront.Distribution{}, Global: true,
	}}}
	catalog, err := kind.NewCatalog(cloudwatch.Service(), s3.Service(), distributions)
	require.NoError(t, err)
	return cases.Suite{Catalog: catalog, Types: []string{source, destination, delivery}, Usual: cases.Usual{
		s3.Bucket: func(*cases.World) account.Props { return account.Props{} },
		s3.Policy: func(w *cases.World) account.Props {
			return account.Props{"bucket": bucketOf(w), "policy": policy(w, "")}
		},
		cloudwatch.LogGroup: func(*cases.World) account.Props { return account.Props{} },
		source: func(w *cases.World) account.Props {
			goHome(w)
			return account.Props{"resourceArn": distributed(w), "logType": "ACCESS_LOGS", "tags": object{"Project": "site"}}
		},
		destination: func(w *cases.World) account.Props {
			bucket := bucketOf(w)
			goHome(w)
			return account.Props{
				"outputFormat": "w3c", "tags": object{"Project": "site"}, "deliveryDestinationConfiguration": toBucket(bucket),
			}
		},
		delivery: func(w *cases.World) account.Props {
			return account.Props{
				"deliverySourceName":     w.Usual(source).Outputs["name"],
				"deliveryDestinationArn": w.Usual(destination).Outputs["arn"],
				"recordFields":           []any{"date", "cs(Host)", "c-country"}, "fieldDelimiter": "\t", "tags": object{"Project": "site"},
				"s3DeliveryConfigurations": suffix("{DistributionId}/{yyyy}/{MM}/{dd}", false),
			}
		},
	}}
}

// goHome has the world's requests sent to where CloudFront's logs begin, unless the trial went somewhere else.
func goHome(w *cases.World) {
	if w.Region == here {
		w.Region = home
	}
}

// at is what a function does while the world's requests are sent to a region.
func at[T any](w *cases.World, region string, do func() T) T {
	before := w.Region
	defer func() { w.Region = before }()
	w.Region = region
	return do()
}

func bucketOf(w *cases.World) string {
	return at(w, here, func() string { return w.Usual(s3.Bucket).ID })
}

// distributed makes a distribution and returns its ARN.
func distributed(w *cases.World) string {
	id := "E" + account.NewLetters(13)
	arn := "arn:aws:cloudfront::" + account.ID + ":distribution/" + id
	if err := w.Call().Tx.Put(account.Resource{Type: distribution, ID: id, Outputs: account.Props{"arn": arn}}); err != nil {
		panic(err)
	}
	return arn
}

func toBucket(bucket string) object {
	return object{"destinationResourceArn": "arn:aws:s3:::" + bucket}
}

func toGroup(w *cases.World) object {
	goHome(w)
	return object{"destinationResourceArn": w.Usual(cloudwatch.LogGroup).Outputs["arn"]}
}

func suffix(path string, hive bool) []any {
	return []any{object{"suffixPath": path, "enableHiveCompatiblePath": hive}}
}

// policy lets what is delivered be written, or does so with a change: "OLD -> NEW".
func policy(w *cases.World, change string) string {
	text := `{"Version":"2012-10-17","Statement":{"Sid":"Logs","Effect":"Allow","Principal":{"Service":"delivery.logs.amazonaws.com"},` +
		`"Action":"s3:PutObject","Resource":"arn:aws:s3:::BUCKET/AWSLogs/ACCOUNT/*","Condition":{"StringEquals":` +
		`{"aws:SourceAccount":"ACCOUNT","s3:x-amz-acl":"bucket-owner-full-control"}}}}`
	old, fresh, _ := strings.Cut(change, " -> ")
	return strings.NewReplacer("BUCKET", bucketOf(w), "ACCOUNT", account.ID).Replace(strings.Replace(text, old, fresh, 1))
}

// ruled gives the bucket a policy with a change.
func ruled(w *cases.World, change string) {
	at(w, here, func() account.Resource { return w.Need(s3.Policy, account.Props{"policy": policy(w, change)}) })
}

func TestDeliveries(t *testing.T) {
	t.Parallel()
	s := deliveries(t)
	s.Cases = slices.Concat(sourceCases(), destinationCases(), deliveryCases())
	s.Run(t)
}

func sourceCases() []cases.Case {
	return []cases.Case{
		cases.One(source, "CloudFront's logs begin in us-east-1", func(w *cases.World, typ string) error {
			w.Region = "eu-west-1"
			return cases.Make(nil)(w, typ)
		}, nil, "ValidationException: Delivery sources of CloudFront are in us-east-1, not in eu-west-1"),
		cases.Refused(source, "the distribution exists", "ResourceNotFoundException", account.Props{
			"resourceArn": "arn:aws:cloudfront::" + account.ID + ":distribution/E0000000000000",
		}),
		cases.After(source, "one source per distribution",
			"ConflictException: This ResourceId has already been used in another Delivery Source in this account",
			func(w *cases.World) account.Props {
				return account.Props{"resourceArn": w.Usual(source).Outputs["resourceArn"]}
			}),
		cases.After(source, "name is free", "Please create a new Delivery Source instead", func(w *cases.World) account.Props {
			return account.Props{"name": w.Usual(source).Outputs["name"]}
		}),
		cases.One(source, "nothing uses it", held(source), freed(source), "ConflictException"),
	}
}

// held deletes an end of a delivery.
func held(end string) cases.Trial {
	return func(w *cases.World, _ string) error {
		w.Usual(delivery)
		return w.Delete(w.Usual(end))
	}
}

// freed deletes the delivery first.
func freed(end string) cases.Trial {
	return func(w *cases.World, _ string) error {
		if err := w.Delete(w.Usual(delivery)); err != nil {
			return err
		}
		return w.Delete(w.Usual(end))
	}
}

func destinationCases() []cases.Case {
	const exists = "what takes the logs exists"
	// to is the trial of a destination for a log group.
	to := func(format string) cases.Trial {
		return func(w *cases.World, typ string) error {
			_, err := w.Make(typ, account.Props{"outputFormat": format, "deliveryDestinationConfiguration": toGroup(w)})
			return err
		}
	}
	return []cases.Case{
		cases.One(destination, "parquet is for S3", to("parquet"), cases.Make(account.Props{"outputFormat": "parquet"}), "ValidationException"),
		cases.Refused(destination, exists, "ResourceNotFoundException: The bucket nowhere does not exist", account.Props{
			"deliveryDestinationConfiguration": toBucket("nowhere/prefix"),
		}),
		cases.One(destination, exists, cases.Make(account.Props{"deliveryDestinationConfiguration": object{
			"destinationResourceArn": "arn:aws:logs:us-east-1:" + account.ID + ":log-group:nowhere",
		}}), to("json"), "The log group arn:aws:logs:us-east-1:"+account.ID+":log-group:nowhere does not exist"),
		cases.One(destination, "nothing uses it", held(destination), freed(destination), "ConflictException"),
	}
}

func deliveryCases() []cases.Case {
	// logged is the trial of a delivery to a log group.
	logged := func(changes account.Props) cases.Trial {
		return func(w *cases.World, typ string) error {
			group := w.Need(destination, account.Props{"outputFormat": "json", "deliveryDestinationConfiguration": toGroup(w)})
			changes["deliveryDestinationArn"] = group.Outputs["arn"]
			_, err := w.Make(typ, changes)
			return err
		}
	}
	// second is the trial of one more delivery from a source.
	second := func(changes func(w *cases.World) account.Props) cases.Trial {
		return func(w *cases.World, typ string) error {
			w.Usual(typ)
			_, err := w.Make(typ, changes(w))
			return err
		}
	}
	const one = "one delivery to each type of destination"
	const paths = "paths are for S3"
	denied := func(change string) cases.Trial {
		return func(w *cases.World, typ string) error {
			ruled(w, change)
			return cases.Make(nil)(w, typ)
		}
	}
	return []cases.Case{
		cases.One(delivery, paths, logged(account.Props{}), logged(account.Props{"s3DeliveryConfigurations": nil}),
			"ValidationException: Provided delivery configuration is invalid for the destination type."),
		cases.One(delivery, paths, func(w *cases.World, typ string) error {
			group := w.Need(destination, account.Props{"outputFormat": "json", "deliveryDestinationConfiguration": toGroup(w)})
			d := w.Need(typ, account.Props{"deliveryDestinationArn": group.Outputs["arn"], "s3DeliveryConfigurations": nil})
			_, err := w.Change(d, account.Props{"recordFields": []any{"date"}})
			return err
		}, cases.Change(account.Props{"recordFields": []any{"date"}}), "invalid for the destination type"),
		cases.One(delivery, one, second(func(*cases.World) account.Props { return nil }), nil,
			"ConflictException: The specified Delivery already exists"),
		cases.One(delivery, one, second(func(w *cases.World) account.Props {
			return account.Props{"deliveryDestinationArn": w.Need(destination, nil).Outputs["arn"]}
		}), second(func(w *cases.World) account.Props {
			return account.Props{"deliverySourceName": w.Need(source, nil).Outputs["name"]}
		}), "with the same Delivery Destination Type"),
		cases.One(delivery, "the bucket takes the logs", denied(`"Allow" -> "Deny"`), denied("Logs -> Logs"),
			"AccessDeniedException: Access Denied for this Delivery Destination"),
	}
}
