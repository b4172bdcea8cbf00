package capacity

import (
	"fmt"
	"time"

	"wordpress-ecs/local/access"
	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/reach"
)

// agentRetry is the longest pause between two attempts of the ECS agent to register. It is restarted for ever:
// amazon-ecs-agent, agent/app/agent.go (transientError) and ecs-init/engine/engine.go (serviceStartMaxRetryTime,
// serviceStartMaxRetries). An instance that had no route when it booted registers once it has one, unless its user
// data ended before it wrote the cluster's name.
const agentRetry = 15 * time.Second

// obstacle is why an instance cannot register with its cluster.
type obstacle struct {
	reason string
	// network is set when it does not reach ECS.
	network bool
}

// obstacles finds out why instances that boot cannot register, by id. Those that can are not in it.
func (p *Part) obstacles() (map[string]obstacle, error) {
	p.mu.Lock()
	var booting []instance
	for _, i := range p.instances {
		if i.State == statePending {
			booting = append(booting, *i)
		}
	}
	p.mu.Unlock()
	if len(booting) == 0 {
		return nil, nil
	}
	found := map[string]obstacle{}
	err := p.env.Account.View(func(tx *account.Tx) error {
		network, err := reach.Read(tx)
		if err != nil {
			return err
		}
		clusters, err := tx.ByType(clusterType)
		if err != nil {
			return err
		}
		for _, i := range booting {
			at := reach.Interface{Subnet: i.Subnet, Groups: i.Groups, Public: i.Public}
			for _, service := range []string{"ecs", "ecs-agent", "ecs-telemetry"} {
				if err := network.API(at, service); err != nil {
					found[i.ID] = obstacle{fmt.Sprintf("it does not reach the API %q: %v", service, err), true}
					break
				}
			}
			if _, known := found[i.ID]; known {
				continue
			}
			reason, err := forbidden(tx, i, clusters)
			if err != nil {
				return err
			}
			if reason != "" {
				found[i.ID] = obstacle{reason: reason}
			}
		}
		return nil
	})
	return found, err
}

// forbidden tells why ECS does not let an instance register; nothing when it does.
func forbidden(tx *account.Tx, i instance, clusters []account.Resource) (string, error) {
	// The agent makes the cluster "default" where nothing names another.
	cluster := fmt.Sprintf("arn:aws:ecs:%s:%s:cluster/%s", i.Region, account.ID, i.Cluster)
	there := i.Cluster == "default"
	for _, c := range clusters {
		there = there || c.Region == i.Region && c.Outputs.String("name") == i.Cluster
	}
	if !there {
		return fmt.Sprintf("ClientException: Cluster not found. (its user data names %q)", i.Cluster), nil
	}
	role, err := access.RoleOf(tx, i.Profile)
	if err != nil {
		return "", err
	}
	if role == "" {
		return "NoCredentialProviders: it has no instance profile with a role", nil
	}
	answer, err := access.Assume(tx, role, "ec2.amazonaws.com", map[string]string{"aws:SourceAccount": account.ID})
	if err != nil || !answer.Allowed {
		return answer.Reason, err
	}
	for _, call := range []struct{ action, resource string }{
		{"ecs:RegisterContainerInstance", cluster}, {"ecs:DiscoverPollEndpoint", i.ARN}, {"ecs:Poll", i.ARN},
	} {
		answer, err := access.Ask(tx, access.Request{
			Role: role, Session: i.ID, Action: call.action, Resource: call.resource,
			Context: map[string]string{"ecs:cluster": cluster, "aws:SecureTransport": "true"},
		})
		if err != nil {
			return "", err
		}
		if err := answer.Refused(); err != nil {
			return "AccessDeniedException: " + err.Error(), nil
		}
	}
	return "", nil
}

// register lets an instance that has booted join its cluster, or notes why it does not.
func (r *round) register(i *instance) {
	found, blocked := r.obstacles[i.ID]
	switch {
	case i.Broken:
	case !blocked:
		i.State, i.Unregistered = stateActive, ""
		r.keep(i)
	default:
		r.due(r.now.Add(r.env.Clock.Of(agentRetry)))
		if i.Unregistered == found.reason {
			return
		}
		if i.Unregistered == "" && i.Online && found.network {
			i.Broken = true
			found.reason = "its user data needs the internet and ended before it named the cluster: " + found.reason
		}
		i.Unregistered = found.reason
		r.keep(i)
		r.lines = append(r.lines, fmt.Sprintf("Instance %s of Auto Scaling group %s is not in cluster %s: %s",
			i.ID, i.Group, i.Cluster, i.Unregistered))
	}
}
