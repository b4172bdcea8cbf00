package alb

import (
	"crypto/tls"
	"slices"
	"strings"
)

// certify has the certificates of a listener issued: a list of names for each, the default one first.
func (f *front) certify(lists [][]string) error {
	for _, names := range lists {
		pair, err := f.balancer.part.env.Authority.Issue(names...)
		if err != nil {
			return err
		}
		certificate, err := tls.X509KeyPair(pair.Certificate, pair.Key)
		if err != nil {
			return err
		}
		f.certificates = append(f.certificates, &certificate)
	}
	f.names = lists
	return nil
}

// certificate is the one for the name that a client asks for: one with that very name before one with a wildcard for it,
// and the default one when none fits.
func (f *front) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	name := strings.ToLower(strings.TrimSuffix(hello.ServerName, "."))
	_, parent, _ := strings.Cut(name, ".")
	for _, wanted := range []string{name, "*." + parent} {
		for i, names := range f.names {
			if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, wanted) }) {
				return f.certificates[i], nil
			}
		}
	}
	return f.certificates[0], nil
}
