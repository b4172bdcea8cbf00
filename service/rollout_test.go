package service_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/graph"
)

// running is an update after which ECS runs another task definition than the one that was asked for.
func running(definition string) graph.Run {
	return graph.Run{Answers: map[string]func(resource.PropertyMap) resource.PropertyMap{
		"aws:ecs/getService:getService": func(resource.PropertyMap) resource.PropertyMap {
			return resource.PropertyMap{"taskDefinition": resource.NewProperty(definition)}
		},
	}}
}

const older = "arn:aws:ecs:" + graph.Region + ":" + graph.Account + ":task-definition/site-test:6"

// answering lets a server stand for ECS. The default chain finds no credentials but these.
func answering(t *testing.T, status int, body string) *http.Request {
	t.Helper()
	asked := &http.Request{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = *r
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	for key, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
		"AWS_MAX_ATTEMPTS": "1",
	} {
		t.Setenv(key, value)
	}
	return asked
}

// A deployment that ECS took back is steady too, and the provider calls it a success.
func TestARolledBackDeploymentFailsTheUpdate(t *testing.T) {
	asked := answering(t, http.StatusOK, `{"services": [{
		"deployments": [
			{"rolloutState": "COMPLETED", "rolloutStateReason": "ECS deployment circuit breaker: rolling back to 6."},
			{"rolloutState": "FAILED", "rolloutStateReason": "tasks failed to start."}
		],
		"events": [
			{"message": "event 1"}, {"message": "event 2"}, {"message": "event 3"},
			{"message": "event 4"}, {"message": "event 5"}, {"message": "event 6"}
		]
	}]}`)
	g, err := running(older).Try(program(args()))
	require.Error(t, err)
	for _, part := range []string{
		"ECS rolled the deployment of site-test:7 back", "service " + g.Only(t, ecsService).ID + " runs site-test:6",
		"ECS deployment circuit breaker: rolling back to 6.", "tasks failed to start.", "event 1; event 2", "event 5",
		"Correct the cause, then run `pulumi up --refresh`",
	} {
		require.ErrorContains(t, err, part)
	}
	require.NotContains(t, err.Error(), "event 6", "the newest five are enough")
	require.Equal(t, "AmazonEC2ContainerServiceV20141113.DescribeServices", asked.Header.Get("X-Amz-Target"))
}

// The failure is certain even when its reason is not to be had.
func TestARollbackFailsWithoutItsReason(t *testing.T) {
	for name, answer := range map[string]struct {
		status int
		body   string
	}{
		"denied":  {http.StatusBadRequest, `{"__type": "AccessDeniedException", "message": "not allowed"}`},
		"no such": {http.StatusOK, `{"services": []}`},
	} {
		t.Run(name, func(t *testing.T) {
			answering(t, answer.status, answer.body)
			_, err := running(older).Try(program(args()))
			require.ErrorContains(t, err, "ECS rolled the deployment of site-test:7 back")
			require.ErrorContains(t, err, "its reason could not be read")
			require.ErrorContains(t, err, "aws ecs describe-services --cluster arn:cluster --services site-")
		})
	}
}

// AWS answers with an ARN or with family and revision alone; both name the same task definition.
func TestTheSameRevisionIsASuccess(t *testing.T) {
	t.Parallel()
	g := running("site-test:7").Of(t, program(args()))
	require.Equal(t, "site-test:7", g.Exports()["taskDefinition"].Value)
	g.Check(t)
}
