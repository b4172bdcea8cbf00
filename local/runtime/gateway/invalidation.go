package gateway

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"wordpress-ecs/local/access"
	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/sigv4"
)

const (
	// mostBody bounds a batch: 3,000 paths of 4,000 characters.
	mostBody = 16 << 20
	// skew is how far the date of a request may be from now, as CloudFront says when it is too far:
	// "... is now earlier than ... (... - 5 min.)".
	skew = 5 * time.Minute
	// remembered is how many batches are kept to be known again by their references.
	remembered = 1000
)

var invalidationPath = regexp.MustCompile(`^/2020-05-31/distribution/([A-Za-z0-9]+)/invalidation$`)

// Refusal is why CloudFront does not do what it is asked for, with a code and words of its API.
type Refusal struct{ Code, Message string }

func (r *Refusal) Error() string { return r.Code + ": " + r.Message }

func refuse(code, message string) *Refusal { return &Refusal{code, message} }

// statuses are those of codes that are not 400.
var statuses = map[string]int{
	"AccessDenied": http.StatusForbidden, "SignatureDoesNotMatch": http.StatusForbidden, "InvalidClientTokenId": http.StatusForbidden,
	"ExpiredToken": http.StatusForbidden, "MissingAuthenticationToken": http.StatusForbidden,
	"NoSuchDistribution": http.StatusNotFound, "BatchTooLarge": http.StatusRequestEntityTooLarge,
	"NotImplemented": http.StatusNotImplemented, "ServiceUnavailable": http.StatusServiceUnavailable,
}

// batch is an InvalidationBatch, in a request and in the answer.
type batch struct {
	XMLName         xml.Name `xml:"InvalidationBatch"`
	Paths           *paths
	CallerReference string
}

type paths struct {
	Quantity *int
	Items    []string `xml:"Items>Path"`
}

// invalidation is what CloudFront answers with.
type invalidation struct {
	XMLName           xml.Name `xml:"http://cloudfront.amazonaws.com/doc/2020-05-31/ Invalidation"`
	ID                string   `xml:"Id"`
	Status            string
	CreateTime        string
	InvalidationBatch batch
}

// batches are the latest ones that were taken.
type batches struct {
	mu   sync.Mutex
	list []done
}

// done is a batch that was taken.
type done struct {
	distribution string
	answer       invalidation
}

// cloudFront answers the API of CloudFront: CreateInvalidation alone.
func (g *Gateway) cloudFront(w http.ResponseWriter, r *http.Request) {
	id := account.NewUUID()
	w.Header().Set("X-Amzn-Requestid", id)
	distribution, answer, err := g.createInvalidation(w, r)
	if err == nil {
		w.Header().Set("Location", "https://"+cloudFrontHost+strings.TrimSuffix(r.URL.Path, "/")+"/"+answer.ID)
		writeXML(w, http.StatusCreated, answer)
		return
	}
	var refused *Refusal
	if !errors.As(err, &refused) {
		g.env.Say(fmt.Sprintf("distribution %s: %v", distribution, err))
		refused = refuse("ServiceUnavailable", "CloudFront encountered an internal error. Please try again.")
	}
	status := cmp.Or(statuses[refused.Code], http.StatusBadRequest)
	kind := "Sender"
	if status >= http.StatusInternalServerError {
		kind = "Receiver"
	}
	type fault struct{ Type, Code, Message string }
	writeXML(w, status, struct {
		XMLName   xml.Name `xml:"http://cloudfront.amazonaws.com/doc/2020-05-31/ ErrorResponse"`
		Error     fault
		RequestID string `xml:"RequestId"`
	}{Error: fault{kind, refused.Code, refused.Message}, RequestID: id})
}

func (g *Gateway) createInvalidation(w http.ResponseWriter, r *http.Request) (distribution string, answer invalidation, err error) {
	match := invalidationPath.FindStringSubmatch(r.URL.Path)
	if match == nil || r.Method != http.MethodPost {
		return "", answer, refuse("NotImplemented", "The local cloud's CloudFront does not know "+r.Method+" "+r.URL.Path+
			"; it knows CreateInvalidation: POST /2020-05-31/distribution/ID/invalidation")
	}
	distribution = match[1]
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBody))
	if err != nil {
		return distribution, answer, refuse("MalformedInput", err.Error())
	}
	if err := g.mayInvalidate(r, body, distribution); err != nil {
		return distribution, answer, err
	}
	asked, err := readBatch(body)
	if err != nil {
		return distribution, answer, err
	}
	answer, err = g.invalidate(distribution, asked)
	return distribution, answer, err
}

// mayInvalidate finds out who asks, and whether the role may.
func (g *Gateway) mayInvalidate(r *http.Request, body []byte, distribution string) error {
	sum, now := sha256.Sum256(body), time.Now()
	who, err := g.env.Keys.Verify(r, hex.EncodeToString(sum[:]), sigv4.Expected{
		Service: "cloudfront", Region: "us-east-1", Skew: skew, Now: now,
	})
	var refused *sigv4.Refusal
	if errors.As(err, &refused) {
		return unsigned(refused, now)
	}
	if err != nil {
		return err
	}
	return g.env.Account.View(func(tx *account.Tx) error {
		a, err := access.Ask(tx, access.Request{
			Role: who.Role, Session: who.Name, Action: "cloudfront:CreateInvalidation",
			Resource: "arn:aws:cloudfront::" + account.ID + ":distribution/" + distribution,
			Context:  map[string]string{"aws:SecureTransport": "true", "aws:RequestedRegion": "us-east-1"},
		})
		if err != nil {
			return err
		}
		if err := a.Refused(); err != nil {
			return refuse("AccessDenied", err.Error())
		}
		return nil
	})
}

// readBatch reads what is to be invalidated.
func readBatch(body []byte) (b batch, err error) {
	null := func(member string) error {
		return refuse("MalformedXML", "1 validation error detected: Value null at '"+member+
			"' failed to satisfy constraint: Member must not be null")
	}
	if len(body) == 0 {
		return b, null("invalidationBatch")
	}
	if err := xml.Unmarshal(body, &b); err != nil {
		return b, refuse("MalformedInput", err.Error())
	}
	switch {
	case b.CallerReference == "":
		return b, null("invalidationBatch.callerReference")
	case b.Paths == nil:
		return b, null("invalidationBatch.paths")
	case b.Paths.Quantity == nil:
		return b, null("invalidationBatch.paths.quantity")
	case *b.Paths.Quantity != len(b.Paths.Items):
		return b, refuse("InconsistentQuantities", "The value of Quantity and the size of Items don't match.")
	}
	b.XMLName = xml.Name{Local: "InvalidationBatch"}
	return b, nil
}

// invalidate does it, unless it was done: a batch that comes again, known by its reference, is answered as before.
func (g *Gateway) invalidate(distribution string, b batch) (invalidation, error) {
	g.batches.mu.Lock()
	defer g.batches.mu.Unlock()
	for _, d := range g.batches.list {
		before := d.answer.InvalidationBatch
		if d.distribution != distribution || before.CallerReference != b.CallerReference {
			continue
		}
		if !slices.Equal(before.Paths.Items, b.Paths.Items) {
			return invalidation{}, refuse("InvalidationBatchAlreadyExists",
				"An invalidation batch with the same caller reference and other paths exists already.")
		}
		return d.answer, nil
	}
	if g.env.Invalidate == nil {
		return invalidation{}, errors.New("nothing serves distributions")
	}
	id, err := g.env.Invalidate(distribution, b.Paths.Items)
	if err != nil {
		return invalidation{}, err
	}
	answer := invalidation{
		ID: id, Status: "InProgress", CreateTime: time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), InvalidationBatch: b,
	}
	g.batches.list = append(g.batches.list, done{distribution, answer})
	if extra := len(g.batches.list) - remembered; extra > 0 {
		g.batches.list = slices.Delete(g.batches.list, 0, extra)
	}
	return answer, nil
}

// unsigned is what CloudFront says of a signature that it does not accept.
func unsigned(r *sigv4.Refusal, now time.Time) *Refusal {
	const stamp = "20060102T150405Z"
	at, here := r.At.UTC().Format(stamp), now.UTC().Format(stamp)
	skewed := func(how string, bound time.Time, sign string) *Refusal {
		return refuse("SignatureDoesNotMatch", fmt.Sprintf("%s %s (%s %s %d min.)", how, bound.UTC().Format(stamp), here, sign,
			int(skew.Minutes())))
	}
	switch r.Problem {
	case sigv4.NotSigned:
		return refuse("MissingAuthenticationToken", "Missing Authentication Token")
	case sigv4.OtherScheme:
		return refuse("IncompleteSignature", "Unsupported AWS 'algorithm'")
	case sigv4.Malformed:
		return refuse("IncompleteSignature", r.Detail)
	case sigv4.WrongRegion:
		return refuse("SignatureDoesNotMatch", "Credential should be scoped to a valid region.")
	case sigv4.WrongService:
		return refuse("SignatureDoesNotMatch", "Credential should be scoped to correct service: 'cloudfront'.")
	case sigv4.Late:
		return skewed("Signature expired: "+at+" is now earlier than", now.Add(-skew), "-")
	case sigv4.Early:
		return skewed("Signature not yet current: "+at+" is still later than", now.Add(skew), "+")
	case sigv4.UnknownKey, sigv4.BadToken:
		return refuse("InvalidClientTokenId", "The security token included in the request is invalid.")
	case sigv4.Expired:
		return refuse("ExpiredToken", "The security token included in the request is expired")
	default:
		text := "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and " +
			"signing method. Consult the service documentation for details."
		if r.Canonical != "" {
			text += fmt.Sprintf("\n\nThe Canonical String for this request should have been\n'%s'\n\nThe String-to-Sign should have been\n'%s'\n",
				r.Canonical, r.ToSign)
		}
		return refuse("SignatureDoesNotMatch", text)
	}
}

func writeXML(w http.ResponseWriter, status int, document any) {
	text, err := xml.Marshal(document)
	if err != nil { // of texts alone
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	//nolint:gosec // XML for a program, and the client may be gone
	_, _ = w.Write(append([]byte(`<?xml version="1.0"?>`+"\n"), text...))
}
