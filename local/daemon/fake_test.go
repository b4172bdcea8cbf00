package daemon_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/daemon"
	"wordpress-ecs/local/provider"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/part"
)

// openFake opens an account that is run by a fake, which the files of the home direct and which leaves files.
func openFake(_ context.Context, home string, say func(string)) (*daemon.Cloud, error) {
	f := &fake{home: home, say: say, failed: make(chan error, 1)}
	if f.is("broken") {
		return nil, errors.New("the fake is broken")
	}
	acct, err := account.Open(daemon.AccountFile(home))
	if err != nil {
		return nil, err
	}
	f.account = acct
	return &daemon.Cloud{
		Providers: func(daemon.Asked) map[string]provider.Factory {
			return map[string]provider.Factory{"fake": func() pulumirpc.ResourceProviderServer {
				return provider.Base{Package: "fake", Version: "1.0.0"}
			}}
		},
		Account: acct,
		Runtime: f,
		Forget:  func(tx *account.Tx, r account.Resource) error { return tx.Delete(r.Type, r.Region, r.ID) },
		Locate: func(_ context.Context, name string) (string, error) {
			return "container of " + name, nil
		},
	}, nil
}

type fake struct {
	home   string
	say    func(string)
	failed chan error
	// account is what it runs.
	account *account.Account
}

func (f *fake) path(name string) string { return filepath.Join(f.home, "fake-"+name) }

func (f *fake) is(name string) bool {
	_, err := os.Stat(f.path(name))
	return err == nil
}

func (f *fake) Absence() error {
	if f.is("absent") {
		return machine.ErrNoEngine
	}
	return nil
}

// Start counts how often it was called. A file says how often it fails.
func (f *fake) Start(context.Context) {
	text, _ := os.ReadFile(f.path("starts"))
	starts, _ := strconv.Atoi(string(text))
	starts++
	_ = os.WriteFile(f.path("starts"), []byte(strconv.Itoa(starts)), 0o600)
	text, _ = os.ReadFile(f.path("failures"))
	if failures, _ := strconv.Atoi(string(text)); starts <= failures {
		f.failed <- errors.New("the engine went away")
	}
	f.say("building the fake")
	f.say("a secret thought of the fake")
}

func (f *fake) Stop() {}

// Suspend leaves its trace beside the home, which may be gone.
func (f *fake) Suspend(_ context.Context, say part.Say) error {
	say("the fake stops")
	for f.is("slow") {
		time.Sleep(time.Millisecond)
	}
	return os.WriteFile(f.home+"-suspended", nil, 0o600)
}

func (f *fake) Failed() <-chan error { return f.failed }

func (f *fake) Busy(context.Context) (bool, error) { return f.is("busy"), nil }

func (f *fake) Changed() {}

func (f *fake) Await(_ context.Context, _ account.Resource, say func(string)) error {
	say("the fake is starting")
	return nil
}

// Release notes what it is given, and whether the account still has it.
func (f *fake) Release(_ context.Context, r account.Resource, _ func(string)) error {
	var noted struct {
		Recorded bool          `json:"recorded"`
		Outputs  account.Props `json:"outputs"`
	}
	noted.Outputs = r.Outputs
	err := f.account.View(func(tx *account.Tx) error {
		now, err := tx.Get(r.Type, r.Region, r.ID)
		noted.Recorded = now != nil
		return err
	})
	if err != nil {
		return err
	}
	text, err := json.Marshal(noted)
	if err != nil {
		return err
	}
	return os.WriteFile(f.path("released"), text, 0o600)
}

func (f *fake) Status(context.Context) ([]part.Row, error) {
	return []part.Row{{Kind: "service", Name: "site", State: "ACTIVE"}}, nil
}

func (f *fake) Act(_ context.Context, name string, args []string, say part.Say) error {
	if name != "failover" {
		return errors.New("nothing here can " + name)
	}
	say("failing " + args[0] + " over")
	return nil
}

func (f *fake) API() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
		}
	})
}

func (f *fake) Close() error { return nil }
