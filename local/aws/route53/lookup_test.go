package route53_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/kind/cases"
	"wordpress-ecs/local/aws/route53"
)

// look asks for a zone, and returns what was said.
func look(t *testing.T, s cases.Suite, w *cases.World, args account.Props) (account.Props, []string, error) {
	t.Helper()
	f, known := s.Catalog.Function("aws:route53/getZone:getZone")
	require.True(t, known)
	require.True(t, f.Notes, "it has to be able to write")
	var said []string
	c := w.Call()
	c.In, c.Say = args, func(line string) { said = append(said, line) }
	found, err := f.Run(c)
	return found, said, err
}

// TestAZoneThatNobodyMade is there when a program asks for it, always the same, and takes records.
func TestAZoneThatNobodyMade(t *testing.T) {
	t.Parallel()
	s := suite(t)
	s.Try(t, func(w *cases.World) {
		z, said, err := look(t, s, w, account.Props{"name": "Example.org."})
		require.NoError(t, err)
		require.Equal(t, []string{"hosted zone example.org: taken as existing here; on AWS it has to exist before"}, said)
		id := z.String("zoneId")
		require.Regexp(t, `^Z[A-Z0-9]{13,20}$`, id)
		require.Equal(t, "example.org", z.String("name"))
		require.Len(t, z.Strings("nameServers"), 4)
		require.Equal(t, "arn:aws:route53:::hostedzone/"+id, z.String("arn"))

		again, said, err := look(t, s, w, account.Props{"zoneId": id})
		require.NoError(t, err)
		require.Empty(t, said)
		require.Equal(t, z["nameServers"], again["nameServers"])

		r := w.Need(route53.Record, account.Props{"zoneId": id, "name": "www"})
		require.Equal(t, "www.example.org", r.Outputs.String("fqdn"))
		require.Equal(t, id+"_www_A", r.ID)
		_, err = w.Make(route53.Record, account.Props{"zoneId": id, "name": "notexample.org"})
		require.ErrorContains(t, err, "is not permitted in zone example.org.")
		z, said, err = look(t, s, w, account.Props{"name": "example.org"})
		require.NoError(t, err)
		require.Empty(t, said, "it is told once")
		require.Equal(t, 3, z.Int("resourceRecordSetCount"))
	})
}

func TestAZoneOfAProgram(t *testing.T) {
	t.Parallel()
	s := suite(t)
	s.Try(t, func(w *cases.World) {
		public := w.Usual(route53.Zone)
		z, said, err := look(t, s, w, account.Props{"name": "example.com."})
		require.NoError(t, err)
		require.Empty(t, said)
		require.Equal(t, public.ID, z.String("zoneId"))
		vpc := w.Usual(ec2.Vpc).ID
		private := w.Need(route53.Zone, account.Props{"vpcs": []any{map[string]any{"vpcId": vpc}}})
		for _, args := range []account.Props{{"name": "example.com", "privateZone": true}, {"name": "example.com", "vpcId": vpc}, {"zoneId": private.ID}} {
			z, _, err := look(t, s, w, args)
			require.NoError(t, err)
			require.Equal(t, private.ID, z.String("zoneId"))
			require.True(t, z.Bool("privateZone"))
		}
		w.Need(route53.Zone, nil)
		_, _, err = look(t, s, w, account.Props{"name": "example.com"})
		require.ErrorContains(t, err, "multiple Route 53 Hosted Zones matched; use additional constraints")
	})
}

func TestZonesThatAreNotThere(t *testing.T) {
	t.Parallel()
	s := suite(t)
	s.Try(t, func(w *cases.World) {
		for reason, args := range map[string]account.Props{
			`no matching Route 53 Hosted Zone found (name "example.com", private true)`:  {"name": "example.com", "privateZone": true},
			`no matching Route 53 Hosted Zone found (name "example.com", private false)`: {"name": "example.com", "tags": map[string]any{"team": "web"}},
			`no matching Route 53 Hosted Zone found (name "com", private false)`:         {"name": "com"},
			"No hosted zone found with ID: Z0123456789":                                  {"zoneId": "Z0123456789"},
			"only one of `zone_id` or `name` may be set":                                 {"zoneId": "Z0", "name": "example.com"},
			"`vpc_id` can only be set for private zones":                                 {"name": "example.com", "vpcId": "vpc-1", "privateZone": false},
		} {
			_, said, err := look(t, s, w, args)
			require.ErrorContains(t, err, reason)
			require.Empty(t, said)
		}
	})
}

// TestARecordOverAnother takes its place, under whatever name it was given.
func TestARecordOverAnother(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		w.Need(route53.Record, nil)
		w.Need(route53.Record, account.Props{"name": "www.example.com", "records": []any{"192.0.2.2"}, "allowOverwrite": true})
		values, err := route53.Answers(w.Call(), "WWW.example.com.", "A")
		require.NoError(t, err)
		require.Equal(t, []string{"192.0.2.2"}, values)
		all, err := w.Call().All(route53.Record)
		require.NoError(t, err)
		require.Len(t, all, 1)
	})
}

// TestARecordThatChangesItsType takes the place of another one, too, if it may.
func TestARecordThatChangesItsType(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		w.Need(route53.Record, nil)
		six := w.Need(route53.Record, account.Props{"type": "AAAA", "records": []any{"2001:db8::1"}, "allowOverwrite": true})
		_, err := w.Change(six, account.Props{"type": "A", "records": []any{"192.0.2.2"}})
		require.NoError(t, err)
		values, err := route53.Answers(w.Call(), "www.example.com", "A")
		require.NoError(t, err)
		require.Equal(t, []string{"192.0.2.2"}, values)
		all, err := w.Call().All(route53.Record)
		require.NoError(t, err)
		require.Len(t, all, 1)
	})
}

// TestThePublicDoesNotSeePrivateZones: their records answer nobody outside.
func TestThePublicDoesNotSeePrivateZones(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		private := w.Need(route53.Zone, account.Props{"vpcs": []any{map[string]any{"vpcId": w.Usual(ec2.Vpc).ID}}})
		w.Need(route53.Record, account.Props{"zoneId": private.ID})
		values, err := route53.Answers(w.Call(), "www.example.com", "A")
		require.NoError(t, err)
		require.Empty(t, values)
	})
}
