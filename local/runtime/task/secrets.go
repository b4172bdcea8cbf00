package task

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
)

// secretVersion is the type of the resources that hold the values of secrets.
const secretVersion = "aws:secretsmanager/secretVersion:SecretVersion"

// defaultStage is the version of a secret that is meant unless another is named.
const defaultStage = "AWSCURRENT"

// secretSource is a valueFrom taken apart.
type secretSource struct {
	arn, key, stage, version string
}

// parseSecret reads "arn:aws:secretsmanager:region:account:secret:name[:key:stage:version]".
func parseSecret(valueFrom string) (secretSource, error) {
	const plain, withKey = 7, 10
	parts := strings.Split(valueFrom, ":")
	switch {
	case len(parts) > 2 && parts[2] == "ssm" || strings.HasPrefix(valueFrom, "/") || !strings.Contains(valueFrom, ":"):
		return secretSource{}, fmt.Errorf("ResourceInitializationError: %s: the local cloud has no SSM parameters, only secrets "+
			"of Secrets Manager", valueFrom)
	case len(parts) == plain && parts[2] == "secretsmanager":
		return secretSource{arn: valueFrom, stage: defaultStage}, nil
	case len(parts) == withKey && parts[2] == "secretsmanager":
		s := secretSource{strings.Join(parts[:plain], ":"), parts[plain], parts[plain+1], parts[plain+2]}
		if s.stage == "" && s.version == "" {
			s.stage = defaultStage
		}
		return s, nil
	}
	return secretSource{}, fmt.Errorf("ResourceInitializationError: trying to retrieve secret with value %s resulted in error: "+
		"an invalid ARN format for the AWS Secrets Manager secret was specified. Specify a valid ARN and try again.", valueFrom)
}

// secretValues reads what the secrets of containers hold, by valueFrom.
func secretValues(acct *account.Account, containers []containerDefinition) (map[string]string, error) {
	values := map[string]string{}
	var versions []account.Resource
	for _, c := range containers {
		for _, s := range c.Secrets {
			if _, done := values[s.ValueFrom]; done {
				continue
			}
			source, err := parseSecret(s.ValueFrom)
			if err != nil {
				return nil, err
			}
			if versions == nil {
				if err := acct.View(func(tx *account.Tx) (err error) {
					versions, err = tx.ByType(secretVersion)
					return err
				}); err != nil {
					return nil, fmt.Errorf("ResourceInitializationError: reading secrets: %w", err)
				}
			}
			if values[s.ValueFrom], err = source.value(versions); err != nil {
				return nil, err
			}
		}
	}
	return values, nil
}

// value finds the value among all versions of all secrets. No error contains it.
func (s secretSource) value(versions []account.Resource) (string, error) {
	for _, v := range versions {
		if v.Outputs.String("secretId") != s.arn ||
			s.version != "" && v.Outputs.String("versionId") != s.version ||
			s.stage != "" && !slices.Contains(v.Outputs.Strings("versionStages"), s.stage) {
			continue
		}
		text := v.Outputs.String("secretString")
		if s.key == "" {
			return text, nil
		}
		var keys map[string]any
		if json.Unmarshal([]byte(text), &keys) != nil {
			return "", fmt.Errorf("ResourceInitializationError: unable to pull secrets or registry auth: retrieved secret %s from "+
				"Secrets Manager is no JSON object, so that it has no key %s", s.arn, s.key)
		}
		value, ok := keys[s.key]
		if !ok {
			return "", fmt.Errorf("ResourceInitializationError: unable to pull secrets or registry auth: retrieved secret %s from "+
				"Secrets Manager did not contain json key %s", s.arn, s.key)
		}
		return fmt.Sprint(value), nil
	}
	return "", fmt.Errorf("ResourceInitializationError: The task can't retrieve the secret with ARN '%s' from AWS Secrets Manager. "+
		"Check that the secret ARN is correct: ResourceNotFoundException: Secrets Manager can't find the specified secret", s.arn)
}
