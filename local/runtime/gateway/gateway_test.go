package gateway_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/objects"
	"wordpress-ecs/local/runtime/authority"
	"wordpress-ecs/local/runtime/gateway"
	"wordpress-ecs/local/runtime/reach"
	"wordpress-ecs/local/runtime/s3"
	"wordpress-ecs/local/runtime/sigv4"
)

const (
	region = "eu-central-1"
	task   = "0123456789abcdef0123456789abcdef"
	role   = "arn:aws:iam::123456789012:role/site-task"
	bucket = "https://site-media.s3.eu-central-1.amazonaws.com"
)

// world is an account whose tasks call AWS.
type world struct {
	*testing.T
	account   *account.Account
	authority *authority.Authority
	env       gateway.Env
	*gateway.Gateway

	mu   sync.Mutex
	said []string
	// invalidated are the calls of Invalidate; refuses is its error.
	invalidated []string
	refuses     error
}

// begin makes an account with a bucket, and a role that may do what a statement says.
func begin(t *testing.T, home, statement string) *world {
	t.Helper()
	w := &world{T: t}
	var err error
	w.account, err = account.Open(filepath.Join(t.TempDir(), "account.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.account.Close()) })
	store, err := objects.Open(filepath.Join(t.TempDir(), "objects"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	w.authority, err = authority.Open(t.TempDir())
	require.NoError(t, err)
	keys, err := sigv4.Open(w.account)
	require.NoError(t, err)
	w.has("aws:iam/role:Role", "", "site-task", account.Props{"arn": role, "name": "site-task"})
	w.has("aws:iam/rolePolicy:RolePolicy", "", "site-task:own", account.Props{
		"role": "site-task", "name": "own", "policy": `{"Statement":` + statement + `}`,
	})
	w.has("aws:s3/bucketV2:BucketV2", region, "site-media", account.Props{"bucket": "site-media"})
	w.env = gateway.Env{
		Home: home, Account: w.account, Authority: w.authority, Keys: keys, Say: w.say, Invalidate: w.invalidate,
		Objects: s3.New(s3.Env{Account: w.account, Objects: store, Keys: keys, Say: w.say}),
	}
	w.Gateway = gateway.New(w.env)
	t.Cleanup(func() { require.NoError(t, w.Stop()) })
	return w
}

const everything = `{"Effect":"Allow","Action":"*","Resource":"*"}`

func (w *world) has(typ, region, id string, outputs account.Props) {
	w.Helper()
	require.NoError(w, w.account.Update(func(tx *account.Tx) error {
		return tx.Put(account.Resource{Type: typ, ID: id, Region: region, Outputs: outputs})
	}))
}

// authorityFile is a file with the authorities to trust.
func (w *world) authorityFile() string { return w.authority.BundleFile() }

func (w *world) say(line string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, line)
}

func (w *world) invalidate(distribution string, paths []string) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.invalidated = append(w.invalidated, distribution+" "+strings.Join(paths, " "))
	return fmt.Sprintf("I%d", len(w.invalidated)), w.refuses
}

func (w *world) open(c gateway.Caller) gateway.Place {
	w.Helper()
	p, err := w.Open(c)
	require.NoError(w, err)
	return p
}

// client is one that comes through the sockets of a task, as its containers do.
func (w *world) client(p gateway.Place) *http.Client {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(w.authority.Certificate())
	dial := func(socket string) func(context.Context, string, string) (net.Conn, error) {
		return func(ctx context.Context, _, address string) (net.Conn, error) {
			name := socket
			if strings.HasSuffix(address, ":443") {
				name = gateway.SocketHTTPS
			}
			// The path may be too long for the system.
			short, err := os.MkdirTemp("", "client-")
			if err != nil {
				return nil, err
			}
			defer func() { _ = os.RemoveAll(short) }()
			if err := os.Symlink(p.Directory, filepath.Join(short, "d")); err != nil {
				return nil, err
			}
			return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(short, "d", name))
		}
	}
	transport := &http.Transport{DialContext: dial(gateway.SocketHTTP), TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	w.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// get asks the credential endpoint.
func (w *world) get(c *http.Client, path string) (int, map[string]any) {
	w.Helper()
	r, err := http.NewRequestWithContext(w.Context(), http.MethodGet, "http://169.254.170.2"+path, http.NoBody)
	require.NoError(w, err)
	a, err := c.Do(r)
	require.NoError(w, err)
	defer func() { require.NoError(w, a.Body.Close()) }()
	var answer map[string]any
	if a.StatusCode != http.StatusNotFound {
		require.NoError(w, json.NewDecoder(a.Body).Decode(&answer))
	}
	return a.StatusCode, answer
}

func (w *world) credentials(c *http.Client, p gateway.Place) aws.Credentials {
	w.Helper()
	status, answer := w.get(c, p.CredentialsURI)
	require.Equal(w, http.StatusOK, status)
	text := func(name string) string { return fmt.Sprint(answer[name]) }
	return aws.Credentials{AccessKeyID: text("AccessKeyId"), SecretAccessKey: text("SecretAccessKey"), SessionToken: text("Token")}
}

// reply is what came back.
type reply struct {
	status int
	header http.Header
	text   string
}

// call is a signed request, to S3 or to CloudFront.
func (w *world) call(c *http.Client, with aws.Credentials, method, url, body string, at time.Time) (reply, error) {
	w.Helper()
	r, err := http.NewRequestWithContext(w.Context(), method, url, strings.NewReader(body))
	require.NoError(w, err)
	sum := sha256.Sum256([]byte(body))
	payload, service, of := hex.EncodeToString(sum[:]), "s3", region
	if strings.Contains(url, "cloudfront") {
		service, of = "cloudfront", "us-east-1"
	} else {
		r.Header.Set("X-Amz-Content-Sha256", payload)
	}
	require.NoError(w, v4.NewSigner().SignHTTP(w.Context(), with, r, payload, service, of, at))
	a, err := c.Do(r)
	if err != nil {
		return reply{}, err
	}
	defer func() { require.NoError(w, a.Body.Close()) }()
	text, err := io.ReadAll(a.Body)
	return reply{a.StatusCode, a.Header, string(text)}, err
}

func (w *world) must(c *http.Client, with aws.Credentials, method, url, body string) reply {
	w.Helper()
	a, err := w.call(c, with, method, url, body, time.Now())
	require.NoError(w, err)
	return a
}

func TestATaskGetsCredentialsAndUsesThem(t *testing.T) {
	t.Parallel()
	// A path that is too long for the address of a socket.
	home := filepath.Join(t.TempDir(), strings.Repeat("deep", 20), strings.Repeat("deeper", 20))
	w := begin(t, home, everything)
	p := w.open(gateway.Caller{Task: task, Role: role, Region: region})
	require.Regexp(t, `^/v2/credentials/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$`, p.CredentialsURI)
	require.Equal(t, []string{
		"s3.eu-central-1.amazonaws.com", "site-media.s3.eu-central-1.amazonaws.com", "cloudfront.amazonaws.com",
	}, p.Hosts)
	require.True(t, filepath.IsAbs(p.Directory))
	c := w.client(p)
	status, answer := w.get(c, p.CredentialsURI)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, role, answer["RoleArn"])
	until, err := time.Parse(time.RFC3339, fmt.Sprint(answer["Expiration"]))
	require.NoError(t, err)
	require.Greater(t, time.Until(until), 4*time.Hour)
	require.LessOrEqual(t, time.Until(until), 6*time.Hour)

	with := w.credentials(c, p)
	key := bucket + "/wp-content/uploads/a.jpg"
	put := w.must(c, with, http.MethodPut, key, "pixels")
	require.Equal(t, http.StatusOK, put.status, put.text)
	require.Equal(t, "pixels", w.must(c, with, http.MethodGet, key, "").text)
	inPath := "https://s3.eu-central-1.amazonaws.com/site-media/wp-content/uploads/a.jpg"
	require.Equal(t, "pixels", w.must(c, with, http.MethodGet, inPath, "").text)

	// Another process takes over: the ways and the credentials stay what they are.
	require.NoError(t, w.Stop())
	w.Gateway = gateway.New(w.env)
	require.Equal(t, p, w.open(gateway.Caller{Task: task, Role: role, Region: region}))
	require.Equal(t, p, w.open(gateway.Caller{Task: task, Role: role, Region: region}), "twice is no error")
	c.CloseIdleConnections()
	require.Equal(t, "pixels", w.must(c, with, http.MethodGet, key, "").text)

	require.NoError(t, w.Close(task))
	require.NoError(t, w.Close(task), "twice is no error")
	require.NoDirExists(t, p.Directory)
}

func TestATaskGetsNoCredentialsButItsOwn(t *testing.T) {
	t.Parallel()
	w := begin(t, t.TempDir(), everything)
	own := w.open(gateway.Caller{Task: task, Role: role, Region: region})
	other := w.open(gateway.Caller{Task: strings.Repeat("f", 32), Role: role, Region: region})
	none := w.open(gateway.Caller{Task: strings.Repeat("e", 32), Region: region})
	require.NotEqual(t, own.CredentialsURI, other.CredentialsURI)
	require.Empty(t, none.CredentialsURI)
	for _, c := range []struct {
		at         gateway.Place
		path, code string
	}{
		{own, other.CredentialsURI, "InvalidIdInRequest"}, {own, "/v2/credentials/", "NoIdInRequest"}, {own, "/v2/credentials", "NoIdInRequest"},
		{none, own.CredentialsURI, "InvalidIdInRequest"},
	} {
		status, answer := w.get(w.client(c.at), c.path)
		require.Equal(t, http.StatusBadRequest, status)
		require.Equal(t, c.code, answer["code"])
	}
	status, _ := w.get(w.client(own), "/v4/metadata")
	require.Equal(t, http.StatusNotFound, status)
}

func TestOnlyWhoOwnsTheHomeReachesTheSockets(t *testing.T) {
	t.Parallel()
	w := begin(t, t.TempDir(), everything)
	p := w.open(gateway.Caller{Task: task, Role: role, Region: region})
	above, err := os.Stat(filepath.Dir(p.Directory))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), above.Mode().Perm())
	for _, name := range []string{gateway.SocketHTTP, gateway.SocketHTTPS} {
		socket, err := os.Stat(filepath.Join(p.Directory, name))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o666), socket.Mode().Perm(), "for the user of the container")
	}
}

func TestNamesThatAreNotHereDoNotAnswer(t *testing.T) {
	t.Parallel()
	w := begin(t, t.TempDir(), everything)
	p := w.open(gateway.Caller{Task: task, Role: role, Region: region})
	c := w.client(p)
	with := w.credentials(c, p)
	for _, url := range []string{
		"https://sqs.eu-central-1.amazonaws.com/", "https://s3.amazonaws.com/", "https://example.com/",
		"https://s3.eu-central-1.amazonaws.com.example.com/",
		"https://a.bucket.s3.eu-central-1.amazonaws.com/key", // the certificate does not fit: as on AWS
	} {
		_, err := w.call(c, with, http.MethodGet, url, "", time.Now())
		require.Error(t, err, url)
	}
	dotted := w.must(c, with, http.MethodGet, "https://s3.eu-central-1.amazonaws.com/a.bucket/key", "")
	require.Contains(t, dotted.text, "<Code>NoSuchBucket</Code>")
}

func TestATaskWithoutAWayOutGetsNoAnswer(t *testing.T) {
	t.Parallel()
	w := begin(t, t.TempDir(), everything)
	w.has("aws:ec2/vpc:Vpc", region, "vpc-1", account.Props{
		"mainRouteTableId": "rtb-1", "defaultSecurityGroupId": "sg-default", "enableDnsSupport": true, "enableDnsHostnames": true,
	})
	w.has("aws:ec2/subnet:Subnet", region, "subnet-1", account.Props{"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/24"})
	p := w.open(gateway.Caller{Task: task, Role: role, Region: region, From: reach.Interface{Subnet: "subnet-1"}})
	c := w.client(p)
	with := w.credentials(c, p) // which come from the instance
	ask := func(url string) error {
		_, err := w.call(c, with, http.MethodGet, url, "", time.Now())
		return err
	}
	require.Error(t, ask(bucket+"/key"))
	require.Error(t, ask(bucket+"/key"))
	require.Equal(t, []string{
		"task " + task + ": it would wait for site-media.s3.eu-central-1.amazonaws.com until it gives up: subnet-1 has no route to 0.0.0.0/0",
	}, w.said, "once")
	w.has("aws:ec2/vpcEndpoint:VpcEndpoint", region, "vpce-1", account.Props{
		"vpcEndpointType": "Gateway", "serviceName": "com.amazonaws.eu-central-1.s3", "vpcId": "vpc-1", "routeTableIds": []any{"rtb-1"},
	})
	require.NoError(t, ask(bucket+"/key"))
	require.Error(t, ask("https://s3.us-east-1.amazonaws.com/"), "the endpoint is one of its region")
	require.Error(t, ask("https://cloudfront.amazonaws.com/"), "which has no endpoint")
}

// As large as PHP lets an upload be.
func TestLargeObjectsPass(t *testing.T) {
	t.Parallel()
	w := begin(t, t.TempDir(), everything)
	p := w.open(gateway.Caller{Task: task, Role: role, Region: region})
	c := w.client(p)
	with := w.credentials(c, p)
	content := string(bytes.Repeat([]byte("0123456789abcdef"), 4<<20)) // 64 MiB
	put := w.must(c, with, http.MethodPut, bucket+"/film", content)
	require.Equal(t, http.StatusOK, put.status, put.text)
	require.True(t, content == w.must(c, with, http.MethodGet, bucket+"/film", "").text) //nolint:testifylint // nobody wants to see the difference
}
