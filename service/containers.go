package service

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"wordpress-ecs/image"
)

// container is a container definition as ECS returns it: lists that are empty and not missing, the host
// port set, environment and secrets by name. Any other form is a new revision on every update.
type container struct {
	Name             string          `json:"name"`
	Image            string          `json:"image"`
	CPU              int             `json:"cpu"`
	Memory           int             `json:"memory"`
	Essential        bool            `json:"essential"`
	Command          []string        `json:"command"`
	User             string          `json:"user"`
	Environment      []variable      `json:"environment"`
	Secrets          []secret        `json:"secrets"`
	PortMappings     []portMapping   `json:"portMappings"`
	MountPoints      []mountPoint    `json:"mountPoints"`
	VolumesFrom      []struct{}      `json:"volumesFrom"`
	SystemControls   []struct{}      `json:"systemControls"`
	DependsOn        []dependency    `json:"dependsOn,omitempty"`
	HealthCheck      healthCheck     `json:"healthCheck"`
	LinuxParameters  linuxParameters `json:"linuxParameters"`
	LogConfiguration logConfig       `json:"logConfiguration"`
	StopTimeout      int             `json:"stopTimeout"`
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

type linuxParameters struct {
	InitProcessEnabled bool `json:"initProcessEnabled"`
}

type logConfig struct {
	LogDriver string            `json:"logDriver"`
	Options   map[string]string `json:"options"`
}

const (
	nginxName = "nginx"
	phpName   = "php-fpm"
	// nginxMemory is a container's hard limit in MiB; php-fpm has the rest of the task.
	nginxMemory = 128
	// stopTimeout is longer than the load balancer drains, in seconds.
	stopTimeout = 90

	uploadsVolume = "uploads"
	uploadsPath   = "/var/www/html/wp-content/uploads"
)

// resolved is what container definitions need, once known.
type resolved struct {
	image                        string
	nginxLogs, phpLogs           string
	databaseHost, databaseSecret string
	cacheHost, cacheSecret       string
	keysSecret                   string
}

// containerDefinitions writes the JSON of the two containers, by name as ECS sorts them.
func (a *Args) containerDefinitions(r resolved) (string, error) {
	nginx := a.container(nginxName, r.image, r.nginxLogs, nginxMemory)
	nginx.PortMappings = []portMapping{{ContainerPort: image.Port, HostPort: image.Port, Protocol: "tcp"}}
	nginx.MountPoints = []mountPoint{{SourceVolume: uploadsVolume, ContainerPath: uploadsPath, ReadOnly: true}}
	// php-fpm starts first and, as ECS turns the order round, stops last.
	nginx.DependsOn = []dependency{{ContainerName: phpName, Condition: "HEALTHY"}}

	php := a.container(phpName, r.image, r.phpLogs, a.Memory-nginxMemory)
	php.MountPoints = []mountPoint{{SourceVolume: uploadsVolume, ContainerPath: uploadsPath, ReadOnly: false}}
	php.Environment = a.environment(r)
	php.Secrets = a.secrets(r)

	b, err := json.Marshal([]container{nginx, php})
	if err != nil {
		return "", fmt.Errorf("container definitions: %w", err)
	}
	return string(b), nil
}

// container is what the two have in common: the image, and a command of the same name that is also what
// the health check of the image asks for.
func (a *Args) container(name, reference, logGroup string, memory int) container {
	// By number, as ECS wants it: user and group.
	user := fmt.Sprintf("%d:%d", image.Owner, image.Owner)
	return container{
		Name: name, Image: reference, Memory: memory, Essential: true, Command: []string{name}, User: user,
		Environment: []variable{}, Secrets: []secret{}, PortMappings: []portMapping{}, MountPoints: []mountPoint{},
		VolumesFrom: []struct{}{}, SystemControls: []struct{}{},
		HealthCheck: healthCheck{
			Command: []string{"CMD", "healthcheck", name}, Interval: 10, Timeout: 5, Retries: 3, StartPeriod: 30,
		},
		// ECS Exec leaves processes behind that only an init collects.
		LinuxParameters: linuxParameters{InitProcessEnabled: true},
		LogConfiguration: logConfig{LogDriver: "awslogs", Options: map[string]string{
			"awslogs-group": logGroup, "awslogs-region": a.Region, "awslogs-stream-prefix": name,
			// A log service that is slow must not stop the site.
			"mode": "non-blocking", "max-buffer-size": "25m",
		}},
		StopTimeout: stopTimeout,
	}
}

func (a *Args) environment(r resolved) []variable {
	list := []variable{
		{"WORDPRESS_DB_HOST", r.databaseHost},
		{"WORDPRESS_DB_NAME", a.Stores.DatabaseName},
		{"WORDPRESS_DB_USER", a.Stores.DatabaseUser},
		{"WORDPRESS_REDIS_HOST", r.cacheHost},
		{"WORDPRESS_REDIS_PORT", strconv.Itoa(a.Stores.CachePort)},
	}
	slices.SortFunc(list, func(a, b variable) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// secrets are injected by ECS when a task starts: an ARN, then the key in the secret's JSON.
func (a *Args) secrets(r resolved) []secret {
	list := []secret{
		{"WORDPRESS_DB_PASSWORD", r.databaseSecret + ":password::"},
		{"WORDPRESS_REDIS_AUTH_TOKEN", r.cacheSecret + ":token::"},
	}
	for _, key := range a.Stores.KeyNames {
		list = append(list, secret{"WORDPRESS_" + key, r.keysSecret + ":" + key + "::"})
	}
	slices.SortFunc(list, func(a, b secret) int { return cmp.Compare(a.Name, b.Name) })
	return list
}
