package image_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/containers"
)

// authorities makes three of them: one that browsers know, and two that sign for databases.
const authorities = `set -eu
mkdir -p /out/usr/share/ca-certificates/mozilla /bundle
cd /bundle
for name in public first second; do
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$name" \
		-keyout $name.key -out $name.pem
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=of $name" -keyout leaf.key -out leaf.csr
	openssl x509 -req -days 2 -in leaf.csr -CA $name.pem -CAkey $name.key -out of-$name.pem
done
cp public.pem /out/usr/share/ca-certificates/mozilla/Public.crt
cat first.pem second.pem >global-bundle.pem`

func certificates(t *testing.T, c *containers.Container, environment ...string) (code int, output string) {
	t.Helper()
	return c.Exec(t, append(append([]string{"env"}, environment...), "/build/certificates", "/out")...)
}

// Aurora's authorities are found by their hashes, one file each, and are not among those for the internet.
func TestCertificatesOfAuroraAreTrusted(t *testing.T) {
	t.Parallel()
	c := workshop(t)
	c.Must(t, "sh", "-c", authorities)
	sum, _, _ := strings.Cut(c.Must(t, "sha256sum", "/bundle/global-bundle.pem"), " ")
	code, output := certificates(t, c, "RDS_CA_URL=file:///bundle/global-bundle.pem", "RDS_CA_SHA256="+sum)
	require.Zero(t, code, output)
	for _, name := range []string{"public", "first", "second"} {
		c.Must(t, "openssl", "verify", "-no-CAfile", "-no-CAstore", "-CApath", "/out/etc/ssl/certs",
			"/bundle/of-"+name+".pem")
	}
	bundle := "/out/etc/ssl/certs/ca-certificates.crt"
	c.Must(t, "openssl", "verify", "-no-CApath", "-no-CAstore", "-CAfile", bundle, "/bundle/of-public.pem")
	code, output = c.Exec(t, "openssl", "verify", "-no-CApath", "-no-CAstore", "-CAfile", bundle, "/bundle/of-first.pem")
	require.NotZero(t, code, output)
}

func TestCertificatesThatAreNotThere(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		environment []string
		want        string
		passes      bool
	}{
		"unreachable": {[]string{"RDS_CA_URL=" + nobody},
			nobody + " cannot be reached, and WORDPRESS_FALLBACK is not set\n", false},
		"unreachable, with fallback": {[]string{"RDS_CA_URL=" + nobody, "WORDPRESS_FALLBACK=debian"},
			"NOTE: 127.0.0.1:1 cannot be reached: Aurora's certificates are not in this image\n", true},
		"missing": {[]string{"RDS_CA_URL=file:///bundle/none", "WORDPRESS_FALLBACK=debian"},
			"file:///bundle/none could not be downloaded\n", false},
		"another sum": {[]string{"RDS_CA_URL=file:///bundle/global-bundle.pem", "RDS_CA_SHA256=0"},
			"; RDS_CA_SHA256 is 0\n", false},
		"no certificates": {[]string{"RDS_CA_URL=file:///bundle/first.key", "WORDPRESS_FALLBACK=debian"},
			"holds none\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := workshop(t)
			c.Must(t, "sh", "-c", authorities)
			code, output := certificates(t, c, tc.environment...)
			require.Equal(t, tc.passes, code == 0, output)
			require.Contains(t, output, tc.want)
		})
	}
}
