package script_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/runtime/script"
)

func call(t *testing.T, code, event string) (string, error) {
	t.Helper()
	p, err := script.Compile("test.js", code, true)
	if err != nil {
		return "", err
	}
	result, err := p.Call(t.Context(), script.Options{Entry: "handler", Limit: time.Minute}, []byte(event))
	return string(result), err
}

func TestResults(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ code, event, want string }{
		"an object": {
			`function handler(e) { return {got: e.a, list: [1, 'x', null]}; }`, `{"a":{"b":1}}`, `{"got":{"b":1},"list":[1,"x",null]}`,
		},
		"the order of names": {
			`function handler(e) { e.q.a = 1; return e; }`, `{"q":{"z":1,"b":2,"y":3}}`, `{"q":{"z":1,"b":2,"y":3,"a":1}}`,
		},
		"nothing":   {`function handler() {}`, `{}`, ``},
		"a promise": {`async function handler(e) { const x = await Promise.resolve(e.x); return x + 1; }`, `{"x":41}`, `42`},
		"a thenable chain": {
			`const handler = (e) => Promise.all([1, Promise.resolve(2)]).then((l) => l.length)`, `{}`, `2`,
		},
		"buffers": {
			`function handler(e) { return [
				Buffer.from('dXNlcjpwYXNz', 'base64').toString(),
				Buffer.from('s\u00e4').toString('hex'),
				Buffer.from('c3a4', 'hex').toString('utf8'),
				Buffer.from([255, 254]).toString('base64url'),
				Buffer.concat([Buffer.from('a'), Buffer.from('bc')]).toString('base64'),
				Buffer.from('abc').equals(Buffer.from('abc')), Buffer.byteLength('\u00e4'),
				Buffer.from('abcd').slice(1, 3).toString(), Buffer.alloc(3, 'ab').toString(),
				Buffer.from([1, 2, 3, 4]).readUInt32BE(0), Buffer.from('hello').indexOf('lo'), Buffer.isBuffer(Buffer.from('')),
			]; }`, `{}`, `["user:pass","73c3a4","ä","__4","YWJj",true,2,"bc","aba",16909060,3,true]`,
		},
		"hashes": {
			`const crypto = require('crypto');
			function handler() { return [
				crypto.createHash('md5').update('a').update('bc').digest('hex'),
				crypto.createHash('sha1').update('abc').digest('base64'),
				crypto.createHmac('sha256', 'key').update('The quick brown fox jumps over the lazy dog').digest('hex'),
				crypto.createHash('sha256').update('').digest().length,
			]; }`, `{}`,
			`["900150983cd24fb0d6963f7d28e17f72","qZk+NkcGgWq6PiVxeFDCbJzQ2J0=",` +
				`"f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8",32]`,
		},
		"query strings": {
			`const q = require('querystring');
			function handler() { return [q.parse('name=value&abc=x%20z&abc=1+2&d'), q.stringify({name: 'a b', abc: ['x', 1], e: ''}), q.unescape('%zz%41')]; }`,
			`{}`, `[{"name":"value","abc":["x z","1 2"],"d":""},"name=a%20b&abc=x&abc=1&e=","%zzA"]`,
		},
		"base64": {`function handler() { return [btoa('\u00ff a'), atob('/yBh').charCodeAt(0)]; }`, `{}`, `["/yBh",255]`},
		"text": {
			`function handler() { return new TextDecoder().decode(new TextEncoder().encode('\u00e4')); }`, `{}`, `"ä"`,
		},
		"time stands still": {
			`function handler() { const a = Date.now(); for (let i = 0; i < 100000; i++) {} return Date.now() - a; }`, `{}`, `0`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := call(t, tc.code, tc.event)
			require.NoError(t, err)
			require.Equal(t, tc.want, got)
		})
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ code, want string }{
		"syntax":            {`function handler( {`, "SyntaxError"},
		"no handler":        {`function handle() {}`, "handler is not a function"},
		"thrown":            {`function handler() { throw new RangeError('no'); }`, "RangeError: no"},
		"undefined":         {`function handler(e) { return e.a.b; }`, "TypeError: Cannot read property 'b' of undefined"},
		"rejected":          {`async function handler() { throw new Error('later'); }`, "Error: later"},
		"never":             {`function handler() { return new Promise(function () {}); }`, "a promise that nothing settles"},
		"strict":            {`function handler() { loose = 1; }`, "ReferenceError: loose is not defined"},
		"eval":              {`function handler() { return eval('1'); }`, "EvalError"},
		"constructor":       {`function handler() { return (function () {}).constructor('return 1')(); }`, "EvalError"},
		"async constructor": {`function handler() { return (async function () {}).constructor('return 1')(); }`, "EvalError"},
		"module":            {`const fs = require('fs'); function handler() {}`, `Cannot find module "fs"`},
		"algorithm":         {`function handler() { require('crypto').createHash('sha512'); }`, "one of md5, sha1, sha256"},
		"recursion":         {`function handler() { return handler(); }`, "RangeError"},
		"timer":             {`function handler() { setTimeout(handler, 1); }`, "setTimeout is not defined"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := call(t, tc.code, `{}`)
			require.ErrorContains(t, err, tc.want)
			var failed *script.Error
			require.ErrorAs(t, err, &failed)
			require.False(t, failed.TimedOut)
		})
	}
}

// Endless loops end, and one that asked for it can end any earlier.
func TestLimit(t *testing.T) {
	t.Parallel()
	p, err := script.Compile("test.js", `function handler() { while (true) {} }`, true)
	require.NoError(t, err)
	_, err = p.Call(t.Context(), script.Options{Entry: "handler", Limit: 10 * time.Millisecond}, []byte(`{}`))
	var failed *script.Error
	require.ErrorAs(t, err, &failed)
	require.True(t, failed.TimedOut)
	require.EqualError(t, err, "the function did not end within 10ms")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = p.Call(ctx, script.Options{Entry: "handler", Limit: time.Minute}, []byte(`{}`))
	require.ErrorIs(t, err, context.Canceled)
}

// A call leaves nothing behind for the next, and calls go on beside each other.
func TestCallsAreApart(t *testing.T) {
	t.Parallel()
	p, err := script.Compile("test.js", `let n = 0; Buffer.seen = Buffer.seen || 0;
		function handler(e) { n++; Buffer.seen++; console.log('n', n, {a: e.x}); return [n, Buffer.seen, e.x, typeof extra === 'undefined' ? 0 : extra]; }`, true)
	require.NoError(t, err)
	var done sync.WaitGroup
	for range 8 {
		done.Go(func() {
			var said string
			result, err := p.Call(t.Context(), script.Options{
				Entry: "handler", Begin: "const extra = 3", Log: func(line string) { said += line },
			}, []byte(`{"x":5}`))
			if err != nil || string(result) != "[1,1,5,3]" || said != `n 1 {"a":5}` {
				t.Errorf("%s %q %v", result, said, err)
			}
		})
	}
	done.Wait()
}
