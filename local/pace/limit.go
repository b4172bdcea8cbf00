package pace

import (
	"slices"
	"strings"

	"wordpress-ecs/local/aws/kind"
)

// Types between which AWS forces an order though none names the other.
const (
	route        = "aws:ec2/route:Route"
	gateway      = "aws:ec2/internetGateway:InternetGateway"
	nat          = "aws:ec2/natGateway:NatGateway"
	eip          = "aws:ec2/eip:Eip"
	balancer     = "aws:lb/loadBalancer:LoadBalancer"
	listener     = "aws:lb/listener:Listener"
	listenerRule = "aws:lb/listenerRule:ListenerRule"
	mountTarget  = "aws:efs/mountTarget:MountTarget"
	secretValue  = "aws:secretsmanager/secretVersion:SecretVersion"
	instance     = "aws:rds/clusterInstance:ClusterInstance"
	group        = "aws:autoscaling/group:Group"
	cluster      = "aws:ecs/cluster:Cluster"
	providers    = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
	definition   = "aws:ecs/taskDefinition:TaskDefinition"
	service      = "aws:ecs/service:Service"
	builtImage   = "docker:index/image:Image"
)

// force is an order that AWS demands beside that of references.
type force struct {
	on kind.Request
	// later waits until earlier is made; or, for Deleting, until it is gone.
	later, earlier string
	why            string
	// between tells for which pairs; nil is all.
	between func(s Stack, later, earlier Resource) bool
}

// forces are all of them: what goes beyond these and the references is the program's own choice.
func forces() []force {
	return []force{
		{kind.Making, nat, gateway, "Gateway.NotAttached: a NAT gateway needs the VPC's internet gateway", sameVpc},
		{kind.Making, balancer, gateway, "InvalidSubnet: the VPC of an internet-facing load balancer needs an internet gateway", nil},
		{kind.Making, group, route, "an instance that boots without a route to ECS never registers", nil},
		{kind.Making, definition, builtImage, "it names the image by its digest, which is known when it is pushed", namesImage},
		{kind.Making, service, listener, "InvalidParameterException: the target group has no associated load balancer", nil},
		{kind.Making, service, listenerRule, "as for listeners", nil},
		{kind.Making, service, providers, "InvalidParameterException: the capacity provider is not associated with the cluster", nil},
		{kind.Making, service, mountTarget, "a task cannot mount before its zone has a mount target", nil},
		{kind.Making, service, secretValue, "a task cannot read a secret without a value", nil},
		{kind.Making, service, instance, "a task is not healthy before the database answers; the circuit breaker ends the deployment", nil},
		{kind.Deleting, gateway, nat, "DependencyViolation: mapped public addresses", nil},
		{kind.Deleting, gateway, balancer, "DependencyViolation: mapped public addresses", nil},
		{kind.Deleting, gateway, eip, "DependencyViolation: mapped public addresses", nil},
		{kind.Deleting, providers, service, "ResourceInUseException: a service uses the capacity provider", nil},
		{kind.Deleting, group, service, "tasks on instances that end leave the service DRAINING for ever", nil},
		{kind.Deleting, cluster, group, "ClusterContainsContainerInstancesException", nil},
	}
}

func sameVpc(s Stack, nat, gateway Resource) bool {
	subnet := s.find("aws:ec2/subnet:Subnet", "id", nat.Inputs.String("subnetId"))
	return subnet.String("vpcId") == gateway.Inputs.String("vpcId")
}

func namesImage(_ Stack, definition, image Resource) bool {
	digest := image.Outputs.String("repoDigest")
	return digest != "" && strings.Contains(definition.Outputs.String("containerDefinitions"), digest)
}

// Limit are the steps of an update or a destroy (kind.Making or kind.Deleting) with no other order than AWS forces. What
// they take together, with as many workers as there are steps, no program can beat.
func Limit(catalog *kind.Catalog, s Stack, on kind.Request, work Work) []Step {
	steps := make([]Step, len(s))
	for i, r := range s {
		steps[i] = Step{Label: r.Label(), Takes: work(r)}
	}
	wait := func(later, earlier int) {
		if later != earlier && !slices.Contains(steps[later].After, earlier) {
			steps[later].After = append(steps[later].After, earlier)
		}
	}
	for i, r := range s {
		d, ok := catalog.Kind(r.Type)
		if !ok {
			continue
		}
		for _, ref := range d.Refs {
			for _, named := range s.named(ref, r) {
				if on == kind.Making {
					wait(i, named)
				} else if !ref.Loose {
					wait(named, i)
				}
			}
		}
	}
	for _, f := range forces() {
		if f.on != on {
			continue
		}
		for l, later := range s {
			for e, earlier := range s {
				if later.Type == f.later && earlier.Type == f.earlier && (f.between == nil || f.between(s, later, earlier)) {
					wait(l, e)
				}
			}
		}
	}
	return steps
}

// named are the resources that a reference of one leads to.
func (s Stack) named(ref kind.Ref, r Resource) []int {
	var list []int
	values := ref.Values(r.Inputs)
	for i, target := range s {
		if target.Type == ref.To && slices.Contains(values, ref.Names(target.Resource)) {
			list = append(list, i)
		}
	}
	return list
}
