package main

import (
	"context"
	"sync/atomic"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime"
	"wordpress-ecs/local/runtime/part"
)

// switched is a runtime that a person can stop: what is deployed to a stopped account
// is not waited for.
type switched struct {
	*runtime.Cloud
	on atomic.Bool
}

// Start runs the account.
func (s *switched) Start(ctx context.Context) {
	s.on.Store(true)
	s.Cloud.Start(ctx)
}

// Suspend stops what runs.
func (s *switched) Suspend(ctx context.Context, say part.Say) error {
	s.on.Store(false)
	return s.Cloud.Suspend(ctx, say)
}

// Await blocks until a resource works, if it shall.
func (s *switched) Await(ctx context.Context, r account.Resource, say func(line string)) error {
	if !s.on.Load() {
		return nil
	}
	return s.Cloud.Await(ctx, r, say)
}
