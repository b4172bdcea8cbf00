package main

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"wordpress-ecs/local/account"
	localaws "wordpress-ecs/local/aws"
	"wordpress-ecs/local/aws/cli"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/daemon"
	"wordpress-ecs/local/objects"
	"wordpress-ecs/local/provider"
	"wordpress-ecs/local/provider/aws"
	"wordpress-ecs/local/provider/awsx"
	"wordpress-ecs/local/provider/docker"
	"wordpress-ecs/local/provider/random"
	"wordpress-ecs/local/registry"
	"wordpress-ecs/local/runtime"
	"wordpress-ecs/local/runtime/clock"
)

// openCloud opens the emulated account and the container registry of a home directory,
// puts the providers in front of them, and what runs behind.
func openCloud(ctx context.Context, home string, say func(line string)) (*daemon.Cloud, error) {
	acct, err := account.Open(daemon.AccountFile(home))
	if err != nil {
		return nil, err
	}
	cloud, err := openServices(ctx, home, acct, say)
	if err != nil {
		return nil, errors.Join(err, acct.Close())
	}
	return cloud, nil
}

func openServices(ctx context.Context, home string, acct *account.Account, say func(line string)) (*daemon.Cloud, error) {
	images, err := registry.Open(filepath.Join(home, "registry"))
	if err != nil {
		return nil, err
	}
	buckets, err := objects.Open(filepath.Join(home, "objects"))
	if err != nil {
		return nil, err
	}
	speed, err := daemon.Clock(acct)
	if err != nil {
		return nil, err
	}
	opened, err := runtime.Open(ctx, runtime.Options{
		Home: home, Account: acct, Registry: images, Objects: buckets, Clock: clock.New(speed), Say: say,
	})
	if err != nil {
		return nil, err
	}
	runs := &switched{Cloud: opened}
	var behind aws.Runtime // nil where nothing can run
	if runs.Absence() == nil {
		behind = runs
	}
	catalog, err := localaws.Catalog()
	if err != nil {
		return nil, err
	}
	commands := &cli.CLI{Account: acct, Images: images, Objects: buckets, Catalog: catalog}
	if behind != nil {
		commands.Runs = runs
	}
	return &daemon.Cloud{
		Providers: func(asked daemon.Asked) map[string]provider.Factory {
			options := aws.Options{Catalog: catalog, Pace: kind.Pace(asked.Latency), Objects: buckets}
			if asked.Lenient {
				options.Catalog = catalog.WithoutRules()
			}
			return map[string]provider.Factory{
				"aws":    aws.New(acct, images, behind, options),
				"awsx":   awsx.New(),
				"docker": docker.New(images, acct, say),
				"random": random.New(),
			}
		},
		Account: acct,
		Runtime: runs,
		Locate:  runs.Locate,
		Forget: func(tx *account.Tx, r account.Resource) error {
			return catalog.Forget(&kind.Call{Tx: tx, Now: time.Now(), Images: images, Objects: buckets}, r)
		},
		AWS: func(ctx context.Context, words []string) daemon.Answer {
			return daemon.Answer(commands.Run(ctx, words))
		},
	}, nil
}
