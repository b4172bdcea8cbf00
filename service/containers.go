package service

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"

	"wordpress-ecs/image"
)

const (
	// stopTimeout is longer than the load balancer drains, in seconds.
	stopTimeout = 90
	// setupTimeout is how long setup may wait for the database and upgrade its tables, in seconds. When it is
	// over, or setup has failed, the task stops.
	setupTimeout = 600
	// setupWait is the part of it that setup waits, for the database or for the task that upgrades it. Every task
	// of a deployment waits for that one: if they gave up early, ECS would take the deployment for failed and roll
	// it back. Without a database, three tasks in a row fail within updateTimeout.
	setupWait = 420
	// startTimeout is how long php-fpm may take to be healthy, in seconds, after the time that a new release has
	// to run before it.
	startTimeout = 60
	// startPeriod is how long a container may fail its check when it starts, in seconds; php-fpm likewise.
	startPeriod = 30
	// releaseBytes are enough to tell the releases of one site apart.
	releaseBytes = 6
	// restartPeriod is ECS's shortest, in seconds: a container that ran less long is not started again.
	restartPeriod = 60

	// contentVolume is what all tasks share: uploads, and plugins, themes and languages of wp-admin.
	contentVolume = "wp-content"
)

// resolved is what container definitions need, once known.
type resolved struct {
	image                        string
	nginxLogs, phpLogs           string
	url                          string
	databaseHost, databaseSecret string
	cacheHost, cacheSecret       string
	keysSecret, adminSecret      string
	// distribution, bucket and visitorsSecret are empty where there is none.
	distribution, bucket, visitorsSecret string
	// release names the definitions below: it changes with any of them.
	release string
}

// containerDefinitions writes the JSON of the four containers, by name as ECS sorts them.
func (a *Args) containerDefinitions(r resolved) (string, error) {
	draft, err := a.marshalled(r)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(draft)
	r.release = hex.EncodeToString(sum[:releaseBytes])
	definitions, err := a.marshalled(r)
	return string(definitions), err
}

func (a *Args) marshalled(r resolved) ([]byte, error) {
	b, err := json.Marshal([]container{a.cron(r), a.nginx(r), a.php(r), a.setup(r)})
	if err != nil {
		return nil, fmt.Errorf("container definitions: %w", err)
	}
	return b, nil
}

// setup installs or upgrades the site and ends; nothing that serves it starts before.
func (a *Args) setup(r resolved) container {
	c := a.container(image.Setup, r.image, r.phpLogs)
	c.Command = append(c.Command, strconv.Itoa(setupWait))
	// Without a limit of its own: it runs alone, with the memory that php-fpm has later.
	c.MemoryReservation = image.SetupMemory
	c.StartTimeout = setupTimeout
	c.Environment = byName(a.common(r), a.wordpress(r), a.installation(), a.release(r))
	c.Secrets = byName(a.secrets(r), []secret{{"WORDPRESS_ADMIN_PASSWORD", r.adminSecret + ":password::"}})
	return c
}

func (a *Args) php(r resolved) container {
	c := a.container(image.PHP, r.image, r.phpLogs)
	c.Essential = true
	c.Memory = a.phpMemory()
	// The reservations of a task may not exceed its memory, and setup's counts although it has ended by now.
	c.MemoryReservation = c.Memory - image.SetupMemory
	c.DependsOn = []dependency{{image.Setup, "SUCCESS"}}
	c.HealthCheck = healthy(image.PHP)
	c.HealthCheck.StartPeriod += a.ProvingSeconds
	c.StartTimeout = startTimeout + a.ProvingSeconds
	c.Environment = byName(a.common(r), a.wordpress(r), a.release(r),
		[]variable{{"WORDPRESS_PROVING_SECONDS", strconv.Itoa(a.ProvingSeconds)}})
	c.Secrets = byName(a.secrets(r))
	return c
}

func (a *Args) nginx(r resolved) container {
	c := a.container(image.Nginx, r.image, r.nginxLogs)
	c.Essential = true
	c.Memory = image.NginxMemory
	c.PortMappings = []portMapping{{ContainerPort: image.Port, HostPort: image.Port, Protocol: "tcp"}}
	c.MountPoints[0].ReadOnly = true
	// php-fpm starts first and, as ECS turns the order round, stops last.
	c.DependsOn = []dependency{{image.PHP, "HEALTHY"}}
	c.HealthCheck = healthy(image.Nginx)
	c.Environment = byName(a.common(r), a.web(r))
	c.Secrets = a.webSecrets(r)
	return c
}

// cron runs scheduled events. The site does without it for a while, so ECS starts it again and leaves the
// task alone; other tasks take over in the meantime.
func (a *Args) cron(r resolved) container {
	c := a.container(image.Cron, r.image, r.phpLogs)
	c.Memory = image.CronMemory
	c.RestartPolicy = &restartPolicy{
		Enabled: true, IgnoredExitCodes: []int{image.MisconfiguredExit}, RestartAttemptPeriod: restartPeriod,
	}
	c.DependsOn = []dependency{{image.Setup, "SUCCESS"}}
	c.Environment = byName(a.common(r), a.wordpress(r))
	c.Secrets = byName(a.secrets(r))
	return c
}

// phpMemory is what the containers that run beside php-fpm leave of the task.
func (a *Args) phpMemory() int { return a.Memory - image.NginxMemory - image.CronMemory }

// container is what all have in common: the image, a command of the container's name, and no more rights
// than it takes.
func (a *Args) container(name, reference, logGroup string) container {
	return container{
		Name: name, Image: reference, Command: []string{name},
		// By number, as ECS wants it: user and group.
		User:        fmt.Sprintf("%d:%d", image.Owner, image.Owner),
		Environment: []variable{}, Secrets: []secret{}, PortMappings: []portMapping{},
		MountPoints: []mountPoint{{SourceVolume: contentVolume, ContainerPath: image.ContentPath}},
		VolumesFrom: []struct{}{}, SystemControls: []struct{}{},
		ReadonlyRootFilesystem: true,
		LinuxParameters: linuxParameters{
			// Nobody gains a right by a setuid program either: there is none to gain. (no-new-privileges would
			// say the same, but ECS documents its dockerSecurityOptions for instances with SELinux or AppArmor.)
			Capabilities: capabilities{Add: []string{}, Drop: []string{"ALL"}},
			// ECS Exec leaves processes behind that only an init collects.
			InitProcessEnabled: true,
			Tmpfs:              inMemory(name),
		},
		LogConfiguration: logConfig{LogDriver: "awslogs", Options: map[string]string{
			"awslogs-group": logGroup, "awslogs-region": a.Region, "awslogs-stream-prefix": name,
			// A log service that is slow must not stop the site.
			"mode": "non-blocking", "max-buffer-size": "25m",
		}},
		StopTimeout: stopTimeout,
	}
}

// inMemory are the paths that a container can write to. A tmpfs belongs to root and has the mode that its path
// has in the image.
func inMemory(name string) []tmpfs {
	list := []tmpfs{}
	for _, writable := range image.Writable(name) {
		list = append(list, tmpfs{
			ContainerPath: writable.Path, Size: writable.Size, MountOptions: []string{"noexec", "nosuid", "nodev"},
		})
	}
	return list
}

// healthy is what ECS asks a container that serves requests.
func healthy(name string) *healthCheck {
	return &healthCheck{
		Command: []string{"CMD", "healthcheck", name}, Interval: 10, Timeout: 5, Retries: 6, StartPeriod: startPeriod,
	}
}
