package service

// container is a container definition as ECS returns it: lists that are empty and not missing, the host
// port set, environment and secrets by name. Any other form is a new revision on every update.
type container struct {
	Name                   string          `json:"name"`
	Image                  string          `json:"image"`
	CPU                    int             `json:"cpu"`
	Memory                 int             `json:"memory,omitempty"`
	MemoryReservation      int             `json:"memoryReservation,omitempty"`
	Essential              bool            `json:"essential"`
	RestartPolicy          *restartPolicy  `json:"restartPolicy,omitempty"`
	Command                []string        `json:"command"`
	User                   string          `json:"user"`
	ReadonlyRootFilesystem bool            `json:"readonlyRootFilesystem"`
	Environment            []variable      `json:"environment"`
	Secrets                []secret        `json:"secrets"`
	PortMappings           []portMapping   `json:"portMappings"`
	MountPoints            []mountPoint    `json:"mountPoints"`
	VolumesFrom            []struct{}      `json:"volumesFrom"`
	SystemControls         []struct{}      `json:"systemControls"`
	DependsOn              []dependency    `json:"dependsOn,omitempty"`
	HealthCheck            *healthCheck    `json:"healthCheck,omitempty"`
	LinuxParameters        linuxParameters `json:"linuxParameters"`
	LogConfiguration       logConfig       `json:"logConfiguration"`
	StartTimeout           int             `json:"startTimeout,omitempty"`
	StopTimeout            int             `json:"stopTimeout"`
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
	HostPort      int    `json:"hostPort"`
	Protocol      string `json:"protocol"`
}

type mountPoint struct {
	SourceVolume  string `json:"sourceVolume"`
	ContainerPath string `json:"containerPath"`
	ReadOnly      bool   `json:"readOnly"`
}

type dependency struct {
	ContainerName string `json:"containerName"`
	Condition     string `json:"condition"`
}

type healthCheck struct {
	Command     []string `json:"command"`
	Interval    int      `json:"interval"`
	Timeout     int      `json:"timeout"`
	Retries     int      `json:"retries"`
	StartPeriod int      `json:"startPeriod"`
}

type restartPolicy struct {
	Enabled              bool  `json:"enabled"`
	IgnoredExitCodes     []int `json:"ignoredExitCodes"`
	RestartAttemptPeriod int   `json:"restartAttemptPeriod"`
}

type linuxParameters struct {
	Capabilities       capabilities `json:"capabilities"`
	InitProcessEnabled bool         `json:"initProcessEnabled"`
	Tmpfs              []tmpfs      `json:"tmpfs"`
}

type capabilities struct {
	Add  []string `json:"add"`
	Drop []string `json:"drop"`
}

type tmpfs struct {
	ContainerPath string   `json:"containerPath"`
	Size          int      `json:"size"`
	MountOptions  []string `json:"mountOptions"`
}

type logConfig struct {
	LogDriver string            `json:"logDriver"`
	Options   map[string]string `json:"options"`
}
