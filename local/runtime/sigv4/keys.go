// Package sigv4 gives out temporary credentials, and checks requests that were signed with them: AWS Signature
// Version 4 in the header Authorization.
//
// Not known: signatures in the query string, signatures of parts of a body (STREAMING-...), and those of Version 4A.
package sigv4

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"wordpress-ecs/local/account"
)

const (
	// recordClass is the record of what credentials are made from.
	recordClass = "session credentials"
	recordID    = "key"
	keyLen      = 32
)

// Keys makes and knows the credentials of an account. They are computed from a key that the account keeps, so that
// another process knows those that this one gave out.
type Keys struct{ key []byte }

// Session is a role that somebody has assumed.
type Session struct {
	// Role is its ARN, Name that of the session: the id of the task.
	Role string `json:"role"`
	Name string `json:"name"`
}

// Credentials are temporary ones.
type Credentials struct {
	AccessKeyID, SecretAccessKey, Token string

	Expiration time.Time
}

// token is what the session token says.
type token struct {
	Session

	Expiration time.Time `json:"expiration"`
}

// Open reads the key of an account, or makes one.
func Open(acct *account.Account) (*Keys, error) {
	k := &Keys{}
	err := acct.Update(func(tx *account.Tx) error {
		there, err := tx.Kept(recordClass, recordID, &k.key)
		if there || err != nil {
			return err
		}
		k.key = make([]byte, keyLen)
		_, _ = rand.Read(k.key) // never fails, says its documentation
		return tx.Keep(recordClass, recordID, k.key)
	})
	if err != nil {
		return nil, fmt.Errorf("credentials of tasks: %w", err)
	}
	return k, nil
}

// Issue makes the credentials of a session; for the same session and expiration the same ones.
func (k *Keys) Issue(s Session, expiration time.Time) (Credentials, error) {
	expiration = expiration.UTC().Truncate(time.Second)
	said, err := json.Marshal(token{s, expiration})
	if err != nil {
		return Credentials{}, fmt.Errorf("credentials of %s: %w", s.Role, err)
	}
	text := base64.RawURLEncoding.EncodeToString(said)
	c := k.of(text + "." + base64.RawURLEncoding.EncodeToString(k.derive("token", text)))
	c.Expiration = expiration
	return c, nil
}

// of are the access keys that belong to a token. They have the form of AWS's: ASIA and 16 characters, and 40.
func (k *Keys) of(token string) Credentials {
	const idLen, secretLen = 16, 40
	return Credentials{
		Token:           token,
		AccessKeyID:     "ASIA" + base32.StdEncoding.EncodeToString(k.derive("id", token))[:idLen],
		SecretAccessKey: base64.StdEncoding.EncodeToString(k.derive("secret", token))[:secretLen],
	}
}

// derive computes what belongs to a text, for a purpose.
func (k *Keys) derive(purpose, text string) []byte {
	h := hmac.New(sha256.New, k.key)
	h.Write([]byte(purpose + "\n" + text))
	return h.Sum(nil)
}

// read takes a token apart; false when it was not made here.
func (k *Keys) read(text string) (t token, ok bool) {
	said, mac, _ := strings.Cut(text, ".")
	sum, err := base64.RawURLEncoding.DecodeString(mac)
	if err != nil || !hmac.Equal(sum, k.derive("token", said)) {
		return t, false
	}
	content, err := base64.RawURLEncoding.DecodeString(said)
	return t, err == nil && json.Unmarshal(content, &t) == nil
}

// ID computes a value that belongs to a name and that nobody else can guess, in the form of a UUID.
func (k *Keys) ID(name string) string {
	h := hex.EncodeToString(k.derive("uuid", name))
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:32]
}
