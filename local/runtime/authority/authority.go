// Package authority is the certificate authority of one emulated account. What runs in the account trusts it
// beside the authorities that this machine trusts, and nothing outside the account does.
package authority

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

const (
	lifetime = 10 * 365 * 24 * time.Hour
	// backdate lets clocks differ.
	backdate = time.Hour

	certificateFile = "authority.pem"
	keyFile         = "authority-key.pem"
	bundleFile      = "bundle.pem"
)

// systemBundles are where systems keep the authorities that they trust.
var systemBundles = []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"}

// Authority issues certificates. It is safe for use by several goroutines.
type Authority struct {
	dir         string
	certificate *x509.Certificate
	pem         []byte
	key         *ecdsa.PrivateKey
}

// KeyPair is a certificate and its key, in PEM.
type KeyPair struct{ Certificate, Key []byte }

// Open reads the authority of a directory, or makes one.
func Open(dir string) (*Authority, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("certificate authority: %w", err)
	}
	a := &Authority{dir: dir}
	err := a.read()
	if errors.Is(err, os.ErrNotExist) {
		err = a.create()
	}
	if err != nil {
		return nil, fmt.Errorf("certificate authority in %s: %w", dir, err)
	}
	return a, a.writeBundle()
}

func (a *Authority) read() error {
	text, err := os.ReadFile(filepath.Join(a.dir, certificateFile))
	if err != nil {
		return err
	}
	secret, err := os.ReadFile(filepath.Join(a.dir, keyFile))
	if err != nil {
		return err
	}
	pair, err := tls.X509KeyPair(text, secret)
	if err != nil {
		return err
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return errors.New("the key is not of the kind that is made here")
	}
	a.certificate, a.pem, a.key = pair.Leaf, text, key
	return nil
}

func (a *Authority) create() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template, err := fresh("Local cloud, " + filepath.Base(filepath.Dir(a.dir)))
	if err != nil {
		return err
	}
	template.IsCA, template.BasicConstraintsValid, template.MaxPathLenZero = true, true, true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	pair, err := inPEM(der, key)
	if err != nil {
		return err
	}
	// The certificate last: what is complete has one.
	if err := os.WriteFile(filepath.Join(a.dir, keyFile), pair.Key, 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(a.dir, certificateFile), pair.Certificate, 0o600); err != nil {
		return err
	}
	return a.read()
}

// writeBundle puts the authority beside those that this machine trusts, for containers to trust all of them.
func (a *Authority) writeBundle() error {
	bundle := bytes.Clone(a.pem)
	for _, name := range systemBundles {
		if system, err := os.ReadFile(name); err == nil { //nolint:gosec // a fixed list
			bundle = append(append(bundle, '\n'), system...)
			break
		}
	}
	//nolint:gosec // certificates are public, and containers have users of their own
	if err := os.WriteFile(a.BundleFile(), bundle, 0o644); err != nil {
		return fmt.Errorf("certificate bundle: %w", err)
	}
	return nil
}

// File is where the certificate of the authority of a directory is, in PEM.
func File(dir string) string { return filepath.Join(dir, certificateFile) }

// BundleFile is a file of this machine with the certificates to trust: the authority's and the system's.
func (a *Authority) BundleFile() string { return filepath.Join(a.dir, bundleFile) }

// Certificate is the authority's own, in PEM.
func (a *Authority) Certificate() []byte { return bytes.Clone(a.pem) }

// Issue makes a certificate for DNS names and addresses, the first of which is its common name.
func (a *Authority) Issue(names ...string) (KeyPair, error) {
	if len(names) == 0 {
		return KeyPair{}, errors.New("a certificate needs a name")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return KeyPair{}, fmt.Errorf("certificate for %s: %w", names[0], err)
	}
	template, err := fresh("")
	if err != nil {
		return KeyPair{}, fmt.Errorf("certificate for %s: %w", names[0], err)
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	if len(names[0]) <= 64 { // the most that a common name takes
		template.Subject.CommonName = names[0]
	}
	for _, name := range names {
		if address := net.ParseIP(name); address != nil {
			template.IPAddresses = append(template.IPAddresses, address)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
	if err != nil {
		return KeyPair{}, fmt.Errorf("certificate for %s: %w", names[0], err)
	}
	return inPEM(der, key)
}

func fresh(name string) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-backdate), NotAfter: now.Add(lifetime),
	}, nil
}

func inPEM(der []byte, key *ecdsa.PrivateKey) (KeyPair, error) {
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return KeyPair{}, err
	}
	return KeyPair{
		Certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		Key:         pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}),
	}, nil
}
