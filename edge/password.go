package edge

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// passwordLength keeps guessing out: nothing counts the attempts.
const passwordLength = 24

// password is what visitors of a site that is not public have to give.
type password struct {
	value pulumi.StringOutput
}

// basicAuth registers the password and the secret that it is read from.
func (b *builder) basicAuth() error {
	if b.s.BasicAuthUser == "" {
		return nil
	}
	value, err := random.NewRandomPassword(b.ctx, b.name+"-visitors", &random.RandomPasswordArgs{
		Length: pulumi.Int(passwordLength), Special: pulumi.Bool(false),
	}, b.owned()...)
	if err != nil {
		return fmt.Errorf("password of visitors: %w", err)
	}
	// It can be made anew at any time: nothing needs the old one back.
	secret, err := secretsmanager.NewSecret(b.ctx, b.name+"-visitors", &secretsmanager.SecretArgs{
		RecoveryWindowInDays: pulumi.Int(0),
	}, b.owned()...)
	if err != nil {
		return fmt.Errorf("password of visitors: %w", err)
	}
	version, err := secretsmanager.NewSecretVersion(b.ctx, b.name+"-visitors", &secretsmanager.SecretVersionArgs{
		SecretId: secret.ID(),
		SecretString: pulumi.JSONMarshal(pulumi.StringMap{
			"username": pulumi.String(b.s.BasicAuthUser), "password": value.Result,
		}),
	}, b.owned()...)
	if err != nil {
		return fmt.Errorf("password of visitors: %w", err)
	}
	b.password = &password{value: value.Result}
	b.edge.PasswordSecretName, b.edge.PasswordSecretARN = secret.Name, secret.Arn
	b.edge.Ready = append(b.edge.Ready, version)
	return nil
}
