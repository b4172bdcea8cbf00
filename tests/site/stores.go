package site

import (
	"fmt"
	"strings"
	"time"

	"wordpress-ecs/tests/containers"
)

const (
	// StartTimeout is how long a server may take to start, or to be ready again, on a busy machine.
	StartTimeout = 2 * time.Minute
	// poll is how often a condition is looked at.
	poll = 100 * time.Millisecond
	// storesOwner is the user of testdata/stores/Dockerfile.
	storesOwner = 1000
)

// Secrets of the stores. They have what an unencoded URL or a careless shell would break on.
const (
	DatabasePassword = `pass'word "with" $signs & spaces\`
	RedisToken       = "redis-token_with+signs/and=more&than,16 characters"
)

// Store is a server that can be taken down without losing its name, its address and its content.
type Store struct {
	*containers.Container
	server string // the name of its process
	ready  func(containers.T) bool
}

// StoreOptions change how a store is run.
type StoreOptions struct {
	// Hostname is its name in the network; its certificate has that name too, unless Certificate is given.
	Hostname    string
	Certificate *KeyPair
	// Plain leaves TLS away.
	Plain bool
}

// StartDatabase starts a MariaDB with the databases "wordpress" and "other", and waits until it answers.
func StartDatabase(t containers.T, e *containers.Engine, n *containers.Network, a *Authority, o StoreOptions) *Store {
	t.Helper()
	command := []string{"mariadbd", "--defaults-file=/etc/stores/mariadb.cnf"}
	demand := "REQUIRE SSL"
	if o.Plain {
		command, demand = append(command, "--skip-ssl"), ""
	} else {
		command = append(command, "--ssl-ca=/etc/stores/ca.crt", "--ssl-cert=/etc/stores/server.crt",
			"--ssl-key=/etc/stores/server.key", "--require-secure-transport=ON")
	}
	init := fmt.Sprintf(`CREATE DATABASE IF NOT EXISTS wordpress;
CREATE USER IF NOT EXISTS 'wordpress'@'%%' IDENTIFIED BY '%s' %s;
GRANT ALL ON wordpress.* TO 'wordpress'@'%%';
`, strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(DatabasePassword), demand)
	s := &Store{server: "mariadbd"}
	s.ready = func(t containers.T) bool {
		code, _ := s.Exec(t, "mariadb", "--defaults-file=/etc/stores/mariadb.cnf", "-e", "SELECT 1")
		return code == 0
	}
	s.Container = startStore(t, e, n, a, o, containers.Spec{
		Name: "database", Command: command, Files: []containers.File{
			{Name: "/etc/stores/init.sql", Content: init, Mode: 0o600, Owner: storesOwner},
		},
	})
	s.awaitReady(t)
	return s
}

// StartRedis starts a Redis with AUTH, and waits until it answers.
func StartRedis(t containers.T, e *containers.Engine, n *containers.Network, a *Authority, o StoreOptions) *Store {
	t.Helper()
	s := &Store{server: "redis-server"}
	s.ready = func(t containers.T) bool {
		code, output := s.Exec(t, redisCommand("PING")...)
		return code == 0 && strings.Contains(output, "PONG")
	}
	s.Container = startStore(t, e, n, a, o, containers.Spec{
		Name: "redis", Command: []string{"redis-server", "/etc/stores/redis.conf"}, Files: []containers.File{
			{Name: "/etc/stores/auth.conf", Content: fmt.Sprintf("requirepass %q\n", RedisToken), Mode: 0o600, Owner: storesOwner},
		},
	})
	s.awaitReady(t)
	return s
}

func startStore(
	t containers.T, e *containers.Engine, n *containers.Network, a *Authority, o StoreOptions, s containers.Spec,
) *containers.Container {
	t.Helper()
	if o.Hostname == "" {
		o.Hostname = s.Name
	}
	if o.Certificate == nil {
		issued := a.Issue(t, o.Hostname)
		o.Certificate = &issued
	}
	s.Image = e.Build(t, "stores", "tests/site/testdata/stores", nil)
	s.Network, s.Hostname = n, o.Hostname
	s.Files = append(s.Files,
		containers.File{Name: "/etc/stores/ca.crt", Content: a.PEM},
		containers.File{Name: "/etc/stores/server.crt", Content: o.Certificate.Certificate},
		containers.File{Name: "/etc/stores/server.key", Content: o.Certificate.Key, Mode: 0o600, Owner: storesOwner})
	return e.Run(t, s)
}

func (s *Store) awaitReady(t containers.T) {
	t.Helper()
	Eventually(t, func() bool { return s.ready(t) }, "%s answers", s.Name)
}

// Down ends the server: connections are refused until Up.
func (s *Store) Down(t containers.T) {
	t.Helper()
	s.Must(t, "sh", "-c", "touch /tmp/down; pkill -x "+s.server)
	Eventually(t, func() bool {
		code, _ := s.Exec(t, "pgrep", "-x", s.server)
		return code != 0
	}, "%s ends", s.Name)
}

// Up starts the server again and waits until it answers.
func (s *Store) Up(t containers.T) {
	t.Helper()
	s.Must(t, "rm", "/tmp/down")
	s.awaitReady(t)
}

// Query asks the database as its administrator; the answer has a line for every row, with tabs.
func (s *Store) Query(t containers.T, statement string) string {
	t.Helper()
	return strings.TrimSpace(s.Must(t, "mariadb", "--defaults-file=/etc/stores/mariadb.cnf",
		"--database=wordpress", "--batch", "--skip-column-names", "-e", statement))
}

// Command asks Redis.
func (s *Store) Command(t containers.T, words ...string) string {
	t.Helper()
	return strings.TrimSpace(s.Must(t, redisCommand(words...)...))
}

func redisCommand(words ...string) []string {
	return append([]string{
		"redis-cli", "--tls", "--cacert", "/etc/stores/ca.crt", "--no-auth-warning", "-a", RedisToken,
	}, words...)
}

// Eventually waits for a condition, for as long as StartTimeout.
func Eventually(t containers.T, condition func() bool, message string, args ...any) {
	t.Helper()
	for deadline := time.Now().Add(StartTimeout); !condition(); time.Sleep(poll) {
		if time.Now().After(deadline) {
			t.Errorf("after %s it is not so that "+message, append([]any{StartTimeout}, args...)...)
			t.FailNow()
		}
	}
}
