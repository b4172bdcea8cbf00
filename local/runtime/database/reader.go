package database

import (
	"context"
	"fmt"
	"strings"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/machine"
)

// readerPrefix begins the names of readers that scaling makes.
const readerPrefix = "application-autoscaling-"

// Readers names the instances of a cluster beside its writer, those of the account and those that AddReader made.
func (p *Part) Readers(id string) []string {
	c, err := p.read(id)
	if err != nil || c == nil {
		return nil
	}
	var ids []string
	for _, m := range c.members {
		if m.id != c.state.Writer {
			ids = append(ids, m.id)
		}
	}
	return ids
}

// AddReader makes one more reader, and returns its name when it answers.
func (p *Part) AddReader(ctx context.Context, cluster string) (string, error) {
	c, err := p.read(cluster)
	if err != nil {
		return "", err
	}
	if c == nil || c.state.Writer == "" {
		return "", fmt.Errorf("cluster %s has no writer that a reader could follow", cluster)
	}
	writer, _ := c.member(c.state.Writer)
	_, host, _ := strings.Cut(c.endpoint(), ".cluster-")
	id := readerPrefix + account.NewUUID()
	r := scaled{ID: id, Cluster: cluster, Endpoint: id + "." + host, Class: writer.class, Created: time.Now().UTC()}
	if err := p.env.Account.Update(func(tx *account.Tx) error { return tx.Keep(readerClass, id, r) }); err != nil {
		return "", fmt.Errorf("keeping reader %s: %w", id, err)
	}
	if err := p.awaitInstance(ctx, cluster, id, p.env.Say); err != nil {
		dropped := p.locked(context.WithoutCancel(ctx), cluster, func() error { return p.dropScaled(cluster, id) })
		return "", fmt.Errorf("adding reader %s: %w", id, firstOf(err, dropped))
	}
	return id, nil
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// RemoveReader removes the newest reader that AddReader made.
func (p *Part) RemoveReader(ctx context.Context, cluster string) error {
	return p.locked(ctx, cluster, func() error {
		c, err := p.read(cluster)
		if err != nil || c == nil {
			return err
		}
		newest := ""
		for _, m := range c.members { // by time
			if m.made && m.id != c.state.Writer {
				newest = m.id
			}
		}
		if newest == "" {
			return fmt.Errorf("cluster %s has no reader that scaling made", cluster)
		}
		if err := p.dropScaled(cluster, newest); err != nil {
			return err
		}
		return p.tend(ctx, cluster)
	})
}

// dropScaled forgets a reader that scaling made, or all of a cluster when id is empty.
func (p *Part) dropScaled(cluster, id string) error {
	err := p.env.Account.Update(func(tx *account.Tx) error {
		all, err := account.AllKept[scaled](tx, readerClass)
		if err != nil {
			return err
		}
		for _, r := range all {
			if r.Cluster == cluster && (id == "" || r.ID == id) {
				if err := tx.Drop(readerClass, r.ID); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("forgetting readers of %s: %w", cluster, err)
	}
	return nil
}

// connectionsTimeout bounds how long a server may take to count its clients.
const connectionsTimeout = 5 * time.Second

// Connections counts the clients of an instance.
func (p *Part) Connections(instance string) (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), connectionsTimeout)
	defer cancel()
	p.mu.Lock()
	container, ready := p.ready[instance]
	p.mu.Unlock()
	if !ready {
		return 0, fmt.Errorf("instance %s does not answer", instance)
	}
	now, ok, err := p.env.Machine.Inspect(ctx, container)
	if err != nil {
		return 0, err
	}
	if !ok || !now.State.Running || now.State.Paused {
		return 0, fmt.Errorf("instance %s does not run", instance)
	}
	return p.clients(ctx, server{member: member{id: instance}, container: container})
}

// running are the containers of instances that run, by instance.
func (p *Part) running(ctx context.Context) ([]machine.Container, error) {
	found, err := p.env.Machine.Find(ctx, map[string]string{machine.LabelKind: kind})
	var list []machine.Container
	for _, c := range found {
		if c.State == running {
			list = append(list, c)
		}
	}
	return list, err
}
