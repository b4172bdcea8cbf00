package sigv4

import (
	"crypto/hmac"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	terminator = "aws4_request"
	// UnsignedPayload is in the place of the body's sum where the body is not signed.
	UnsignedPayload = "UNSIGNED-PAYLOAD"

	dateFormat  = "20060102"
	stampFormat = "20060102T150405Z"

	hostHeader  = "host"
	amzPrefix   = "x-amz-"
	dateHeader  = "X-Amz-Date"
	tokenHeader = "X-Amz-Security-Token" //nolint:gosec // the name of a header
)

// Problem is what is wrong with a signature.
type Problem int

// What can be wrong, in the order in which it is looked for.
const (
	// NotSigned has no header Authorization at all.
	NotSigned Problem = iota + 1
	// OtherScheme is not signed with Version 4.
	OtherScheme
	// Malformed lacks a part; Detail says which.
	Malformed
	// WrongRegion and WrongService are signed for another one; Detail is that one.
	WrongRegion
	WrongService
	// Early and Late have a date too far from now, At.
	Early
	Late
	// UnknownKey is an access key that was not given out.
	UnknownKey
	// BadToken is a session token that was not given out, Expired one whose time is over.
	BadToken
	Expired
	// Unsigned has headers that must be signed and are not; Detail lists them.
	Unsigned
	// Mismatch is another signature than the one computed here.
	Mismatch
)

// Refusal is why a request is not believed.
type Refusal struct {
	Problem Problem
	// Detail says more, as Problem tells.
	Detail string
	// At is the date of the request.
	At time.Time
	// AccessKeyID and Signature are what it came with.
	AccessKeyID, Signature string
	// Canonical and ToSign are what was signed, as it is computed here.
	Canonical, ToSign string
}

func (r *Refusal) Error() string { return "the signature is not accepted: " + r.Detail }

// Expected is what a service expects of requests.
type Expected struct {
	// Service and Region are those that a request must be signed for: "s3" and "eu-west-1".
	Service, Region string
	// Skew is how far the date of a request may be from Now.
	Skew time.Duration
	Now  time.Time
	// Plain says that the path is signed as it is, which S3 wants; else it is normalized and encoded once more.
	Plain bool
}

// Verify tells who signed a request; the error is a *Refusal. Payload stands for the body in the signature: its SHA-256
// in hex or, for S3, what the request says in X-Amz-Content-Sha256, which whoever reads the body has to compare.
func (k *Keys) Verify(r *http.Request, payload string, e Expected) (Session, error) {
	a, refused := parse(r)
	if refused == nil {
		refused = a.fits(e)
	}
	var who Session
	if refused == nil {
		who, refused = k.check(r, a, payload, e)
	}
	if refused != nil {
		refused.AccessKeyID, refused.Signature, refused.At = a.key, a.signature, a.at
		return Session{}, refused
	}
	return who, nil
}

// authorization is what a request says about its signature.
type authorization struct {
	key, date, region, service string
	headers                    []string
	signature                  string
	at                         time.Time
}

// parse reads "AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, SignedHeaders=a;b, Signature=HEX".
func parse(r *http.Request) (a authorization, refused *Refusal) {
	text := r.Header.Get("Authorization")
	if text == "" {
		return a, &Refusal{Problem: NotSigned, Detail: "there is none"}
	}
	rest, ok := strings.CutPrefix(text, algorithm)
	if !ok {
		return a, &Refusal{Problem: OtherScheme, Detail: "it is not " + algorithm}
	}
	lacks := func(what string) *Refusal { return &Refusal{Problem: Malformed, Detail: what} }
	parts := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		parts[name] = value
	}
	for _, name := range []string{"Credential", "SignedHeaders", "Signature"} {
		if parts[name] == "" {
			return a, lacks("Authorization header requires '" + name + "' parameter.")
		}
	}
	const scopeParts = 5
	scope := strings.Split(parts["Credential"], "/")
	if len(scope) != scopeParts || scope[4] != terminator {
		return a, lacks("Credential must be KEY/DATE/REGION/SERVICE/" + terminator + ".")
	}
	a.key, a.date, a.region, a.service, a.signature = scope[0], scope[1], scope[2], scope[3], parts["Signature"]
	a.headers = strings.Split(parts["SignedHeaders"], ";")
	var err error
	if stamp := r.Header.Get(dateHeader); stamp != "" {
		a.at, err = time.Parse(stampFormat, stamp)
	} else {
		a.at, err = http.ParseTime(r.Header.Get("Date"))
	}
	if err != nil {
		return a, lacks("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
	}
	if a.date != a.at.UTC().Format(dateFormat) {
		return a, lacks("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP")
	}
	return a, nil
}

// fits compares what a request was signed for with what it is.
func (a authorization) fits(e Expected) *Refusal {
	switch {
	case a.region != e.Region:
		return &Refusal{Problem: WrongRegion, Detail: a.region}
	case a.service != e.Service:
		return &Refusal{Problem: WrongService, Detail: a.service}
	case a.at.After(e.Now.Add(e.Skew)):
		return &Refusal{Problem: Early, Detail: "its date is in the future"}
	case a.at.Before(e.Now.Add(-e.Skew)):
		return &Refusal{Problem: Late, Detail: "its date is long over"}
	}
	return nil
}

// check finds the credentials, and compares the signature.
func (k *Keys) check(r *http.Request, a authorization, payload string, e Expected) (Session, *Refusal) {
	text := r.Header.Get(tokenHeader)
	if text == "" { // keys that need none are given out to nobody
		return Session{}, &Refusal{Problem: UnknownKey, Detail: "there is no such access key without a token"}
	}
	said, ok := k.read(text)
	if !ok {
		return Session{}, &Refusal{Problem: BadToken, Detail: "its token is unknown"}
	}
	c := k.of(text)
	if c.AccessKeyID != a.key {
		return Session{}, &Refusal{Problem: UnknownKey, Detail: "the access key is not that of the token"}
	}
	if !e.Now.Before(said.Expiration) {
		return Session{}, &Refusal{Problem: Expired, Detail: "its token has expired"}
	}
	if missing := unsigned(r, a.headers); len(missing) > 0 {
		return Session{}, &Refusal{Problem: Unsigned, Detail: strings.Join(missing, ", ")}
	}
	canonical := canonical(r, a.headers, payload, e.Plain)
	toSign := a.toSign(canonical)
	if !hmac.Equal([]byte(a.sign(c.SecretAccessKey, toSign)), []byte(a.signature)) {
		return Session{}, &Refusal{Problem: Mismatch, Detail: "it is another one", Canonical: canonical, ToSign: toSign}
	}
	return said.Session, nil
}

// unsigned are the headers of a request that have to be signed and are not.
func unsigned(r *http.Request, signed []string) []string {
	var missing []string
	if !slices.Contains(signed, hostHeader) {
		missing = append(missing, hostHeader)
	}
	for name := range r.Header {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, amzPrefix) && !slices.Contains(signed, lower) {
			missing = append(missing, lower)
		}
	}
	slices.Sort(missing)
	return missing
}
