package authority_test

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/runtime/authority"
)

func TestCertificatesAreTrustedByTheBundle(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := authority.Open(dir)
	require.NoError(t, err)
	pair, err := first.Issue("db.example.com", "127.0.0.1")
	require.NoError(t, err)
	again, err := authority.Open(dir)
	require.NoError(t, err)
	require.Equal(t, first.Certificate(), again.Certificate(), "it is the same the next time")

	bundle, err := os.ReadFile(again.BundleFile())
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(bundle))
	served, err := tls.X509KeyPair(pair.Certificate, pair.Key)
	require.NoError(t, err)
	for name, trusted := range map[string]bool{"db.example.com": true, "127.0.0.1": true, "other.example.com": false} {
		_, err := served.Leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: name})
		require.Equal(t, trusted, err == nil, "%s: %v", name, err)
	}
	other, err := authority.Open(t.TempDir())
	require.NoError(t, err)
	strangers := x509.NewCertPool()
	strangers.AppendCertsFromPEM(other.Certificate())
	_, err = served.Leaf.Verify(x509.VerifyOptions{Roots: strangers, DNSName: "db.example.com"})
	require.Error(t, err, "accounts do not trust each other")
}
