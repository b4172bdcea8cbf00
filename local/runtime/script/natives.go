package script

import (
	"crypto/hmac"
	"crypto/md5"  //nolint:gosec // scripts may ask for it
	"crypto/sha1" //nolint:gosec // likewise
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/dop251/goja"
)

// algorithms are those of crypto.createHash and crypto.createHmac.
var algorithms = map[string]func() hash.Hash{"md5": md5.New, "sha1": sha1.New, "sha256": sha256.New}

// natives are the functions that the prelude is written over.
func (w *world) natives(log func(line string)) goja.Value {
	algorithm := func(name string) func() hash.Hash {
		made, ok := algorithms[name]
		if !ok {
			panic(w.NewTypeError("not supported algorithm: %q: one of md5, sha1, sha256", name))
		}
		return made
	}
	sum := func(h hash.Hash, data []byte) goja.ArrayBuffer {
		_, _ = h.Write(data) // a hash never fails
		return w.NewArrayBuffer(h.Sum(nil))
	}
	return w.ToValue(map[string]any{
		"encode": func(text, encoding string) goja.ArrayBuffer { return w.NewArrayBuffer(encode(text, encoding)) },
		"decode": decode,
		"valid":  utf8.Valid,
		"binary": func(b goja.ArrayBuffer) string {
			runes := make([]rune, 0, len(b.Bytes()))
			for _, c := range b.Bytes() {
				runes = append(runes, rune(c))
			}
			return string(runes)
		},
		"unescape":  unescape,
		"algorithm": func(name string) { algorithm(name) },
		"digest": func(name string, data []byte) goja.ArrayBuffer {
			return sum(algorithm(name)(), data)
		},
		"hmac": func(name string, key, data []byte) goja.ArrayBuffer {
			return sum(hmac.New(algorithm(name), key), data)
		},
		"log": func(line string) {
			if log != nil {
				log(line)
			}
		},
	})
}

// encode makes bytes of a text. What is not of the encoding ends it, as in Node.js.
func encode(text, encoding string) []byte {
	switch encoding {
	case "hex":
		n := 0
		for n+1 < len(text) && isHex(text[n]) && isHex(text[n+1]) {
			n += 2
		}
		b, _ := hex.DecodeString(text[:n]) // these are digits
		return b
	case "base64", "base64url": // either is read as both
		text = strings.NewReplacer("-", "+", "_", "/", "\n", "", "\r", "", " ", "").Replace(text)
		if i := strings.IndexFunc(text, func(c rune) bool { return !isBase64(c) }); i >= 0 {
			text = text[:i]
		}
		b, _ := base64.RawStdEncoding.DecodeString(text[:len(text)-oneTooMany(text)])
		return b
	}
	return []byte(text)
}

// oneTooMany is 1 when a text of base64 ends with a character that makes no byte.
func oneTooMany(text string) int {
	if len(text)%4 == 1 {
		return 1
	}
	return 0
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func isBase64(c rune) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '+' || c == '/'
}

func decode(b []byte, encoding string) string {
	switch encoding {
	case "hex":
		return hex.EncodeToString(b)
	case "base64":
		return base64.StdEncoding.EncodeToString(b)
	case "base64url":
		return base64.RawURLEncoding.EncodeToString(b)
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}

// unescape is percent decoding that leaves what is not encoded right as it is.
func unescape(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]) {
			c, _ := url.PathUnescape(text[i : i+3]) // two digits
			b.WriteString(c)
			i += 2
			continue
		}
		b.WriteByte(text[i])
	}
	return strings.ToValidUTF8(b.String(), "\uFFFD")
}
