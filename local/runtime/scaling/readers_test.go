package scaling_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/clock"
	"wordpress-ecs/local/runtime/metrics"
)

// database registers the readers of a cluster, of which the program has asked for one.
func (w *world) database(least, most float64) account.Resource {
	w.readers.fixed = []string{"fixed"}
	for _, id := range []string{"writer", "fixed"} {
		w.put(account.Resource{
			Type: "aws:rds/clusterInstance:ClusterInstance", Region: region, ID: id,
			Outputs: account.Props{"identifier": id, "clusterIdentifier": cluster},
		})
	}
	w.policyOf("cluster:"+cluster, replicas, readerCPU, 70)
	return w.register("cluster:"+cluster, replicas, least, most)
}

func (w *world) readerCPU(percent float64) feed {
	feeds := []feed{w.measured(metrics.RDS, metrics.CPUUtilization, "writer", 100)}
	for _, id := range w.readers.Readers(cluster) {
		feeds = append(feeds, w.measured(metrics.RDS, metrics.CPUUtilization, id, percent))
	}
	return func(at time.Time) {
		for _, f := range feeds {
			f(at)
		}
	}
}

func TestReadersComeAndGo(t *testing.T) {
	inWorld(t, clock.Default, func(w *world) {
		w.database(0, 3)
		w.start()
		for range 5 {
			w.pass(w.readerCPU(50))
		}
		require.Equal(w, []string{"fixed"}, w.readers.Readers(cluster), "the writer's load does not count")
		for range 3 {
			w.pass(w.readerCPU(100))
		}
		require.Equal(w, []string{"fixed", "made-0"}, w.readers.Readers(cluster))
		require.Equal(w, "Setting replica count to 2.", w.activities()[0].Description)
		require.Equal(w, "2 of 0 to 3", w.status()["cluster:"+cluster].State)
		for range 40 {
			w.pass(w.readerCPU(0))
		}
		require.Equal(w, []string{"fixed"}, w.readers.Readers(cluster), "the program has asked for that one")
		require.Len(w, w.activities(), 2)
	})
}

func TestRegistrationBringsReadersInside(t *testing.T) {
	inWorld(t, clock.Default, func(w *world) {
		target := w.database(3, 5)
		w.start()
		require.Equal(w, []string{"fixed", "made-0", "made-1"}, w.readers.Readers(cluster))
		require.Equal(w, "minimum capacity was set to 3", w.activities()[0].Cause)
		target.Outputs["minCapacity"], target.Outputs["maxCapacity"] = 0.0, 2.0
		w.put(target)
		w.wake <- struct{}{}
		w.pass()
		require.Equal(w, []string{"fixed", "made-0"}, w.readers.Readers(cluster))
		require.Equal(w, "maximum capacity was set to 2", w.activities()[1].Cause)
		// A reader that is away for a while is the database's to bring back.
		w.readers.fixed = nil
		target.Outputs["minCapacity"] = 0.0
		w.wake <- struct{}{}
		w.pass()
		require.Equal(w, []string{"made-0"}, w.readers.Readers(cluster))
	})
}

func TestAReaderThatDoesNotComeIsToldAndTriedAgain(t *testing.T) {
	inWorld(t, clock.Default, func(w *world) {
		w.readers.err = errors.New("no room")
		w.database(2, 3)
		w.start()
		failed := w.activities()[0]
		require.Equal(w, "Failed", failed.StatusCode)
		require.Contains(w, w.said, "scaling cluster:"+cluster+": Failed to set replica count to 2. Reason: adding a reader to "+
			cluster+": no room")
		w.readers.mu.Lock()
		w.readers.err = nil
		w.readers.mu.Unlock()
		w.pass()
		w.pass()
		require.Equal(w, []string{"fixed", "made-0"}, w.readers.Readers(cluster))
	})
}

func TestWithoutADatabaseReadersAreLeftAlone(t *testing.T) {
	inWorld(t, clock.Default, func(w *world) {
		w.env.Readers = nil
		w.database(2, 3)
		w.start()
		w.pass()
		require.Equal(w, []string{"scaling cluster:" + cluster + ": no database runs here, so it keeps its readers"}, w.said)
	})
}
