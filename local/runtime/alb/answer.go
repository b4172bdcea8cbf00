package alb

import (
	"fmt"
	"net/http"
	"strconv"
)

// forwardedTooOften is AWS's own code for a request with too many addresses in X-Forwarded-For.
const forwardedTooOften = 463

// reasons are the words of load balancers where they differ from the usual ones.
var reasons = map[int]string{
	http.StatusRequestURITooLong:  "Request-URI Too Large",
	http.StatusRequestTimeout:     "Request Time-out",
	http.StatusServiceUnavailable: "Service Temporarily Unavailable",
	http.StatusGatewayTimeout:     "Gateway Time-out",
	http.StatusMethodNotAllowed:   "Not Allowed",
	forwardedTooOften:             "Bad Request",
}

// answer is a page of the load balancer itself.
func answer(w http.ResponseWriter, r *http.Request, status int) {
	reason := reasons[status]
	if reason == "" {
		reason = http.StatusText(status)
	}
	body := fmt.Sprintf("<html>\r\n<head><title>%[1]d %[2]s</title></head>\r\n<body>\r\n<center><h1>%[1]d %[2]s</h1></center>\r\n"+
		"</body>\r\n</html>\r\n", status, reason)
	respond(w, r, status, "text/html", body)
}

func respond(w http.ResponseWriter, r *http.Request, status int, contentType, body string) {
	h := w.Header()
	h.Set("Server", "awselb/2.0")
	if body == "" {
		contentType = ""
	}
	if contentType != "" {
		h.Set("Content-Type", contentType)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if status == http.StatusRequestTimeout || status == http.StatusBadRequest {
		h.Set("Connection", "close")
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead && status != http.StatusNoContent {
		//nolint:gosec,nolintlint // the page is ours or the account's; gosec objects in some runs only. A client that has gone needs no answer
		_, _ = w.Write([]byte(body))
	}
}
