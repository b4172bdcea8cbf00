package statements_test

import "testing"

// P-25: nothing is answered with a certificate that is not issued, and a certificate is issued for a domain that has
// been proven.
func TestP25CertificateIsIssuedFirst(t *testing.T) {
	t.Parallel()
	c := try(t, "domain", "no wait")
	refused(t, c, "creating ELBv2 Listener", "UnsupportedCertificate")
	change(c, "domain", "another record")
	refused(t, c, "CertificateValidation")
	change(c, "domain", "")
	c.Up(stack)
	c.Unchanged(stack)
	c.Destroy(stack)
}
