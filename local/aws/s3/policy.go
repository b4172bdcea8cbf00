package s3

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
)

const (
	malformed = "MalformedPolicy"
	// longestPolicy is the size of a bucket policy in bytes.
	longestPolicy = 20 * 1024

	blocking = guide + "access-control-block-public-access.html"
)

func policy() kind.Kind {
	return kind.Kind{
		Type: Policy, Title: "S3 Bucket Policy", Args: s3.BucketPolicyArgs{}, State: s3.BucketPolicy{},
		Source: terraform + "bucket_policy.go",
		API: kind.API{
			Service: "s3api", Create: "PutBucketPolicy", Change: "PutBucketPolicy", Delete: "DeleteBucketPolicy",
		},
		Required: []string{"policy"},
		Replace:  []string{"bucket"},
		Text:     map[string]func(string) string{"policy": kind.CanonicalPolicy},
		Rules: append([]kind.Rule{
			kind.JSON("policy"), iam.ResourcePolicy("policy", malformed),
			{
				Name: "size of a policy", Source: guide + "bucket-policies.html", Path: "policy", Code: malformed,
				Bad: allowing(strings.Repeat("a", longestPolicy)),
				Test: func(v any, _ account.Props) string {
					if text, ok := v.(string); ok && len(text) > longestPolicy {
						return "Policy exceeds the maximum allowed document size."
					}
					return ""
				},
			},
		}, statementRules()...),
		Refs: []kind.Ref{of()},
		Guards: []kind.Guard{
			{
				Name: "roles that are named exist", Source: guide + "s3-bucket-user-policy-specifying-principal-intro.html",
				On: kind.Making | kind.Changing, Check: checkRoles,
			},
			{Name: "public policies are not blocked", Source: blocking, On: kind.Making | kind.Changing, Check: checkPublic},
		},
		Create: put(Policy),
	}
}

// statement is one of a policy whose form is right.
type statement struct {
	Effect                  string
	Action, NotAction       any
	Resource, NotResource   any
	Principal, NotPrincipal any
	Condition               map[string]map[string]any
}

// statements are those of a policy.
func statements(policy any) []statement {
	text, _ := policy.(string)
	return iam.Statements[statement](text)
}

// principals are those of a class, such as "AWS"; everyone is "*" of AWS.
func (s statement) principals(class string) []string {
	if classes, ok := s.Principal.(map[string]any); ok {
		return iam.Texts(classes[class])
	}
	if class == "AWS" {
		return iam.Texts(s.Principal)
	}
	return nil
}

// allowing is a policy that lets a service write, with a name for its statement.
func allowing(sid string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":"%s","Effect":"Allow","Action":"s3:PutObject",`+
		`"Principal":{"Service":"logging.s3.amazonaws.com"},"Resource":"arn:aws:s3:::site/*"}]}`, sid)
}

// statementRules are about single statements. Rules with a bucket in them have cases of their own.
func statementRules() []kind.Rule {
	each := func(check func(s statement) string) func(v any, _ account.Props) string {
		return func(v any, _ account.Props) string {
			for _, s := range statements(v) {
				if wrong := check(s); wrong != "" {
					return wrong
				}
			}
			return ""
		}
	}
	instead := func(old, fresh string) string { return strings.Replace(allowing("write"), old, fresh, 1) }
	return []kind.Rule{
		{
			Name: "actions are S3's", Source: guide + "security_iam_service-with-iam.html", Path: "policy", Code: malformed,
			Bad: instead("s3:PutObject", "s3:PutObjects"), Test: each(func(s statement) string {
				for _, action := range append(iam.Texts(s.Action), iam.Texts(s.NotAction)...) {
					if objects, bucket := targets(action); !objects && !bucket {
						return "Policy has invalid action"
					}
				}
				return ""
			}),
		},
		{
			Name: "actions fit the resources", Source: "versity/versitygw#645", Path: "policy", Code: malformed,
			Bad: instead("s3:PutObject", "s3:ListBucket"), Test: each(func(s statement) string {
				for _, action := range iam.Texts(s.Action) {
					if objects, bucket := targets(action); s.Resource != nil && !s.touches(objects, bucket) {
						return "Action does not apply to any resource(s) in statement"
					}
				}
				return ""
			}),
		},
		{
			Name: "form of the principals", Source: guide + "s3-bucket-user-policy-specifying-principal-intro.html", Path: "policy",
			Code: malformed, Bad: instead("logging.s3.amazonaws.com", "logging"), Test: each(func(s statement) string {
				for _, service := range s.principals("Service") {
					if !serviceForm.MatchString(service) {
						return "Invalid principal in policy"
					}
				}
				for _, name := range s.principals("AWS") {
					if !principalForm.MatchString(name) {
						return "Invalid principal in policy"
					}
				}
				return ""
			}),
		},
		kind.Whole("resources are those of the bucket", func(in account.Props) string {
			own := "arn:aws:s3:::" + in.String("bucket")
			for _, s := range statements(in["policy"]) {
				for _, r := range append(iam.Texts(s.Resource), iam.Texts(s.NotResource)...) {
					if rest, of := strings.CutPrefix(r, own); !of || rest != "" && rest[0] != '/' && rest[0] != '*' {
						return "Policy has invalid resource"
					}
				}
			}
			return ""
		}, "bucket", "policy").API(malformed).From("noobaa/noobaa-core#10058"),
	}
}

var (
	serviceForm   = regexp.MustCompile(`^[a-z0-9.-]+\.amazonaws\.com$`)
	principalForm = regexp.MustCompile(`^(\*|\d{12}|arn:aws:(iam|sts)::\d{12}:(root|user/.+|role/.+|assumed-role/.+|federated-user/.+)|` +
		`arn:aws:iam::cloudfront:user/.+|[A-Z0-9]{16,})$`)
)

// touches tells whether a statement names objects, or the bucket, where an action is about these.
func (s statement) touches(objects, bucket bool) bool {
	return slices.ContainsFunc(iam.Texts(s.Resource), func(r string) bool {
		of := strings.Contains(r, "/")
		wild := strings.HasSuffix(r, "*") && !of // "arn:aws:s3:::site*" is both
		return objects && (of || wild) || bucket && !of
	})
}

// checkRoles wants the roles of the account that a policy names.
func checkRoles(c *kind.Call) error {
	for _, s := range statements(c.In["policy"]) {
		for _, name := range s.principals("AWS") {
			if !strings.HasPrefix(name, "arn:aws:iam::"+account.ID+":role/") {
				continue
			}
			if _, known := c.Catalog.Kind(iam.Role); !known {
				continue
			}
			found, err := c.Find(iam.Role, "arn", name)
			if err != nil {
				return err
			}
			if found == nil {
				return kind.RefuseForNow(malformed, "Invalid principal in policy")
			}
		}
	}
	return nil
}

// checkPublic refuses a public policy where the bucket does not allow one. New buckets do not, until a public access
// block says so.
func checkPublic(c *kind.Call) error {
	if !slices.ContainsFunc(statements(c.In["policy"]), statement.public) {
		return nil
	}
	name := c.In.String("bucket")
	block, err := setting(c, PublicAccessBlock, name)
	if err != nil || block != nil && !block.Outputs.Bool("blockPublicPolicy") {
		return err
	}
	return kind.RefuseForNow("AccessDenied", "User: arn:aws:iam::%s:user/local is not authorized to perform: s3:PutBucketPolicy "+
		`on resource: "arn:aws:s3:::%s" because public policies are prevented by the BlockPublicPolicy setting in `+
		"S3 Block Public Access.", account.ID, name)
}
