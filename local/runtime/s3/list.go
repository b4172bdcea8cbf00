package s3

import (
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"wordpress-ecs/local/objects"
)

// listing are the parameters of ListObjectsV2.
var listing = []string{
	"list-type", "prefix", "delimiter", "max-keys", "start-after", "continuation-token", "encoding-type", "fetch-owner",
}

// mostKeys is how many keys an answer has at most.
const mostKeys = 1000

// listed is ListObjectsV2's answer.
type listed struct {
	XMLName               xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListBucketResult"`
	Name, Prefix          string
	Delimiter             string `xml:",omitempty"`
	StartAfter            string `xml:",omitempty"`
	ContinuationToken     string `xml:",omitempty"`
	NextContinuationToken string `xml:",omitempty"`
	KeyCount, MaxKeys     int
	EncodingType          string `xml:",omitempty"`
	IsTruncated           bool
	Contents              []entry
	CommonPrefixes        []common
}

type entry struct {
	Key, LastModified, ETag string
	Size                    int64
	StorageClass            string
}

type common struct{ Prefix string }

// list is ListObjectsV2.
func (c *call) list() (*answer, error) {
	q := c.query
	conditions := map[string]string{}
	for _, name := range []string{"prefix", "delimiter", "max-keys"} {
		if q.Has(name) {
			conditions["s3:"+name] = q.Get(name)
		}
	}
	if err := c.demand("s3:ListBucket", bucketARN(c.bucket), conditions); err != nil {
		return nil, err
	}
	result := listed{
		Name: c.bucket, Prefix: q.Get("prefix"), Delimiter: q.Get("delimiter"), StartAfter: q.Get("start-after"),
		ContinuationToken: q.Get("continuation-token"), EncodingType: q.Get("encoding-type"), MaxKeys: mostKeys,
	}
	if text := q.Get("max-keys"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return nil, badArgument("Provided max-keys not an integer or within integer range", "max-keys", text)
		}
		result.MaxKeys = min(n, mostKeys)
	}
	if result.EncodingType != "" && result.EncodingType != "url" {
		return nil, badArgument("Invalid Encoding Method specified in Request", "encoding-type", result.EncodingType)
	}
	if q.Get("fetch-owner") == "true" {
		return nil, notDone("owners of objects")
	}
	after, err := result.begin()
	if err != nil {
		return nil, err
	}
	all, err := c.env.Objects.List(c.bucket, result.Prefix)
	if err != nil {
		return nil, err
	}
	result.fill(all, after)
	result.encode()
	return inXML(http.StatusOK, result), nil
}

// marker is where a list goes on: behind a key, or behind all keys that begin with a common prefix.
type marker struct {
	after string
	whole bool
}

// Texts before the marker in a token.
const (
	behindKey    = "key "
	behindPrefix = "prefix "
)

// begin is where the list begins.
func (l *listed) begin() (marker, error) {
	if l.ContinuationToken == "" {
		return marker{after: l.StartAfter}, nil
	}
	text, err := base64.URLEncoding.DecodeString(l.ContinuationToken)
	if key, ok := strings.CutPrefix(string(text), behindKey); ok && err == nil {
		return marker{after: key}, nil
	}
	if prefix, ok := strings.CutPrefix(string(text), behindPrefix); ok && err == nil {
		return marker{prefix, true}, nil
	}
	return marker{}, badArgument("The continuation token provided is incorrect", "continuation-token", l.ContinuationToken)
}

// fill takes keys until the list is full. Keys that go on behind a delimiter count as one.
func (l *listed) fill(all []objects.Info, m marker) {
	last := "" // where a next list goes on
	for _, o := range all {
		if o.Key <= m.after || m.whole && strings.HasPrefix(o.Key, m.after) {
			continue
		}
		prefix := l.commonPrefix(o.Key)
		if prefix != "" && len(l.CommonPrefixes) > 0 && l.CommonPrefixes[len(l.CommonPrefixes)-1].Prefix == prefix {
			continue
		}
		if l.KeyCount >= l.MaxKeys {
			if l.MaxKeys > 0 {
				l.IsTruncated, l.NextContinuationToken = true, base64.URLEncoding.EncodeToString([]byte(last))
			}
			return
		}
		l.KeyCount++
		if prefix != "" {
			l.CommonPrefixes = append(l.CommonPrefixes, common{prefix})
			last = behindPrefix + prefix
			continue
		}
		l.Contents = append(l.Contents, entry{
			Key: o.Key, LastModified: o.Modified.Format("2006-01-02T15:04:05.000Z"), ETag: quoted(o.ETag), Size: o.Size, StorageClass: standard,
		})
		last = behindKey + o.Key
	}
}

// commonPrefix is the part of a key up to the first delimiter behind the prefix of the list; empty without one.
func (l *listed) commonPrefix(key string) string {
	if l.Delimiter == "" {
		return ""
	}
	i := strings.Index(key[len(l.Prefix):], l.Delimiter)
	if i < 0 {
		return ""
	}
	return key[:len(l.Prefix)+i+len(l.Delimiter)]
}

// encode encodes keys and prefixes, where that is asked for: XML has no place for some characters.
func (l *listed) encode() {
	if l.EncodingType == "" {
		return
	}
	encoded := func(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "%2F", "/") }
	l.Prefix, l.Delimiter, l.StartAfter = encoded(l.Prefix), encoded(l.Delimiter), encoded(l.StartAfter)
	for i := range l.Contents {
		l.Contents[i].Key = encoded(l.Contents[i].Key)
	}
	for i := range l.CommonPrefixes {
		l.CommonPrefixes[i].Prefix = encoded(l.CommonPrefixes[i].Prefix)
	}
}
