package ecs

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/capacity"
	"wordpress-ecs/local/runtime/part"
)

// Resource types that are read here.
const (
	serviceType    = "aws:ecs/service:Service"
	clusterType    = "aws:ecs/cluster:Cluster"
	definitionType = "aws:ecs/taskDefinition:TaskDefinition"
	balancerType   = "aws:lb/loadBalancer:LoadBalancer"
	subnetType     = "aws:ec2/subnet:Subnet"
)

// wanted is what the account says about a service.
type wanted struct {
	arn, name, region, stack string
	// cluster is its name.
	cluster, clusterARN string
	// There is no resource for a service that has left the account while its tasks run.
	resource *account.Resource

	desired, minPercent, maxPercent int
	breaker, rollback               bool
	grace                           time.Duration
	balancers                       []balancer
	subnets, groups                 []string
	provider                        string
	strategies                      []capacity.Strategy
	exec, steady                    bool
	asked                           asked
	// definition is the one that is asked for; missing says why there is none.
	definition definition
	missing    string
}

// balancer is a load balancer of a service: a target group and the port behind it.
type balancer struct {
	Group     string `json:"group"`
	Container string `json:"container"`
	Port      int    `json:"port"`
}

// definition is what the scheduler needs of a task definition. Deployments keep it: a rollback may be to one that
// has left the account.
type definition struct {
	ARN string `json:"arn"`
	// CPU is in units, Memory in MiB.
	CPU    int `json:"cpu"`
	Memory int `json:"memory"`
	// Checked is set when an essential container has a health check.
	Checked bool `json:"checked"`
}

// revision is the family and number, "site:3".
func (d definition) revision() string { return d.ARN[strings.LastIndex(d.ARN, "/")+1:] }

// read tells what a service is to be.
func read(tx *account.Tx, r account.Resource) (wanted, error) {
	o := r.Outputs
	w := wanted{
		arn: r.ID, name: r.Name, region: r.Region, stack: part.Stack(r), resource: &r,
		desired:    o.Int("desiredCount"),
		minPercent: percent(o, "deploymentMinimumHealthyPercent", 100), maxPercent: percent(o, "deploymentMaximumPercent", 200),
		breaker: o.Bool("deploymentCircuitBreaker.enable"), rollback: o.Bool("deploymentCircuitBreaker.rollback"),
		grace:   time.Duration(o.Number("healthCheckGracePeriodSeconds")) * time.Second,
		subnets: o.Strings("networkConfiguration.subnets"), groups: o.Strings("networkConfiguration.securityGroups"),
		exec:   o.Bool("enableExecuteCommand"),
		steady: o.Bool("waitForSteadyState"),
	}
	if w.name == "" {
		w.name = o.String("name")
	}
	for _, b := range o.Objects("loadBalancers") {
		w.balancers = append(w.balancers, balancer{b.String("targetGroupArn"), b.String("containerName"), b.Int("containerPort")})
	}
	for _, s := range o.Objects("orderedPlacementStrategies") {
		w.strategies = append(w.strategies, capacity.Strategy{Type: s.String("type"), Field: s.String("field")})
	}
	w.provider = heaviest(o.Objects("capacityProviderStrategies"))
	w.cluster = lastPart(o.String("cluster"))
	clusters, err := tx.All(clusterType, r.Region)
	if err != nil {
		return w, err
	}
	for _, c := range clusters {
		if lastPart(c.ID) == w.cluster {
			w.clusterARN = c.ID
		}
	}
	if w.clusterARN == "" {
		// It is being deleted, or the service was written without it: the ARN follows from the service's.
		w.clusterARN = strings.TrimSuffix(strings.Replace(w.arn, ":service/", ":cluster/", 1), "/"+w.name)
	}
	w.asked, err = ask(o)
	if err != nil {
		return w, err
	}
	w.definition, w.missing, err = define(tx, r.Region, w.asked.Definition)
	return w, err
}

func percent(o account.Props, name string, otherwise int) int {
	if !o.Has(name) {
		return otherwise
	}
	return o.Int(name)
}

// heaviest is the capacity provider that has the most of a strategy.
func heaviest(strategy []account.Props) string {
	name, most := "", -1.0
	for _, s := range strategy {
		if weight := s.Number("weight") + s.Number("base"); weight > most {
			name, most = s.String("capacityProvider"), weight
		}
	}
	return name
}

// ask reads what a new deployment is made for. Of the rest, these are the parameters of ECS's UpdateService that
// trigger one, and the provider's own triggers.
func ask(o account.Props) (asked, error) {
	rest, err := json.Marshal([]any{
		o["triggers"], o["networkConfiguration"], o["loadBalancers"], o["platformVersion"], o["serviceRegistries"],
		o["serviceConnectConfiguration"], o["volumeConfiguration"], o["capacityProviderStrategies"], o["launchType"],
	})
	if err != nil {
		return asked{}, fmt.Errorf("reading the service: %w", err)
	}
	return asked{Definition: o.String("taskDefinition"), Forced: o.Bool("forceNewDeployment"), Rest: string(rest)}, nil
}

// define finds a task definition by its ARN, its family and revision, or its family, of which the newest counts.
func define(tx *account.Tx, region, name string) (definition, string, error) {
	all, err := tx.All(definitionType, region)
	if err != nil {
		return definition{}, "", err
	}
	wanted := lastPart(name)
	var found *account.Resource
	for _, r := range all {
		newer := found == nil || r.Outputs.Number("revision") > found.Outputs.Number("revision")
		if lastPart(r.Outputs.String("arn")) == wanted || (r.Outputs.String("family") == wanted && newer) {
			found = &r
		}
	}
	if found == nil {
		return definition{}, fmt.Sprintf("the task definition %q does not exist", name), nil
	}
	d, err := sized(found.Outputs)
	if err != nil {
		return d, fmt.Sprintf("the task definition %s cannot be read: %v", wanted, err), nil
	}
	return d, "", nil
}

// sized reads what room tasks of a definition take: what the task says, or what its containers ask for together.
func sized(o account.Props) (definition, error) {
	d := definition{ARN: o.String("arn")}
	var containers []struct {
		CPU               int             `json:"cpu"`
		Memory            int             `json:"memory"`
		MemoryReservation int             `json:"memoryReservation"`
		Essential         *bool           `json:"essential"`
		HealthCheck       json.RawMessage `json:"healthCheck"`
	}
	if err := json.Unmarshal([]byte(o.String("containerDefinitions")), &containers); err != nil {
		return d, fmt.Errorf("containerDefinitions: %w", err)
	}
	for _, c := range containers {
		d.CPU += c.CPU
		if c.MemoryReservation > 0 {
			d.Memory += c.MemoryReservation
		} else {
			d.Memory += c.Memory
		}
		if (c.Essential == nil || *c.Essential) && len(c.HealthCheck) > 0 && string(c.HealthCheck) != "null" {
			d.Checked = true
		}
	}
	for name, value := range map[string]*int{"cpu": &d.CPU, "memory": &d.Memory} {
		if text := o.String(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil {
				return d, fmt.Errorf("%s %q is not a number", name, text)
			}
			*value = n
		}
	}
	return d, nil
}

// want is what a task of the service asks of capacity; d is its deployment, nil if nobody knows it any more.
func (w *wanted) want(id string, d *deployment) capacity.Want {
	size := w.definition
	if d != nil {
		size = d.Definition
	}
	return capacity.Want{
		Task: id, Cluster: w.cluster, Provider: w.provider, CPU: size.CPU, Memory: size.Memory,
		Group: w.group(), Strategies: w.strategies, Subnets: w.subnets,
	}
}

func (w *wanted) group() string { return "service:" + w.name }

// taskARN is the ARN of a task of the service.
func (w *wanted) taskARN(id string) string {
	return strings.Replace(w.clusterARN, ":cluster/", ":task/", 1) + "/" + id
}

// peerHost is the address of a load balancer in its subnet: the tenth, which no task gets first.
const peerHost = 10

// peer is an address that requests of a load balancer come from: one of the first subnet of a load balancer in the
// VPC. It is empty when the VPC has none.
func peer(tx *account.Tx, region, vpc string) (string, error) {
	balancers, err := tx.All(balancerType, region)
	if err != nil {
		return "", err
	}
	for _, b := range balancers {
		for _, id := range b.Outputs.Strings("subnets") {
			subnet, err := tx.Get(subnetType, region, id)
			if err != nil {
				return "", err
			}
			if subnet == nil || subnet.Outputs.String("vpcId") != vpc {
				continue
			}
			block, err := netip.ParsePrefix(subnet.Outputs.String("cidrBlock"))
			if err != nil {
				return "", fmt.Errorf("subnet %s: %w", id, err)
			}
			address := block.Masked().Addr()
			for range peerHost {
				address = address.Next()
			}
			return address.String(), nil
		}
	}
	return "", nil
}

// lastPart is the name at the end of an ARN, or the whole of what is no ARN.
func lastPart(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }
