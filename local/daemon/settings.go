package daemon

import (
	"fmt"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/clock"
)

// Records of the account that the process keeps.
const (
	class        = "cloud"
	stoppedID    = "stopped"
	clockID      = "clock"
	fastestClock = 100
)

// CheckClock refuses a speed that no account's clock can have.
func CheckClock(speed float64) error {
	if !(speed >= 1 && speed <= fastestClock) {
		return fmt.Errorf("--clock %v is not allowed: 1 (as slow as AWS's) to %d; %d unless given", speed, fastestClock, clock.Default)
	}
	return nil
}

// Clock is how many times faster than AWS's the clock of an account is.
func Clock(acct *account.Account) (float64, error) {
	speed := float64(clock.Default)
	err := acct.View(func(tx *account.Tx) error {
		_, err := tx.Kept(class, clockID, &speed)
		return err
	})
	return speed, err
}

func setClock(acct *account.Account, speed float64) error {
	return acct.Update(func(tx *account.Tx) error { return tx.Keep(class, clockID, speed) })
}

// stopped tells whether a person has stopped what runs.
func stopped(acct *account.Account) (is bool, err error) {
	err = acct.View(func(tx *account.Tx) (err error) {
		is, err = tx.Kept(class, stoppedID, new(bool))
		return err
	})
	return is, err
}

func setStopped(acct *account.Account, is bool) error {
	return acct.Update(func(tx *account.Tx) error {
		if is {
			return tx.Keep(class, stoppedID, true)
		}
		return tx.Drop(class, stoppedID)
	})
}
