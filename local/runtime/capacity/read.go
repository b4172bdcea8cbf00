package capacity

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/part"
)

const (
	groupType       = "aws:autoscaling/group:Group"
	providerType    = "aws:ecs/capacityProvider:CapacityProvider"
	associationType = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
	clusterType     = "aws:ecs/cluster:Cluster"
	templateType    = "aws:ec2/launchTemplate:LaunchTemplate"
	subnetType      = "aws:ec2/subnet:Subnet"

	enabled = "ENABLED"
)

// world is what the account says about capacity at one moment.
type world struct {
	groups    []group
	providers map[string]provider
	subnets   map[string]subnet
}

// group is an Auto Scaling group.
type group struct {
	name, arn, region, id, stack string
	minimum, maximum, desired    int
	// stored is the desired capacity that the account has; desired is within the limits.
	stored   int
	subnets  []subnet
	template template
	// fault is why it can start no instance.
	fault error
	// protect is set when its instances are protected from scale-in from the start.
	protect bool
	// lifetime is how old an instance gets on AWS's clock; 0 is for ever.
	lifetime time.Duration
	refresh  *refresh
	// provider uses it; nil when none does, or none that is associated with a cluster.
	provider *provider
}

// template is what instances are started from.
type template struct {
	id, version, instanceType, cluster string
	// profile is the instance profile, groups are the security groups. Public is "true" or "false", or empty where
	// the subnet decides whether instances get a public address.
	profile, public string
	groups          []string
	// online says that user data does not get to the cluster's name without the internet.
	online bool
	// pinned is set when the group names the version by its number: only then a newer one starts a refresh.
	pinned bool
}

// refresh is how a group replaces instances of an older template. The percentages are of the desired capacity.
type refresh struct {
	minimum, maximum float64
	// warmup is how long a new instance takes until it counts, on AWS's clock.
	warmup time.Duration
	// protected says what becomes of protected ones: "Refresh", "Ignore", "Wait".
	protected string
}

// provider is a capacity provider.
type provider struct {
	name, group              string
	associated, managed      bool
	target                   float64
	minimumStep, maximumStep int
	warmup                   time.Duration
	protectsBusy, drains     bool
}

type subnet struct {
	id, zone, vpc string
	block         netip.Prefix
	// public is set when instances get a public address unless they say otherwise.
	public bool
}

// read reads the account.
func read(tx *account.Tx) (*world, error) {
	w := &world{providers: map[string]provider{}, subnets: map[string]subnet{}}
	if err := w.readSubnets(tx); err != nil {
		return nil, err
	}
	if err := w.readProviders(tx); err != nil {
		return nil, err
	}
	groups, err := tx.ByType(groupType)
	if err != nil {
		return nil, err
	}
	for _, r := range groups {
		g, err := w.readGroup(tx, r)
		if err != nil {
			return nil, err
		}
		w.groups = append(w.groups, g)
	}
	return w, nil
}

func (w *world) readSubnets(tx *account.Tx) error {
	all, err := tx.ByType(subnetType)
	for _, r := range all {
		s := subnet{
			id: r.ID, zone: r.Outputs.String("availabilityZone"), vpc: r.Outputs.String("vpcId"),
			public: r.Outputs.Bool("mapPublicIpOnLaunch"),
		}
		// A block that is none leaves no address free, which Place tells.
		s.block, _ = netip.ParsePrefix(r.Outputs.String("cidrBlock"))
		w.subnets[r.ID] = s
	}
	return err
}

func (w *world) readProviders(tx *account.Tx) error {
	associations, err := tx.ByType(associationType)
	if err != nil {
		return err
	}
	associated := map[string]bool{}
	for _, r := range associations {
		for _, name := range r.Outputs.Strings("capacityProviders") {
			associated[name] = true
		}
	}
	all, err := tx.ByType(providerType)
	for _, r := range all {
		name, asg := r.Outputs.String("name"), r.Outputs.Object("autoScalingGroupProvider")
		scaling := asg.Object("managedScaling")
		w.providers[name] = provider{
			name: name, group: asg.String("autoScalingGroupArn"), associated: associated[name],
			managed:      scaling.String("status") == enabled,
			target:       orElse(scaling, "targetCapacity", 100),
			minimumStep:  int(orElse(scaling, "minimumScalingStepSize", 1)),
			maximumStep:  int(orElse(scaling, "maximumScalingStepSize", 10000)),
			warmup:       seconds(orElse(scaling, "instanceWarmupPeriod", 300)),
			protectsBusy: asg.String("managedTerminationProtection") == enabled,
			drains:       asg.String("managedDraining") != "DISABLED",
		}
	}
	return err
}

func (w *world) readGroup(tx *account.Tx, r account.Resource) (group, error) {
	o := r.Outputs
	g := group{
		name: r.ID, id: r.ID, arn: o.String("arn"), region: r.Region, stack: part.Stack(r),
		minimum: o.Int("minSize"), maximum: o.Int("maxSize"), desired: o.Int("desiredCapacity"),
		protect: o.Bool("protectFromScaleIn"), lifetime: seconds(o.Number("maxInstanceLifetime")),
	}
	g.stored, g.desired = g.desired, g.within(g.desired)
	for _, id := range o.Strings("vpcZoneIdentifiers") {
		if s, ok := w.subnets[id]; ok {
			g.subnets = append(g.subnets, s)
		}
	}
	if o.String("instanceRefresh.strategy") == "Rolling" {
		p := o.Object("instanceRefresh.preferences")
		g.refresh = &refresh{
			minimum: orElse(p, "minHealthyPercentage", 90), maximum: orElse(p, "maxHealthyPercentage", 100),
			warmup:    seconds(orElse(p, "instanceWarmup", orElse(o, "healthCheckGracePeriod", 300))),
			protected: p.String("scaleInProtectedInstances"),
		}
	}
	for _, p := range w.providers {
		if p.group == g.arn && p.associated {
			g.provider = &p
		}
	}
	var err error
	g.template, g.fault, err = findTemplate(tx, r)
	switch {
	case err != nil:
		return g, err
	case g.fault == nil && len(g.subnets) == 0:
		g.fault = fmt.Errorf("it has no subnet (vpcZoneIdentifiers): groups that only name zones start no instances here")
	case g.fault == nil:
		_, g.fault = roomOf(g.template.instanceType)
	}
	if g.fault != nil {
		g.fault = fmt.Errorf("Auto Scaling group %s: %w", g.name, g.fault)
	}
	return g, nil
}

// key names a group among all regions.
func (g group) key() string { return keyOf(g.region, g.id) }

func keyOf(region, id string) string { return region + "/" + id }

// within keeps a number of instances between the group's limits.
func (g group) within(n int) int { return max(g.minimum, min(n, g.maximum)) }

// findTemplate reads the launch template of a group. The fault is why instances cannot be started from it.
func findTemplate(tx *account.Tx, g account.Resource) (t template, fault, err error) {
	spec := g.Outputs.Object("launchTemplate")
	if len(spec) == 0 {
		return t, fmt.Errorf("only groups with a launchTemplate start instances here"), nil
	}
	all, err := tx.All(templateType, g.Region)
	if err != nil {
		return t, nil, err
	}
	for _, r := range all {
		if r.ID != spec.String("id") && (spec.String("name") == "" || r.Outputs.String("name") != spec.String("name")) {
			continue
		}
		t = template{
			id: r.ID, version: spec.String("version"), instanceType: r.Outputs.String("instanceType"),
			profile: cmp.Or(r.Outputs.String("iamInstanceProfile.arn"), r.Outputs.String("iamInstanceProfile.name")),
			groups:  r.Outputs.Strings("vpcSecurityGroupIds"),
		}
		if own := r.Outputs.Objects("networkInterfaces"); len(own) > 0 {
			t.groups, t.public = own[0].Strings("securityGroups"), own[0].String("associatePublicIpAddress")
		}
		switch t.version {
		case "$Latest":
			t.version = strconv.Itoa(r.Outputs.Int("latestVersion"))
		case "", "$Default":
			t.version = strconv.Itoa(r.Outputs.Int("defaultVersion"))
		default:
			t.pinned = true
		}
		t.cluster, t.online, fault = clusterOf(r.Outputs.String("userData"))
		return t, fault, nil
	}
	return t, fmt.Errorf("its launch template %s does not exist", spec.String("id")+spec.String("name")), nil
}

var (
	clusterLine = regexp.MustCompile(`(?m)ECS_CLUSTER=["']?([A-Za-z0-9_-]+)`)
	// strict is a script that ends at the first command that fails, and download a command that fails without the
	// internet.
	strict   = regexp.MustCompile(`(?m)^#!.* -\w*e|^\s*set\s+(-\w*e|-o errexit)`)
	download = regexp.MustCompile(`(?m)^[^#\n]*\b(yum|dnf|apt-get|apt|curl|wget|pip3?|aws|docker pull)\s`)
)

// clusterOf is the name of the cluster that an instance with this user data joins: "default" if it names none.
// Online says that the script does not get there without the internet.
func clusterOf(userData string) (name string, online bool, err error) {
	text, err := base64.StdEncoding.DecodeString(userData)
	if err != nil {
		return "", false, fmt.Errorf("user data of its launch template: %w", err)
	}
	script := string(text)
	found := clusterLine.FindStringSubmatchIndex(script)
	if found == nil {
		return "default", false, nil
	}
	before := script[:found[0]]
	return script[found[2]:found[3]], strict.MatchString(before) && download.MatchString(before), nil
}

// orElse is a number, or what AWS takes when it is not given.
func orElse(p account.Props, name string, otherwise float64) float64 {
	if !p.Has(name) {
		return otherwise
	}
	return p.Number(name)
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

// clusterName is the name at the end of an ARN, or the name itself.
func clusterName(arnOrName string) string { return arnOrName[strings.LastIndex(arnOrName, "/")+1:] }
