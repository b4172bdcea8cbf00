package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"wordpress-ecs/local/engine"
)

// awsCLI changes, deletes and describes resources of the account past Pulumi, in the words of the AWS CLI.
func awsCLI(ctx context.Context, e *engine.Engine, c engine.Command) (int, error) {
	cloud, err := connect(ctx, e)
	if err != nil {
		return 1, err
	}
	defer cloud.Close()
	answer, err := cloud.AWS(ctx, c.Rest)
	if err != nil {
		return 1, err
	}
	fmt.Fprint(os.Stdout, answer.Out)
	if answer.Err != "" {
		fmt.Fprintln(os.Stderr, answer.Err)
	}
	return answer.Code, nil
}

// withFiles puts the content of a file where a value is its name: file://policy.json.
func withFiles(words []string) ([]string, error) {
	read := make([]string, len(words))
	for i, word := range words {
		read[i] = word
		option, name, ok := strings.Cut(word, "file://")
		if !ok || option != "" && !strings.HasSuffix(option, "=") {
			continue
		}
		text, err := os.ReadFile(name) //nolint:gosec // a file that a person names
		if err != nil {
			return nil, fmt.Errorf("aws: %w", err)
		}
		read[i] = option + string(text)
	}
	return read, nil
}
