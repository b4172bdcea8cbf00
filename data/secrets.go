package data

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	// recoveryDays is how long a deleted secret of a protected stack can be restored, at most 30.
	recoveryDays = 30
	keyLength    = 64
	// adminLength keeps guessing out even where the login's rate limit is distributed away.
	adminLength = 32
)

// KeyNames are the keys and salts of WordPress, as its configuration names them. They sign cookies, so they
// must be the same in all tasks.
var KeyNames = []string{
	"AUTH_KEY", "SECURE_AUTH_KEY", "LOGGED_IN_KEY", "NONCE_KEY",
	"AUTH_SALT", "SECURE_AUTH_SALT", "LOGGED_IN_SALT", "NONCE_SALT",
}

// Secrets are the secrets of a site. Each is a JSON object.
type Secrets struct {
	// Database has username, password, host, port and dbname.
	Database Secret
	// Cache has token.
	Cache Secret
	// Keys has one entry for each of KeyNames.
	Keys Secret
	// Admin has username and password of the first administrator.
	Admin Secret
}

// Secret is where a secret is found.
type Secret struct {
	Name, ARN pulumi.StringOutput

	version pulumi.Resource
}

// keys registers the keys and salts of WordPress.
func (b *builder) keys() error {
	values := pulumi.StringMap{}
	for _, key := range KeyNames {
		value, err := random.NewRandomPassword(b.ctx, b.name+"-"+strings.ToLower(strings.ReplaceAll(key, "_", "-")), &random.RandomPasswordArgs{
			Length: pulumi.Int(keyLength), Special: pulumi.Bool(false),
		}, pulumi.Parent(b.data))
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		values[key] = value.Result
	}
	var err error
	b.data.Secrets.Keys, err = b.secret("keys", values)
	return err
}

// admin registers the password that the first administrator gets. WordPress keeps its own copy from then on: a
// password that is changed there is not in the secret.
func (b *builder) admin() error {
	password, err := random.NewRandomPassword(b.ctx, b.name+"-admin", &random.RandomPasswordArgs{
		Length: pulumi.Int(adminLength), Special: pulumi.Bool(false),
	}, pulumi.Parent(b.data))
	if err != nil {
		return fmt.Errorf("administrator's password: %w", err)
	}
	b.data.Secrets.Admin, err = b.secret("admin", pulumi.StringMap{
		"username": pulumi.String(b.args.AdminUser), "password": password.Result,
	})
	return err
}

// secret registers a secret and its value.
func (b *builder) secret(part string, values pulumi.StringMap) (Secret, error) {
	recovery := 0
	if b.args.Protected {
		recovery = recoveryDays
	}
	// A deleted secret keeps its name until it is gone for good; the random part of the physical name is
	// what lets the next stack begin at once.
	secret, err := secretsmanager.NewSecret(b.ctx, b.name+"-"+part, &secretsmanager.SecretArgs{
		RecoveryWindowInDays: pulumi.Int(recovery),
	}, pulumi.Parent(b.data), pulumi.Protect(b.args.Protected))
	if err != nil {
		return Secret{}, fmt.Errorf("secret %s: %w", part, err)
	}
	version, err := secretsmanager.NewSecretVersion(b.ctx, b.name+"-"+part, &secretsmanager.SecretVersionArgs{
		SecretId:     secret.ID(),
		SecretString: pulumi.JSONMarshal(values),
	}, pulumi.Parent(b.data))
	if err != nil {
		return Secret{}, fmt.Errorf("secret %s: %w", part, err)
	}
	b.data.Ready = append(b.data.Ready, version)
	return Secret{Name: secret.Name, ARN: secret.Arn, version: version}, nil
}
