// Package ecr is Amazon ECR: repositories and their lifecycle policies. The images
// themselves are in the registry that stands for it.
package ecr

import (
	"encoding/base64"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Tokens by which other services refer to what is declared here.
const (
	Repository      = "aws:ecr/repository:Repository"
	LifecyclePolicy = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
)

// tokenLife is how long an authorization token is valid.
const tokenLife = 12 * time.Hour

// Service declares the kinds and functions of this package.
func Service() kind.Service {
	return kind.Service{
		Kinds: []kind.Kind{repository(), lifecyclePolicy()},
		Functions: []kind.Function{{
			Name: "aws:ecr/getAuthorizationToken:getAuthorizationToken", Args: []string{"registryId"},
			Secret: []string{"authorizationToken", "password"}, Run: authorizationToken,
		}},
	}
}

func host(region string) string { return account.ID + ".dkr.ecr." + region + ".amazonaws.com" }

// authorizationToken makes a password of its own on every call, as AWS does. The
// registry on this machine takes any.
func authorizationToken(c *kind.Call) (account.Props, error) {
	if registry := c.In.String("registryId"); registry != "" && registry != account.ID {
		return nil, kind.Refuse("InvalidParameterException", "Invalid parameter at 'registryIds' failed to satisfy constraint: "+
			"'only one registry ID may be specified, and this account may not log in to registry %s'", registry)
	}
	password := account.NewHex(64)
	return account.Props{
		"id": c.Region, "registryId": c.In["registryId"], "userName": "AWS", "password": password,
		"authorizationToken": base64.StdEncoding.EncodeToString([]byte("AWS:" + password)),
		"proxyEndpoint":      "https://" + host(c.Region),
		"expiresAt":          c.Now.Add(tokenLife).UTC().Format(time.RFC3339),
	}, nil
}
