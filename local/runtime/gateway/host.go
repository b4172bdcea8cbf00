package gateway

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/authority"
	"wordpress-ecs/local/runtime/reach"
)

// cloudFrontHost is where the API of CloudFront answers, from everywhere.
const cloudFrontHost = "cloudfront.amazonaws.com"

// s3Host is where S3 answers: for a bucket, or for a region with the bucket in the path.
var s3Host = regexp.MustCompile(`^(?:[a-z0-9.-]+\.)?s3\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com$`)

// api is what stands behind a name.
type api struct {
	// certified are the names of its certificate, as AWS's has them: a wildcard stands for one label, so that the name
	// of a bucket with a dot does not fit.
	certified []string
	// endpoint is what an endpoint of a VPC for it is called, region the one in which it would be.
	endpoint, region string
}

// find is the API of a name; false when there is none here.
func find(host string) (api, bool) {
	if host == cloudFrontHost {
		return api{certified: []string{cloudFrontHost}}, true
	}
	if match := s3Host.FindStringSubmatch(host); match != nil {
		name := "s3." + match[1] + ".amazonaws.com"
		return api{certified: []string{name, "*." + name}, endpoint: "s3", region: match[1]}, true
	}
	return api{}, false
}

// hosts are the names that lead here.
func (g *Gateway) hosts(region string) ([]string, error) {
	names, err := g.env.Objects.Hosts(region)
	return append(names, cloudFrontHost), err
}

// dispatch gives a request to the API of its host.
func (g *Gateway) dispatch(w http.ResponseWriter, r *http.Request) {
	host, _, _ := strings.Cut(strings.ToLower(r.Host), ":")
	a, known := find(host)
	switch {
	case !known:
		panic(http.ErrAbortHandler) // as a host that does not exist: no answer
	case a.endpoint == "":
		g.cloudFront(w, r)
	default:
		g.env.Objects.ServeHTTP(w, r)
	}
}

// errUnknown is said of a name that nothing here has.
var errUnknown = errors.New("no API of that name is here")

// secure speaks TLS with a task, with the certificate of the name that it asks for. A task that does not reach the API
// from its subnet gets no answer.
func (g *Gateway) secure(l net.Listener, c Caller) net.Listener {
	return tls.NewListener(l, &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			host := strings.ToLower(hello.ServerName)
			a, known := find(host)
			if !known {
				return nil, errUnknown
			}
			if err := g.reaches(c, a); err != nil {
				g.sayOnce(c.Task, fmt.Sprintf("it would wait for %s until it gives up: %v", host, err))
				return nil, err
			}
			return g.certificates.get(g.env.Authority, a.certified)
		},
	})
}

// reaches tells why a task does not reach an API. What has no endpoint in the region of the task needs the internet.
func (g *Gateway) reaches(c Caller, a api) error {
	if c.From.Subnet == "" {
		return nil
	}
	endpoint := a.endpoint
	if a.region != c.Region {
		endpoint = ""
	}
	return g.env.Account.View(func(tx *account.Tx) error {
		network, err := reach.Read(tx)
		if err != nil {
			return err
		}
		return network.API(c.From, endpoint)
	})
}

// certificates are those that were issued, by their first name.
type certificates struct {
	mu     sync.Mutex
	issued map[string]*tls.Certificate
}

func (c *certificates) get(from *authority.Authority, names []string) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if made := c.issued[names[0]]; made != nil {
		return made, nil
	}
	pair, err := from.Issue(names...)
	if err != nil {
		return nil, err
	}
	made, err := tls.X509KeyPair(pair.Certificate, pair.Key)
	if err != nil {
		return nil, fmt.Errorf("certificate for %s: %w", names[0], err)
	}
	if c.issued == nil {
		c.issued = map[string]*tls.Certificate{}
	}
	c.issued[names[0]] = &made
	return &made, nil
}

// silent is for what clients do to connections, which is nobody's business.
func silent() *log.Logger { return log.New(io.Discard, "", 0) }
