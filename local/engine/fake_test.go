package engine_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"

	"wordpress-ecs/local/engine"
	"wordpress-ecs/local/provider"
)

// fakeCloud is an account of things in one JSON file, with a provider in front of it. A
// thing that is "slow" is there at once, but its creation does not end by itself.
type fakeCloud struct {
	provider.Base
	path string
	mu   *sync.Mutex
}

// fakeConnection is the provider of one connection: its Cancel ends its own creations.
type fakeConnection struct {
	*fakeCloud
	canceled chan struct{}
	cancel   sync.Once
}

type fakeThing struct {
	Type string  `json:"type"`
	ID   string  `json:"id"`
	URN  string  `json:"urn"`
	Size float64 `json:"size"`
}

func openFake(home string, _ func(string)) (*engine.Cloud, error) {
	f := &fakeCloud{
		Base: provider.Base{Package: "fake", Version: "1.0.0"},
		path: engine.AccountFile(home),
		mu:   &sync.Mutex{},
	}
	if _, err := f.things(); err != nil {
		return nil, err
	}
	return &engine.Cloud{
		Providers: map[string]provider.Factory{"fake": func() pulumirpc.ResourceProviderServer {
			return &fakeConnection{fakeCloud: f, canceled: make(chan struct{})}
		}},
		List:             f.list,
		RemoveUnrecorded: f.removeUnrecorded,
		Close:            func() error { return nil },
	}, nil
}

func (f *fakeCloud) things() (map[string]fakeThing, error) {
	things := map[string]fakeThing{}
	text, err := os.ReadFile(f.path)
	if errors.Is(err, os.ErrNotExist) {
		return things, nil
	}
	if err != nil {
		return nil, err
	}
	return things, json.Unmarshal(text, &things)
}

// change applies a change to the things and writes them.
func (f *fakeCloud) change(apply func(map[string]fakeThing)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	things, err := f.things()
	if err != nil {
		return err
	}
	apply(things)
	text, err := json.Marshal(things)
	if err != nil {
		return err
	}
	return os.WriteFile(f.path, text, 0o600)
}

func (f *fakeCloud) list() ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	things, err := f.things()
	if err != nil {
		return nil, err
	}
	all := []fakeThing{}
	for _, thing := range things {
		all = append(all, thing)
	}
	return json.Marshal(all)
}

func (f *fakeCloud) removeUnrecorded(prefix string, known func(urn, id string) bool) ([]string, error) {
	var removed []string
	err := f.change(func(things map[string]fakeThing) {
		for id, thing := range things {
			if strings.HasPrefix(thing.URN, prefix) && !known(thing.URN, id) {
				delete(things, id)
				removed = append(removed, thing.URN)
			}
		}
	})
	return removed, err
}

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
	return f.change(func(things map[string]fakeThing) {
		things[id] = fakeThing{Type: "fake:index:Thing", ID: id, URN: urn, Size: inputs["size"].NumberValue()}
	})
}

func (f *fakeCloud) Read(_ context.Context, req *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	things, err := f.things()
	if err != nil {
		return nil, err
	}
	if _, ok := things[req.GetId()]; !ok {
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
	return &emptypb.Empty{}, f.change(func(things map[string]fakeThing) { delete(things, req.GetId()) })
}
