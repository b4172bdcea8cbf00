package account

import (
	"crypto/rand"
	"encoding/hex"
)

// NewHex returns n random hexadecimal digits.
func NewHex(n int) string {
	b := make([]byte, (n+1)/2)
	_, _ = rand.Read(b) // never fails, says its documentation
	return hex.EncodeToString(b)[:n]
}

// NewID returns an id in the form of EC2 and EFS: the prefix, "-0" and 16
// hexadecimal digits, such as vpc-0a1b2c3d4e5f60718.
func NewID(prefix string) string { return prefix + "-0" + NewHex(16) }

// NewLetters returns n random characters of A-Z and 2-7, as in IAM's unique ids.
func NewLetters(n int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails, says its documentation
	for i := range b {
		b[i] = letters[int(b[i])%len(letters)]
	}
	return string(b)
}

// NewUUID returns a random id of the form 8-4-4-4-12.
func NewUUID() string {
	h := NewHex(32)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:]
}
