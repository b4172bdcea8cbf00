package aws

import (
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/aws/acm"
	"wordpress-ecs/local/aws/route53"
)

// TestADomainAndItsCertificate as a program makes them: its zone is looked up, and nothing changes afterwards.
func TestADomainAndItsCertificate(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	looked, err := c.client.Invoke(t.Context(), &pulumirpc.InvokeRequest{
		Tok: "aws:route53/getZone:getZone", Args: c.wire(props{"name": "example.com"}),
	})
	require.NoError(t, err)
	zone := c.read(looked.GetReturn())["zoneId"].StringValue()

	same := func(typ string, m made, inputs props) {
		t.Helper()
		require.Empty(t, c.differs(typ, m, inputs), "an update changes nothing")
		require.Empty(t, c.differs(typ, c.refreshed(typ, m), inputs), "and a refresh finds nothing")
	}
	requested := props{"domainName": "example.com", "subjectAlternativeNames": []any{"*.example.com"}, "validationMethod": "DNS"}
	certificate := c.make(acm.Certificate, requested)
	same(acm.Certificate, certificate, requested)
	option := certificate.outputs["domainValidationOptions"].ArrayValue()[0].ObjectValue()
	proof := props{
		"zoneId": zone, "name": option["resourceRecordName"].StringValue(), "type": option["resourceRecordType"].StringValue(),
		"ttl": 60, "records": []any{option["resourceRecordValue"].StringValue()}, "allowOverwrite": true,
	}
	record := c.make(route53.Record, proof)
	same(route53.Record, record, proof)
	waiting := props{"certificateArn": certificate.id, "validationRecordFqdns": []any{record.text("fqdn")}}
	same(acm.Validation, c.make(acm.Validation, waiting), waiting)
	same(acm.Certificate, certificate, requested)
	require.Equal(t, "ISSUED", c.refreshed(acm.Certificate, certificate).text("status"))
	require.NoError(t, c.delete(route53.Record, record))
	require.NoError(t, c.delete(acm.Certificate, certificate))
}

// TestWhatALookupAssumesIsTold to the person in front of Pulumi, once.
func TestWhatALookupAssumesIsTold(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	told := &listener{}
	_, err := c.client.Attach(t.Context(), &pulumirpc.PluginAttach{Address: told.serve(t)})
	require.NoError(t, err)
	for range 2 {
		_, err := c.client.Invoke(t.Context(), &pulumirpc.InvokeRequest{
			Tok: "aws:route53/getZone:getZone", Args: c.wire(props{"name": "example.com"}),
		})
		require.NoError(t, err)
	}
	require.Equal(t, []string{"hosted zone example.com: taken as existing here; on AWS it has to exist before"}, told.all())
}
