package aws

import (
	"context"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/provider"
	"wordpress-ecs/local/provider/face"
)

// Create makes a resource, or tells in a preview what is known of it.
func (s *server) Create(ctx context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	k, c, in, secrets, err := s.prepare(req.GetType(), req.GetUrn(), req.GetProperties())
	if err != nil {
		return nil, err
	}
	if req.GetPreview() {
		out, err := outputs(k.Preview(nil, nil, in), append(secrets, k.Secret...))
		return &pulumirpc.CreateResponse{Properties: out}, err
	}
	var made account.Resource
	var said []string
	err = s.attempt(ctx, func(tx *account.Tx) (err error) {
		call := s.call(c, req.GetUrn(), req.GetTimeout())
		call.Tx, call.In, call.Secrets, call.Say = tx, in, secrets, noting(&said)
		made, err = k.Make(call)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.tell(ctx, req.GetUrn(), said)
	made, waiting := s.settle(ctx, k, req, made, time.Until(made.Ready))
	out, err := outputs(made.Outputs, made.Secrets)
	if err == nil && waiting != nil {
		err = partly(made.ID, out, req.GetProperties(), waiting)
	}
	return &pulumirpc.CreateResponse{Id: made.ID, Properties: out}, err
}

// Update changes a resource in place, or tells in a preview what will be known of it.
func (s *server) Update(ctx context.Context, req *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	k, c, in, secrets, err := s.prepare(req.GetType(), req.GetUrn(), req.GetNews())
	if err != nil {
		return nil, err
	}
	if req.GetPreview() {
		out, err := s.previewUpdate(k, req, in, secrets)
		return &pulumirpc.UpdateResponse{Properties: out}, err
	}
	oldInputs, err := provider.Unmarshal("old inputs", req.GetOldInputs())
	if err != nil {
		return nil, err
	}
	asked, _, err := face.FromProperties(oldInputs)
	if err != nil {
		return nil, err
	}
	var changed account.Resource
	var lasts time.Duration
	var said []string
	err = s.attempt(ctx, func(tx *account.Tx) (err error) {
		call := s.call(c, req.GetUrn(), req.GetTimeout())
		call.Tx, call.ID, call.In, call.Asked, call.Secrets, call.Say = tx, req.GetId(), in, asked, secrets, noting(&said)
		changed, err = k.Change(call)
		lasts = s.pace.Of(k.For(call).Update)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.tell(ctx, req.GetUrn(), said)
	changed, waiting := s.settle(ctx, k, req, changed, lasts)
	out, err := outputs(changed.Outputs, changed.Secrets)
	if err == nil && waiting != nil {
		err = partly(changed.ID, out, req.GetNews(), waiting)
	}
	return &pulumirpc.UpdateResponse{Properties: out}, err
}

func (s *server) previewUpdate(k *kind.Declared, req *pulumirpc.UpdateRequest, in account.Props, secrets []string,
) (*structpb.Struct, error) {
	olds, err := provider.Unmarshal("old outputs", req.GetOlds())
	if err != nil {
		return nil, err
	}
	oldInputs, err := provider.Unmarshal("old inputs", req.GetOldInputs())
	if err != nil {
		return nil, err
	}
	old, oldSecrets, err := face.FromProperties(olds)
	if err != nil {
		return nil, err
	}
	before, _, err := face.FromProperties(oldInputs)
	if err != nil {
		return nil, err
	}
	return outputs(k.Preview(old, before, in), append(append(secrets, oldSecrets...), k.Secret...))
}

// Delete removes a resource. One that is gone already is no error.
func (s *server) Delete(ctx context.Context, req *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	c, err := s.current()
	if err != nil {
		return nil, err
	}
	k, err := s.kind(req.GetType(), req.GetUrn())
	if err != nil {
		return nil, err
	}
	call := func(tx *account.Tx) *kind.Call {
		call := s.call(c, req.GetUrn(), req.GetTimeout())
		call.Tx, call.ID = tx, req.GetId()
		return call
	}
	remove := func(tx *account.Tx) error { return k.Remove(call(tx)) }
	var gone time.Time
	if s.pace > 0 {
		err := s.attempt(ctx, func(tx *account.Tx) (err error) {
			gone, err = k.Condemn(call(tx))
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if err := s.release(ctx, k, c.region, req, remove); err != nil {
		return nil, err
	}
	if err := s.pass(ctx, k, req, untilGone, time.Until(gone)); err != nil {
		return nil, refusal(err)
	}
	if err := s.attempt(ctx, remove); err != nil {
		return nil, err
	}
	s.changed()
	return &emptypb.Empty{}, nil
}

// Read tells what a resource is like now, for a refresh or an import. The answer for
// one that is gone has no id.
func (s *server) Read(_ context.Context, req *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	c, err := s.current()
	if err != nil {
		return nil, err
	}
	k, err := s.kind(req.GetType(), req.GetUrn())
	if err != nil {
		return nil, err
	}
	var found *account.Resource
	err = s.account.View(func(tx *account.Tx) (err error) {
		found, err = k.Look(tx, c.region, req.GetId(), time.Now())
		return err
	})
	if err != nil {
		return nil, refusal(err)
	}
	if found == nil {
		return &pulumirpc.ReadResponse{}, nil
	}
	properties, err := outputs(found.Outputs, found.Secrets)
	if err != nil {
		return nil, err
	}
	inputs, err := liveInputs(found, req.GetInputs())
	if err != nil {
		return nil, err
	}
	return &pulumirpc.ReadResponse{Id: found.ID, Properties: properties, Inputs: inputs}, nil
}

// liveInputs are the inputs that would make a resource what it is now, with the note
// about its name taken over from those that the engine has.
func liveInputs(found *account.Resource, known *structpb.Struct) (*structpb.Struct, error) {
	olds, err := provider.Unmarshal("inputs", known)
	if err != nil {
		return nil, err
	}
	inputs := face.ToProperties(found.Inputs, found.Secrets)
	for key, value := range inputs {
		// Values that did not change keep their form, down to which part is secret.
		if old, ok := olds[key]; ok && value.IsSecret() {
			revealed, _ := provider.Reveal(old)
			if revealed.DeepEquals(value.SecretValue().Element) {
				inputs[key] = old
			}
		}
	}
	if note, ok := olds[face.DefaultsKey]; ok {
		inputs[face.DefaultsKey] = note
	}
	return provider.Marshal("inputs", inputs)
}

// prepare reads what Create and Update have in common.
func (s *server) prepare(typ, urn string, properties *structpb.Struct) (
	k *kind.Declared, c config, in account.Props, secrets []string, err error,
) {
	if c, err = s.current(); err != nil {
		return nil, c, nil, nil, err
	}
	if k, err = s.kind(typ, urn); err != nil {
		return nil, c, nil, nil, err
	}
	var m resource.PropertyMap
	if m, err = provider.Unmarshal("inputs", properties); err != nil {
		return nil, c, nil, nil, err
	}
	in, secrets, err = face.FromProperties(m)
	return k, c, in, secrets, err
}

func outputs(props account.Props, secrets []string) (*structpb.Struct, error) {
	return provider.Marshal("outputs", face.ToProperties(props, secrets))
}
