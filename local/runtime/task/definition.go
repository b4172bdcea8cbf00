package task

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"wordpress-ecs/local/account"
)

// taskDefinition is the type of the resources that say what a task is.
const taskDefinition = "aws:ecs/taskDefinition:TaskDefinition"

// definition is what of a task definition is run.
type definition struct {
	ARN    string `json:"arn"`
	CPU    int    `json:"cpu,omitempty"`
	Memory int    `json:"memory,omitempty"`
	// ExecutionRole and TaskRole are ARNs.
	ExecutionRole string `json:"executionRole,omitempty"`
	TaskRole      string `json:"taskRole,omitempty"`

	Containers []containerDefinition `json:"containers"`
	Volumes    []volumeDefinition    `json:"volumes,omitempty"`
}

// containerDefinition has the fields of the API's ContainerDefinition that are run. Sizes are in MiB, times in
// seconds.
type containerDefinition struct {
	Name                   string   `json:"name"`
	Image                  string   `json:"image"`
	CPU                    int      `json:"cpu,omitempty"`
	Memory                 int      `json:"memory,omitempty"`
	MemoryReservation      int      `json:"memoryReservation,omitempty"`
	Essential              *bool    `json:"essential,omitempty"`
	EntryPoint             []string `json:"entryPoint,omitempty"`
	Command                []string `json:"command,omitempty"`
	User                   string   `json:"user,omitempty"`
	WorkingDirectory       string   `json:"workingDirectory,omitempty"`
	ReadonlyRootFilesystem bool     `json:"readonlyRootFilesystem,omitempty"`
	DockerSecurityOptions  []string `json:"dockerSecurityOptions,omitempty"`
	StartTimeout           int      `json:"startTimeout,omitempty"`
	StopTimeout            *int     `json:"stopTimeout,omitempty"`

	Environment      []variable         `json:"environment,omitempty"`
	Secrets          []secret           `json:"secrets,omitempty"`
	PortMappings     []portMapping      `json:"portMappings,omitempty"`
	MountPoints      []mountPoint       `json:"mountPoints,omitempty"`
	DependsOn        []dependency       `json:"dependsOn,omitempty"`
	SystemControls   []systemControl    `json:"systemControls,omitempty"`
	Ulimits          []ulimit           `json:"ulimits,omitempty"`
	DockerLabels     map[string]string  `json:"dockerLabels,omitempty"`
	HealthCheck      *healthCheck       `json:"healthCheck,omitempty"`
	RestartPolicy    *restartPolicy     `json:"restartPolicy,omitempty"`
	LinuxParameters  *linuxParameters   `json:"linuxParameters,omitempty"`
	LogConfiguration *logsConfiguration `json:"logConfiguration,omitempty"`
}

type variable struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type secret struct {
	Name      string `json:"name"`
	ValueFrom string `json:"valueFrom"`
}

type portMapping struct {
	ContainerPort int    `json:"containerPort"`
	Protocol      string `json:"protocol,omitempty"`
}

type mountPoint struct {
	SourceVolume  string `json:"sourceVolume"`
	ContainerPath string `json:"containerPath"`
	ReadOnly      bool   `json:"readOnly,omitempty"`
}

type dependency struct {
	ContainerName string `json:"containerName"`
	Condition     string `json:"condition"`
}

type systemControl struct {
	Namespace string `json:"namespace"`
	Value     string `json:"value"`
}

type ulimit struct {
	Name      string `json:"name"`
	SoftLimit int64  `json:"softLimit"`
	HardLimit int64  `json:"hardLimit"`
}

type healthCheck struct {
	Command     []string `json:"command"`
	Interval    int      `json:"interval,omitempty"`
	Timeout     int      `json:"timeout,omitempty"`
	Retries     int      `json:"retries,omitempty"`
	StartPeriod int      `json:"startPeriod,omitempty"`
}

type restartPolicy struct {
	Enabled              bool  `json:"enabled"`
	IgnoredExitCodes     []int `json:"ignoredExitCodes,omitempty"`
	RestartAttemptPeriod int   `json:"restartAttemptPeriod,omitempty"`
}

type linuxParameters struct {
	Capabilities       capabilities `json:"capabilities"`
	InitProcessEnabled bool         `json:"initProcessEnabled,omitempty"`
	SharedMemorySize   int64        `json:"sharedMemorySize,omitempty"`
	Tmpfs              []tmpfs      `json:"tmpfs,omitempty"`
}

type capabilities struct {
	Add  []string `json:"add,omitempty"`
	Drop []string `json:"drop,omitempty"`
}

type tmpfs struct {
	ContainerPath string   `json:"containerPath"`
	Size          int      `json:"size"`
	MountOptions  []string `json:"mountOptions,omitempty"`
}

type logsConfiguration struct {
	LogDriver string            `json:"logDriver"`
	Options   map[string]string `json:"options,omitempty"`
}

// volumeDefinition is a file system, or else a volume that lives as long as the task.
type volumeDefinition struct {
	Name          string `json:"name"`
	FileSystem    string `json:"fileSystem,omitempty"`
	AccessPoint   string `json:"accessPoint,omitempty"`
	RootDirectory string `json:"rootDirectory,omitempty"`
	// IAM says that the task's role is shown to the file system, TLS that the way there is encrypted.
	IAM bool `json:"iam,omitempty"`
	TLS bool `json:"tls,omitempty"`
}

// enabled is the API's word.
const enabled = "ENABLED"

// awslogs is the log driver that writes to log groups.
const awslogs = "awslogs"

// readDefinition finds a task definition in the account, and lists what of it is not run.
func readDefinition(acct *account.Account, arn string) (d definition, notes []string, err error) {
	var found *account.Resource
	if err := acct.View(func(tx *account.Tx) error {
		all, err := tx.ByType(taskDefinition)
		for _, r := range all {
			if r.Outputs.String("arn") == arn {
				found = &r
			}
		}
		return err
	}); err != nil {
		return d, nil, fmt.Errorf("reading task definition %s: %w", arn, err)
	}
	if found == nil {
		return d, nil, fmt.Errorf("ClientException: Unable to describe task definition. (%s)", arn)
	}
	return parseDefinition(found.Outputs)
}

func parseDefinition(out account.Props) (d definition, notes []string, err error) {
	d = definition{
		ARN: out.String("arn"), CPU: size(out.String("cpu")), Memory: size(out.String("memory")),
		ExecutionRole: out.String("executionRoleArn"), TaskRole: out.String("taskRoleArn"),
	}
	text := []byte(out.String("containerDefinitions"))
	if err := json.Unmarshal(text, &d.Containers); err != nil {
		return d, nil, fmt.Errorf("ClientException: the container definitions of %s can't be read: %w", d.ARN, err)
	}
	var raw []map[string]any
	if err := json.Unmarshal(text, &raw); err != nil {
		return d, nil, fmt.Errorf("ClientException: the container definitions of %s can't be read: %w", d.ARN, err)
	}
	for _, v := range out.Objects("volumes") {
		efs := v.Object("efsVolumeConfiguration")
		d.Volumes = append(d.Volumes, volumeDefinition{
			Name: v.String("name"), FileSystem: efs.String("fileSystemId"),
			AccessPoint: efs.String("authorizationConfig.accessPointId"), RootDirectory: efs.String("rootDirectory"),
			IAM: efs.String("authorizationConfig.iam") == enabled, TLS: efs.String("transitEncryption") == enabled,
		})
	}
	return d, notRun(out, raw), nil
}

// size reads the size of a task, in units or MiB; 0 is none. The control plane has checked it.
func size(text string) int {
	n, _ := strconv.Atoi(strings.TrimSpace(text))
	return n
}

// container finds a container by name.
func (d *definition) container(name string) *containerDefinition {
	for i := range d.Containers {
		if d.Containers[i].Name == name {
			return &d.Containers[i]
		}
	}
	return nil
}

// ports are the TCP ports that the containers publish.
func (d *definition) ports() []int {
	var ports []int
	for _, c := range d.Containers {
		ports = append(ports, c.ports()...)
	}
	return ports
}

func (c *containerDefinition) ports() []int {
	var ports []int
	for _, p := range c.PortMappings {
		if p.ContainerPort > 0 && p.Protocol != "udp" {
			ports = append(ports, p.ContainerPort)
		}
	}
	return ports
}

// essential is what a container is unless it says otherwise.
func (c *containerDefinition) essential() bool { return c.Essential == nil || *c.Essential }

// makesGroup tells whether the log driver makes the group that is not there.
func makesGroup(options map[string]string) bool { return options["awslogs-create-group"] == yes }

// yes is how log options say so.
const yes = "true"

// logs tells where its output goes in the log groups; false when nowhere.
func (c *containerDefinition) logs() (options map[string]string, ok bool) {
	if c.LogConfiguration == nil || c.LogConfiguration.LogDriver != awslogs {
		return nil, false
	}
	return c.LogConfiguration.Options, true
}
