package scaling_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/clock"
)

func cooldown(out, in float64) func(account.Props) {
	return func(c account.Props) { c["scaleOutCooldown"], c["scaleInCooldown"] = out, in }
}

func TestRisingLoadAddsTasksWithinThreePeriods(t *testing.T) {
	inWorld(t, clock.Default, func(w *world) {
		w.target()
		w.policy(cpu, 60)
		w.start()
		w.pass(w.cpu(120))
		w.pass(w.cpu(120))
		require.Equal(w, 2, w.desired(), "two minutes are a spike")
		w.pass(w.cpu(120))
		require.Equal(w, 4, w.desired())
		require.Equal(w, 1, w.changed, "the scheduler is woken")
		activity := w.activities()[0]
		require.Equal(w, "Setting desired count to 4.", activity.Description)
		require.Equal(w, "monitor alarm TargetTracking-service/main/site-AlarmHigh-1 in state ALARM triggered policy on-"+cpu, activity.Cause)
		require.Equal(w, "Successful", activity.StatusCode)
		require.Equal(w, []string{
			"scaling service/main/site: Setting desired count to 4. Cause: " + activity.Cause + ".",
		}, w.said)
		w.pass(w.cpu(60))
		require.Equal(w, 4, w.desired(), "at the target nothing changes")
	})
}

func TestFallingLoadRemovesTasksAfterFifteenPeriods(t *testing.T) {
	inWorld(t, clock.Default, func(w *world) {
		w.target()
		w.policy(cpu, 60)
		w.set(4)
		w.start()
		for range 14 {
			w.pass(w.cpu(10))
		}
		require.Equal(w, 4, w.desired())
		w.pass(w.cpu(10))
		require.Equal(w, 3, w.desired(), "one at a time")
		for range 4 {
			w.pass(w.cpu(10))
		}
		require.Equal(w, 3, w.desired(), "five minutes of cooldown")
		w.pass(w.cpu(10))
		require.Equal(w, 2, w.desired())
		for range 20 {
			w.pass(w.cpu(0))
		}
		require.Equal(w, 2, w.desired(), "the least")
	})
}

// Nine tenths of the target are low, and so is what one task less would bear; neither alone.
func TestTasksStayWhereOneLessWouldBeTooFew(t *testing.T) {
	inWorld(t, clock.Default, func(w *world) {
		w.target()
		w.policy(cpu, 60)
		w.set(4)
		w.start()
		for range 20 {
			w.pass(w.cpu(50))
		}
		require.Equal(w, 4, w.desired(), "three tasks would be at 67 %")
		for range 20 {
			w.pass(w.cpu(45))
		}
		require.Equal(w, 3, w.desired(), "three are at 60 %")
	})
}

func TestNineTenthsOfTheTargetAreLow(t *testing.T) {
	inWorld(t, clock.Default, func(w *world) {
		w.register(service, count, 2, 30)
		w.policy(cpu, 60)
		w.set(20)
		w.start()
		for range 20 {
			w.pass(w.cpu(56))
		}
		require.Equal(w, 20, w.desired(), "nineteen would do, but this is no low load")
		for range 20 {
			w.pass(w.cpu(53))
		}
		require.Less(w, w.desired(), 20)
	})
}

func TestTheBusiestOfFifteenPeriodsCounts(t *testing.T) {
	inWorld(t, clock.Default, func(w *world) {
		w.target()
		w.policy(cpu, 60)
		w.set(4)
		w.start()
		w.pass(w.cpu(50))
		for range 14 {
			w.pass(w.cpu(10))
		}
		require.Equal(w, 4, w.desired(), "three tasks would have been at 67 %")
		w.pass(w.cpu(10))
		require.Equal(w, 3, w.desired())
	})
}

// New tasks start in real time, cooldowns follow the clock: load that waits for them is no reason for more.
func TestLoadThatWaitsForNewTasksAddsNone(t *testing.T) {
	inWorld(t, clock.Default, func(w *world) {
		w.target()
		w.policy(cpu, 60, cooldown(60, 300))
		w.start()
		for range 10 {
			w.pass(w.running(2, 120)) // two run, whatever is asked for
		}
		require.Equal(w, 4, w.desired())
		for range 3 {
			w.pass(w.running(4, 90))
		}
		require.Equal(w, 6, w.desired(), "now four run and are too few")
	})
}

func TestOnlyALargerNeedBreaksTheCooldown(t *testing.T) {
	inWorld(t, clock.Default, func(w *world) {
		w.target()
		w.policy(cpu, 60, cooldown(600, 300))
		w.start()
		for range 3 {
			w.pass(w.cpu(120))
		}
		require.Equal(w, 4, w.desired())
		w.pass(w.running(4, 90))
		require.Equal(w, 4, w.desired(), "two more were added just now")
		w.pass(w.running(4, 105))
		require.Equal(w, 5, w.desired(), "three more are needed, of which two were added")
		for range 7 {
			w.pass(w.running(5, 90))
		}
		require.Equal(w, 5, w.desired())
		for range 5 {
			w.pass(w.running(5, 90))
		}
		require.Equal(w, 8, w.desired(), "the cooldown is over")
	})
}

func TestGrowthCutsTheCooldownOfShrinking(t *testing.T) {
	inWorld(t, clock.Default, func(w *world) {
		w.target()
		w.policy(cpu, 60, cooldown(60, 36000))
		w.set(4)
		w.start()
		for range 25 {
			w.pass(w.cpu(20))
		}
		require.Equal(w, 3, w.desired(), "ten hours of cooldown")
		for range 3 {
			w.pass(w.cpu(80))
		}
		require.Equal(w, 4, w.desired(), "more come at once")
		for range 15 {
			w.pass(w.cpu(20))
		}
		require.Equal(w, 3, w.desired(), "and that ended the cooldown")
	})
}

func TestPoliciesMustAgreeToRemoveTasks(t *testing.T) {
	inWorld(t, clock.Default, func(w *world) {
		w.target()
		w.policy(cpu, 60)
		w.policy(memory, 60)
		w.set(4)
		w.start()
		for range 20 {
			w.pass(w.cpu(10), w.memory(58))
		}
		require.Equal(w, 4, w.desired(), "memory is needed")
		for range 15 {
			w.pass(w.cpu(10), w.memory(10))
		}
		require.Equal(w, 3, w.desired(), "both agree")
	})
}

func TestOnePolicyIsEnoughToAddTasks(t *testing.T) {
	inWorld(t, clock.Default, func(w *world) {
		w.target()
		w.policy(cpu, 60)
		w.policy(memory, 60)
		w.start()
		for range 3 {
			w.pass(w.cpu(90), w.memory(10))
		}
		require.Equal(w, 3, w.desired())
	})
}

func TestThePolicyThatWantsMostDecides(t *testing.T) {
	for name, percent := range map[string][2]float64{"CPU": {150, 90}, "memory": {90, 150}} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, clock.Default, func(w *world) {
				w.target()
				w.policy(cpu, 60)
				w.policy(memory, 60)
				w.start()
				for range 3 {
					w.pass(w.cpu(percent[0]), w.memory(percent[1]))
				}
				require.Equal(w, 5, w.desired())
			})
		})
	}
}

func TestAPolicyThatRemovesNothingHasNoVote(t *testing.T) {
	inWorld(t, clock.Default, func(w *world) {
		w.target()
		w.policy(cpu, 60)
		w.policy(memory, 60, func(c account.Props) { c["disableScaleIn"] = true })
		w.set(4)
		w.start()
		for range 15 {
			w.pass(w.cpu(10), w.memory(58))
		}
		require.Equal(w, 3, w.desired())
	})
}

func TestScalingKeepsItsBounds(t *testing.T) {
	inWorld(t, clock.Default, func(w *world) {
		w.register(service, count, 2, 3)
		w.policy(cpu, 60)
		w.start()
		for range 10 {
			w.pass(w.cpu(300))
		}
		require.Equal(w, 3, w.desired())
		require.Len(w, w.activities(), 1, "at its most there is nothing to do")
	})
}

func TestMissingDataScalesNothing(t *testing.T) {
	inWorld(t, clock.Default, func(w *world) {
		w.target()
		w.policy(cpu, 60)
		w.set(4)
		w.start()
		for range 20 {
			w.pass()
		}
		require.Equal(w, 4, w.desired())
		require.Equal(w, "INSUFFICIENT_DATA", w.status()["on-"+cpu].State)
		w.pass(w.cpu(120))
		w.pass(w.cpu(120))
		w.pass()
		w.pass(w.cpu(120))
		require.Equal(w, 4, w.desired(), "three in a row, and a gap is none of them")
		for range 14 {
			w.pass(w.cpu(10))
		}
		w.pass()
		w.pass(w.cpu(10))
		require.Equal(w, 4, w.desired())
		for range 14 {
			w.pass(w.cpu(10))
		}
		require.Equal(w, 3, w.desired())
	})
}

func TestADeploymentRemovesNoTasks(t *testing.T) {
	inWorld(t, clock.Default, func(w *world) {
		deploying := true
		w.env.Deploying = func(id string) bool {
			require.Equal(w, arns+service, id)
			return deploying
		}
		w.target()
		w.policy(cpu, 60)
		w.set(4)
		w.start()
		for range 20 {
			w.pass(w.cpu(10))
		}
		require.Equal(w, 4, w.desired())
		deploying = false
		w.pass(w.cpu(10))
		require.Equal(w, 3, w.desired())
	})
}

// Requests come in real time: 60 a second over two tasks are 1800 for each of them in a minute, however fast
// the clock of the account is.
func TestRequestsAreCountedPerRealMinute(t *testing.T) {
	for name, speed := range map[string]float64{"as slow as AWS": 1, "ten times faster": 10} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, speed, func(w *world) {
				w.target()
				w.policy(requests, 1000)
				w.start()
				begin := time.Now()
				w.pass(w.traffic())
				require.Equal(w, "ALBRequestCountPerTarget 1800.0, target 1000; low alarm OK", w.status()["on-"+requests].Detail)
				w.pass(w.traffic())
				require.Equal(w, 2, w.desired())
				w.pass(w.traffic())
				require.Equal(w, 4, w.desired(), "3600 requests a minute need four")
				require.InDelta(w, 180/speed, time.Since(begin).Seconds(), 0.1, "three minutes of the account")
				w.pass(w.traffic())
				require.Contains(w, w.status()["on-"+requests].Detail, " 900.0,")
				require.Equal(w, 4, w.desired())
			})
		})
	}
}

// A site that nobody visits is idle, not unknown.
func TestNoRequestsAreNoMissingData(t *testing.T) {
	inWorld(t, clock.Default, func(w *world) {
		w.target()
		w.policy(requests, 1000)
		w.set(3)
		w.start()
		for range 15 {
			w.pass()
		}
		require.Equal(w, 2, w.desired())
	})
}
