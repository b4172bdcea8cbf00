// Package policy writes IAM and resource policies as values, marshalled once the ARNs in them are known.
package policy

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Document is a policy.
type Document struct {
	Version   string      `json:"Version"`
	Statement []Statement `json:"Statement"`
}

// Statement allows or denies actions.
type Statement struct {
	Sid       string    `json:"Sid,omitempty"`
	Effect    Effect    `json:"Effect"`
	Principal Principal `json:"Principal,omitempty"`
	Action    []string  `json:"Action"`
	Resource  []string  `json:"Resource,omitempty"`
	Condition Condition `json:"Condition,omitempty"`
}

// Effect is what a statement does.
type Effect string

// The effects of a statement.
const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// Principal names who a resource policy speaks of, by kind ("AWS", "Service").
type Principal map[string]string

// Condition limits a statement: operator, then key, then value.
type Condition map[string]map[string]string

const version = "2012-10-17"

// JSON marshals a policy made of the statements.
func JSON(statements ...Statement) (string, error) {
	b, err := json.Marshal(Document{Version: version, Statement: statements})
	if err != nil {
		return "", fmt.Errorf("policy: %w", err)
	}
	return string(b), nil
}

// Of marshals the policy that build makes of the resolved ARNs, which come in the order given.
func Of(build func(arns []string) []Statement, arns ...pulumi.StringInput) pulumi.StringOutput {
	inputs := make(pulumi.StringArray, len(arns))
	copy(inputs, arns)
	return inputs.ToStringArrayOutput().ApplyT(func(resolved []string) (string, error) {
		return JSON(build(resolved)...)
	}).(pulumi.StringOutput)
}

// Trust is the policy of a role that the AWS service (such as "ecs-tasks.amazonaws.com") may assume.
func Trust(service string) pulumi.StringOutput {
	return Of(func([]string) []Statement {
		return []Statement{{
			Effect: Allow, Action: []string{"sts:AssumeRole"}, Principal: Principal{"Service": service},
		}}
	})
}
