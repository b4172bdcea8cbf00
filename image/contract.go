package image

// What the image and the resources around it have to agree on. The image's README says the same.
const (
	// Port is where nginx listens. It is above 1024: nginx does not run as root.
	Port = 8080
	// Owner is the uid and gid of www-data, as whom every container runs. Every file on the share belongs to it.
	Owner = 33
	// HealthPath answers through nginx and php-fpm without running WordPress: a site in maintenance or a
	// database that fails over is no reason to kill tasks.
	HealthPath = "/healthz"
	// ContentPath is where the shared volume is mounted.
	ContentPath = "/var/www/html/wp-content"
	// MisconfiguredExit is the exit code of a container whose environment is incomplete or malformed.
	MisconfiguredExit = 64
)

// The commands of the image, which also name the containers of a task.
const (
	Setup = "setup"
	PHP   = "php-fpm"
	Nginx = "nginx"
	Cron  = "cron"
)

// Memory of the containers in MiB. php-fpm gets what the others leave.
const (
	NginxMemory = 272
	CronMemory  = 192
	// SetupMemory is set aside, no limit: setup has ended before php-fpm starts and takes its memory.
	SetupMemory = 128
	// PHPMemoryMin holds what php-fpm's workers share and two of them, the fewest that it starts.
	PHPMemoryMin = 384
)

// Tmpfs is a file system in memory, of at most Size MiB, which count as memory of the container.
type Tmpfs struct {
	Path string
	Size int
}

// Writable are the only paths, beside the shared volume, that a container can write to.
func Writable(command string) []Tmpfs {
	// Bodies of requests in nginx, uploads in php-fpm: two of the largest, which is 64 MiB.
	temporary := map[string]int{Setup: 64, PHP: 160, Nginx: 136, Cron: 64}
	list := []Tmpfs{{Path: "/tmp", Size: temporary[command]}}
	if command == Nginx {
		list = append(list, Tmpfs{Path: "/var/cache/nginx", Size: 48})
	}
	// The agent of ECS Exec keeps its state and the transcripts of sessions here. Its logs go to a directory
	// of the instance that ECS mounts at /var/log/amazon/ssm.
	return append(list, Tmpfs{Path: "/var/lib/amazon", Size: 16}, Tmpfs{Path: "/var/log/amazon", Size: 1})
}
