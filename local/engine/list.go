package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// listPatience is how long to try when another command has just begun or is about to end.
const listPatience = 10 * time.Second

// Resources lists what exists in the account as a JSON array. While another command has
// the account open, that command answers.
func (e *Engine) Resources(ctx context.Context) ([]byte, error) {
	if !isFile(AccountFile(e.Home)) {
		return []byte("[]"), nil // nothing was ever created here; listing creates nothing either
	}
	for deadline := time.Now().Add(listPatience); ; {
		list, err := e.listOnce(ctx)
		var held *HeldError
		if !errors.As(err, &held) || time.Now().After(deadline) {
			return list, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(lockPoll):
		}
	}
}

// listOnce fails with a HeldError when the command that holds the home does not answer.
func (e *Engine) listOnce(ctx context.Context) ([]byte, error) {
	lock, err := e.lockForReading(ctx)
	var held *HeldError
	if errors.As(err, &held) && held.Holder.Resources != "" {
		list, askErr := askHolder(ctx, held.Holder)
		if askErr != nil {
			return nil, errors.Join(held, askErr)
		}
		return list, nil
	}
	if err != nil {
		return nil, err
	}
	defer lock.Release()
	cloud, err := e.Open(e.Home, func(line string) { e.say("%s", line) })
	if err != nil {
		return nil, err
	}
	list, err := cloud.List()
	return list, errors.Join(err, cloud.Close())
}

func askHolder(ctx context.Context, holder Holder) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, listPatience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+holder.Resources+"/", http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("asking `%s` (pid %d) for the account's resources: %w", holder.Command, holder.PID, err)
	}
	direct := &http.Client{Transport: &http.Transport{}} // loopback, past any proxy
	resp, err := direct.Do(req)
	if err != nil {
		return nil, fmt.Errorf("asking `%s` (pid %d) for the account's resources: %w", holder.Command, holder.PID, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("asking `%s` (pid %d) for the account's resources: %w", holder.Command, holder.PID, err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("listing the account's resources: %s", body)
	}
	return body, nil
}
