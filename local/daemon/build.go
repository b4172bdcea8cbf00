package daemon

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// head is how much of an executable is read to tell it from others: near its beginning Go writes the build ID,
// which is a hash of its content.
const head = 64 << 10

// build identifies this executable and the Docker engine that its environment names. A process of another build
// is replaced.
func build() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("finding the own executable: %w", err)
	}
	file, err := os.Open(path) //nolint:gosec // the program itself
	if err != nil {
		return "", fmt.Errorf("reading the own executable: %w", err)
	}
	defer file.Close()
	stat, err := file.Stat()
	if err != nil {
		return "", fmt.Errorf("reading the own executable: %w", err)
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.LimitReader(file, head)); err != nil {
		return "", fmt.Errorf("reading the own executable: %w", err)
	}
	fmt.Fprintln(sum, stat.Size())
	for _, entry := range environment() {
		if strings.HasPrefix(entry, "DOCKER_") {
			fmt.Fprintln(sum, entry)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:16]), nil
}

// passed are the variables that the process needs of a command's environment, beside those that begin with
// passedPrefixes: to find the Docker engine, to build images behind a proxy, to put temporary files in their
// place. It needs no credentials.
var passed = []string{
	"PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TZ", "LANG", "SSL_CERT_FILE", "SSL_CERT_DIR",
	"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
	"GODEBUG", "GOTRACEBACK", "GOMEMLIMIT", "GOGC", "GOMAXPROCS", "GOCOVERDIR",
}

var passedPrefixes = []string{"DOCKER_", "XDG_", "LC_"}

// environment is what the process runs with, sorted.
func environment() []string {
	env := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return !slices.Contains(passed, name) &&
			!slices.ContainsFunc(passedPrefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
	})
	slices.Sort(env)
	return env
}
