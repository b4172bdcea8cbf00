package usage

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/metrics"
)

const instanceType = "aws:rds/clusterInstance:ClusterInstance"

// putDatabases puts what the database instances used in a period.
func (u *Usage) putDatabases(found []machine.Container, period time.Time, before map[string]machine.Usage) error {
	classes := map[string]string{}
	err := u.Account.View(func(tx *account.Tx) error {
		all, err := tx.ByType(instanceType)
		for _, r := range all {
			classes[r.Outputs.String("identifier")] = r.Outputs.String("instanceClass")
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("reading database instances: %w", err)
	}
	for _, c := range found {
		id := c.Labels[machine.LabelID]
		if cores, known := u.busy([]string{c.ID}, before); known {
			// A class may have more virtual CPUs than this machine has cores: all of those is 100 %.
			u.put(metrics.RDS, metrics.CPUUtilization, id, period, percent(cores, float64(min(cpus(classes[id]), u.cores))))
		}
		if _, runs := u.readings[c.ID]; !runs || u.Connections == nil {
			continue
		}
		// An instance that is just starting or going answers nothing; that is the database's to say.
		if n, err := u.Connections.Connections(id); err == nil {
			u.put(metrics.RDS, metrics.DatabaseConnections, id, period, float64(n))
		}
	}
	return nil
}

// cpus is how many virtual CPUs an instance class has. All below xlarge have two, and so has what is unknown:
// an instance that scaling has made is not in the account.
func cpus(class string) int {
	size := class[strings.LastIndex(class, ".")+1:]
	times, found := strings.CutSuffix(size, "xlarge")
	if !found {
		return 2
	}
	n, err := strconv.Atoi(times)
	if err != nil {
		n = 1
	}
	return 4 * n
}
