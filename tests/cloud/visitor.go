package cloud

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"github.com/stretchr/testify/require"
)

// Names is the URL of the proxy that knows the account's names.
func (c *Cloud) Names() string {
	c.t.Helper()
	rows := c.Status("", "names")
	require.Len(c.t, rows, 1)
	return rows[0].Address
}

// Authority is what a client trusts that trusts the account's certificate authority and no other.
func (c *Cloud) Authority() *x509.CertPool {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.Home, "authority", "authority.pem"))
	require.NoError(c.t, err)
	trusted := x509.NewCertPool()
	require.True(c.t, trusted.AppendCertsFromPEM(text))
	return trusted
}

// Visitor is a client that asks the account for names, and trusts its authority. It follows no redirects.
func (c *Cloud) Visitor() *http.Client {
	c.t.Helper()
	proxy, err := url.Parse(c.Names())
	require.NoError(c.t, err)
	client := Client()
	client.Transport = &http.Transport{
		MaxIdleConnsPerHost: 100,
		Proxy:               http.ProxyURL(proxy),
		TLSClientConfig:     &tls.Config{RootCAs: c.Authority(), MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:   true,
	}
	return client
}

// Pin is the hash of the public key that a site answers a visitor with, in base64: what a browser without the authority
// can be told to accept.
func Pin(response *http.Response) string {
	sum := sha256.Sum256(response.TLS.PeerCertificates[0].RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(sum[:])
}
