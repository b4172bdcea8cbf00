package function

import (
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// wrap makes a function of a module, as Node.js does. It stays on the line, so that errors name the right one.
func wrap(code string) string {
	return "globalThis.__load = (function (exports, require, module) {" + code + "\n})"
}

// begin is what a module finds beside the language, and what its handler is told.
func begin(s settings, id string) string {
	environment := map[string]string{
		"AWS_REGION": s.region, "AWS_DEFAULT_REGION": s.region, "AWS_LAMBDA_FUNCTION_NAME": s.name, "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(s.memory), "AWS_LAMBDA_LOG_GROUP_NAME": s.logGroup, "_HANDLER": s.handler,
		"AWS_EXECUTION_ENV": "AWS_Lambda_" + s.runtime, "TZ": ":UTC",
	}
	for name, value := range s.environment {
		environment[name] = value
	}
	about := map[string]any{
		"functionName": s.name, "functionVersion": "$LATEST", "invokedFunctionArn": s.arn, "memoryLimitInMB": strconv.Itoa(s.memory),
		"awsRequestId": id, "logGroupName": s.logGroup, "callbackWaitsForEmptyEventLoop": true,
	}
	return "globalThis.global = globalThis; globalThis.process = {env: " + written(environment) + "};" +
		"globalThis.__context = Object.assign(" + written(about) + ", {getRemainingTimeInMillis: () => " +
		strconv.FormatInt(s.timeout.Milliseconds(), 10) + "});"
}

func written(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return "{}" // texts can always be written
	}
	return string(text)
}

// entry loads the module and calls its handler: with a promise, a result, or a callback as the third argument.
func entry(handler string) string {
	return `(function (event) {
		const module = {exports: {}};
		globalThis.__load(module.exports, require, module);
		const handler = module.exports[` + written(handler) + `];
		if (typeof handler !== 'function') {
			throw new Error('Runtime.HandlerNotFound: ' + ` + written(handler) + ` + ' is undefined or not exported');
		}
		if (handler.length < 3) { return handler(event, globalThis.__context); }
		return new Promise(function (resolve, reject) {
			const result = handler(event, globalThis.__context, (error, value) => (error ? reject(error) : resolve(value)));
			if (result && typeof result.then === 'function') { result.then(resolve, reject); }
		});
	})`
}

// The forms in which an ES module says what it exports.
var (
	imported    = regexp.MustCompile(`(?m)^\s*import\b[^(]`)
	declared    = regexp.MustCompile(`(?m)^(\s*)export\s+((?:async\s+)?function\s*\*?|const|let|var|class)\s+([\w$]+)`)
	listed      = regexp.MustCompile(`(?m)^\s*export\s*\{([^}]*)\}\s*;?`)
	byDefault   = regexp.MustCompile(`(?m)^(\s*)export\s+default\s+`)
	otherExport = regexp.MustCompile(`(?m)^\s*export\b`)
)

// common makes a CommonJS module of an ES module that imports nothing.
func common(code string) (string, error) {
	if imported.MatchString(code) {
		return "", errors.New("ES modules that import others do not run here")
	}
	var ends []string
	export := func(name, as string) { ends = append(ends, "exports["+written(as)+"] = "+name+";") }
	code = declared.ReplaceAllStringFunc(code, func(text string) string {
		m := declared.FindStringSubmatch(text)
		export(m[3], m[3])
		return m[1] + m[2] + " " + m[3]
	})
	code = listed.ReplaceAllStringFunc(code, func(text string) string {
		for part := range strings.SplitSeq(listed.FindStringSubmatch(text)[1], ",") {
			if name, as, renamed := strings.Cut(strings.TrimSpace(part), " as "); renamed {
				export(strings.TrimSpace(name), strings.TrimSpace(as))
			} else if name != "" {
				export(name, name)
			}
		}
		return strings.Repeat("\n", strings.Count(text, "\n"))
	})
	code = byDefault.ReplaceAllString(code, "${1}exports.default = ")
	if otherExport.MatchString(code) {
		return "", errors.New("this form of export is not read here")
	}
	return code + "\n" + strings.Join(ends, "\n"), nil
}
