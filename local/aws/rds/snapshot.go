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

// snapshotAsked returns the snapshot that a cluster is to be made of; its name is empty when it is made of none.
func snapshotAsked(c *kind.Call) (name string, s stored, there bool, err error) {
	name = c.In.String("snapshotIdentifier")
	if name == "" {
		return "", s, false, nil
	}
	if _, id, found := strings.Cut(name, ":cluster-snapshot:"); found { // an ARN
		name = id
	}
	there, err = c.Tx.Kept(storedClass, name, &s)
	return name, s, there, err
}

func snapshotExists(c *kind.Call) error {
	name, _, there, err := snapshotAsked(c)
	if err == nil && name != "" && !there {
		err = kind.Refuse("DBClusterSnapshotNotFoundFault", "DBClusterSnapshot not found: %s", name)
	}
	return err
}

func engineOfSnapshot(c *kind.Call) error {
	name, s, there, err := snapshotAsked(c)
	if engine := c.In.String("engine"); err == nil && there && engine != s.Engine {
		err = kind.Refuse(value, "The engine %s does not match the engine %s of snapshot %s", engine, s.Engine, name)
	}
	return err
}

// fromSnapshot gives a cluster that is made of a snapshot what the snapshot has.
func fromSnapshot(c *kind.Call) error {
	_, s, there, err := snapshotAsked(c)
	if err != nil || !there {
		return err
	}
	c.Out["masterUsername"] = s.Master // also where another is asked for, as on AWS
	c.Set(account.Props{"databaseName": s.First})
	return nil
}
