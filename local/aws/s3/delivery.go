package s3

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"wordpress-ecs/local/access"
	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Delivery is what a service of AWS wants to do with a bucket: to write logs, say.
type Delivery struct {
	// Service is its principal, Account the number of the account that policies may name instead; empty for none.
	Service, Account string
	// Action is such as "s3:PutObject", Key the object's name; empty for what is about the bucket.
	Action, Key string
	// Context has the values of the condition keys that the service documents.
	Context map[string]string
}

// Place is a bucket of the account as others see it.
type Place struct {
	Name, Region string
	// KMS tells that objects are encrypted with a key of KMS unless they say otherwise.
	KMS bool

	policy string
}

// Find returns a bucket of any region; nil when there is none.
func Find(c *kind.Call, name string) (*Place, error) {
	r, err := find(c, name)
	if err != nil || r == nil {
		return nil, err
	}
	p := &Place{Name: name, Region: r.Region}
	for token, note := range map[string]func(out account.Props){
		Policy: func(out account.Props) { p.policy = out.String("policy") },
		Encryption: func(out account.Props) {
			for _, v := range out.All("rules[].applyServerSideEncryptionByDefault.sseAlgorithm") {
				p.KMS = p.KMS || v != "AES256"
			}
		},
	} {
		all, err := c.Tx.All(token, r.Region)
		if err != nil {
			return nil, err
		}
		for _, s := range all {
			if s.Outputs["bucket"] == name && s.Gone.IsZero() {
				note(s.Outputs)
			}
		}
	}
	return p, nil
}

// Lets tells what the bucket's policy says to a delivery. All that a service sends is encrypted.
func (p *Place) Lets(c *kind.Call, d Delivery) (access.Answer, error) {
	context := map[string]string{"aws:SecureTransport": "true"}
	for key, value := range d.Context {
		context[key] = value
	}
	return access.Ask(c.Tx, access.Request{
		Service: d.Service, Account: d.Account, Action: d.Action, Policy: p.policy, Context: context,
		Resource: strings.TrimSuffix("arn:aws:s3:::"+p.Name+"/"+d.Key, "/"),
	})
}

// Admit adds a statement to the bucket's policy, or makes one, as services of AWS do for themselves. Its Sid begins as given.
func (p *Place) Admit(c *kind.Call, sid string, statement map[string]any) error {
	document := map[string]any{"Version": "2012-10-17"}
	if p.policy != "" {
		if err := json.Unmarshal([]byte(p.policy), &document); err != nil {
			return fmt.Errorf("policy of bucket %s: %w", p.Name, err)
		}
	}
	statements, list := document["Statement"].([]any)
	if !list && document["Statement"] != nil {
		statements = []any{document["Statement"]}
	}
	for n := 1; statement["Sid"] == nil; n++ {
		name := fmt.Sprint(sid, n)
		if !slices.ContainsFunc(statements, func(s any) bool { return account.Props{"s": s}.String("s.Sid") == name }) {
			statement["Sid"] = name
		}
	}
	document["Statement"] = append(statements, statement)
	text, err := json.Marshal(document)
	if err != nil {
		return err
	}
	p.policy = string(text)
	r, err := p.policyResource(c)
	if err != nil {
		return err
	}
	r.Observe("policy", p.policy)
	return c.Tx.Put(*r)
}

// policyResource is the one that holds the bucket's policy, a new one where it has none.
func (p *Place) policyResource(c *kind.Call) (*account.Resource, error) {
	all, err := c.Tx.All(Policy, p.Region)
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if r.Outputs["bucket"] == p.Name && r.Gone.IsZero() {
			return &r, nil
		}
	}
	props := account.Props{"bucket": p.Name}
	return &account.Resource{
		Type: Policy, ID: p.Name, Region: p.Region, Created: c.Now.UTC(), Inputs: props, Outputs: props.Copy(),
	}, nil
}
