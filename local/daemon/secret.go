package daemon

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
)

// Resource types of Secrets Manager.
const (
	secretType  = "aws:secretsmanager/secret:Secret"
	versionType = "aws:secretsmanager/secretVersion:SecretVersion"
)

type secretAsked struct {
	// Name is its name or ARN.
	Name string `json:"name"`
	// Key picks one key of a value that is a JSON object; "" takes the whole value.
	Key string `json:"key"`
}

// secret tells the value of a secret to who may read the account's file anyway.
func (s *server) secret(w http.ResponseWriter, r *http.Request) {
	var asked secretAsked
	if !read(w, r, &asked) {
		return
	}
	var value string
	err := s.cloud.Account.View(func(tx *account.Tx) (err error) {
		value, err = currentValue(tx, asked.Name)
		return err
	})
	if err == nil && asked.Key != "" {
		value, err = pick(value, asked)
	}
	reply(w, value, err)
}

// currentValue is the value of a secret that has the stage AWSCURRENT.
func currentValue(tx *account.Tx, name string) (string, error) {
	secrets, err := tx.ByType(secretType)
	if err != nil {
		return "", err
	}
	var names []string
	arn := ""
	for _, secret := range secrets {
		own := secret.Outputs.String("name")
		names = append(names, own)
		if name == own || name == secret.Outputs.String("arn") {
			arn = secret.Outputs.String("arn")
		}
	}
	if arn == "" {
		return "", fmt.Errorf("there is no secret %q; there are %s", name, listed(names))
	}
	versions, err := tx.ByType(versionType)
	if err != nil {
		return "", err
	}
	for _, version := range versions {
		stages, _ := version.Outputs["versionStages"].([]any)
		if version.Outputs.String("secretId") == arn && slices.Contains(stages, "AWSCURRENT") {
			return version.Outputs.String("secretString"), nil
		}
	}
	return "", fmt.Errorf("secret %q has no value yet", name)
}

func pick(value string, asked secretAsked) (string, error) {
	var object map[string]any
	if json.Unmarshal([]byte(value), &object) != nil {
		return "", fmt.Errorf("the value of secret %q is no JSON object: leave the key %q out", asked.Name, asked.Key)
	}
	picked, ok := object[asked.Key]
	if !ok {
		var keys []string
		for key := range object {
			keys = append(keys, key)
		}
		return "", fmt.Errorf("secret %q has no key %q; it has %s", asked.Name, asked.Key, listed(keys))
	}
	if text, ok := picked.(string); ok {
		return text, nil
	}
	text, err := json.Marshal(picked)
	if err != nil {
		return "", errors.New("the value cannot be written")
	}
	return string(text), nil
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
