package lambda_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/kind/cases"
	"wordpress-ecs/local/aws/lambda"
)

const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"lambda.amazonaws.com"}}]}`

func suite(t *testing.T) cases.Suite {
	t.Helper()
	catalog, err := kind.NewCatalog(iam.Service(), lambda.Service())
	require.NoError(t, err)
	return cases.Suite{Catalog: catalog, Usual: usual()}
}

func TestRules(t *testing.T) {
	t.Parallel()
	s := suite(t)
	s.Types = []string{lambda.Function, lambda.Permission}
	s.Cases = append(functionCases(t), permissionCases()...)
	s.Run(t)
}

// code is an archive of one text, as the provider hands it over.
func code(text string) map[string]any {
	source, err := asset.FromText(text)
	if err != nil {
		panic(err)
	}
	files, err := archive.FromAssets(map[string]any{"index.mjs": source})
	if err != nil {
		panic(err)
	}
	return files.Serialize()
}

const handler = "export const handler = async () => ({statusCode: 503});"

func usual() cases.Usual {
	return cases.Usual{
		iam.Role: func(*cases.World) account.Props { return account.Props{"assumeRolePolicy": trust} },
		lambda.Function: func(w *cases.World) account.Props {
			return account.Props{
				"role": w.Usual(iam.Role).Outputs["arn"], "code": code(handler), "handler": "index.handler", "runtime": "nodejs22.x",
				"architectures": []any{"arm64"}, "memorySize": 128.0, "timeout": 5.0, "reservedConcurrentExecutions": 10.0,
				"ephemeralStorage": map[string]any{"size": 512.0}, "environment": map[string]any{"variables": map[string]any{"TITLE": "Back soon"}},
				"tracingConfig": map[string]any{"mode": "PassThrough"}, "tags": map[string]any{"team": "web"},
				"loggingConfig": map[string]any{
					"logFormat": "JSON", "logGroup": "/site/maintenance", "applicationLogLevel": "WARN", "systemLogLevel": "WARN",
				},
			}
		},
		lambda.Permission: func(w *cases.World) account.Props {
			return account.Props{
				"function": w.Usual(lambda.Function).Outputs["arn"], "action": "lambda:InvokeFunction", "statementId": "alb",
				"principal": "elasticloadbalancing.amazonaws.com", "sourceArn": target, "sourceAccount": account.ID, "eventSourceToken": "token",
				"functionUrlAuthType": "NONE",
			}
		},
	}
}

const target = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/down/0123456789abcdef"

func functionCases(t *testing.T) []cases.Case {
	t.Helper()
	const typ = lambda.Function
	stranger := func(w *cases.World, typ string) error {
		r := w.Need(iam.Role, account.Props{"assumeRolePolicy": strings.Replace(trust, "lambda", "ec2", 1)})
		_, err := w.Make(typ, account.Props{"role": r.Outputs["arn"]})
		return err
	}
	beside := func(n float64) cases.Trial {
		return func(w *cases.World, typ string) error {
			w.Need(typ, account.Props{"reservedConcurrentExecutions": n})
			_, err := w.Make(typ, account.Props{"reservedConcurrentExecutions": 100.0})
			return err
		}
	}
	none, err := archive.FromAssets(map[string]any{})
	require.NoError(t, err)
	far := map[string]any{resource.SigKey: resource.ArchiveSig, archive.ArchiveURIProperty: "https://example.com/code.zip"}
	list := []cases.Case{
		cases.Refused(typ, "length of handler", "expected length of handler", account.Props{"handler": ""}),
		cases.Refused(typ, "code is given", "one of `code,imageUri,s3Bucket` must be specified", account.Props{"code": nil}),
		cases.Refused(typ, "handler and runtime", "handler and runtime must be set", account.Props{"handler": nil}),
		cases.Refused(typ, "levels are for JSON", "set the log format to JSON", account.Props{"loggingConfig.logFormat": "Text"}),
		cases.One(typ, "Lambda may assume the role", stranger, nil, "InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda."),
		cases.Refused(typ, "the code can be kept", "Uploaded file must be a non-empty zip", account.Props{"code": none.Serialize()}),
		cases.Refused(typ, "the code can be kept", "the local cloud reads none from the network", account.Props{"code": far}),
		cases.Refused(typ, "the code can be kept", "the local cloud keeps at most 4194304", account.Props{"code": code(noise(5 << 20))}),
		cases.Refused(typ, "the code can be kept", "code has to be an archive", account.Props{"code": "index.mjs"}),
		cases.One(typ, "executions are left", beside(801), beside(800), "UnreservedConcurrentExecution below its minimum value of [100]"),
		cases.Refused(typ, "packageType is Zip", "packageType Image is not supported", account.Props{"packageType": "Image"}),
		cases.Refused(typ, "publish is false", "publish true is not supported", account.Props{"publish": true}),
		cases.Refused(typ, "skipDestroy is false", "skipDestroy true is not supported", account.Props{"skipDestroy": true}),
	}
	for path, value := range map[string]any{
		"imageUri": "image", "imageConfig": map[string]any{}, "s3Bucket": "bucket", "s3Key": "key", "s3ObjectVersion": "1", "layers": []any{"arn"},
		"vpcConfig":        map[string]any{"subnetIds": []any{}, "securityGroupIds": []any{}},
		"fileSystemConfig": map[string]any{"arn": "arn", "localMountPath": "/mnt/a"}, "replaceSecurityGroupsOnDestroy": true,
		"replacementSecurityGroupIds": []any{"sg-1"}, "deadLetterConfig": map[string]any{"targetArn": "arn"},
		"snapStart": map[string]any{"applyOn": "None"}, "codeSigningConfigArn": "arn", "kmsKeyArn": "arn",
	} {
		list = append(list, cases.Refused(typ, "no "+path, path+" is not supported by the local cloud", account.Props{path: value}))
	}
	return list
}

// noise is a text that zip cannot make much shorter.
func noise(size int) string {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same in every run
	text := make([]byte, size)
	for i := range text {
		text[i] = byte(random.IntN(256)) //nolint:gosec // below 256
	}
	return string(text)
}

func permissionCases() []cases.Case {
	const typ = lambda.Permission
	prefixed := func(prefix string) cases.Trial {
		return cases.Make(account.Props{"statementId": nil, "statementIdPrefix": prefix})
	}
	return []cases.Case{
		cases.One(typ, "form of statementIdPrefix", prefixed("a b"), prefixed("alb-"), "must be 1 to 74"),
		cases.Refused(typ, "statementId without statementIdPrefix", "conflicts with", account.Props{"statementIdPrefix": "alb"}),
		cases.Refused(typ, "no qualifier", "qualifier is not supported by the local cloud", account.Props{"qualifier": "live"}),
		cases.One(typ, "function exists", cases.Make(account.Props{"function": "nobody"}), func(w *cases.World, typ string) error {
			_, err := w.Make(typ, account.Props{"function": w.Usual(lambda.Function).ID})
			return err
		}, "ResourceNotFoundException: Function not found: nobody"),
		cases.One(typ, "the statement is new", func(w *cases.World, typ string) error {
			w.Usual(typ)
			_, err := w.Make(typ, nil)
			return err
		}, func(w *cases.World, typ string) error {
			w.Usual(typ)
			_, err := w.Make(typ, account.Props{"function": w.Need(lambda.Function, nil).ID})
			return err
		}, "ResourceConflictException: The statement id (alb) provided already exists."),
	}
}
