// Package model is what AWS's own API models say about the requests of the services that this cloud has: members,
// required ones, types, lengths, ranges, patterns and values. The data is extracted from the models in the module
// github.com/aws/aws-sdk-go; see tools/awsmodels.
package model

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
)

//go:generate go run -C ../../../tools/awsmodels . ../../local/aws/model/operations.txt ../../local/aws/model

//go:embed *.json
var files embed.FS

// Service is the model of one service.
type Service struct {
	// Source is the model's version and place: "aws-sdk-go v1.55.8 models/apis/ecs/2014-11-13".
	Source string `json:"source"`
	// Protocol is json, rest-json, query or ec2.
	Protocol string `json:"protocol"`
	// Operations are the names of their inputs' shapes by name.
	Operations map[string]string `json:"operations"`
	Shapes     map[string]*Shape `json:"shapes"`
}

// Shape is the type of a value, and what it must fulfil.
type Shape struct {
	// Type is structure, list, map, string, integer, long, float, double, boolean, timestamp or blob.
	Type     string   `json:"type"`
	Required []string `json:"required"`
	// Members of a structure are the names of their shapes by name, like those of the elements of a list and of
	// the keys and values of a map.
	Members map[string]string `json:"members"`
	Element string            `json:"element"`
	Key     string            `json:"key"`
	Value   string            `json:"value"`
	// Min and Max bound a number, the characters of a text, or the elements of a list or map; nil: no bound.
	Min *float64 `json:"min"`
	Max *float64 `json:"max"`
	// Pattern is what the whole of a text must match, as AWS words it.
	Pattern string `json:"pattern"`
	// Expression is Pattern for Go, where that differs.
	Expression string `json:"expression"`
	// Except is what a text must not begin with; that is in Pattern, too.
	Except string   `json:"except"`
	Enum   []string `json:"enum"`
}

// Load reads the model of a service by its name in the AWS CLI, such as "elbv2".
func Load(service string) (*Service, error) {
	text, err := files.ReadFile(service + ".json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no model of the service %q: local/aws/model/operations.txt lists them", service)
	}
	if err != nil {
		return nil, err
	}
	var s Service
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("the model of %s: %w", service, err)
	}
	return &s, nil
}

// Input is the shape of an operation's input; nil when the model does not have the operation.
func (s *Service) Input(operation string) *Shape { return s.Shapes[s.Operations[operation]] }

// Matches is the test of a text for the pattern; nil where there is none.
func (s *Shape) Matches() (func(text string) bool, error) {
	pattern := s.Expression
	if pattern == "" {
		pattern = s.Pattern
	}
	if pattern == "" {
		return nil, nil
	}
	whole, err := regexp.Compile(`\A(?:` + pattern + `)\z`)
	if err != nil {
		return nil, err
	}
	if s.Except == "" {
		return whole.MatchString, nil
	}
	except, err := regexp.Compile(`\A(?:` + s.Except + `)`)
	return func(text string) bool { return whole.MatchString(text) && !except.MatchString(text) }, err
}
