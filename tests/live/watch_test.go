package live_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// errNameless is when a name leads nowhere: nobody can ask, so nobody misses an answer.
var errNameless = errors.New("the name is not found")

// pause is how long a watcher waits between two requests.
const pause = 100 * time.Millisecond

// watcher asks for an address until it is stopped.
type watcher struct {
	address string
	cancel  context.CancelFunc
	done    sync.WaitGroup
	// asked counts the requests since the name is found, problems are answers that nobody should get.
	asked    int
	problems []string
}

// watch asks for an address again and again. As long as its name leads somewhere, it has to answer, with one of the statuses.
func watch(client *http.Client, address string, statuses ...int) *watcher {
	ctx, cancel := context.WithCancel(context.Background())
	w := &watcher{address: address, cancel: cancel}
	w.done.Go(func() {
		lost := false
		for ctx.Err() == nil {
			err := ask(ctx, client, address, statuses)
			switch {
			case ctx.Err() != nil:
			case errors.Is(err, errNameless):
				lost = w.asked > 0
			case lost:
				w.note(errors.New("the name was not found for a while"))
				lost = false
			default:
				w.asked++
				w.note(err)
			}
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
		}
	})
	return w
}

func (w *watcher) note(err error) {
	if err != nil {
		w.problems = append(w.problems, time.Now().Format("15:04:05.000 ")+err.Error())
	}
}

// requireAnswered ends a watch that has seen nothing but good answers.
func (w *watcher) requireAnswered(t *testing.T) {
	t.Helper()
	w.cancel()
	w.done.Wait()
	require.Empty(t, w.problems, "%s: of %d requests", w.address, w.asked)
	require.NotZero(t, w.asked, w.address)
	t.Logf("%s: %d requests, all answered", w.address, w.asked)
}

// ask sends one request, on a connection of its own: a visitor who comes now.
func ask(ctx context.Context, client *http.Client, address string, statuses []int) error {
	ctx, cancel := context.WithTimeout(ctx, client.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	request.Close = true
	response, err := client.Do(request)
	if err != nil {
		// The proxy that knows the names says so, or there are none and no proxy.
		if strings.Contains(err.Error(), "Bad Gateway") || strings.Contains(err.Error(), "proxyconnect tcp: dial") {
			return errNameless
		}
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return err
	case response.StatusCode == http.StatusBadGateway && strings.Contains(string(body), "the account has no such name"):
		return errNameless
	case !slices.Contains(statuses, response.StatusCode):
		return fmt.Errorf("%s: %.200s", response.Status, body)
	}
	return nil
}
