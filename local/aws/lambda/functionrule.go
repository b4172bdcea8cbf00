package lambda

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// largestEnvironment is how many bytes the variables of a function have together.
const largestEnvironment = 4096

// runtimes are those that functions can have; retired ones are known to the API, which makes no function with them.
var (
	runtimes = []string{
		"dotnet6", "dotnet8", "java11", "java17", "java21", "java8.al2", "nodejs18.x", "nodejs20.x", "nodejs22.x", "provided.al2",
		"provided.al2023", "python3.10", "python3.11", "python3.12", "python3.13", "python3.9", "ruby3.2", "ruby3.3", "ruby3.4",
	}
	retired = []string{
		"nodejs", "nodejs4.3", "nodejs4.3-edge", "nodejs6.10", "nodejs8.10", "nodejs10.x", "nodejs12.x", "nodejs14.x", "nodejs16.x", "java8",
		"python2.7", "python3.6", "python3.7", "python3.8", "dotnetcore1.0", "dotnetcore2.0", "dotnetcore2.1", "dotnetcore3.1", "go1.x",
		"ruby2.5", "ruby2.7", "provided",
	}
)

// reserved are variables that Lambda sets itself.
var reserved = []string{
	"_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME",
	"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME",
	"AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
	"AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
}

func functionRules() []kind.Rule {
	rules := []kind.Rule{
		kind.Match("name", `^[0-9A-Za-z_-]{1,64}$`, "must be 1 to 64 letters, numbers, hyphens and underscores").Refusing("a b"),
		kind.Length("handler", 1, 128), kind.Range("memorySize", 128, 10240), kind.Range("timeout", 1, 900),
		kind.Range("ephemeralStorage.size", 512, 10240),
		{Name: "range of reservedConcurrentExecutions", Path: "reservedConcurrentExecutions", Bad: -2.0,
			Test: func(v any, _ account.Props) string {
				if n, ok := v.(float64); ok && n < -1 {
					return fmt.Sprintf("expected reservedConcurrentExecutions to be at least (-1), got %v", n)
				}
				return ""
			}},
		kind.ARN("role"), kind.OneOf("architectures[]", "x86_64", "arm64"), kind.OneOf("runtime", slices.Concat(runtimes, retired)...),
		kind.Count("architectures", 0, 1).Refusing([]any{"arm64", "x86_64"}),
		kind.OneOf("tracingConfig.mode", "Active", "PassThrough"), kind.OneOf("loggingConfig.logFormat", "JSON", text),
		kind.OneOf("loggingConfig.applicationLogLevel", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"),
		kind.OneOf("loggingConfig.systemLogLevel", "DEBUG", "INFO", "WARN"),
		kind.Match("loggingConfig.logGroup", `^[0-9A-Za-z_./#-]{1,512}$`, "must be the name of a log group").Refusing("a b"),
		kind.Whole("code is given", func(in account.Props) string {
			if !in.Has("code") {
				return "Invalid combination of arguments: one of `code,imageUri,s3Bucket` must be specified"
			}
			return ""
		}, "code"),
		kind.Whole("handler and runtime", func(in account.Props) string {
			if !in.Has("handler") || !in.Has("runtime") {
				return "handler and runtime must be set when PackageType is Zip"
			}
			return ""
		}, "handler", "runtime"),
		{Name: "the runtime is supported", Path: "runtime", Bad: "nodejs16.x", Code: invalid, Source: guide + "lambda-runtimes.html",
			Test: func(v any, _ account.Props) string {
				if name, _ := v.(string); slices.Contains(retired, name) {
					return fmt.Sprintf("The runtime parameter of %s is no longer supported for creating or updating AWS Lambda functions. "+
						"We recommend you use a supported runtime while creating or updating functions.", name)
				}
				return ""
			}},
		{Name: "variables are the function's own", Path: "environment.variables", Bad: map[string]any{"AWS_REGION": "eu-central-1"},
			Code: invalid, Source: guide + "configuration-envvars.html", Test: reservedVariables},
		{Name: "size of the environment", Path: "environment.variables", Bad: map[string]any{"BIG": strings.Repeat("a", largestEnvironment)},
			Code: invalid, Source: guide + "gettingstarted-limits.html", Test: largeEnvironment},
		kind.Whole("levels are for JSON", func(in account.Props) string {
			l := in.Object("loggingConfig")
			if l.String("logFormat") == text && l.String("applicationLogLevel")+l.String("systemLogLevel") != "" {
				return "To use log levels, set the log format to JSON."
			}
			return ""
		}, "loggingConfig").API(invalid).From(guide + "monitoring-cloudwatchlogs-log-level.html"),
	}
	absent := map[string]string{
		"imageUri": "its functions come as archives", "imageConfig": "its functions come as archives",
		"s3Bucket": "its functions come as archives", "s3Key": "its functions come as archives",
		"s3ObjectVersion": "its functions come as archives", "layers": "put the files into code",
		"vpcConfig": "its functions are outside of VPCs", "fileSystemConfig": "its functions are outside of VPCs",
		"replaceSecurityGroupsOnDestroy": "its functions are outside of VPCs",
		"replacementSecurityGroupIds":    "its functions are outside of VPCs",
		"deadLetterConfig":               "it calls functions and waits for their answer",
		"snapStart":                      "it has one version of a function",
		"codeSigningConfigArn":           "it has no code signing", "kmsKeyArn": "it has no keys",
	}
	for _, path := range slices.Sorted(maps.Keys(absent)) {
		rules = append(rules, kind.Unsupported(path, absent[path]))
	}
	alone := map[string]any{"packageType": "Zip", "publish": false, "skipDestroy": false}
	for _, path := range slices.Sorted(maps.Keys(alone)) {
		only := alone[path]
		rules = append(rules, kind.Rule{
			Name: fmt.Sprintf("%s is %v", path, only), Path: path, Source: "the local cloud; AWS has it",
			Test: func(v any, _ account.Props) string {
				if v != only {
					return fmt.Sprintf("%s %v is not supported by the local cloud: it has %v only", path, v, only)
				}
				return ""
			},
		})
	}
	return append(rules, kind.Tags("InvalidParameterValueException", "InvalidParameterValueException")...)
}

func reservedVariables(v any, _ account.Props) string {
	variables, _ := v.(map[string]any)
	var found []string
	for _, name := range reserved {
		if _, ok := variables[name]; ok {
			found = append(found, name)
		}
	}
	if len(found) == 0 {
		return ""
	}
	return "Lambda was unable to configure your environment variables because the environment variables you have provided contains " +
		"reserved keys that are currently not supported for modification. Reserved keys used in this request: " + strings.Join(found, ", ")
}

func largeEnvironment(v any, _ account.Props) string {
	variables, _ := v.(map[string]any)
	size := 0
	for name, value := range variables {
		s, _ := value.(string)
		size += len(name) + len(s)
	}
	if size >= largestEnvironment {
		return "Lambda was unable to configure your environment variables because the environment variables you have provided " +
			"exceeded the 4KB limit."
	}
	return ""
}
