package image_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/sigv4"
	"wordpress-ecs/tests/containers"
	"wordpress-ecs/tests/site"
)

const (
	distribution = "E2QWRUHEXAMPLE"
	bucket       = "media-of-a-test"
	region       = "eu-central-1"
	// taskAPI is where ECS answers the containers of a task. What stands for AWS is there, too.
	taskAPI         = "169.254.170.2"
	credentialsPath = "/v2/credentials/0d1c2b3a-task"

	cloudFrontHost = "cloudfront.amazonaws.com"
	bucketHost     = bucket + ".s3." + region + ".amazonaws.com"
)

// cloud is AWS as far as a task can tell: it hands out credentials, keeps the objects of one bucket, and counts
// invalidations. What is not signed as AWS wants it is refused.
type cloud struct {
	keys *sigv4.Keys

	mu            sync.Mutex
	lifetime      time.Duration // of credentials
	handedOut     int
	asked         int // requests to CloudFront and S3
	invalidations []string
	objects       map[string]object
	wrong         []string
	// answers are what comes instead, for the next requests: a status, or 0 for silence.
	answers []int
	// gate holds requests back, if there is one.
	gate chan struct{}
}

// object is a file in the bucket.
type object struct{ content, contentType, cacheControl string }

// cloudSettings are what a site is told about the cloud.
func cloudSettings(changes map[string]string) site.Variation {
	settings := map[string]string{
		"WORDPRESS_CDN_DISTRIBUTION": distribution, "WORDPRESS_MEDIA_BUCKET": bucket, "WORDPRESS_MEDIA_REGION": region,
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": credentialsPath,
	}
	maps.Copy(settings, changes)
	return site.Variation{Environment: settings, Files: map[string]string{
		"/etc/hosts": "127.0.0.1 localhost\n" + taskAPI + " " + cloudFrontHost + " " + bucketHost + "\n",
	}}
}

// startCloud puts the cloud into the network namespace of a task.
func startCloud(t *testing.T, s *site.Site, k *site.Task) *cloud {
	t.Helper()
	acct, err := account.Open(filepath.Join(t.TempDir(), "account.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, acct.Close()) })
	c := &cloud{objects: map[string]object{}, lifetime: time.Hour}
	c.keys, err = sigv4.Open(acct)
	require.NoError(t, err)

	// The path of a socket is short.
	dir, err := os.MkdirTemp("", "cloud-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	require.NoError(t, os.Chmod(dir, 0o755))
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", filepath.Join(dir, "cloud.sock"))
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(c)
	server.Listener = listener
	server.Start()
	t.Cleanup(server.CloseClientConnections)
	t.Cleanup(func() { assert.Empty(t, c.wrong) })

	pair := s.Authority.Issue(t, cloudFrontHost, bucketHost)
	k.Join(t, containers.Spec{
		Name: "cloud", Image: site.Image(t, s.Engine), User: "0:0", Capabilities: []string{"NET_ADMIN"},
		Entrypoint: []string{"sh", "-euc", "busybox ip address add " + taskAPI + "/32 dev lo; exec nginx -c /etc/cloud/nginx.conf"},
		Mounts:     []containers.Mount{{Source: dir, Target: "/run/cloud"}},
		Files: []containers.File{
			{Name: "/etc/cloud/nginx.conf", Content: forwarder}, {Name: "/etc/cloud/key.pem", Content: pair.Key},
			{Name: "/etc/cloud/certificate.pem", Content: pair.Certificate},
		},
	})
	return c
}

// forwarder passes everything on to the test's process, TLS taken off.
const forwarder = `daemon off; master_process off; pid /tmp/nginx.pid; error_log stderr error; events {}
http {
	access_log off; client_max_body_size 0; proxy_request_buffering off; proxy_http_version 1.1; proxy_set_header Host $http_host;
	client_body_temp_path /tmp/body; proxy_temp_path /tmp/proxy; fastcgi_temp_path /tmp/f; scgi_temp_path /tmp/s; uwsgi_temp_path /tmp/u;
	proxy_set_header X-Scheme $scheme;
	server { listen ` + taskAPI + `:80; location / { proxy_pass http://unix:/run/cloud/cloud.sock; } }
	server {
		listen ` + taskAPI + `:443 ssl; ssl_certificate /etc/cloud/certificate.pem; ssl_certificate_key /etc/cloud/key.pem;
		location / { proxy_pass http://unix:/run/cloud/cloud.sock; }
	}
}`

// ServeHTTP answers all of AWS.
func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Host == taskAPI && r.URL.Path == credentialsPath && r.Header.Get("X-Scheme") == "http" {
		c.handOut(w)
		return
	}
	if r.Header.Get("X-Scheme") != "https" {
		c.refuse(w, r, "not over TLS")
		return
	}
	c.wait()
	switch answer := c.next(); answer {
	case http.StatusOK:
	case 0:
		<-r.Context().Done()
		return
	default:
		w.WriteHeader(answer)
		_, _ = io.WriteString(w, "<Error><Code>Told</Code><Message>the test says so</Message></Error>") // read or not
		return
	}
	switch r.Host {
	case cloudFrontHost:
		c.invalidate(w, r)
	case bucketHost:
		c.keep(w, r)
	default:
		c.refuse(w, r, "nobody has this name")
	}
}

func (c *cloud) handOut(w http.ResponseWriter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.handedOut++
	issued, err := c.keys.Issue(sigv4.Session{Role: "arn:aws:iam::123456789012:role/site", Name: "task"}, time.Now().Add(c.lifetime))
	if err != nil {
		panic(err)
	}
	_ = json.NewEncoder(w).Encode(map[string]string{ // read or not
		"RoleArn": "arn:aws:iam::123456789012:role/site", "AccessKeyId": issued.AccessKeyID,
		"SecretAccessKey": issued.SecretAccessKey, "Token": issued.Token, "Expiration": issued.Expiration.Format(time.RFC3339),
	})
}

// next is how the next request is answered.
func (c *cloud) next() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.answers) == 0 {
		return http.StatusOK
	}
	answer := c.answers[0]
	c.answers = c.answers[1:]
	return answer
}

// invalidate is CreateInvalidation.
func (c *cloud) invalidate(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	sum := sha256.Sum256(body)
	if err == nil {
		_, err = c.keys.Verify(r, hex.EncodeToString(sum[:]), sigv4.Expected{
			Service: "cloudfront", Region: "us-east-1", Skew: time.Minute, Now: time.Now(),
		})
	}
	var batch struct {
		XMLName         xml.Name `xml:"http://cloudfront.amazonaws.com/doc/2020-05-31/ InvalidationBatch"`
		Quantity        int      `xml:"Paths>Quantity"`
		Paths           []string `xml:"Paths>Items>Path"`
		CallerReference string
	}
	if err == nil {
		err = xml.Unmarshal(body, &batch)
	}
	fits := r.Method == http.MethodPost && r.URL.Path == "/2020-05-31/distribution/"+distribution+"/invalidation" &&
		batch.Quantity == 1 && slices.Equal(batch.Paths, []string{"/*"}) && batch.CallerReference != ""
	if err != nil || !fits {
		c.refuse(w, r, fmt.Sprintf("%v %+v", err, batch))
		return
	}
	c.mu.Lock()
	c.invalidations = append(c.invalidations, batch.CallerReference)
	c.mu.Unlock()
	w.WriteHeader(http.StatusCreated)
}

// keep is PutObject and DeleteObject.
func (c *cloud) keep(w http.ResponseWriter, r *http.Request) {
	payload := r.Header.Get("X-Amz-Content-Sha256")
	empty := sha256.Sum256(nil)
	if r.Method == http.MethodDelete && payload == "" {
		payload = hex.EncodeToString(empty[:])
	}
	_, err := c.keys.Verify(r, payload, sigv4.Expected{
		Service: "s3", Region: region, Skew: time.Minute, Now: time.Now(), Plain: true,
	})
	content, bodyErr := io.ReadAll(r.Body)
	key := strings.TrimPrefix(r.URL.Path, "/")
	if err != nil || bodyErr != nil {
		c.refuse(w, r, fmt.Sprint(err, bodyErr))
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch r.Method {
	case http.MethodPut:
		c.objects[key] = object{string(content), r.Header.Get("Content-Type"), r.Header.Get("Cache-Control")}
	case http.MethodDelete:
		delete(c.objects, key)
		w.WriteHeader(http.StatusNoContent)
	default:
		c.wrong = append(c.wrong, r.Method)
	}
}

// refuse notes what no request of the image should be.
func (c *cloud) refuse(w http.ResponseWriter, r *http.Request, why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrong = append(c.wrong, fmt.Sprintf("%s %s%s: %s", r.Method, r.Host, r.URL, why))
	w.WriteHeader(http.StatusForbidden)
	_, _ = fmt.Fprintf(w, "<Error><Code>AccessDenied</Code><Message>%s</Message></Error>", why) // read or not
}

// told has the next requests answered in another way.
func (c *cloud) told(answers ...int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answers = answers
}

// sent is how many invalidations CloudFront has taken.
func (c *cloud) sent() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.invalidations)
}

// requests is how many have come to CloudFront and S3, those that wait at the gate included.
func (c *cloud) requests() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked
}

// lose empties the bucket.
func (c *cloud) lose() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.objects)
}

// stored are the objects of the bucket.
func (c *cloud) stored() map[string]object {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.objects)
}

// wait is for the gate.
func (c *cloud) wait() {
	c.mu.Lock()
	c.asked++
	gate := c.gate
	c.mu.Unlock()
	if gate != nil {
		<-gate
	}
}

// hold keeps requests waiting until the gate is closed; nil lets them pass.
func (c *cloud) hold(gate chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gate = gate
}

// handOuts is how often credentials were asked for.
func (c *cloud) handOuts() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.handedOut
}
