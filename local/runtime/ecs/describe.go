package ecs

import (
	"strconv"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/task"
)

// object is a JSON object of AWS's API.
type object map[string]any

// stamp is a time as AWS's JSON has it, in seconds since 1970; nil for none.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return float64(t.UnixMilli()) / 1000
}

// is tells whether a service goes by a name or an ARN.
func (s *service) is(name string) bool { return s.name == name || s.arn == name }

// service is a service as DescribeServices shows it.
func (p *Part) service(s *service) object {
	running, pending := s.counts(nil)
	o := account.Props{}
	if s.resource != nil {
		o = s.resource.Outputs
	}
	events, deployments := []object{}, []object{}
	for _, e := range s.record.Events {
		events = append(events, object{"id": e.ID, "createdAt": stamp(e.Created), "message": e.Message})
	}
	for _, d := range s.record.Deployments {
		deployments = append(deployments, s.deployment(d))
	}
	definition := s.definition.ARN
	if s.missing != "" {
		definition = s.asked.Definition
	}
	answer := object{
		"serviceArn": s.arn, "serviceName": s.name, "clusterArn": s.clusterARN, "status": s.state(),
		"desiredCount": s.desired, "runningCount": running, "pendingCount": pending, "taskDefinition": definition,
		"deployments": deployments, "events": events, "loadBalancers": s.describeBalancers(), "serviceRegistries": []object{},
		"deploymentConfiguration": object{
			"maximumPercent": s.maxPercent, "minimumHealthyPercent": s.minPercent,
			"deploymentCircuitBreaker": object{"enable": s.breaker, "rollback": s.rollback},
		},
		"deploymentController": object{"type": "ECS"}, "placementConstraints": []object{},
		"healthCheckGracePeriodSeconds": int(s.grace.Seconds()), "enableExecuteCommand": s.exec,
		"enableECSManagedTags": o.Bool("enableEcsManagedTags"), "propagateTags": orElse(o.String("propagateTags"), "NONE"),
		"schedulingStrategy": orElse(o.String("schedulingStrategy"), "REPLICA"), "placementStrategy": s.describePlacement(),
		"networkConfiguration": s.describeNetwork(o), "createdAt": stamp(s.record.Made), "createdBy": "arn:aws:iam::" + account.ID + ":root",
	}
	s.describeProvider(answer)
	return answer
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// describeProvider shows what tasks run on: a capacity provider or, without one, a launch type.
func (s *service) describeProvider(answer object) {
	if s.provider == "" {
		answer["launchType"] = "EC2"
		return
	}
	answer["capacityProviderStrategy"] = []object{{"capacityProvider": s.provider, "weight": 1, "base": 0}}
}

func (s *service) describeBalancers() []object {
	list := []object{}
	for _, b := range s.balancers {
		list = append(list, object{"targetGroupArn": b.Group, "containerName": b.Container, "containerPort": b.Port})
	}
	return list
}

func (s *service) describePlacement() []object {
	list := []object{}
	for _, strategy := range s.strategies {
		list = append(list, object{"type": strategy.Type, "field": strategy.Field})
	}
	return list
}

func (s *service) describeNetwork(o account.Props) object {
	return object{"awsvpcConfiguration": object{
		"subnets": append([]string{}, s.subnets...), "assignPublicIp": "DISABLED",
		"securityGroups": append([]string{}, o.Strings("networkConfiguration.securityGroups")...),
	}}
}

// deployment is a deployment as DescribeServices shows it.
func (s *service) deployment(d *deployment) object {
	running, pending := s.counts(d)
	desired := 0
	if d.Status == primary {
		desired = s.desired
	}
	answer := object{
		"id": d.ID, "status": d.Status, "taskDefinition": d.Definition.ARN, "desiredCount": desired,
		"runningCount": running, "pendingCount": pending, "failedTasks": d.Failed,
		"rolloutState": d.State, "rolloutStateReason": d.Reason, "createdAt": stamp(d.Created), "updatedAt": stamp(d.Updated),
	}
	s.describeProvider(answer)
	return answer
}

// wanted is what a task is meant to be: RUNNING or STOPPED.
func (t *seen) wanted() task.Status {
	if t.phase >= stops {
		return task.Stopped
	}
	return task.Running
}

// task is a task as DescribeTasks shows it.
func (p *Part) task(s *service, t *seen) object {
	containers := []object{}
	for _, c := range t.Containers {
		shown := object{
			"name": c.Name, "taskArn": t.ARN, "runtimeId": c.ID, "lastStatus": c.Status, "healthStatus": c.Health,
			"networkInterfaces": []object{{"privateIpv4Address": t.IP}},
		}
		if c.Exit != nil {
			shown["exitCode"] = *c.Exit
		}
		if c.Reason != "" {
			shown["reason"] = c.Reason
		}
		containers = append(containers, shown)
	}
	answer := object{
		"taskArn": t.ARN, "clusterArn": t.Cluster, "taskDefinitionArn": t.Definition, "group": t.Group,
		"startedBy": t.StartedBy, "lastStatus": t.Status, "desiredStatus": t.wanted(), "healthStatus": t.Health,
		"enableExecuteCommand": t.Exec, "containers": containers, "createdAt": stamp(t.Created),
	}
	if d := s.record.find(t.StartedBy); d != nil {
		answer["cpu"], answer["memory"] = strconv.Itoa(d.Definition.CPU), strconv.Itoa(d.Definition.Memory)
	}
	if s.provider != "" {
		answer["capacityProviderName"] = s.provider
	}
	for _, i := range p.env.Capacity.Instances() {
		if i.ID == t.Instance {
			answer["containerInstanceArn"], answer["availabilityZone"] = i.ARN, i.Zone
		}
	}
	for name, value := range map[string]any{
		"startedAt": stamp(t.Started), "stoppingAt": stamp(t.Stopping), "stoppedAt": stamp(t.Ended),
	} {
		if value != nil {
			answer[name] = value
		}
	}
	if t.StopCode != "" {
		answer["stopCode"], answer["stoppedReason"] = t.StopCode, t.Reason
	}
	return answer
}

// describeCluster is a cluster as DescribeClusters shows it.
func (p *Part) describeCluster(arn string, services []*service) object {
	count, running, pending, instances := 0, 0, 0, 0
	for _, s := range services {
		if s.clusterARN != arn {
			continue
		}
		count++
		r, w := s.counts(nil)
		running, pending = running+r, pending+w
	}
	for _, i := range p.env.Capacity.Instances() {
		if i.Cluster == lastPart(arn) && (i.State == "ACTIVE" || i.State == "DRAINING") {
			instances++
		}
	}
	return object{
		"clusterArn": arn, "clusterName": lastPart(arn), "status": "ACTIVE", "activeServicesCount": count,
		"runningTasksCount": running, "pendingTasksCount": pending, "registeredContainerInstancesCount": instances,
	}
}
