package daemon

import (
	"context"
	"net/http"
)

// pathAWS is where the AWS CLI's commands are answered.
const pathAWS = "/aws"

// Answer is what a command of the AWS CLI prints, and how it ends.
type Answer struct {
	Out  string `json:"out,omitempty"`
	Err  string `json:"err,omitempty"`
	Code int    `json:"code,omitempty"`
}

// aws answers a command of the AWS CLI. It waits for nobody, as AWS waits for no deployment.
func (s *server) aws(w http.ResponseWriter, r *http.Request) {
	var words []string
	if !read(w, r, &words) {
		return
	}
	reply(w, s.cloud.AWS(r.Context(), words), nil)
}

// AWS runs a command of the AWS CLI, its words after "aws".
func (c *Client) AWS(ctx context.Context, words []string) (Answer, error) {
	var a Answer
	err := c.call(ctx, http.MethodPost, pathAWS, words, &a)
	return a, err
}
