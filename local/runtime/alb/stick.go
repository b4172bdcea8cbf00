package alb

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"time"
)

// The cookies by which clients stay with a target, and with a target group. The second of each is for requests
// from other sites.
const (
	targetCookie = "AWSALB"
	groupCookie  = "AWSALBTG"
)

// bind sets the cookies of a response that keep its client with the target and the group.
func (x *exchange) bind(res *http.Response) {
	if x.settings.stick > 0 && res.StatusCode != http.StatusSwitchingProtocols {
		setCookies(res.Header, targetCookie, mark(x.target.name()), x.settings.stick, x.front.secure)
	}
	if x.sticky > 0 {
		setCookies(res.Header, groupCookie, mark(x.settings.arn), x.sticky, x.front.secure)
	}
}

func setCookies(h http.Header, name, value string, stays time.Duration, secure bool) {
	expires := "; Expires=" + time.Now().Add(stays).UTC().Format(http.TimeFormat) + "; Path=/"
	h.Add("Set-Cookie", name+"="+value+expires)
	other := name + "CORS=" + value + expires + "; SameSite=None"
	if secure {
		other += "; Secure"
	}
	h.Add("Set-Cookie", other)
}

// sticks tells whether the cookie of a request means something.
func sticks(r *http.Request, name, what string) bool {
	for _, line := range r.Header["Cookie"] {
		if !strings.Contains(line, name) {
			continue
		}
		value := mark(what)
		for _, n := range []string{name, name + "CORS"} {
			if c, err := r.Cookie(n); err == nil && c.Value == value {
				return true
			}
		}
	}
	return false
}

// mark is what a cookie holds; it is the same after a restart.
func mark(what string) string {
	sum := sha256.Sum256([]byte(what))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
