// Package access evaluates IAM over the account: whether a service may assume a role, and what the role may do.
//
// It knows roles with their inline policies, role policies, attached policies of AWS (managed/), and the policy of
// the resource that is asked for, when the caller has one. An explicit denial wins; a role may do what its own
// policies or, as all is in one account, that of the resource allow.
//
// Not evaluated: permission boundaries (named in a note), session policies, service control policies, policies of
// VPC endpoints, tags as condition keys, and the operators that condition.go names. A statement that allows does
// not apply when a part of its conditions is not known here; one that denies applies as if the key were absent.
package access

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
)

const (
	roleType       = "aws:iam/role:Role"
	policyType     = "aws:iam/rolePolicy:RolePolicy"
	attachmentType = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
	profileType    = "aws:iam/instanceProfile:InstanceProfile"
)

// managed are the policies of AWS that local/aws/iam lets attach, in their version of February 2026, as moto 5.2.1
// (iam/aws_managed_policies.py) lists them.
//
//go:embed managed
var managed embed.FS

// managedARN is what ARNs of policies of AWS begin with.
const managedARN = "arn:aws:iam::aws:policy/"

// Request is what a role asks for.
type Request struct {
	// Role is the ARN of the role, Session the name that it was assumed by. Without a role it is a client without
	// credentials, or a service.
	Role, Session string
	// Service is a service of AWS that asks in its own name, such as "cloudfront.amazonaws.com". Account is the number
	// of AWS's account that policies may name instead of it; empty for none.
	Service, Account string
	// Action is such as "secretsmanager:GetSecretValue", Resource the ARN that it is about, or "*".
	Action, Resource string
	// Policy is that of the resource, a JSON document; empty when it has none.
	Policy string
	// Context has the values of condition keys, such as "aws:SecureTransport". Those of the principal need not be
	// in it.
	Context map[string]string
}

// Answer is what IAM says to a request.
type Answer struct {
	Allowed bool
	// Reason is why it is refused, in AWS's words.
	Reason string
	// Notes are what of the policies was not evaluated, a line each.
	Notes []string
}

// Refused is the reason of an answer as an error, with what was not evaluated; nil when it is allowed.
func (a Answer) Refused() error {
	if a.Allowed {
		return nil
	}
	text := a.Reason
	if len(a.Notes) > 0 {
		text += " (" + strings.Join(a.Notes, "; ") + ")"
	}
	return errors.New(text)
}

// verdict is what statements say together.
type verdict struct {
	allowed, denied bool
	notes           []string
}

// weigh adds what a document says to a request. Who is left out of it has been looked at by about.
func (v *verdict) weigh(d document, r Request, about func(s statement) bool) {
	for _, s := range d.Statement {
		if !about(s) {
			continue
		}
		covered, variable := s.covers(r)
		if variable != "" {
			v.notes = append(v.notes, "the policy variable "+variable+" is not evaluated here")
		}
		if !covered {
			continue
		}
		met, notes := s.meets(r)
		v.notes = append(v.notes, notes...)
		switch {
		case !met:
		case s.Effect == "Deny":
			v.denied = true
		case s.Effect == "Allow" && len(notes) == 0:
			v.allowed = true
		}
	}
}

// Ask tells whether a request is allowed.
func Ask(tx *account.Tx, r Request) (Answer, error) {
	var own, resource verdict
	if r.Role != "" {
		role, err := findRole(tx, r.Role)
		if err != nil {
			return Answer{}, err
		}
		if role == nil {
			return Answer{Reason: fmt.Sprintf("The role %s cannot be found.", r.Role)}, nil
		}
		documents, notes, err := identity(tx, *role)
		if err != nil {
			return Answer{}, err
		}
		own.notes = notes
		for _, d := range documents {
			own.weigh(d, r, func(statement) bool { return true })
		}
	}
	if r.Policy != "" {
		d, err := parse(r.Policy)
		if err != nil {
			return Answer{}, fmt.Errorf("policy of %s: %w", r.Resource, err)
		}
		resource.weigh(d, r, func(s statement) bool {
			if s.NotPrincipal != nil {
				return !r.isAmong(s.NotPrincipal)
			}
			return r.isAmong(s.Principal)
		})
	}
	return r.answer(own, resource), nil
}

// isAmong tells whether who asks is among principals.
func (r Request) isAmong(p principals) bool {
	if r.Service == "" {
		return p.speaksOfRole(r.Role)
	}
	own := r.Account != "" && p.speaksOfRole("arn:aws:iam::"+r.Account+":root")
	return p.speaksOfService(r.Service) || p.speaksOfRole("") || own
}

func (r Request) answer(own, resource verdict) Answer {
	a := Answer{Notes: slices.Compact(slices.Sorted(slices.Values(append(own.notes, resource.notes...))))}
	who := fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s", r.user(), r.Action, r.Resource)
	switch {
	case own.denied:
		a.Reason = who + " with an explicit deny in an identity-based policy"
	case resource.denied:
		a.Reason = who + " with an explicit deny in a resource-based policy"
	case own.allowed || resource.allowed:
		a.Allowed, a.Notes = true, nil
	case r.Role == "":
		a.Reason = who + fmt.Sprintf(" because no resource-based policy allows the %s action", r.Action)
	default:
		a.Reason = who + fmt.Sprintf(" because no identity-based policy allows the %s action", r.Action)
	}
	return a
}

// user is how AWS calls who asks.
func (r Request) user() string {
	switch {
	case r.Service != "":
		return r.Service
	case r.Role == "":
		return "anonymous"
	}
	return fmt.Sprintf("arn:aws:sts::%s:assumed-role/%s/%s", accountOf(r.Role), nameOf(r.Role), r.Session)
}

// Assume tells whether a service, such as "ecs-tasks.amazonaws.com", may assume a role. The context has what the
// service says about itself: aws:SourceAccount and aws:SourceArn.
func Assume(tx *account.Tx, role, service string, context map[string]string) (Answer, error) {
	r, err := findRole(tx, role)
	if err != nil {
		return Answer{}, err
	}
	if r == nil {
		return Answer{Reason: fmt.Sprintf("The role %s cannot be found.", role)}, nil
	}
	d, err := parse(r.Outputs.String("assumeRolePolicy"))
	if err != nil {
		return Answer{}, fmt.Errorf("trust of %s: %w", role, err)
	}
	var v verdict
	v.weigh(d, Request{Action: "sts:AssumeRole", Resource: role, Context: context}, func(s statement) bool {
		if s.NotPrincipal != nil {
			return !s.NotPrincipal.speaksOfService(service)
		}
		return s.Principal.speaksOfService(service)
	})
	a := Answer{Allowed: v.allowed && !v.denied, Notes: v.notes}
	if !a.Allowed {
		a.Reason = fmt.Sprintf("User: %s is not authorized to perform: sts:AssumeRole on resource: %s", service, role)
	}
	return a, nil
}

// findRole finds a role by its ARN; nil when there is none.
func findRole(tx *account.Tx, arn string) (*account.Resource, error) {
	roles, err := tx.ByType(roleType)
	if err != nil {
		return nil, err
	}
	for _, r := range roles {
		if r.Outputs.String("arn") == arn {
			return &r, nil
		}
	}
	return nil, nil
}

// RoleOf is the ARN of the role of an instance profile, which is named by its ARN or its name; empty when the
// profile has none or does not exist.
func RoleOf(tx *account.Tx, profile string) (string, error) {
	profiles, err := tx.ByType(profileType)
	if err != nil {
		return "", err
	}
	roles, err := tx.ByType(roleType)
	if err != nil {
		return "", err
	}
	for _, p := range profiles {
		if p.Outputs.String("arn") != profile && p.Outputs.String("name") != profile {
			continue
		}
		for _, r := range roles {
			if name := p.Outputs.String("role"); r.Outputs.String("name") == name && name != "" {
				return r.Outputs.String("arn"), nil
			}
		}
	}
	return "", nil
}

// identity are the policies of a role.
func identity(tx *account.Tx, role account.Resource) (list []document, notes []string, err error) {
	name := cmp.Or(role.Outputs.String("name"), role.ID)
	add := func(what, text string) {
		d, wrong := parse(text)
		if wrong != nil && err == nil {
			err = fmt.Errorf("%s of role %s: %w", what, name, wrong)
		}
		list = append(list, d)
	}
	for _, p := range role.Outputs.Objects("inlinePolicies") {
		if text := p.String("policy"); text != "" {
			add("inline policy "+p.String("name"), text)
		}
	}
	policies, wrong := tx.ByType(policyType)
	if wrong != nil {
		return nil, nil, wrong
	}
	for _, p := range policies {
		if p.Outputs.String("role") == name {
			add("policy "+p.Outputs.String("name"), p.Outputs.String("policy"))
		}
	}
	attachments, wrong := tx.ByType(attachmentType)
	if wrong != nil {
		return nil, nil, wrong
	}
	attached := role.Outputs.Strings("managedPolicyArns")
	for _, a := range attachments {
		if a.Outputs.String("role") == name {
			attached = append(attached, a.Outputs.String("policyArn"))
		}
	}
	slices.Sort(attached)
	for _, arn := range slices.Compact(attached) {
		text, known := Managed(strings.TrimPrefix(arn, managedARN))
		if !known {
			notes = append(notes, "the policy "+arn+" is not known here")
			continue
		}
		add("attached policy "+arn, text)
	}
	if boundary := role.Outputs.String("permissionsBoundary"); boundary != "" {
		notes = append(notes, "the permissions boundary "+boundary+" is not evaluated here")
	}
	return list, notes, err
}

// Managed is the document of a policy of AWS by its path and name, such as
// "service-role/AmazonECSTaskExecutionRolePolicy".
func Managed(name string) (document string, known bool) {
	text, err := managed.ReadFile(path.Join("managed", name+".json"))
	return string(text), err == nil
}

// nameOf is the name at the end of an ARN.
func nameOf(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }
