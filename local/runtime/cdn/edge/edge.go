// Package edge runs the functions of CloudFront: JavaScript that sees a viewer's request before the cache, or the
// response after it. What AWS restricts is refused in AWS's words where they are known.
package edge

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"wordpress-ecs/local/runtime/script"
)

const (
	// mostCode is how many bytes a function may have, mostLog how many it may log in one run, mostURI how many an
	// address may have with its query string.
	mostCode = 10 << 10
	mostLog  = 10 << 10
	mostURI  = 8192
	// longest is how long a function may run. CloudFront's limit is about a millisecond of a processor of its own; here the
	// whole site and its database share the processor, and the time that passes is counted: this only ends what would not
	// end by itself.
	longest = 15 * time.Second
)

// Errors of functions: the status that the viewer gets, and CloudFront's word for it in X-Cache.
const (
	executionError  = "FunctionExecutionError"
	validationError = "FunctionValidationError"
)

// Error is why a function gave no request and no response.
type Error struct {
	// Status is what the viewer gets: 503 when the function failed, 502 when it returned what it must not.
	Status int
	// Kind is CloudFront's word for it: FunctionExecutionError or FunctionValidationError.
	Kind string
	// Message says what is wrong.
	Message string
}

func (e *Error) Error() string { return e.Message }

func failed(err error) *Error {
	return &Error{
		Status: http.StatusServiceUnavailable, Kind: executionError,
		Message: "The CloudFront function associated with the CloudFront distribution is invalid or could not run. " + err.Error(),
	}
}

func invalid(format string, args ...any) *Error {
	return &Error{
		Status: http.StatusBadGateway, Kind: validationError,
		Message: "The CloudFront function returned an invalid value: " + fmt.Sprintf(format, args...),
	}
}

func forbidden(words string) *Error {
	return &Error{Status: http.StatusBadGateway, Kind: validationError, Message: words}
}

// Function is a function that can run. It is safe for use by several goroutines.
type Function struct {
	program *script.Program
	// broken is why it cannot run at all.
	broken error
	// Limit is how long it may run.
	Limit time.Duration
	// Log gets what it logs, line by line; nil drops it.
	Log func(line string)
}

// New reads the code of a function. One that is wrong fails when it runs, as on AWS.
func New(name, code string) *Function {
	if len(code) > mostCode {
		return &Function{broken: fmt.Errorf("the code has %d bytes: %d are allowed", len(code), mostCode)}
	}
	if err := checkSyntax(code); err != nil {
		return &Function{broken: err}
	}
	program, err := script.Compile(name, code, true)
	return &Function{program: program, broken: err, Limit: longest}
}

// Viewer is what a function is told of beside the request.
type Viewer struct {
	// Distribution is the id of the distribution, Domain its name below cloudfront.net.
	Distribution, Domain string
	// Request is the id of the request.
	Request string
	// Address is that of the client, with or without a port.
	Address string
}

func (v Viewer) ip() string {
	if host, _, err := net.SplitHostPort(v.Address); err == nil {
		return host
	}
	return v.Address
}

// Answer is a response that a function made.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	// HasBody tells that the function said what the body is, be it nothing.
	HasBody bool
}

// ViewerRequest runs the function before the cache. It returns the request to go on with, or an answer to it. Errors
// are an *Error, or the context's.
func (f *Function) ViewerRequest(ctx context.Context, v Viewer, r *http.Request) (*http.Request, *Answer, error) {
	before := requestOf(r)
	result, err := f.run(ctx, v, "viewer-request", before, nil)
	if err != nil {
		return nil, nil, err
	}
	if result.has("statusCode") {
		answer, err := result.answer(nil)
		return nil, answer, err
	}
	changed, err := result.request(r, before)
	return changed, nil, err
}

// ViewerResponse runs the function after the cache. The body of the answer is the function's only if it has one.
func (f *Function) ViewerResponse(
	ctx context.Context, v Viewer, r *http.Request, status int, header http.Header,
) (*Answer, error) {
	before := responseOf(status, header)
	result, err := f.run(ctx, v, "viewer-response", requestOf(r), before)
	if err != nil {
		return nil, err
	}
	if !result.has("statusCode") {
		return nil, invalid("response.statusCode is missing")
	}
	answer, err := result.answer(before)
	if err != nil {
		return nil, err
	}
	for name, values := range hidden(header) {
		answer.Header[name] = values
	}
	return answer, nil
}

func (f *Function) run(ctx context.Context, v Viewer, typ string, r *request, res *response) (result, error) {
	if f.broken != nil {
		return nil, failed(f.broken)
	}
	left := mostLog
	output, err := f.program.Call(ctx, script.Options{
		Entry: "handler", Limit: f.Limit,
		Log: func(line string) {
			if line = line[:min(len(line), left)]; line != "" && f.Log != nil {
				f.Log(line)
			}
			left -= len(line)
		},
	}, event(v, typ, r, res))
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, failed(err)
	}
	return newResult(output)
}
