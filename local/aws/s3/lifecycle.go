package s3

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	// leastInfrequent is after how many days objects may move to a class for infrequent access.
	leastInfrequent = 30

	longestID = 255

	elements   = guide + "intro-lifecycle-rules.html"
	transition = guide + "lifecycle-transition-general-considerations.html"
	invalid    = "InvalidArgument"
)

func lifecycle() kind.Kind {
	classes := []string{"GLACIER", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "DEEP_ARCHIVE", "GLACIER_IR"}
	return kind.Kind{
		Type: Lifecycle, Title: "S3 Bucket Lifecycle Configuration",
		Args: s3.BucketLifecycleConfigurationV2Args{}, State: s3.BucketLifecycleConfigurationV2{},
		Source: terraform + "bucket_lifecycle_configuration.go",
		API: kind.API{
			Service: "s3api", Create: "PutBucketLifecycleConfiguration", Change: "PutBucketLifecycleConfiguration",
			Delete:  "DeleteBucketLifecycle",
			Members: map[string]string{"rules": "LifecycleConfiguration.Rules", "rules[].id": "LifecycleConfiguration.Rules[].ID"},
		},
		Required: []string{"rules"},
		Replace:  []string{"bucket", "expectedBucketOwner"},
		Sets:     []string{"rules.transitions", "rules.noncurrentVersionTransitions"},
		Defaults: account.Props{"transitionDefaultMinimumObjectSize": "all_storage_classes_128K"},
		Rules: slices.Concat([]kind.Rule{
			named(), kind.Count("rules", 1, 1000).Refusing([]any{}),
			kind.Length("rules[].id", 1, longestID), kind.OneOf("rules[].status", "Enabled", disabled),
			kind.OneOf("rules[].transitions[].storageClass", classes...),
			kind.OneOf("rules[].noncurrentVersionTransitions[].storageClass", classes...),
			atLeast("rules[].transitions[].days", 0),
			atLeast("rules[].noncurrentVersionTransitions[].noncurrentDays", 0),
			atLeast("rules[].noncurrentVersionExpiration.noncurrentDays", 1),
			atLeast("rules[].noncurrentVersionExpiration.newerNoncurrentVersions", 1),
			kind.OneOf("transitionDefaultMinimumObjectSize", "all_storage_classes_128K", "varies_by_storage_class"),
		}, lifecycleRules(), owned()),
		Refs: []kind.Ref{of()}, Create: put(Lifecycle),
	}
}

// atLeast bounds a number from below.
func atLeast(path string, least float64) kind.Rule {
	return kind.Rule{Name: "least of " + path, Path: path, Bad: least - 1, Test: func(v any, _ account.Props) string {
		if n, ok := v.(float64); ok && n < least {
			return fmt.Sprintf("expected %s to be at least (%v), got %v", path, least, n)
		}
		return ""
	}}
}

// clause is a rule about one rule of a lifecycle; bad is what makes a right one wrong, by element.
type clause struct {
	name, source, code string
	bad                map[string]any
	check              func(r account.Props) string
}

// lifecycleRules are the rules of the API.
func lifecycleRules() []kind.Rule {
	right := func(id string) map[string]any {
		return map[string]any{"id": id, "status": "Enabled", "expiration": map[string]any{"days": 30.0}}
	}
	rules := []kind.Rule{{
		Name: "ids are unique", Source: elements, Path: "rules", Code: invalid, Bad: []any{right("old"), right("old")},
		Test: func(v any, _ account.Props) string {
			seen := map[string]bool{}
			for _, r := range (account.Props{"rules": v}).Objects("rules") {
				if seen[r.String("id")] {
					return "Rule ID must be unique. Found same ID for more than one rule"
				}
				seen[r.String("id")] = true
			}
			return ""
		},
	}}
	for _, c := range slices.Concat(actionClauses(), transitionClauses(), filterClauses()) {
		bad := right("old")
		for element, v := range c.bad {
			bad[element] = v
			if v == nil {
				delete(bad, element)
			}
		}
		rules = append(rules, kind.Rule{
			Name: c.name, Source: c.source, Path: "rules[]", Code: c.code, Bad: bad,
			Test: func(v any, _ account.Props) string {
				r, _ := v.(map[string]any)
				return c.check(r)
			},
		})
	}
	return rules
}

func actionClauses() []clause {
	return []clause{
		{
			"a rule does something", elements, "InvalidRequest", map[string]any{"expiration": nil}, func(r account.Props) string {
				for _, action := range []string{
					"expiration", "transitions", "abortIncompleteMultipartUpload", "noncurrentVersionExpiration", "noncurrentVersionTransitions",
				} {
					if r.Has(action) {
						return ""
					}
				}
				return "At least one action needs to be specified in a rule"
			},
		},
		{
			"an expiration has days, a date or markers", reference + "LifecycleExpiration", malformedXML,
			map[string]any{"expiration": map[string]any{"days": 1.0, "expiredObjectDeleteMarker": true}}, func(r account.Props) string {
				e := r.Object("expiration")
				if r.Has("expiration") && given(e.Has("days"), e.Has("date"), e.Bool("expiredObjectDeleteMarker")) != 1 {
					return schema
				}
				return ""
			},
		},
		{
			"days of an expiration", reference + "LifecycleExpiration", invalid,
			map[string]any{"expiration": map[string]any{"days": 0.0}}, func(r account.Props) string {
				if r.Has("expiration.days") && r.Number("expiration.days") < 1 {
					return "'Days' for Expiration action must be a positive integer"
				}
				return ""
			},
		},
		{
			"dates are at midnight", reference + "LifecycleExpiration", invalid,
			map[string]any{"expiration": map[string]any{"date": "2030-01-01T12:00:00Z"}}, func(r account.Props) string {
				for _, v := range append(r.All("expiration.date"), r.All("transitions[].date")...) {
					date, err := time.Parse(time.RFC3339, fmt.Sprint(v))
					if err != nil || !date.UTC().Equal(date.UTC().Truncate(24*time.Hour)) {
						return "'Date' must be at midnight GMT"
					}
				}
				return ""
			},
		},
		{
			"days until uploads are aborted", reference + "AbortIncompleteMultipartUpload", invalid,
			map[string]any{"abortIncompleteMultipartUpload": map[string]any{"daysAfterInitiation": 0.0}}, func(r account.Props) string {
				const days = "abortIncompleteMultipartUpload.daysAfterInitiation"
				if r.Has("abortIncompleteMultipartUpload") && r.Number(days) < 1 {
					return "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer"
				}
				return ""
			},
		},
		{
			"uploads are aborted whatever their tags", elements, "InvalidRequest", map[string]any{
				"abortIncompleteMultipartUpload": map[string]any{"daysAfterInitiation": 7.0},
				"filter":                         map[string]any{"tag": map[string]any{"key": "a", "value": "b"}},
			}, func(r account.Props) string {
				if r.Has("abortIncompleteMultipartUpload") && (r.Has("filter.tag") || r.Has("filter.and.tags")) {
					return "AbortIncompleteMultipartUpload cannot be specified with Tags."
				}
				return ""
			},
		},
	}
}

func transitionClauses() []clause {
	move := func(class string, days float64) map[string]any {
		return map[string]any{
			"expiration":  map[string]any{"days": 365.0},
			"transitions": []any{map[string]any{"storageClass": class, "days": days}},
		}
	}
	return []clause{
		{
			"30 days before infrequent access", transition, invalid, move("STANDARD_IA", 29), func(r account.Props) string {
				for _, t := range r.Objects("transitions") {
					class := t.String("storageClass")
					if strings.HasSuffix(class, "_IA") && !t.Has("date") && t.Number("days") < leastInfrequent {
						return fmt.Sprintf("'Days' in Transition action must be greater than or equal to %d for storageClass '%s'",
							leastInfrequent, class)
					}
				}
				return ""
			},
		},
		{
			"objects expire after they move", transition, invalid, move("GLACIER", 365), func(r account.Props) string {
				for _, t := range r.Objects("transitions") {
					if r.Has("expiration.days") && t.Has("days") && r.Number("expiration.days") <= t.Number("days") {
						return fmt.Sprintf("'Days' in the Expiration action for filter '(prefix=%s)' must be greater than 'Days' in the "+
							"Transition action", r.String("filter.prefix")+r.String("prefix"))
					}
				}
				return ""
			},
		},
	}
}

func filterClauses() []clause {
	const both = "LifecycleRuleFilter"
	return []clause{
		{
			"a filter or a prefix", reference + "LifecycleRule", malformedXML,
			map[string]any{"prefix": "a", "filter": map[string]any{"prefix": "a"}}, func(r account.Props) string {
				if r.Has("prefix") && r.Has("filter") {
					return schema
				}
				return ""
			},
		},
		{
			"one condition of a filter", reference + both, malformedXML,
			map[string]any{"filter": map[string]any{"prefix": "a", "objectSizeGreaterThan": 1.0}}, func(r account.Props) string {
				f := r.Object("filter")
				if given(f.Has("prefix"), f.Has("tag"), f.Has("and"), f.Has("objectSizeGreaterThan"), f.Has("objectSizeLessThan")) > 1 {
					return schema
				}
				return ""
			},
		},
	}
}

// given counts what is there.
func given(parts ...bool) int {
	n := 0
	for _, part := range parts {
		if part {
			n++
		}
	}
	return n
}
