package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	localaws "wordpress-ecs/local/aws"
	"wordpress-ecs/local/aws/cli"
	"wordpress-ecs/local/daemon"
	"wordpress-ecs/local/engine"
)

// awsCLI changes, deletes and describes resources of the account past Pulumi, in the words of the AWS CLI.
func awsCLI(ctx context.Context, e *engine.Engine, c engine.Command) (int, error) {
	answer, err := answered(ctx, e, c.Rest)
	if err != nil {
		return 1, err
	}
	fmt.Fprint(os.Stdout, answer.Out)
	if answer.Err != "" {
		fmt.Fprintln(os.Stderr, answer.Err)
	}
	return answer.Code, nil
}

// answered has the account answer, and helps without one.
func answered(ctx context.Context, e *engine.Engine, words []string) (daemon.Answer, error) {
	if cli.NeedsNoAccount(words) {
		catalog, err := localaws.Catalog()
		if err != nil {
			return daemon.Answer{}, err
		}
		return daemon.Answer((&cli.CLI{Catalog: catalog}).Run(ctx, words)), nil
	}
	cloud, err := connect(ctx, e)
	if err != nil {
		return daemon.Answer{}, err
	}
	defer cloud.Close()
	return cloud.AWS(ctx, words)
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
