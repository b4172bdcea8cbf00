// Package function runs functions of Lambda in the process: those of Node.js whose handler is in one file that needs no
// other but the modules crypto, querystring and buffer. There are no timers, no network and no files in their reach, and
// what a module keeps in variables is not there the next time. Anything else fails, with a line that says why.
package function

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/lambda"
	"wordpress-ecs/local/runtime/part"
	"wordpress-ecs/local/runtime/script"
)

// mostFile is how many bytes the file of a handler may have.
const mostFile = 4 << 20

// Logs keep what functions write.
type Logs interface {
	Append(group, stream string, at time.Time, line string) error
}

// Env is what functions need.
type Env struct {
	Account *account.Account
	// Logs is nil where nothing is kept.
	Logs Logs
	Say  part.Say
}

// Runner runs the functions of an account. It is safe for use by several goroutines.
type Runner struct {
	env Env

	mu sync.Mutex
	// loaded are the programs of functions, by ARN.
	loaded map[string]*loaded
	said   map[string]bool
}

// loaded is a function that is ready to run, or why it is not.
type loaded struct {
	// sum is that of the code that it was made of, handler the name in it.
	sum, handler string
	program      *script.Program
	broken       error
}

// settings are those of a function.
type settings struct {
	name, arn, region, runtime, handler, sum, logGroup string
	timeout                                            time.Duration
	memory                                             int
	environment                                        map[string]string
	zip                                                []byte
}

// New returns a runner for the functions of an account.
func New(env Env) *Runner {
	return &Runner{env: env, loaded: map[string]*loaded{}, said: map[string]bool{}}
}

// Invoke runs a function with an event, both in JSON, and returns its result, "null" when there is none. An error is that
// there is no such function, that it cannot run here, or that it failed; what it is was said and written to its log.
func (r *Runner) Invoke(ctx context.Context, arn string, event []byte) ([]byte, error) {
	s, err := r.read(arn)
	if err != nil {
		return nil, err
	}
	id := account.NewUUID()
	log := func(line string) { r.log(s, line) }
	log("START RequestId: " + id + " Version: $LATEST")
	defer log("END RequestId: " + id)
	f := r.load(s)
	if f.broken != nil {
		r.fail(s, log, f.broken)
		return nil, f.broken
	}
	result, err := f.program.Call(ctx, script.Options{
		Begin: begin(s, id), Entry: entry(f.handler), Limit: s.timeout, Log: log,
	}, event)
	var failed *script.Error
	switch {
	case errors.As(err, &failed) && failed.TimedOut:
		err = fmt.Errorf("Task timed out after %.2f seconds", s.timeout.Seconds())
		r.fail(s, log, err)
		return nil, err
	case ctx.Err() != nil: // who asked has gone, and nothing is wrong with the function
		return nil, err
	case err != nil:
		r.fail(s, log, err)
		return nil, err
	case result == nil:
		result = []byte("null")
	}
	return result, nil
}

// fail tells of an error once, and writes it to the log each time.
func (r *Runner) fail(s settings, log func(string), err error) {
	log("ERROR " + err.Error())
	line := fmt.Sprintf("function %s: %v", s.name, err)
	r.mu.Lock()
	known := r.said[line]
	r.said[line] = true
	r.mu.Unlock()
	if !known && r.env.Say != nil {
		r.env.Say(line)
	}
}

// log writes a line to the log group of a function, in a stream for each day.
func (r *Runner) log(s settings, line string) {
	if r.env.Logs == nil {
		return
	}
	now := time.Now()
	// A log that cannot be written ends no function.
	_ = r.env.Logs.Append(s.logGroup, now.UTC().Format("2006/01/02")+"/[$LATEST]local", now, line)
}

// read takes a function out of the account.
func (r *Runner) read(arn string) (s settings, err error) {
	err = r.env.Account.View(func(tx *account.Tx) error {
		all, err := tx.ByType(lambda.Function)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(f account.Resource) bool {
			return f.Outputs.String("arn") == arn || f.Outputs.String("qualifiedArn") == arn
		})
		if i < 0 {
			return fmt.Errorf("there is no function %s", arn)
		}
		f, out := all[i], all[i].Outputs
		s = settings{
			name: f.ID, arn: out.String("arn"), region: f.Region, runtime: out.String("runtime"), handler: out.String("handler"),
			sum: out.String("codeSha256"), logGroup: out.String("loggingConfig.logGroup"), memory: out.Int("memorySize"),
			timeout: time.Duration(out.Number("timeout") * float64(time.Second)), environment: map[string]string{},
		}
		for name, value := range out.Object("environment.variables") {
			s.environment[name], _ = value.(string)
		}
		code, found, err := lambda.Code(tx, f.Region, f.ID)
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("function %s has no code here", f.ID)
		}
		s.zip = code.Zip
		return nil
	})
	return s, err
}

// load compiles a function, once for the same code.
func (r *Runner) load(s settings) *loaded {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := r.loaded[s.arn]
	if f != nil && f.sum == s.sum+" "+s.handler+" "+s.runtime {
		return f
	}
	f = &loaded{sum: s.sum + " " + s.handler + " " + s.runtime}
	f.program, f.handler, f.broken = compile(s)
	r.loaded[s.arn] = f
	return f
}

func compile(s settings) (*script.Program, string, error) {
	if !strings.HasPrefix(s.runtime, "nodejs") {
		return nil, "", fmt.Errorf("functions of runtime %s do not run here: those of Node.js do", s.runtime)
	}
	file, export, found := cutLast(s.handler, ".")
	if !found {
		return nil, "", fmt.Errorf("Runtime.MalformedHandlerName: Bad handler: %s", s.handler)
	}
	name, code, module, err := find(s.zip, file)
	if err != nil {
		return nil, "", err
	}
	if module {
		if code, err = common(code); err != nil {
			return nil, "", err
		}
	}
	program, err := script.Compile(name, wrap(code), module)
	return program, export, err
}

func cutLast(text, by string) (before, after string, found bool) {
	i := strings.LastIndex(text, by)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(by):], true
}

// find takes the file of a handler out of a package, and tells whether it is an ES module.
func find(packed []byte, file string) (name, code string, module bool, err error) {
	archive, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return "", "", false, fmt.Errorf("the deployment package: %w", err)
	}
	files := map[string]*zip.File{}
	for _, f := range archive.File {
		files[f.Name] = f
	}
	for _, ending := range []string{".js", ".mjs", ".cjs"} {
		f := files[file+ending]
		if f == nil {
			continue
		}
		if code, err = read(f); err != nil {
			return "", "", false, err
		}
		return f.Name, code, ending == ".mjs" || ending == ".js" && isModule(files["package.json"]), nil
	}
	names := strings.Join(slices.Sorted(maps.Keys(files)), ", ")
	return "", "", false, fmt.Errorf("Runtime.ImportModuleError: Cannot find module '%s': there are %s", file, names)
}

func read(f *zip.File) (string, error) {
	in, err := f.Open()
	if err != nil {
		return "", fmt.Errorf("the deployment package: %w", err)
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(in, mostFile+1))
	if err == nil && len(text) > mostFile {
		err = fmt.Errorf("%s has more than %d bytes", f.Name, mostFile)
	}
	if err != nil {
		return "", fmt.Errorf("the deployment package: %w", err)
	}
	return string(text), nil
}

// isModule tells whether a package.json makes files that end in .js ES modules.
func isModule(f *zip.File) bool {
	if f == nil {
		return false
	}
	text, err := read(f)
	var p struct{ Type string }
	return err == nil && json.Unmarshal([]byte(text), &p) == nil && p.Type == "module"
}
