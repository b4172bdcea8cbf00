package autoscaling

import (
	"slices"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// managedTag is what ECS puts on a group that a capacity provider uses.
const managedTag = "AmazonECSManaged"

// hooks is the class of the records of groups on which a capacity provider has put its lifecycle hook.
const hooks = "termination hook"

// hook is the record.
type hook struct {
	// Answered is set while there is a capacity provider that answers it.
	Answered bool `json:"answered"`
}

// Manager is what a capacity provider manages of a group.
type Manager struct {
	// Protects instances with tasks from scale-in.
	Protects bool
	// Drains instances before they end.
	Drains bool
}

// Attach is what ECS does to a group that becomes the source of a capacity provider: it tags it, protects its
// instances if they must not be ended while tasks run, and has them wait until it has drained them. A program that
// does not say so itself will see tag and protection as a difference.
func Attach(c *kind.Call, arn string, m Manager) error {
	g, err := c.Find(Group, "arn", arn)
	if err != nil || g == nil {
		return err
	}
	if !slices.ContainsFunc(g.Outputs.Objects("tags"), func(t account.Props) bool { return t.String("key") == managedTag }) {
		g.Observe("tags", append(slices.Clone(g.Outputs.List("tags")),
			map[string]any{"key": managedTag, "value": "true", "propagateAtLaunch": true}))
	}
	if m.Protects && !g.Outputs.Bool("protectFromScaleIn") {
		g.Observe("protectFromScaleIn", true)
	}
	if m.Drains {
		err = c.Tx.Keep(hooks, hookOf(c, g.ID), hook{Answered: true})
	} else {
		err = c.Tx.Drop(hooks, hookOf(c, g.ID))
	}
	if err != nil {
		return err
	}
	return c.Tx.Put(*g)
}

// Detach is what stays of that when the capacity provider is deleted: the lifecycle hook, which nobody answers.
func Detach(c *kind.Call, arn string) error {
	g, err := c.Find(Group, "arn", arn)
	if err != nil || g == nil {
		return err
	}
	var h hook
	there, err := c.Tx.Kept(hooks, hookOf(c, g.ID), &h)
	if err != nil || !there {
		return err
	}
	return c.Tx.Keep(hooks, hookOf(c, g.ID), hook{})
}

// left tells whether a group has a lifecycle hook that nobody answers.
func left(c *kind.Call) (bool, error) {
	var h hook
	there, err := c.Tx.Kept(hooks, hookOf(c, c.ID), &h)
	return there && !h.Answered, err
}

// forget ends the hook with its group.
func forget(c *kind.Call) error { return c.Tx.Drop(hooks, hookOf(c, c.ID)) }

func hookOf(c *kind.Call, group string) string { return c.Region + "/" + group }

// deleteTimeout is the provider's, where the program sets none.
const deleteTimeout = 10 * time.Minute

// allowed is how long the provider waits in a deletion.
func allowed(c *kind.Call) time.Duration {
	if c.Timeout > 0 {
		return c.Timeout
	}
	return deleteTimeout
}
