package s3

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	shortestName = 3
	longestName  = 63
	// suffix is what the provider adds to a bucketPrefix, in characters.
	suffix = 26

	naming = guide + "bucketnamingrules.html"
)

func bucket() kind.Kind {
	return kind.Kind{
		Type: Bucket, Title: "S3 Bucket", Args: s3.BucketV2Args{}, State: s3.BucketV2{}, Source: terraform + "bucket.go",
		API: kind.API{
			Service: "s3api", Create: "CreateBucket", Delete: "DeleteBucket", More: []string{"PutBucketTagging"},
			Members: map[string]string{"tags": "Tagging.TagSet", "objectLockEnabled": "ObjectLockEnabledForBucket"},
		},
		Name:     kind.Name{Property: "bucket", Prefix: "bucketPrefix", Max: longestName, Lower: true},
		Replace:  []string{"bucket", "bucketPrefix", "objectLockEnabled"},
		Kept:     inline,
		Defaults: account.Props{"forceDestroy": false, "objectLockEnabled": false},
		Rules: slices.Concat([]kind.Rule{
			kind.Length("bucket", 0, longestName), kind.Length("bucketPrefix", 0, longestName-suffix),
			kind.Conflict("bucket", "bucketPrefix"), separate(),
			kind.Match("bucketPrefix", `^[a-z0-9][a-z0-9.-]*$`, "The specified bucket is not valid.").API("InvalidBucketName").
				From(naming),
		}, nameRules(), kind.Tags("BadRequest", "InvalidTag")),
		Guards: []kind.Guard{
			{
				Name: "name is free", On: kind.Making, Source: reference + "CreateBucket", Check: free,
			},
			{
				Name: "no object is left", On: kind.Deleting, Source: reference + "DeleteBucket", Check: emptied,
			},
		},
		NotFound: kind.Fault{Code: "NoSuchBucket", Message: "The specified bucket does not exist"},
		Create:   createBucket,
		Delete:   dropSettings,
	}
}

// inline are the inputs of a bucket that the provider has made resources of their own and deprecated.
var inline = []string{
	"accelerationStatus", "acl", "corsRules", "grants", "lifecycleRules", "loggings", "objectLockConfiguration", "policy",
	"replicationConfigurations", "requestPayer", "serverSideEncryptionConfigurations", "versionings", "websites",
}

// separate refuses them: this cloud knows the resources alone.
func separate() kind.Rule {
	return kind.Whole("settings are resources of their own", func(in account.Props) string {
		for _, name := range inline {
			if in.Has(name) {
				return name + " is not supported by the local cloud: it is deprecated, use the resource of its own"
			}
		}
		return ""
	}).From("the local cloud; AWS has it")
}

// nameRules are S3's rules for names, each with a name that it refuses.
func nameRules() []kind.Rule {
	letters := regexp.MustCompile(`^[a-z0-9.-]+$`)
	ends := regexp.MustCompile(`^[a-z0-9](.*[a-z0-9])?$`)
	var rules []kind.Rule
	for _, r := range []struct {
		name, bad, says string
		right           func(name string) bool
	}{
		{"length of a bucket's name", "ab", "it has fewer than 3 characters", func(name string) bool { return len(name) >= shortestName }},
		{"characters of a bucket's name", "Site_1", "only lower-case letters, digits, dots and hyphens are allowed", letters.MatchString},
		{"ends of a bucket's name", "-site", "it must begin and end with a letter or digit", ends.MatchString},
		{"dots in a bucket's name", "a..site", "two dots stand side by side", func(name string) bool { return !strings.Contains(name, "..") }},
		{"a bucket's name is no address", "192.168.5.4", "it has the form of an IP address", func(name string) bool {
			_, err := netip.ParseAddr(name)
			return err != nil
		}},
		{"reserved beginnings", "xn--site", "it begins with xn--, sthree- or amzn-s3-demo-", func(name string) bool {
			return !slices.ContainsFunc([]string{"xn--", "sthree-", "amzn-s3-demo-"}, func(p string) bool { return strings.HasPrefix(name, p) })
		}},
		{"reserved endings", "site--x-s3", "it ends with -s3alias, --ol-s3, .mrap, --x-s3 or --table-s3", func(name string) bool {
			return !slices.ContainsFunc([]string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"},
				func(s string) bool { return strings.HasSuffix(name, s) })
		}},
	} {
		rules = append(rules, kind.Rule{
			Name: r.name, Source: naming, Path: "bucket", Bad: r.bad, Code: "InvalidBucketName",
			Test: func(v any, _ account.Props) string {
				if name, ok := v.(string); ok && !r.right(name) {
					return fmt.Sprintf("The specified bucket is not valid. (%s: %s.)", name, r.says)
				}
				return ""
			},
		})
	}
	return rules
}

// free wants a name that no bucket of the account has, in any region. The buckets of other accounts are not known here.
// In us-east-1 AWS answers the owner of a bucket as if it had made it again (terraform-provider-aws#3307): two resources
// for one bucket are a mistake there as well, and refused here.
func free(c *kind.Call) error {
	other, err := find(c, c.Out.String("bucket"))
	if err != nil || other == nil {
		return err
	}
	return kind.Refuse("BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.")
}

func emptied(c *kind.Call) error {
	if c.Objects == nil || c.In.Bool("forceDestroy") {
		return nil
	}
	held, err := c.Objects.Holds(c.ID)
	if err == nil && held {
		err = kind.Refuse("BucketNotEmpty", "The bucket you tried to delete is not empty. You must delete all versions in the bucket.")
	}
	return err
}

func createBucket(c *kind.Call) error {
	c.ID = c.Out.String("bucket")
	c.Set(account.Props{
		"arn": "arn:aws:s3:::" + c.ID, "region": c.Region, "hostedZoneId": zones[c.Region], "bucketPrefix": "",
		"bucketDomainName":         c.ID + ".s3.amazonaws.com",
		"bucketRegionalDomainName": c.ID + ".s3." + c.Region + ".amazonaws.com",
		"requestPayer":             "BucketOwner", "accelerationStatus": "",
		"versionings": []any{map[string]any{"enabled": false, "mfaDelete": false}},
	})
	return nil
}

// dropSettings deletes what goes with a bucket: its settings and, where it may have any, its objects.
func dropSettings(c *kind.Call) error {
	for _, token := range settings {
		all, err := c.All(token)
		if err != nil {
			return err
		}
		for _, r := range all {
			if r.Outputs.String("bucket") == c.ID {
				if err := c.Tx.Delete(token, r.Region, r.ID); err != nil {
					return err
				}
			}
		}
	}
	if c.Objects == nil {
		return nil
	}
	return c.Objects.Remove(c.ID)
}

// zones are the hosted zones of the websites of buckets, by region: terraform-provider-aws, hosted_zones.go.
var zones = map[string]string{
	"us-east-1": "Z3AQBSTGFYJSTF", "us-east-2": "Z2O1EMRO9K5GLX", "us-west-1": "Z2F56UZL2M1ACD", "us-west-2": "Z3BJ6K6RIION7M",
	"ca-central-1": "Z1QDHH18159H29", "sa-east-1": "Z7KQH4QJS55SO", "eu-central-1": "Z21DNDUVLTQW6Q",
	"eu-west-1": "Z1BKCTXD74EZPE", "eu-west-2": "Z3GKZC51ZF0DB4", "eu-west-3": "Z3R1K369G5AVDG", "eu-north-1": "Z3BAZG2TWCNX0D",
	"ap-northeast-1": "Z2M4EHUR26P7ZW", "ap-northeast-2": "Z3W03O7B5YMIYP", "ap-northeast-3": "Z2YQB5RD63NC85",
	"ap-south-1": "Z11RGJOFQNVJUP", "ap-southeast-1": "Z3O0J2DXBE1FTB", "ap-southeast-2": "Z1WCIGYICN2BYD",
}
