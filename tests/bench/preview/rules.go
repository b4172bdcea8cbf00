package preview

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// rulesLimit is how many times its time without the rules of AWS a preview may take with them.
const rulesLimit = 1.3

// Rules compares previews of the prod stack that change nothing, with the rules of AWS on and off. It prints both times
// and their ratio, and fails when it is above rulesLimit.
func Rules(context.Context) (err error) {
	dir, err := os.MkdirTemp("", "wordpress-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	on := &subject{
		name: "rules on", local: filepath.Join(dir, "local"), stack: "prod", home: filepath.Join(dir, "prod"), project: ".",
	}
	if err := command("go", "build", "-o", on.local, "./local").Run(); err != nil {
		return fmt.Errorf("build of the local cloud: %w", err)
	}
	if err := on.prepare(dir); err != nil {
		return err
	}
	off := *on // the same account
	off.name, off.flags = "rules off", []string{"--rules=off"}
	if err := inTurn(on, &off); err != nil {
		return err
	}
	ratio := float64(on.median()) / float64(off.median())
	fmt.Println(on)
	fmt.Println(&off)
	fmt.Printf("ratio     time %.2f (limit %.1f)\n", ratio, rulesLimit)
	if ratio > rulesLimit {
		return fmt.Errorf("the preview takes %.2f times what it takes without the rules, more than %.1f", ratio, rulesLimit)
	}
	return nil
}
