package edge

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const functionRuntime = "cloudfront-js-2.0"

//go:embed visitor/request.js
var visitorRequest string

// functions run at the edge for every request: visitors where nothing is kept, pages where copies are shared, which
// also takes off what would make the copies differ.
type functions struct {
	visitors, pages *cloudfront.Function
}

// functionSettings are what visitor/request.js is told.
type functionSettings struct {
	// Host is the site's name, Cookies are those that pages depend on beside the known ones.
	Host    string   `json:"host"`
	Cookies []string `json:"cookies"`
	// Normalise takes off cookies and arguments that no page depends on.
	Normalise bool `json:"normalise"`
	// Maintenance is on; Admins are the ranges that see the site then.
	Maintenance bool     `json:"maintenance"`
	Admins      []string `json:"admins"`
	// Password is the SHA-256 of the header that visitors have to send; empty for none.
	Password string `json:"password"`
}

func (b *builder) edgeFunctions() error {
	var err error
	if b.cdn.functions.visitors, err = b.edgeFunction("visitors", false); err != nil {
		return err
	}
	b.cdn.functions.pages, err = b.edgeFunction("pages", true)
	return err
}

func (b *builder) edgeFunction(part string, normalise bool) (*cloudfront.Function, error) {
	wanted := functionSettings{
		Host: b.s.Domain, Cookies: append([]string{}, b.s.CDN.Cookies...), Normalise: normalise,
		Maintenance: b.s.Maintenance, Admins: texts(b.s.AdminAddresses),
	}
	var code pulumi.StringInput
	if b.password == nil {
		text, err := functionCode(wanted)
		if err != nil {
			return nil, err
		}
		code = pulumi.String(text)
	} else {
		code = b.password.value.ApplyT(func(password string) (string, error) {
			wanted.Password = authorization(b.s.BasicAuthUser, password)
			return functionCode(wanted)
		}).(pulumi.StringOutput)
	}
	// Another domain has another function: the old one would lead visitors away to where nothing answers yet.
	function, err := cloudfront.NewFunction(b.ctx, b.name+"-"+part, &cloudfront.FunctionArgs{
		Runtime: pulumi.String(functionRuntime), Code: code, Publish: pulumi.Bool(true), Comment: pulumi.String(b.s.Bare()),
	}, b.owned(pulumi.ReplaceOnChanges([]string{"comment"}))...)
	if err != nil {
		return nil, fmt.Errorf("function %s: %w", part, err)
	}
	return function, nil
}

func functionCode(wanted functionSettings) (string, error) {
	text, err := json.Marshal(wanted) //nolint:gosec // a digest, in a value that Pulumi keeps secret
	if err != nil {
		return "", fmt.Errorf("settings of a function: %w", err)
	}
	return "const settings = " + string(text) + ";\n" + visitorRequest, nil
}

// authorization is the digest of the header that a visitor with a name and a password sends.
func authorization(user, password string) string {
	header := "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	sum := sha256.Sum256([]byte(header))
	return hex.EncodeToString(sum[:])
}
