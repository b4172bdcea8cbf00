package database

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"wordpress-ecs/local/runtime/logs"
	"wordpress-ecs/local/runtime/machine"
)

// exported are the logs that come out of a server with their names before each line; the rest is the error log.
var exported = []string{"audit", "general", "slowquery"}

// follow reads the logs of all servers that run, as far as their clusters export them.
func (p *Part) follow(ctx context.Context, watching *sync.WaitGroup) {
	if p.env.Logs == nil {
		return
	}
	containers, err := p.running(ctx)
	if err != nil {
		return // the next round tries again
	}
	for _, c := range containers {
		p.mu.Lock()
		begun := p.followed[c.ID]
		p.followed[c.ID] = true
		p.mu.Unlock()
		if begun {
			continue
		}
		watching.Go(func() {
			err := p.export(ctx, c)
			p.mu.Lock()
			delete(p.followed, c.ID)
			p.mu.Unlock()
			if ctx.Err() == nil {
				p.failed("logs of "+c.Labels[machine.LabelID], err)
			}
		})
	}
}

// export passes on the log of one server until it ends.
func (p *Part) export(ctx context.Context, c machine.Container) error {
	id, instance := c.Labels[labelCluster], c.Labels[machine.LabelID]
	writers := map[string]*logs.Writer{}
	defer func() {
		for _, w := range writers {
			_ = w.Close() // what was written is on disk
		}
	}()
	home, err := p.read(id)
	if err != nil || home == nil {
		return err
	}
	names := home.Outputs.Strings("enabledCloudwatchLogsExports")
	var since time.Time
	for _, name := range names {
		w, err := p.env.Logs.Writer("/aws/rds/cluster/"+id+"/"+name, instance)
		if err != nil {
			return err
		}
		writers[name] = w
		if w.Last().After(since) {
			since = w.Last()
		}
	}
	// All logs come in one stream, in order: what is older than the last event was passed on.
	return p.env.Machine.Output(ctx, c.ID, since, true, func(at time.Time, line string) error {
		name, text, found := strings.Cut(line, " ")
		if !found || !slices.Contains(exported, name) {
			name, text = "error", line
		}
		w := writers[name]
		if w == nil || !at.After(since) {
			return nil
		}
		return w.Write(at, text)
	})
}
