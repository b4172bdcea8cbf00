package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/machine"
)

func TestAContainerIsFoundByWhatPeopleCallIt(t *testing.T) {
	t.Parallel()
	old := time.Now().Add(-time.Hour)
	made := func(id, task, name, state string, at time.Time) machine.Container {
		return machine.Container{ID: id, State: state, Created: at, Labels: map[string]string{
			machine.LabelID: task, labelContainer: name,
		}}
	}
	all := []machine.Container{
		made("1", "aaaa1111", "nginx", "running", old), made("2", "aaaa1111", "php-fpm", "running", old),
		made("3", "bbbb2222", "php-fpm", "running", time.Now()), made("4", "bbbb2222", "nginx", "exited", time.Now()),
		made("5", "aaaa1111", "", "running", old),
	}
	for name, want := range map[string]string{
		"nginx": "1", "php-fpm": "3", "aaaa": "1", "aaaa/php-fpm": "2", "bbbb2222": "3", "bbbb2222/php-fpm": "3",
	} {
		found, err := choose(all, name)
		require.NoError(t, err, name)
		require.Equal(t, want, found.ID, name)
	}
	_, err := choose(all, "bbbb2222/nginx")
	require.EqualError(t, err, `there is no container or task "bbbb2222/nginx"; there are aaaa1111/nginx, bbbb2222/php-fpm, aaaa1111/php-fpm`)
	_, err = choose(nil, "nginx")
	require.EqualError(t, err, "no task runs")
}

func TestExecIsAllowedByTheServiceOfTheStack(t *testing.T) {
	t.Parallel()
	acct, err := account.Open(filepath.Join(t.TempDir(), "account.db"))
	require.NoError(t, err)
	defer acct.Close()
	require.NoError(t, acct.Update(func(tx *account.Tx) error {
		return tx.Put(account.Resource{
			Type: "aws:ecs/service:Service", ID: "site", URN: "urn:pulumi:dev::wordpress::aws:ecs/service:Service::site",
			Outputs: account.Props{"enableExecuteCommand": true},
		})
	}))
	for stack, want := range map[string]bool{"dev": true, "prod": false} {
		allowed, err := allowsExec(acct, stack)
		require.NoError(t, err)
		require.Equal(t, want, allowed, stack)
	}
}
