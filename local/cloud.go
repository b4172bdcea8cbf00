package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/engine"
	"wordpress-ecs/local/provider"
	"wordpress-ecs/local/provider/aws"
	"wordpress-ecs/local/provider/awsx"
	"wordpress-ecs/local/provider/docker"
	"wordpress-ecs/local/provider/random"
	"wordpress-ecs/local/registry"
)

// openCloud opens the emulated account and the container registry of a home directory,
// and puts the providers in front of them.
func openCloud(home string, log func(line string)) (*engine.Cloud, error) {
	acct, err := account.Open(engine.AccountFile(home))
	if err != nil {
		return nil, err
	}
	images, err := registry.Open(filepath.Join(home, "registry"))
	if err != nil {
		return nil, errors.Join(err, acct.Close())
	}
	return &engine.Cloud{
		Providers: map[string]provider.Factory{
			"aws":    aws.New(acct, images, nil),
			"awsx":   awsx.New(),
			"docker": docker.New(images, acct, log),
			"random": random.New(),
		},
		List: func() ([]byte, error) { return listAccount(acct) },
		RemoveUnrecorded: func(prefix string, known func(urn, id string) bool) ([]string, error) {
			removed, err := acct.RemoveUnrecorded(prefix, known)
			lines := make([]string, 0, len(removed))
			for _, r := range removed {
				lines = append(lines, r.Type+" "+r.ID)
			}
			return lines, err
		},
		Close: acct.Close,
	}, nil
}

func listAccount(acct *account.Account) ([]byte, error) {
	resources, err := acct.List()
	if err != nil {
		return nil, err
	}
	if resources == nil {
		resources = []account.Resource{} // an empty account is [], not null
	}
	text, err := json.Marshal(resources)
	if err != nil {
		return nil, fmt.Errorf("listing the account: %w", err)
	}
	return text, nil
}
