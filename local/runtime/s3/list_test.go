package s3_test

import (
	"context"
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/objects"
)

// page is an answer of ListObjectsV2.
type page struct {
	XMLName               xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListBucketResult"`
	Name, Prefix          string
	KeyCount, MaxKeys     int
	IsTruncated           bool
	NextContinuationToken string
	Contents              []struct {
		Key, ETag, LastModified, StorageClass string
		Size                                  int
	}
	CommonPrefixes []struct{ Prefix string }
}

func (p page) names() []string {
	var list []string
	for _, o := range p.Contents {
		list = append(list, o.Key)
	}
	for _, c := range p.CommonPrefixes {
		list = append(list, c.Prefix)
	}
	return list
}

func (w *world) list(parameters string) page {
	w.Helper()
	a := w.do(request{method: http.MethodGet, url: host + "/?list-type=2" + parameters})
	require.Equal(w, http.StatusOK, a.StatusCode, a.text)
	var p page
	require.NoError(w, xml.Unmarshal([]byte(a.text), &p), a.text)
	require.Len(w, p.names(), p.KeyCount)
	return p
}

func TestObjectsAreListed(t *testing.T) {
	t.Parallel()
	w := free(t)
	require.Empty(t, w.list("").names())
	for _, key := range []string{"b/2/x", "b/1", "a", "b/2/y", "c/1", "c+ä", "b/10"} {
		w.put(strings.ReplaceAll(url.QueryEscape(key), "%2F", "/"), key, nil)
	}
	everything := w.list("")
	require.Equal(t, []string{"a", "b/1", "b/10", "b/2/x", "b/2/y", "c+ä", "c/1"}, everything.names())
	require.Equal(t, bucket, everything.Name)
	require.Equal(t, 1000, everything.MaxKeys)
	require.False(t, everything.IsTruncated)
	require.Equal(t, `"0cc175b9c0f1b6a831c399e269772661"`, everything.Contents[0].ETag)
	require.Equal(t, 1, everything.Contents[0].Size)
	require.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$`, everything.Contents[0].LastModified)
	for parameters, names := range map[string][]string{
		"&prefix=b%2F":                             {"b/1", "b/10", "b/2/x", "b/2/y"},
		"&delimiter=%2F":                           {"a", "c+ä", "b/", "c/"},
		"&delimiter=%2F&prefix=b%2F":               {"b/1", "b/10", "b/2/"},
		"&start-after=b%2F10":                      {"b/2/x", "b/2/y", "c+ä", "c/1"},
		"&start-after=b%2F&delimiter=%2F":          {"c+ä", "b/", "c/"},
		"&encoding-type=url&prefix=c":              {"c%2B%C3%A4", "c/1"},
		"&prefix=none":                             nil,
		"&max-keys=0":                              nil,
		"&prefix=b%2F2%2F&delimiter=x":             {"b/2/y", "b/2/x"},
		"&max-keys=5000&prefix=a":                  {"a"},
		"&x-id=ListObjectsV2&prefix=a&max-keys=10": {"a"},
	} {
		require.Equal(t, names, w.list(parameters).names(), parameters)
	}
	for _, parameters := range []string{"", "&delimiter=%2F", "&delimiter=%2F&prefix=b%2F"} {
		var names []string
		token := ""
		for pages := 1; ; pages++ {
			p := w.list(parameters + "&max-keys=1" + token)
			names = append(names, p.names()...)
			require.LessOrEqual(t, pages, 7)
			if !p.IsTruncated {
				break
			}
			token = "&continuation-token=" + url.QueryEscape(p.NextContinuationToken)
		}
		require.ElementsMatch(t, w.list(parameters).names(), names, parameters)
	}
	for parameters, code := range map[string]string{
		"?list-type=2&max-keys=x": "InvalidArgument", "?list-type=2&continuation-token=x": "InvalidArgument",
		"?list-type=2&encoding-type=xml": "InvalidArgument", "?list-type=2&fetch-owner=true": "NotImplemented",
		"": "NotImplemented", "?versions": "NotImplemented", "?list-type=2&versions": "NotImplemented",
	} {
		require.Equal(t, code, w.do(request{method: http.MethodGet, url: host + "/" + parameters}).code(t), parameters)
	}
}

func TestWhatIsInBuckets(t *testing.T) {
	t.Parallel()
	w := free(t)
	w.put("a", "0123456789", nil)
	w.put("b", "0123456789", nil)
	w.has("aws:s3/bucketV2:BucketV2", "us-east-1", "elsewhere", account.Props{"bucket": "elsewhere"})
	rows, err := w.part.Status(t.Context())
	require.NoError(t, err)
	require.Len(t, rows, 2)
	require.Equal(t, "2 objects, 1 kB", rows[0].Detail)
	require.Equal(t, "0 objects, 0 kB", rows[1].Detail)
	hosts, err := w.part.Hosts("eu-west-1")
	require.NoError(t, err)
	require.Equal(t, []string{
		"s3.eu-west-1.amazonaws.com", "s3.eu-central-1.amazonaws.com", "site-media.s3.eu-central-1.amazonaws.com",
		"s3.us-east-1.amazonaws.com", "elsewhere.s3.us-east-1.amazonaws.com",
	}, hosts)

	// Objects whose bucket has gone go, too.
	_, err = w.store.Put("gone", "key", nil, strings.NewReader("x"), func(objects.Received, *objects.Info) error { return nil })
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, w.part.Run(ctx, nil))
	names, err := w.store.Buckets()
	require.NoError(t, err)
	require.Equal(t, []string{bucket}, names)
}
