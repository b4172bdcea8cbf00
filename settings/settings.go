// Package settings holds the typed settings of a stack, read from its configuration and checked once.
//
// Names, types, defaults and descriptions stand in Pulumi.yaml; the Pulumi CLI fills in the defaults
// before it starts the program. What the CLI's schema cannot express (ranges, choices, keys that must
// fit each other) is checked here, all of it before the first resource is registered.
package settings

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Settings are the choices of one stack. Units and allowed values are those of Pulumi.yaml.
type Settings struct {
	// Region is the AWS region, from aws:region.
	Region string
	// Protected guards data and site against deletion.
	Protected bool

	// VPCCIDR is the address range of the VPC, /16 to /22.
	VPCCIDR string
	// NATGateways says how private subnets reach the internet.
	NATGateways NATGateways

	// InstanceType is the EC2 instance type of the cluster.
	InstanceType string
	// InstancesMin and InstancesMax bound the Auto Scaling group.
	InstancesMin, InstancesMax int
	// ClusterTargetCapacity is the percentage of the instances kept in use, 1 to 99.
	ClusterTargetCapacity int

	// TaskCPU is in CPU units, TaskMemory in MiB.
	TaskCPU, TaskMemory int
	// TasksMin and TasksMax bound the number of tasks.
	TasksMin, TasksMax int
	// ProvingSeconds is how long a new release runs before it gets visitors.
	ProvingSeconds int
	// TasksCPUTarget is in percent, TasksRequestsTarget in requests per task and minute.
	TasksCPUTarget, TasksRequestsTarget int
	// Image is a prebuilt image by digest; empty builds one.
	Image string
	// WordPressMirror is where a build gets WordPress from; empty for wordpress.org.
	WordPressMirror string

	// Site is what WordPress is told about itself.
	Site Site
	// Edge is how visitors reach it.
	Edge Edge

	// DatabaseInstanceClass is the class of every Aurora instance.
	DatabaseInstanceClass string
	// DatabaseReaders always run; scaling may go up to DatabaseReadersMax in a protected stack.
	DatabaseReaders, DatabaseReadersMax int
	// DatabaseBackupDays is how long automated backups are kept.
	DatabaseBackupDays int

	// CacheEngine is the engine of the replication group.
	CacheEngine CacheEngine
	// CacheNodeType is the type of each of the CacheNodes nodes.
	CacheNodeType string
	CacheNodes    int

	// LogRetentionDays is how long every log group keeps its events.
	LogRetentionDays int
}

// Site is how a site presents itself and what it allows.
type Site struct {
	// Title, AdminUser and AdminEmail fill an empty database.
	Title, AdminUser, AdminEmail string
	// FileChanges lets administrators install plugins and themes.
	FileChanges bool
	// XMLRPC opens xmlrpc.php.
	XMLRPC bool
	// MailFrom is the sender of mail, which goes to SMTPHost; without that host there is none.
	MailFrom, SMTPHost string
	SMTPPort           int
	// SMTPSecret is the ARN of a secret with username and password; empty for a server that asks for none.
	SMTPSecret string
}

// TaskMemoryMin is the memory of the smallest task in MiB.
const TaskMemoryMin = 848

// NATGateways is the way out of the private subnets.
type NATGateways string

// The choices of natGateways.
const (
	NATNone   NATGateways = "none"
	NATSingle NATGateways = "single"
	NATPerAZ  NATGateways = "perAz"
)

// CacheEngine is the engine of the ElastiCache replication group.
type CacheEngine string

// The choices of cacheEngine.
const (
	Valkey CacheEngine = "valkey"
	Redis  CacheEngine = "redis"
)

// Load reads the settings of a stack from its whole configuration, keys with their namespace
// ("wordpress:tasksMin", "aws:region"), values as the CLI hands them to a program. It reports every
// problem at once, each with its key, its value and what is allowed.
func Load(project, stack string, config map[string]string) (*Settings, error) {
	r := &reader{project: project, config: config, known: map[string]bool{}, refused: map[string]bool{}}
	s := &Settings{
		Region:                r.match("aws:region", regionPattern, "a region of the aws partition such as eu-central-1"),
		Protected:             r.boolean("protected"),
		VPCCIDR:               r.vpcCIDR("vpcCidr"),
		NATGateways:           NATGateways(r.choice("natGateways", string(NATNone), string(NATSingle), string(NATPerAZ))),
		InstanceType:          r.match("instanceType", instancePattern, "an EC2 instance type such as m7i.large"),
		InstancesMin:          r.number("instancesMin", 0, 100),
		InstancesMax:          r.number("instancesMax", 1, 100),
		ClusterTargetCapacity: r.number("clusterTargetCapacity", 1, 99),
		TaskCPU:               r.number("taskCpu", 256, 16384),
		TaskMemory:            r.number("taskMemory", TaskMemoryMin, 65536),
		TasksMin:              r.number("tasksMin", 1, 100),
		TasksMax:              r.number("tasksMax", 1, 100),
		TasksCPUTarget:        r.number("tasksCpuTarget", 10, 90),
		TasksRequestsTarget:   r.number("tasksRequestsTarget", 10, 100000),
		ProvingSeconds:        r.number("provingSeconds", 0, 240),
		Image:                 r.match("image", imagePattern, "empty, or an image by digest: registry/repository@sha256:<64 hex digits>"),
		WordPressMirror:       r.match("wordpressMirror", mirrorPattern, "empty, or an https URL such as https://mirror.example.com"),
		Site:                  r.site(),
		Edge:                  r.edge(),
		DatabaseInstanceClass: r.match("databaseInstanceClass", databasePattern, "an Aurora instance class such as db.r7g.large"),
		DatabaseReaders:       r.number("databaseReaders", 0, 15),
		DatabaseReadersMax:    r.number("databaseReadersMax", 0, 15),
		DatabaseBackupDays:    r.number("databaseBackupDays", 1, 35),
		CacheEngine:           CacheEngine(r.choice("cacheEngine", string(Valkey), string(Redis))),
		CacheNodeType:         r.match("cacheNodeType", cachePattern, "an ElastiCache node type such as cache.t4g.medium"),
		CacheNodes:            r.number("cacheNodes", 1, 6),
		LogRetentionDays:      r.oneOf("logRetentionDays", logRetentions),
	}
	r.ordered("instancesMin", s.InstancesMin, "instancesMax", s.InstancesMax)
	r.ordered("tasksMin", s.TasksMin, "tasksMax", s.TasksMax)
	r.ordered("databaseReaders", s.DatabaseReaders, "databaseReadersMax", s.DatabaseReadersMax)
	if r.accepted("databaseReaders", "databaseReadersMax") && s.DatabaseReaders == 0 && s.DatabaseReadersMax > 0 {
		r.problem("databaseReaders", "0", "at least 1 where databaseReadersMax is above 0: without a reader there is no metric to scale on")
	}
	r.mail(s)
	r.fitEdge(s)
	if !stackPattern.MatchString(stack) {
		r.problems = append(r.problems, fmt.Errorf(
			"stack %q: want a lower-case letter, then up to 11 lower-case letters, digits or hyphens, not ending in a hyphen: "+
				"the name is part of load balancer names, which end at 32 characters", stack))
	}
	r.rejectUnknown()
	if len(r.problems) > 0 {
		return nil, errors.Join(r.problems...)
	}
	return s, nil
}

// rejectUnknown reports keys that nothing reads. Those of the project are misspelt more often than not. Those of
// the aws provider go to a default provider, which this project does not use: an aws:profile would be passed
// over, and the update would go to another account.
func (r *reader) rejectUnknown() {
	var unknown []string
	for key := range r.config {
		ours := strings.HasPrefix(key, r.project+":") || strings.HasPrefix(key, "aws:")
		if ours && !r.known[key] {
			unknown = append(unknown, key)
		}
	}
	slices.Sort(unknown)
	for _, key := range unknown {
		hint := "unknown key; Pulumi.yaml lists the keys of this project"
		if strings.HasPrefix(key, "aws:") {
			hint = "not read; of aws: only aws:region is. Choose account and credentials with AWS_PROFILE and the like"
		}
		r.problems = append(r.problems, fmt.Errorf("config %q: %s", key, hint))
	}
}
