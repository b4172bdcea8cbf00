package gateway

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"wordpress-ecs/local/runtime/sigv4"
)

const (
	// credentialsPath comes before the id of a task's credentials, as at the ECS agent.
	credentialsPath = "/v2/credentials/"
	// lasting is how long credentials are good for at most, and renewed how often there are new ones: ECS gives them
	// for six hours and renews them before.
	lasting = 6 * time.Hour
	renewed = time.Hour
)

// credentials answers a task as the endpoint of the ECS agent does (ecs-agent/tmds/handlers/v1, credentials).
func (g *Gateway) credentials(c Caller) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, ok := strings.CutPrefix(r.URL.Path, strings.TrimSuffix(credentialsPath, "/"))
		switch id = strings.TrimPrefix(id, "/"); {
		case !ok:
			http.NotFound(w, r)
		case id == "":
			refuseID(w, "NoIdInRequest", "No Credential ID in the request")
		case c.Role == "" || id != g.env.Keys.ID(c.Task):
			refuseID(w, "InvalidIdInRequest", "Credentials not found")
		default:
			made, err := g.env.Keys.Issue(sigv4.Session{Role: c.Role, Name: c.Task}, time.Now().Truncate(renewed).Add(lasting))
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			write(w, http.StatusOK, map[string]string{
				"RoleArn": c.Role, "AccessKeyId": made.AccessKeyID, "SecretAccessKey": made.SecretAccessKey, "Token": made.Token,
				"Expiration": made.Expiration.Format(time.RFC3339),
			})
		}
	})
}

func refuseID(w http.ResponseWriter, code, message string) {
	write(w, http.StatusBadRequest, struct {
		Code          string `json:"code"`
		Message       string `json:"message"`
		HTTPErrorCode int
	}{code, "CredentialsV2Request: " + message, http.StatusBadRequest})
}

func write(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // the client is gone
}
