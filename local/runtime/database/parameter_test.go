package database

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParametersBecomeOptions(t *testing.T) {
	t.Parallel()
	for p, want := range map[parameter]string{
		{name: "require_secure_transport", value: "ON"}:                              `loose-require_secure_transport = "ON"` + "\n",
		{name: "init_connect", value: `SET @a = "\"`}:                                `loose-init_connect = "SET @a = \"\\\""` + "\n",
		{name: "time_zone", value: "UTC"}:                                            `loose-default-time-zone = "UTC"` + "\n",
		{name: "character_set_client", value: "utf8mb4"}:                             "",
		{name: "innodb_buffer_pool_size", value: "1000000000"}:                       "",
		{name: "max_connections", value: "{DBInstanceClassMemory/12582880}"}:         "",
		{name: "init_connect", value: "SELECT 1\n[mariadbd]\nplugin-dir=/somewhere"}: "",
	} {
		require.Equal(t, want, p.option(), p.name)
	}
	require.Equal(t, "SET GLOBAL long_query_time = 0.5;\n", parameter{name: "long_query_time", value: "0.5"}.statement())
	require.Equal(t, `SET GLOBAL init_connect = 'it''s \\';`+"\n", parameter{name: "init_connect", value: `it's \`}.statement())
}

func TestConnectionsFollowTheClass(t *testing.T) {
	t.Parallel()
	for class, want := range map[string]int{
		"db.t3.small": 45, "db.t4g.medium": 90, "db.t4g.large": 135, "db.r6g.large": 1000, "db.r7g.2xlarge": 3000, "db.serverless": 1000,
	} {
		require.Equal(t, want, connections(class), class)
	}
	group := cluster{parameters: []parameter{{name: "max_connections", value: "7"}}}
	require.Equal(t, group.parameters, group.settings(member{class: "db.t3.small"}))
}

func TestTheLowestTierSucceeds(t *testing.T) {
	t.Parallel()
	c := cluster{state: state{Writer: "a"}, members: []member{
		{id: "a", tier: 0, class: "db.r6g.large"}, {id: "b", tier: 1, class: "db.t4g.medium"}, {id: "c", tier: 1, class: "db.r6g.large"},
		{id: "d", tier: 2, class: "db.r6g.large"}, {id: "e", made: true},
	}}
	next, ok := c.successor()
	require.True(t, ok)
	require.Equal(t, "c", next.id, "of two with a tier the greater")
	c.members = c.members[:1]
	_, ok = c.successor()
	require.False(t, ok)
}

// TestErrorsHaveNoStatement: a statement may have a password.
func TestErrorsHaveNoStatement(t *testing.T) {
	t.Parallel()
	require.Equal(t, "Access denied", reasonOf("--------------\nALTER USER x IDENTIFIED BY 'secret'\n--------------\n\nERROR 1045 (28000) at line 1: Access denied\n"))
	require.NotContains(t, reasonOf("ERROR 1064 (42000) at line 1: You have an error in your SQL syntax near 'secret' at line 1"), "secret")
}
