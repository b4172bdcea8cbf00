package s3

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"wordpress-ecs/local/runtime/sigv4"
)

// fault is an error in S3's form.
type fault struct {
	status        int
	code, message string
	// more are further elements of its document, header those of the answer.
	more   []element
	header map[string]string
}

func (f *fault) Error() string { return f.code + ": " + f.message }

// element is an XML element that holds a text.
type element struct {
	XMLName xml.Name
	Text    string `xml:",chardata"`
}

func named(name, text string) element { return element{xml.Name{Local: name}, text} }

// refuse makes a fault; pairs are names and texts of further elements.
func refuse(status int, code, message string, pairs ...string) *fault {
	f := &fault{status: status, code: code, message: message}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.more = append(f.more, named(pairs[i], pairs[i+1]))
	}
	return f
}

// The codes and words are those of "Error responses" in the Amazon S3 API reference.

func denied(why string) *fault { return refuse(http.StatusForbidden, "AccessDenied", why) }

func noKey(key string) *fault {
	return refuse(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.", "Key", key)
}

func noBucket(name string) *fault {
	return refuse(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist", "BucketName", name)
}

func badArgument(message, name, value string) *fault {
	return refuse(http.StatusBadRequest, "InvalidArgument", message, "ArgumentName", name, "ArgumentValue", value)
}

// failed is a condition of the request that does not hold.
func failed(condition string) *fault {
	return refuse(http.StatusPreconditionFailed, "PreconditionFailed",
		"At least one of the pre-conditions you specified did not hold", "Condition", condition)
}

// notHere is what the emulation lacks. The first form is S3's for a header that it does not know.
func notHere(header string) *fault {
	return refuse(http.StatusNotImplemented, notImplemented, "A header you provided implies functionality that is not implemented",
		"Header", header)
}

func notDone(what string) *fault {
	return refuse(http.StatusNotImplemented, notImplemented, "The local cloud's S3 does not know "+what)
}

const notImplemented = "NotImplemented"

// unsigned is what S3 says of a signature that it does not accept.
func unsigned(r *sigv4.Refusal, region string, now time.Time) *fault {
	malformed := func(why string, pairs ...string) *fault {
		return refuse(http.StatusBadRequest, "AuthorizationHeaderMalformed", "The authorization header is malformed; "+why, pairs...)
	}
	switch r.Problem {
	case sigv4.NotSigned:
		return denied("Access Denied")
	case sigv4.OtherScheme:
		return refuse(http.StatusBadRequest, "InvalidRequest",
			"The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.")
	case sigv4.Malformed:
		return malformed(r.Detail)
	case sigv4.WrongRegion:
		return malformed(fmt.Sprintf("the region '%s' is wrong; expecting '%s'", r.Detail, region), "Region", region)
	case sigv4.WrongService:
		return malformed(fmt.Sprintf("incorrect service %q. This endpoint belongs to %q.", r.Detail, service))
	case sigv4.Early, sigv4.Late:
		return refuse(http.StatusForbidden, "RequestTimeTooSkewed",
			"The difference between the request time and the current time is too large.",
			"RequestTime", r.At.UTC().Format(http.TimeFormat), "ServerTime", now.UTC().Format(time.RFC3339),
			"MaxAllowedSkewMilliseconds", strconv.FormatInt(skew.Milliseconds(), 10))
	case sigv4.UnknownKey:
		return refuse(http.StatusForbidden, "InvalidAccessKeyId",
			"The AWS Access Key Id you provided does not exist in our records.", "AWSAccessKeyId", r.AccessKeyID)
	case sigv4.BadToken:
		return refuse(http.StatusBadRequest, "InvalidToken", "The provided token is malformed or otherwise invalid.")
	case sigv4.Expired:
		return refuse(http.StatusBadRequest, "ExpiredToken", "The provided token has expired.")
	case sigv4.Unsigned:
		return refuse(http.StatusForbidden, "AccessDenied", "There were headers present in the request which were not signed",
			"HeadersNotSigned", r.Detail)
	default:
		return refuse(http.StatusForbidden, "SignatureDoesNotMatch", "The request signature we calculated does not match the "+
			"signature you provided. Check your key and signing method.", "AWSAccessKeyId", r.AccessKeyID, "StringToSign", r.ToSign,
			"SignatureProvided", r.Signature, "StringToSignBytes", spaced(r.ToSign), "CanonicalRequest", r.Canonical,
			"CanonicalRequestBytes", spaced(r.Canonical))
	}
}

// spaced are the bytes of a text in hex.
func spaced(text string) string {
	return strings.TrimSpace(fmt.Sprintf("% x", text))
}

// answer is the fault as an answer to a request.
func (f *fault) answer(id string) *answer {
	document := struct {
		XMLName       xml.Name `xml:"Error"`
		Code, Message string
		More          []element
		RequestID     string `xml:"RequestId"`
		HostID        string `xml:"HostId"`
	}{Code: f.code, Message: f.message, More: f.more, RequestID: id, HostID: id}
	a := inXML(f.status, document)
	for name, value := range f.header {
		a.header.Set(name, value)
	}
	return a
}

// asFault is an error as S3 would tell it. Errors of the store are S3's own.
func asFault(err error) (f *fault, own bool) {
	if errors.As(err, &f) {
		return f, false
	}
	return refuse(http.StatusInternalServerError, "InternalError", "We encountered an internal error. Please try again."), true
}
