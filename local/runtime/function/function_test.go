package function_test

import (
	"archive/zip"
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/lambda"
	"wordpress-ecs/local/runtime/function"
)

// lines are what was written and said.
type lines struct {
	mu   sync.Mutex
	list []string
}

func (l *lines) Append(group, _ string, _ time.Time, line string) error {
	l.say(group + ": " + line)
	return nil
}

func (l *lines) say(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, line)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.list, "\n")
}

const arn = "arn:aws:lambda:eu-west-1:123456789012:function:page"

// deploy makes an account with a function; files are given as name and text.
func deploy(t *testing.T, more account.Props, files ...string) (*function.Runner, *lines, *account.Account) {
	t.Helper()
	acct, err := account.Open(t.TempDir() + "/account.db")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, acct.Close()) })
	written := &lines{}
	put(t, acct, "1", more, files...)
	return function.New(function.Env{Account: acct, Logs: written, Say: written.say}), written, acct
}

func put(t *testing.T, acct *account.Account, sum string, more account.Props, files ...string) {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i+1 < len(files); i += 2 {
		f, err := w.Create(files[i])
		require.NoError(t, err)
		_, err = f.Write([]byte(files[i+1]))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	out := account.Props{
		"arn": arn, "qualifiedArn": arn + ":$LATEST", "runtime": "nodejs22.x", "handler": "index.handler", "timeout": 30.0, "memorySize": 128.0,
		"codeSha256": sum, "loggingConfig": map[string]any{"logGroup": "/site/page"},
		"environment": map[string]any{"variables": map[string]any{"WHO": "me"}},
	}
	for name, v := range more {
		out[name] = v
	}
	require.NoError(t, acct.Update(func(tx *account.Tx) error {
		if err := tx.Put(account.Resource{Type: lambda.Function, ID: "page", Region: "eu-west-1", Outputs: out}); err != nil {
			return err
		}
		return tx.Keep("lambda package", "eu-west-1 page", lambda.Package{Zip: b.Bytes()})
	}))
}

func TestResults(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		files []string
		want  string
	}{
		"async": {
			[]string{"index.js", `const page = 'x'; exports.handler = async (event) => ({got: event.a, page});`}, `{"got":1,"page":"x"}`,
		},
		"module.exports": {[]string{"index.js", `module.exports = {handler: function (e, context) { return context.functionName; }}`}, `"page"`},
		"a callback":     {[]string{"index.js", `exports.handler = (event, context, callback) => { callback(null, event.a + 1); };`}, `2`},
		"no result":      {[]string{"index.js", `exports.handler = () => {};`}, `null`},
		"environment": {
			[]string{"index.js", `exports.handler = () => [process.env.WHO, process.env.AWS_REGION, require('node:crypto').createHash('md5').digest('hex')];`},
			`["me","eu-west-1","d41d8cd98f00b204e9800998ecf8427e"]`,
		},
		"an ES module": {
			[]string{"index.mjs", "const a = 1;\nexport const handler = async (e) => a + e.a;\nexport default 5;\n"}, `2`,
		},
		"exports in a list": {[]string{"index.mjs", "function f() { return 'f'; }\nexport { f as handler, f };"}, `"f"`},
		"by its package":    {[]string{"package.json", `{"type":"module"}`, "index.js", "export async function handler() { return 1; }"}, `1`},
		"a name that others use": {
			[]string{"index.js", `const context = 1, process = 2, event = 3; exports.handler = () => context + process + event;`}, `6`,
		},
		"loose": {[]string{"index.js", `loose = 1; exports.handler = () => loose;`}, `1`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _, _ := deploy(t, nil, tc.files...)
			got, err := r.Invoke(t.Context(), arn+":$LATEST", []byte(`{"a":1}`))
			require.NoError(t, err)
			require.JSONEq(t, tc.want, string(got))
		})
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		more  account.Props
		files []string
		want  string
	}{
		"thrown":         {nil, []string{"index.js", `exports.handler = async () => { throw new Error('no'); }`}, "Error: no"},
		"by a callback":  {nil, []string{"index.js", `exports.handler = (e, c, callback) => callback(new Error('no'))`}, "Error: no"},
		"not exported":   {nil, []string{"index.js", `exports.other = 1`}, "handler is undefined or not exported"},
		"no file":        {nil, []string{"app.js", ``}, "Cannot find module 'index': there are app.js"},
		"no name":        {account.Props{"handler": "index"}, []string{"index.js", ``}, "Bad handler: index"},
		"another module": {nil, []string{"index.js", `const fs = require('fs'); exports.handler = 1`}, `Cannot find module "fs"`},
		"imports":        {nil, []string{"index.mjs", "import fs from 'fs';\nexport const handler = 1"}, "that import others do not run here"},
		"re-exports":     {nil, []string{"index.mjs", "export * from './x.mjs'"}, "this form of export"},
		"python":         {account.Props{"runtime": "python3.13"}, []string{"index.py", ``}, "functions of runtime python3.13 do not run here"},
		"endless":        {account.Props{"timeout": 0.1}, []string{"index.js", `exports.handler = () => { for (;;) {} }`}, "Task timed out after 0.10 seconds"},
		"syntax":         {nil, []string{"index.js", "exports.handler = ("}, "SyntaxError"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, written, _ := deploy(t, tc.more, tc.files...)
			for range 2 {
				_, err := r.Invoke(t.Context(), arn, []byte(`{}`))
				require.ErrorContains(t, err, tc.want)
			}
			require.Equal(t, 1, strings.Count(written.String(), "\nfunction page: "), "it is said once: %s", written)
			require.Equal(t, 2, strings.Count(written.String(), "/site/page: ERROR "), "and written each time")
		})
	}
	r, _, _ := deploy(t, nil)
	_, err := r.Invoke(t.Context(), arn+"s", []byte(`{}`))
	require.ErrorContains(t, err, "there is no function")
}

// A client that goes away is no error of the function.
func TestAClientThatGoes(t *testing.T) {
	t.Parallel()
	r, written, _ := deploy(t, nil, "index.js", `exports.handler = () => { console.log('begun'); for (;;) {} }`)
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan error, 1)
	go func() {
		_, err := r.Invoke(ctx, arn, []byte(`{}`))
		over <- err
	}()
	require.Eventually(t, func() bool { return strings.Contains(written.String(), "begun") }, time.Minute, time.Millisecond)
	cancel()
	require.ErrorIs(t, <-over, context.Canceled)
	require.NotContains(t, written.String(), "\nfunction page: ")
	require.NotContains(t, written.String(), "ERROR")
}

func TestLogs(t *testing.T) {
	t.Parallel()
	r, written, acct := deploy(t, nil, "index.js", `exports.handler = (e) => console.log('saw', e)`)
	_, err := r.Invoke(t.Context(), arn, []byte(`{"a":1}`))
	require.NoError(t, err)
	require.Contains(t, written.String(), `/site/page: saw {"a":1}`)
	require.Contains(t, written.String(), "/site/page: START RequestId: ")
	put(t, acct, "2", nil, "index.js", `exports.handler = () => 'new'`)
	got, err := r.Invoke(t.Context(), arn, []byte(`{}`))
	require.NoError(t, err)
	require.Equal(t, `"new"`, string(got), "new code runs at once")
}
