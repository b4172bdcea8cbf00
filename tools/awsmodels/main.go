// The awsmodels command writes the constraints of AWS's API models as data for local/aws/model: of the operations
// that a list names, the shapes that their inputs reach, without the documentation.
//
// Usage: awsmodels LIST DIRECTORY
//
// LIST has a line "SERVICE MODEL VERSION" for each service (its name in the AWS CLI, its directory and version below
// models/apis of the module github.com/aws/aws-sdk-go) and below it, indented, the names of operations.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	_ "github.com/aws/aws-sdk-go" // the module that has the models; go.mod pins it
)

const sdk = "github.com/aws/aws-sdk-go"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "awsmodels:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: awsmodels LIST DIRECTORY")
	}
	services, err := readList(args[0])
	if err != nil {
		return err
	}
	dir, version, err := module()
	if err != nil {
		return err
	}
	for _, s := range services {
		text, err := s.extract(dir, version)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		if err := os.WriteFile(filepath.Join(args[1], s.name+".json"), text, 0o644); err != nil { //nolint:gosec // source code
			return err
		}
	}
	return nil
}

// service is what the list says about one.
type service struct {
	name, model, version string
	operations           []string
}

func readList(path string) ([]service, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the caller's own list
	if err != nil {
		return nil, err
	}
	var services []service
	for number, line := range strings.Split(string(text), "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || strings.HasPrefix(line, "#"):
		case line[0] == ' ' && len(services) > 0:
			last := &services[len(services)-1]
			last.operations = append(last.operations, words...)
		case line[0] != ' ' && len(words) == 3:
			services = append(services, service{name: words[0], model: words[1], version: words[2]})
		default:
			return nil, fmt.Errorf("%s:%d: neither a service nor operations: %q", path, number+1, line)
		}
	}
	return services, nil
}

// module is the directory of the SDK's source, which is downloaded where it is missing.
func module() (dir, version string, err error) {
	out, err := exec.Command("go", "mod", "download", "-json", sdk).Output()
	if err != nil {
		return "", "", fmt.Errorf("downloading %s: %w: %s", sdk, err, bytes.TrimSpace(out))
	}
	var at struct{ Dir, Version string }
	if err := json.Unmarshal(out, &at); err != nil {
		return "", "", fmt.Errorf("downloading %s: %w", sdk, err)
	}
	return at.Dir, at.Version, nil
}
