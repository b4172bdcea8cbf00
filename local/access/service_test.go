package access_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/access"
)

func TestAServiceMayDoWhatThePolicyOfTheResourceSays(t *testing.T) {
	t.Parallel()
	const (
		logs  = "logdelivery.elasticloadbalancing.amazonaws.com"
		begin = `{"Statement":[{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::logs/alb/*","Principal":`
		deny  = `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::logs/*","Condition":` +
			`{"Bool":{"aws:SecureTransport":"false"}}}`
	)
	for name, tc := range map[string]struct {
		policy string
		refuse string
	}{
		"nothing":             {"", "because no resource-based policy allows the s3:PutObject action"},
		"the service":         {begin + `{"Service":"` + logs + `"}}]}`, ""},
		"another service":     {begin + `{"Service":"delivery.logs.amazonaws.com"}}]}`, "because no resource-based policy allows"},
		"everyone":            {begin + `{"AWS":"*"}}]}`, ""},
		"the account":         {begin + `{"AWS":"arn:aws:iam::054676820928:root"}}]}`, ""},
		"the account's id":    {begin + `{"AWS":"054676820928"}}]}`, ""},
		"another account":     {begin + `{"AWS":"arn:aws:iam::127311923021:root"}}]}`, "because no resource-based policy allows"},
		"an own source":       {begin + `{"Service":"` + logs + `"},"Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}}]}`, ""},
		"plain HTTP denied":   {begin + `{"Service":"` + logs + `"}},` + deny + `]}`, ""},
		"an unknown key":      {begin + `{"Service":"` + logs + `"},"Condition":{"StringEquals":{"s3:x-amz-acl":"private"}}}]}`, "because no"},
		"everyone else":       {begin + `{"Service":"` + logs + `"}},{"Effect":"Deny","NotPrincipal":{"Service":"` + logs + `"},"Action":"*","Resource":"*"}]}`, ""},
		"denied to everybody": {begin + `{"Service":"` + logs + `"}},{"Effect":"Deny","Principal":"*","Action":"s3:Put*","Resource":"*"}]}`, "explicit deny"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, err := access.Ask(nil, access.Request{
				Service: logs, Account: "054676820928", Action: "s3:PutObject", Resource: "arn:aws:s3:::logs/alb/AWSLogs/123456789012/x", Policy: tc.policy,
				Context: map[string]string{"aws:SecureTransport": "true", "aws:SourceAccount": "123456789012"},
			})
			require.NoError(t, err)
			if tc.refuse == "" {
				require.NoError(t, a.Refused())
				return
			}
			require.ErrorContains(t, a.Refused(), tc.refuse)
		})
	}
}

func TestAServiceNeedsAPolicyThatCanBeRead(t *testing.T) {
	t.Parallel()
	_, err := access.Ask(nil, access.Request{Service: "delivery.logs.amazonaws.com", Policy: "{", Resource: "arn:aws:s3:::logs"})
	require.ErrorContains(t, err, "policy of arn:aws:s3:::logs")
}
