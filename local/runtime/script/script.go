// Package script runs JavaScript that an account holds: functions of CloudFront and of Lambda. Nothing of this machine
// is in its reach but the clock, and that stands still while a function runs.
package script

import (
	"context"
	_ "embed" // the prelude
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/dop251/goja"
)

//go:embed prelude.js
var preludeText string

// prelude is compiled once; programs cannot change.
var prelude = sync.OnceValues(func() (*goja.Program, error) {
	return goja.Compile("prelude.js", preludeText, true)
})

// deepest is how many calls may be open, so that endless recursion is an error of the script.
const deepest = 4096

// Program is a script that was compiled. It is safe for use by several goroutines.
type Program struct{ compiled *goja.Program }

// Options say how a program runs.
type Options struct {
	// Entry is the expression of the function that is called once the script has run, such as "handler".
	Entry string
	// Begin runs before the script, such as the declaration of `exports`; "" is nothing.
	Begin string
	// Arguments are given to the function after the event, as expressions.
	Arguments []string
	// Limit is how long the script and the function may take together; 0 is without limit.
	Limit time.Duration
	// Log gets what the script logs, line by line; nil drops it.
	Log func(line string)
}

// Error is why a function gave no result.
type Error struct {
	// Message is JavaScript's, such as "TypeError: Cannot read property 'x' of undefined".
	Message string
	// TimedOut tells that it took longer than its limit.
	TimedOut bool
}

func (e *Error) Error() string { return e.Message }

// Compile reads a script, in strict mode or not. An error names what is wrong in which line.
func Compile(name, code string, strict bool) (*Program, error) {
	compiled, err := goja.Compile(name, code, strict)
	if err != nil {
		return nil, &Error{Message: err.Error()}
	}
	return &Program{compiled}, nil
}

// Call runs the script in a world of its own and calls the entry with an event, both JSON. A promise is waited for. The
// result is nil when it is undefined. The error is an *Error, or the context's.
func (p *Program) Call(ctx context.Context, o Options, event []byte) ([]byte, error) {
	w, err := newWorld(o)
	if err != nil {
		return nil, err
	}
	if o.Limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, o.Limit, errLimit)
		defer cancel()
	}
	defer context.AfterFunc(ctx, func() { w.Interrupt(context.Cause(ctx)) })()
	result, err := w.call(p, o, event)
	var interrupted *goja.InterruptedError
	if errors.As(err, &interrupted) {
		if context.Cause(ctx) != errLimit { //nolint:errorlint // the very value
			return nil, context.Cause(ctx)
		}
		return nil, &Error{Message: fmt.Sprintf("the function did not end within %v", o.Limit), TimedOut: true}
	}
	var deep *goja.StackOverflowError
	if errors.As(err, &deep) {
		return nil, &Error{Message: "RangeError: Maximum call stack size exceeded"}
	}
	var thrown *goja.Exception
	if errors.As(err, &thrown) {
		return nil, &Error{Message: message(thrown.Value())}
	}
	return result, err
}

var errLimit = errors.New("the function's time is over")

// world is what one call of a function sees.
type world struct {
	*goja.Runtime
	modules *goja.Object
}

func newWorld(o Options) (*world, error) {
	w := &world{Runtime: goja.New()}
	begun := time.Now()
	w.SetTimeSource(func() time.Time { return begun })
	w.SetMaxCallStackSize(deepest)
	compiled, err := prelude()
	if err != nil {
		return nil, err
	}
	v, err := w.RunProgram(compiled)
	if err != nil {
		return nil, err
	}
	setUp, ok := goja.AssertFunction(v)
	if !ok {
		return nil, errors.New("prelude.js is not a function")
	}
	modules, err := setUp(goja.Undefined(), w.natives(o.Log))
	if err != nil {
		return nil, err
	}
	w.modules = modules.ToObject(w.Runtime)
	return w, w.Set("require", w.require)
}

func (w *world) require(name string) goja.Value {
	if module := w.modules.Get(strings.TrimPrefix(name, "node:")); module != nil {
		return module
	}
	panic(w.NewTypeError("Cannot find module %q: there are %s", name, strings.Join(w.modules.Keys(), ", ")))
}

func (w *world) call(p *Program, o Options, event []byte) ([]byte, error) {
	if o.Begin != "" {
		if _, err := w.RunString(o.Begin); err != nil {
			return nil, err
		}
	}
	if _, err := w.RunProgram(p.compiled); err != nil {
		return nil, err
	}
	entry, err := w.RunString("typeof " + o.Entry + " === 'function' ? " + o.Entry + " : undefined")
	if err != nil {
		return nil, err
	}
	handler, ok := goja.AssertFunction(entry)
	if !ok {
		return nil, &Error{Message: fmt.Sprintf("ReferenceError: %s is not a function", o.Entry)}
	}
	// JSON.parse keeps the order of names, which decoding into maps does not.
	parsed, err := w.json("parse", w.ToValue(string(event)))
	if err != nil {
		return nil, err
	}
	args := []goja.Value{parsed}
	for _, text := range o.Arguments {
		v, err := w.RunString("(" + text + ")")
		if err != nil {
			return nil, err
		}
		args = append(args, v)
	}
	result, err := handler(goja.Undefined(), args...)
	if err != nil {
		return nil, err
	}
	if result, err = settled(result); err != nil {
		return nil, err
	}
	written, err := w.json("stringify", result)
	if err != nil || goja.IsUndefined(written) {
		return nil, err
	}
	return []byte(written.String()), nil
}

func (w *world) json(name string, v goja.Value) (goja.Value, error) {
	f, ok := goja.AssertFunction(w.Get("JSON").ToObject(w.Runtime).Get(name))
	if !ok {
		return nil, &Error{Message: "TypeError: JSON." + name + " is not a function"}
	}
	return f(goja.Undefined(), v)
}

// settled is what a promise has come to. All that was to be done for it is done when the function has returned, as there
// are no timers and no network.
func settled(v goja.Value) (goja.Value, error) {
	promise, ok := v.Export().(*goja.Promise)
	if !ok {
		return v, nil
	}
	switch promise.State() {
	case goja.PromiseStateFulfilled:
		return promise.Result(), nil
	case goja.PromiseStateRejected:
		return nil, &Error{Message: message(promise.Result())}
	}
	return nil, &Error{Message: "the function returned a promise that nothing settles"}
}

// message is what a thrown value says, without the stack.
func message(v goja.Value) string {
	if v == nil {
		return "Error"
	}
	return v.String()
}
