package sigv4

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The examples of "Authenticating Requests: Using the Authorization Header" in the Amazon S3 API reference.
func TestTheExamplesOfAWSHaveTheirSignatures(t *testing.T) {
	t.Parallel()
	const (
		secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
		empty  = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	)
	for _, c := range []struct{ request, headers, payload, signature string }{
		{
			"GET /test.txt HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\nRange: bytes=0-9\nx-amz-content-sha256: " + empty +
				"\nx-amz-date: 20130524T000000Z",
			"host;range;x-amz-content-sha256;x-amz-date", empty, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
		},
		{
			"PUT test$file.text HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\nDate: Fri, 24 May 2013 00:00:00 GMT\n" +
				"x-amz-date: 20130524T000000Z\nx-amz-storage-class: REDUCED_REDUNDANCY\n" +
				"x-amz-content-sha256: 44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
			"date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
			"44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
			"98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
		},
		{
			"GET ?lifecycle HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\nx-amz-date: 20130524T000000Z\nx-amz-content-sha256: " + empty,
			"host;x-amz-content-sha256;x-amz-date", empty, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
		},
		{
			"GET ?max-keys=2&prefix=J HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\nx-amz-date: 20130524T000000Z\nx-amz-content-sha256: " + empty,
			"host;x-amz-content-sha256;x-amz-date", empty, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
		},
	} {
		// The document leaves out the slash of the path.
		method, rest, _ := strings.Cut(c.request, " ")
		text := method + " /" + strings.TrimPrefix(rest, "/") + "\n\n"
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(strings.ReplaceAll(text, "\n", "\r\n"))))
		require.NoError(t, err)
		a := authorization{
			date: "20130524", region: "us-east-1", service: "s3", headers: strings.Split(c.headers, ";"),
			at: time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC),
		}
		toSign := a.toSign(canonical(r, a.headers, c.payload, true))
		require.Equal(t, c.signature, a.sign(secret, toSign), "%s", toSign)
	}
}
