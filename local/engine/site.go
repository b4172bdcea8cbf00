package engine

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"

	"wordpress-ecs/local/runtime/authority"
	"wordpress-ecs/local/runtime/names"
)

// AuthorityFile is where the certificate of the account's authority is, in PEM. It exists once something has run.
func (e *Engine) AuthorityFile() string { return authority.File(filepath.Join(e.Home, "authority")) }

// tellSite says how to look at a site that has a domain name, which no other DNS than the account's leads here.
func (s *session) tellSite(ctx context.Context, p *cli, stack string) {
	status, err := s.cloud.Status(ctx)
	if err != nil {
		return // who asks for the status hears it
	}
	for _, row := range status.Rows {
		if row.Kind != names.Kind || row.Address == "" {
			continue
		}
		output, err := p.capture(ctx, s.engine.Project.Dir, "stack", "output", "url", "--stack", stack)
		if err != nil {
			return // the program has no such output
		}
		for _, line := range visit(strings.TrimSpace(string(output)), row.Address, s.engine.AuthorityFile()) {
			s.engine.say("%s", line)
		}
	}
}

// visit is how to look at a site through the proxy; nothing for one that needs none.
func visit(site, proxy, authorityFile string) []string {
	at, err := url.Parse(site)
	if err != nil || at.Scheme != "https" || at.Port() != "" || !strings.Contains(at.Host, ".") || net.ParseIP(at.Host) != nil {
		return nil
	}
	if at.Path == "" {
		at.Path = "/"
	}
	return []string{
		fmt.Sprintf("%s is served on this machine: a browser finds it with --proxy-server=%s, and trusts the authority in %s",
			site, proxy, authorityFile),
		fmt.Sprintf("curl --proxy %s --cacert %s %s", proxy, authorityFile, at),
	}
}
