package engine

import (
	"context"

	"wordpress-ecs/local/daemon"
)

// Resources lists what exists in the account as a JSON array, also while another
// command runs.
func (e *Engine) Resources(ctx context.Context) ([]byte, error) {
	if !e.HasAccount() {
		return []byte("[]"), nil // listing creates nothing
	}
	cloud, err := daemon.Connect(ctx, e.Home, daemon.Options{})
	if err != nil {
		return nil, err
	}
	defer cloud.Close()
	return cloud.Resources(ctx)
}

// HasAccount tells whether anything was ever created here.
func (e *Engine) HasAccount() bool { return isFile(daemon.AccountFile(e.Home)) }
