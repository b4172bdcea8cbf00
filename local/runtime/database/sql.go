package database

import (
	"context"
	"fmt"
	"strings"
)

const (
	// replicationUser is a name that Aurora reserves, too.
	replicationUser = "rdsrepladmin"
	// ours are the accounts whose connections are no client's.
	ours = "'mysql', 'root', 'system user', 'event_scheduler', '" + replicationUser + "'"
)

// sql runs statements as the server's administrator and returns the rows, with tabs. Statements travel on stdin:
// they may have secrets.
func (p *Part) sql(ctx context.Context, s server, statements string) (string, error) {
	return p.ask(ctx, s, statements, "--batch", "--skip-column-names")
}

// replica tells how the replication of a reader stands, by MariaDB's names; empty when it follows nobody.
func (p *Part) replica(ctx context.Context, s server) (map[string]string, error) {
	text, err := p.ask(ctx, s, "SHOW REPLICA STATUS;\n", "--vertical")
	return fields(text), err
}

func (p *Part) ask(ctx context.Context, s server, statements string, flags ...string) (string, error) {
	code, output, complaint, err := p.env.Machine.Feed(ctx, s.container, statements,
		append([]string{"mariadb", "--defaults-file=/etc/aurora/base.cnf"}, flags...)...)
	if err != nil {
		return "", fmt.Errorf("instance %s: %w", s.id, err)
	}
	if code != 0 {
		return "", fmt.Errorf("instance %s: %s", s.id, reasonOf(complaint))
	}
	return strings.TrimSuffix(output, "\n"), nil
}

// reasonOf is the error in what the client wrote, which repeats the statement and with it what may be secret.
func reasonOf(complaint string) string {
	for line := range strings.SplitSeq(complaint, "\n") {
		if strings.HasPrefix(line, "ERROR ") {
			_, text, _ := strings.Cut(line, ": ")
			if text != "" && !strings.Contains(text, "near '") {
				return text
			}
			return "the server does not understand a statement"
		}
	}
	return "the server does not answer"
}

// accounts are the statements that make the master user and the readers' account what they should be. They are not
// replicated: every server gets them.
func (c *cluster) accounts() string {
	var b strings.Builder
	b.WriteString("SET SESSION sql_log_bin = 0;\n")
	user := quoted(replicationUser) + "@'%'"
	fmt.Fprintf(&b, "CREATE USER IF NOT EXISTS %s;\nALTER USER %s IDENTIFIED BY %s REQUIRE SSL;\nGRANT REPLICATION SLAVE ON *.* TO %s;\n",
		user, user, quoted(c.state.Replication), user)
	name, password := c.Outputs.String("masterUsername"), c.Outputs.String("masterPassword")
	if name == "" || password == "" {
		return b.String()
	}
	user = quoted(name) + "@'%'"
	fmt.Fprintf(&b, "CREATE USER IF NOT EXISTS %s;\nALTER USER %s IDENTIFIED BY %s;\n", user, user, quoted(password))
	// What RDS gives: everything in every database but the server's own, and no more of the server than it must.
	// The rights of the pattern do not hold where there are rights for the name itself.
	fmt.Fprintf(&b, "GRANT ALL PRIVILEGES ON `%%`.* TO %s WITH GRANT OPTION;\n", user)
	fmt.Fprintf(&b, "GRANT SELECT, SHOW VIEW ON mysql.* TO %s;\nGRANT SELECT, SHOW VIEW, EXECUTE ON sys.* TO %s;\n", user, user)
	fmt.Fprintf(&b, "GRANT RELOAD, PROCESS, SHOW DATABASES, CREATE USER, REPLICATION SLAVE, BINLOG MONITOR, REPLICA MONITOR, "+
		"CONNECTION ADMIN ON *.* TO %s;\n", user)
	return b.String()
}

// check logs in as the master user, over the network and with TLS.
func (t *tending) check(ctx context.Context, s server) error {
	name, password := t.c.Outputs.String("masterUsername"), t.c.Outputs.String("masterPassword")
	if name == "" || password == "" {
		return nil
	}
	options := fmt.Sprintf("[client]\nuser=%s\npassword=\"%s\"\nhost=localhost\nprotocol=tcp\nport=%d\nssl-ca=%sca.crt\n"+
		"ssl-verify-server-cert\n", name, strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(password), t.c.port, settingsDir)
	code, _, complaint, err := t.env.Machine.Feed(ctx, s.container, options,
		"mariadb", "--defaults-file=/dev/stdin", "--execute=DO 1")
	if err != nil {
		return err
	}
	if code != 0 {
		return fmt.Errorf("instance %s: logging in as %s over TLS: %s", s.id, name, reasonOf(complaint))
	}
	return nil
}

// hangUp ends the connections of clients: what keeps them open would wait for a server that is elsewhere.
func (p *Part) hangUp(ctx context.Context, s server) error {
	kills, err := p.sql(ctx, s, "SELECT CONCAT('KILL ', id, ';') FROM information_schema.processlist WHERE user NOT IN ("+ours+");\n")
	if err != nil || kills == "" {
		return err
	}
	code, _, complaint, err := p.env.Machine.Feed(ctx, s.container, kills+"\n",
		"mariadb", "--defaults-file=/etc/aurora/base.cnf", "--force")
	if err == nil && code != 0 && !strings.Contains(complaint, "Unknown thread id") {
		err = fmt.Errorf("instance %s: %s", s.id, reasonOf(complaint))
	}
	return err
}

// clients counts the connections of clients.
func (p *Part) clients(ctx context.Context, s server) (n int, err error) {
	text, err := p.sql(ctx, s, "SELECT COUNT(*) FROM information_schema.processlist WHERE user NOT IN ("+ours+");\n")
	if err == nil {
		_, err = fmt.Sscan(text, &n)
	}
	return n, err
}
