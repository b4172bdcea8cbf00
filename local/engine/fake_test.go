package engine_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/daemon"
	"wordpress-ecs/local/provider"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/part"
)

const thingType = "fake:index:Thing"

// fakeCloud is an account of things, with a provider in front of it. A thing that is "slow" is there at once,
// but its creation does not end by itself.
type fakeCloud struct {
	provider.Base
	account *account.Account
}

// fakeConnection is the provider of one connection: its Cancel ends its own creations.
type fakeConnection struct {
	*fakeCloud
	canceled chan struct{}
	cancel   sync.Once
}

func openFake(_ context.Context, home string, _ func(string)) (*daemon.Cloud, error) {
	acct, err := account.Open(daemon.AccountFile(home))
	if err != nil {
		return nil, err
	}
	f := &fakeCloud{Base: provider.Base{Package: "fake", Version: "1.0.0"}, account: acct}
	return &daemon.Cloud{
		Providers: func(daemon.Asked) map[string]provider.Factory {
			return map[string]provider.Factory{"fake": func() pulumirpc.ResourceProviderServer {
				return &fakeConnection{fakeCloud: f, canceled: make(chan struct{})}
			}}
		},
		Account: acct,
		Runtime: fakeRuntime{home: home},
		Forget:  func(tx *account.Tx, r account.Resource) error { return tx.Delete(r.Type, r.Region, r.ID) },
	}, nil
}

// fakeRuntime runs things where a file says that there is an engine: starting and stopping leave files.
type fakeRuntime struct{ home string }

func (f fakeRuntime) path(name string) string { return filepath.Join(f.home, "fake-"+name) }

func (f fakeRuntime) Absence() error {
	if _, err := os.Stat(f.path("engine")); err != nil {
		return machine.ErrNoEngine
	}
	return nil
}

func (f fakeRuntime) Start(context.Context) {
	_ = os.WriteFile(f.path("running"), nil, 0o600)
}

func (f fakeRuntime) Stop() {}

func (f fakeRuntime) Suspend(_ context.Context, say part.Say) error {
	say("stopping the fake")
	return os.RemoveAll(f.path("running"))
}

func (f fakeRuntime) Failed() <-chan error { return nil }

func (f fakeRuntime) Busy(context.Context) (bool, error) { return false, nil }

func (f fakeRuntime) Changed() {}

func (f fakeRuntime) Await(_ context.Context, _ account.Resource, say func(string)) error {
	say("the fake starts")
	return nil
}

func (f fakeRuntime) Release(context.Context, account.Resource, func(string)) error { return nil }

func (f fakeRuntime) Status(context.Context) ([]part.Row, error) { return nil, nil }

func (f fakeRuntime) Act(context.Context, string, []string, part.Say) error {
	return errors.New("a fake does nothing")
}

func (f fakeRuntime) API() http.Handler { return http.NotFoundHandler() }

func (f fakeRuntime) Close() error { return nil }

func (f *fakeCloud) Check(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return &pulumirpc.CheckResponse{Inputs: req.GetNews()}, nil
}

func (f *fakeCloud) Diff(_ context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	if req.GetOldInputs().GetFields()["size"].GetNumberValue() == req.GetNews().GetFields()["size"].GetNumberValue() {
		return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
	}
	return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_SOME, Diffs: []string{"size"}}, nil
}

func (f *fakeConnection) Create(ctx context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	if req.GetPreview() {
		return &pulumirpc.CreateResponse{Properties: req.GetProperties()}, nil
	}
	inputs, err := provider.Unmarshal("thing", req.GetProperties())
	if err != nil {
		return nil, err
	}
	id := rand.Text()
	if err := f.put(req.GetUrn(), id, inputs); err != nil {
		return nil, err
	}
	if inputs["slow"].IsBool() {
		select {
		case <-f.canceled:
			return nil, errors.New("creation canceled")
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return &pulumirpc.CreateResponse{Id: id, Properties: req.GetProperties()}, nil
}

func (f *fakeConnection) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	f.cancel.Do(func() { close(f.canceled) })
	return &emptypb.Empty{}, nil
}

func (f *fakeCloud) put(urn, id string, inputs resource.PropertyMap) error {
	return f.account.Update(func(tx *account.Tx) error {
		return tx.Put(account.Resource{
			Type: thingType, ID: id, URN: urn, Created: time.Now(),
			Outputs: account.Props{"size": inputs["size"].NumberValue()},
		})
	})
}

func (f *fakeCloud) Read(_ context.Context, req *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	var found *account.Resource
	if err := f.account.View(func(tx *account.Tx) (err error) {
		found, err = tx.Get(thingType, "", req.GetId())
		return err
	}); err != nil {
		return nil, err
	}
	if found == nil {
		return &pulumirpc.ReadResponse{}, nil
	}
	return &pulumirpc.ReadResponse{Id: req.GetId(), Properties: req.GetProperties(), Inputs: req.GetInputs()}, nil
}

func (f *fakeCloud) Update(_ context.Context, req *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	if !req.GetPreview() {
		inputs, err := provider.Unmarshal("thing", req.GetNews())
		if err != nil {
			return nil, err
		}
		if err := f.put(req.GetUrn(), req.GetId(), inputs); err != nil {
			return nil, err
		}
	}
	return &pulumirpc.UpdateResponse{Properties: req.GetNews()}, nil
}

func (f *fakeCloud) Delete(_ context.Context, req *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, f.account.Update(func(tx *account.Tx) error { return tx.Delete(thingType, "", req.GetId()) })
}
