package rds

import (
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// storedClass is the class of the records of snapshots that are files; what runs clusters keeps them.
const storedClass = "rds-snapshot"

// stored is what a record tells of a snapshot.
type stored struct {
	Resource string `json:"clusterResourceId"`
	Engine   string `json:"engine"`
	Master   string `json:"masterUsername"`
	First    string `json:"databaseName"`
}

// fromSnapshot gives a cluster that is made of a snapshot what the snapshot has.
func fromSnapshot(c *kind.Call) error {
	name := c.In.String("snapshotIdentifier")
	if name == "" {
		return nil
	}
	if _, id, found := strings.Cut(name, ":cluster-snapshot:"); found { // an ARN
		name = id
	}
	var s stored
	there, err := c.Tx.Kept(storedClass, name, &s)
	if err != nil {
		return err
	}
	if !there {
		return kind.Refuse("DBClusterSnapshotNotFoundFault", "DBClusterSnapshot not found: %s", name)
	}
	if engine := c.In.String("engine"); engine != s.Engine {
		return kind.Refuse("InvalidParameterValue", "The engine %s does not match the engine %s of snapshot %s", engine, s.Engine, name)
	}
	c.Out["masterUsername"] = s.Master // also where another is asked for, as on AWS
	c.Set(account.Props{"databaseName": s.First})
	return nil
}
