package alb

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"strconv"
	"time"
)

// Firewall decides about requests before the rules of listeners do.
type Firewall interface {
	// Guard is nil for a request that the web ACL of a load balancer lets pass, to which it may have added headers, or else
	// the answer to it: without a body that is the load balancer's own page. An error is why the request could not be read.
	Guard(loadBalancer string, r *http.Request) (*http.Response, error)
}

// guard asks the firewall, and tells whether the request goes on. A client that sends the beginning of its body too slowly is
// answered as one that sends the rest of it too slowly.
func (f *front) guard(w http.ResponseWriter, r *http.Request, now *routing) (passes bool) {
	firewall := f.balancer.part.env.Firewall
	if firewall == nil {
		return true
	}
	sends := r.Body != nil && r.Body != http.NoBody
	control := http.NewResponseController(w)
	if sends {
		_ = control.SetReadDeadline(time.Now().Add(now.balancer.idle))
	}
	res, err := firewall.Guard(now.balancer.arn, r)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		f.fail(w, r, now, http.StatusRequestTimeout)
		return false
	case err != nil:
		f.fail(w, r, now, http.StatusBadRequest)
		return false
	}
	if sends {
		_ = control.SetReadDeadline(time.Time{})
	}
	switch {
	case res == nil:
		return true
	case res.Body == nil:
		f.fail(w, r, now, res.StatusCode)
		return false
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		f.fail(w, r, now, http.StatusInternalServerError)
		return false
	}
	maps.Copy(w.Header(), res.Header)
	f.balancer.part.count(now.balancer.suffix, "HTTPCode_ELB_"+strconv.Itoa(res.StatusCode/100)+"XX_Count")
	respond(w, r, res.StatusCode, res.Header.Get("Content-Type"), string(body))
	return false
}
