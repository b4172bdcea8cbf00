package random

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"

	"golang.org/x/crypto/bcrypt"

	"wordpress-ecs/local/account"
)

// The sets of characters; the special ones can be replaced by others.
const (
	lower   = "abcdefghijklmnopqrstuvwxyz"
	upper   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	numeric = "0123456789"
	special = "!@#$%&*()-_=+[]{}<>:?"
)

// bcryptLimit is how many bytes of a password bcrypt looks at.
const bcryptLimit = 72

// set is one set of characters, and how many of them must be there.
type set struct {
	characters string
	least      int
}

func sets(in account.Props) []set {
	on := func(names ...string) bool {
		for _, name := range names {
			if v, given := in[name].(bool); given && !v {
				return false
			}
		}
		return true
	}
	signs := special
	if in.String("overrideSpecial") != "" {
		signs = in.String("overrideSpecial")
	}
	var list []set
	for _, s := range []struct {
		on         bool
		characters string
		least      string
	}{
		{on("lower"), lower, "minLower"}, {on("upper"), upper, "minUpper"},
		{on("number", "numeric"), numeric, "minNumeric"}, {on("special"), signs, "minSpecial"},
	} {
		if s.on || in.Int(s.least) > 0 {
			list = append(list, set{s.characters, in.Int(s.least)})
		}
	}
	return list
}

// alphabet is all that a value may consist of.
func alphabet(in account.Props) string {
	var all strings.Builder
	for _, s := range sets(in) {
		all.WriteString(s.characters)
	}
	return all.String()
}

// newText draws a value: first what must be there, then the rest, then the order.
func newText(in account.Props) (string, error) {
	value := []byte{}
	for _, s := range sets(in) {
		drawn, err := draw(s.characters, s.least)
		if err != nil {
			return "", err
		}
		value = append(value, drawn...)
	}
	rest, err := draw(alphabet(in), in.Int("length")-len(value))
	if err != nil {
		return "", err
	}
	value = append(value, rest...)
	for i := len(value) - 1; i > 0; i-- {
		j, err := below(i + 1)
		if err != nil {
			return "", err
		}
		value[i], value[j] = value[j], value[i]
	}
	return string(value), nil
}

func draw(characters string, n int) ([]byte, error) {
	drawn := make([]byte, 0, max(n, 0))
	for range n {
		i, err := below(len(characters))
		if err != nil {
			return nil, err
		}
		drawn = append(drawn, characters[i])
	}
	return drawn, nil
}

func below(n int) (int, error) {
	i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		return 0, fmt.Errorf("drawing a random number: %w", err)
	}
	return int(i.Int64()), nil
}

// create returns the id and the computed outputs of a new resource.
func create(token string, in account.Props) (id string, computed account.Props, err error) {
	if token == bytes {
		return newID(in)
	}
	value, err := newText(in)
	if err != nil {
		return "", nil, err
	}
	return textOutputs(token, value)
}

// textOutputs are the outputs of a password or string of a certain value.
func textOutputs(token, value string) (id string, computed account.Props, err error) {
	if token == text {
		return value, account.Props{"result": value}, nil
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(value)[:min(len(value), bcryptLimit)], bcrypt.DefaultCost)
	if err != nil {
		return "", nil, fmt.Errorf("hashing a password: %w", err)
	}
	// The id of a resource is never secret, so it must not be the password.
	return "none", account.Props{"result": value, "bcryptHash": string(hash)}, nil
}

func newID(in account.Props) (id string, computed account.Props, err error) {
	b := make([]byte, in.Int("byteLength"))
	if _, err := rand.Read(b); err != nil {
		return "", nil, fmt.Errorf("drawing random bytes: %w", err)
	}
	prefix := in.String("prefix")
	id = base64.RawURLEncoding.EncodeToString(b)
	return id, account.Props{
		"b64Std": prefix + base64.StdEncoding.EncodeToString(b), "b64Url": prefix + id,
		"hex": prefix + hex.EncodeToString(b), "dec": prefix + new(big.Int).SetBytes(b).String(),
	}, nil
}
