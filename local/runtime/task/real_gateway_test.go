package task

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/objects"
	"wordpress-ecs/local/runtime/authority"
	"wordpress-ecs/local/runtime/gateway"
	"wordpress-ecs/local/runtime/s3"
	"wordpress-ecs/local/runtime/sigv4"
)

// gated lets a part's tasks call AWS: there is a bucket, and a role that may do everything.
func (r *live) gated(t *testing.T) func() *gateway.Gateway {
	t.Helper()
	home := t.TempDir()
	ca, err := authority.Open(filepath.Join(home, "authority"))
	require.NoError(t, err)
	store, err := objects.Open(filepath.Join(home, "objects"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	acct := r.env.Account
	keys, err := sigv4.Open(acct)
	require.NoError(t, err)
	put(t, acct, account.Resource{Type: "aws:s3/bucketV2:BucketV2", ID: "media", Region: region, Outputs: props{"bucket": "media"}})
	put(t, acct, account.Resource{Type: "aws:iam/role:Role", ID: "site-task", Outputs: props{
		"arn": taskRole, "name": "site-task", "inlinePolicies": []any{props{
			"name": "own", "policy": `{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`,
		}},
	}})
	r.env.Bundle = ca.BundleFile()
	return func() *gateway.Gateway {
		g := gateway.New(gateway.Env{
			Home: home, Account: acct, Authority: ca, Keys: keys, Say: r.env.Say,
			Objects: s3.New(s3.Env{Account: acct, Objects: store, Keys: keys, Say: r.env.Say}),
		})
		t.Cleanup(func() { require.NoError(t, g.Stop()) })
		return g
	}
}

// say sends bytes from inside a container, by an address of socat, and returns what comes back.
func (r *live) say(t *testing.T, container, to string, text []byte) string {
	t.Helper()
	script := fmt.Sprintf("echo %s | base64 -d | socat -d0 -t 30 - %s", base64.StdEncoding.EncodeToString(text), to)
	code, output, err := r.env.Machine.Exec(t.Context(), container, "33:33", "sh", "-c", script)
	require.NoError(t, err)
	require.Zero(t, code, output)
	return output
}

// call makes a signed request to S3 from inside a container, which trusts the account's authority.
func (r *live) call(t *testing.T, container string, with aws.Credentials, method, host, path, body string) (int, string) {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), method, "https://"+host+path, strings.NewReader(body))
	require.NoError(t, err)
	q.Close = true
	q.Header.Set("X-Amz-Content-Sha256", sigv4.UnsignedPayload)
	require.NoError(t, v4.NewSigner().SignHTTP(t.Context(), with, q, sigv4.UnsignedPayload, "s3", region, time.Now()))
	var wire bytes.Buffer
	require.NoError(t, q.Write(&wire))
	output := r.say(t, container, "OPENSSL:"+host+`:443,cafile="$SSL_CERT_FILE"`, wire.Bytes())
	answer, err := http.ReadResponse(bufio.NewReader(strings.NewReader(output)), q)
	require.NoError(t, err, output)
	content, err := io.ReadAll(answer.Body)
	require.NoError(t, errors.Join(err, answer.Body.Close()))
	return answer.StatusCode, string(content)
}

// The containers of a task call AWS as they do on AWS: by its names, with the credentials of the role.
func TestAContainerPutsAndGetsAnObject(t *testing.T) {
	t.Parallel()
	r := onEngine(t, nil, nil)
	r.end(t)
	files, err := fs.Sub(pauseFiles, "pause")
	require.NoError(t, err)
	image, err := r.env.Machine.EnsureImage(t.Context(), "pause", files, r.env.Say) // it has a client
	require.NoError(t, err)
	r.env.Account = open(t, []props{
		{"name": "php", "image": image, "entryPoint": []any{"sleep"}, "command": []any{"600"}, "stopTimeout": 1, "user": "33:33", "readonlyRootFilesystem": true},
		{
			"name": "nginx", "image": image, "stopTimeout": 1, // which takes the ports of all addresses
			"entryPoint": sh("socat TCP-LISTEN:80,fork EXEC:'echo 80' & exec socat TCP-LISTEN:443,fork EXEC:'echo 443'"),
		},
	}, props{"taskRoleArn": taskRole})
	opened := r.gated(t)
	g := opened()
	r.env.Gateway = g
	r.begin(t)
	id := strings.Repeat("9", 32)
	require.NoError(t, r.Start(order(id)))
	up := r.within(t, id, func(t Task) bool { return t.Status == Running || t.Status == Stopped })
	require.Equal(t, Running, up.Status, "%+v", up)
	php := up.of("php").ID

	code, uri, err := r.env.Machine.Exec(t.Context(), php, "33:33", "printenv", credentialsName)
	require.NoError(t, err)
	require.Zero(t, code)
	answer := r.say(t, php, "TCP:169.254.170.2:80", []byte("GET "+strings.TrimSpace(uri)+" HTTP/1.0\r\n\r\n"))
	_, body, _ := strings.Cut(answer, "\r\n\r\n")
	var given struct{ RoleArn, AccessKeyID, SecretAccessKey, Token string }
	require.NoError(t, json.Unmarshal([]byte(body), &given), answer)
	require.Equal(t, taskRole, given.RoleArn)
	with := aws.Credentials{AccessKeyID: given.AccessKeyID, SecretAccessKey: given.SecretAccessKey, SessionToken: given.Token}

	const host = "media.s3.eu-central-1.amazonaws.com"
	status, text := r.call(t, php, with, http.MethodPut, host, "/wp-content/uploads/a.jpg", "pixels")
	require.Equal(t, http.StatusOK, status, text)
	_, text = r.call(t, php, with, http.MethodGet, host, "/wp-content/uploads/a.jpg", "")
	require.Equal(t, "pixels", text)
	_, text = r.call(t, php, with, http.MethodGet, "s3.eu-central-1.amazonaws.com", "/media/wp-content/uploads/a.jpg", "")
	require.Equal(t, "pixels", text)
	for _, port := range []string{"80", "443"} {
		require.Equal(t, port+"\n", r.say(t, php, "TCP:127.0.0.1:"+port, nil), "ports are the task's own")
	}

	// Another process takes over, and the container notices nothing.
	r.end(t)
	require.NoError(t, g.Stop())
	r.env.Gateway = opened()
	r.begin(t)
	require.Eventually(t, func() bool {
		code, _, err := r.env.Machine.Exec(context.WithoutCancel(t.Context()), php, "33:33", "sh", "-c",
			"echo | socat -t 5 - OPENSSL:"+host+`:443,cafile="$SSL_CERT_FILE"`)
		return err == nil && code == 0
	}, time.Minute, 100*time.Millisecond)
	_, text = r.call(t, php, with, http.MethodGet, host, "/wp-content/uploads/a.jpg", "")
	require.Equal(t, "pixels", text)

	r.Stop(id, "UserInitiated", "by hand")
	r.Drained(id)
	r.within(t, id, is(Stopped))
	require.Empty(t, r.left(t))
}
