package cache

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/pkg/stdcopy"

	"wordpress-ecs/local/runtime/machine"
)

const (
	// kind is the label of nodes and their volumes.
	kind = "cache"
	// labelGroup is the group that a node is of, labelSpec what it was made from.
	labelGroup = "wordpress-ecs.group"
	labelSpec  = "wordpress-ecs.spec"

	// controller is the user that replicates and controls; those who use the cache do not meet it.
	controller = "local-cloud"

	// owner is the user of the image.
	owner = 6379

	// memory is what a node holds at most, in bytes. The smallest node of ElastiCache holds more than this
	// machine should give; what happens when it is full is the same.
	memory = 128 << 20

	// stopGrace is how long a node may take to end.
	stopGrace = 10 * time.Second
)

const (
	configFile      = "/etc/cache/node.conf"
	certificateFile = "/etc/cache/certificate.pem"
	keyFile         = "/etc/cache/key.pem"
	authorityFile   = "/etc/cache/authority.pem"
)

// forbidden are the commands that ElastiCache keeps for itself.
const forbidden = "-acl|setuser -acl|deluser -acl|load -acl|save -bgrewriteaof -bgsave -config -debug -failover -migrate " +
	"-module -psync -replicaof -save -shutdown -slaveof -sync"

// unchangeable are the parameters that an engine takes only when it starts.
var unchangeable = map[string]bool{"databases": true}

// config is the configuration file of a node while a member is the primary.
func (g group) config(member string, s state) string {
	var b strings.Builder
	line := func(format string, values ...any) { fmt.Fprintf(&b, format+"\n", values...) }
	line("bind * -::*")
	line("protected-mode no")
	line("dir /data")
	line("appendonly yes")
	line("appendfsync everysec")
	line(`save ""`)
	line("repl-diskless-sync-delay 0")
	line("maxmemory %d", memory)
	line("maxmemory-policy volatile-lru") // ElastiCache's default
	if g.tls {
		line("port 0")
		line("tls-port %d", g.port)
		line("tls-cert-file %s", certificateFile)
		line("tls-key-file %s", keyFile)
		line("tls-ca-cert-file %s", authorityFile)
		line("tls-auth-clients no")
		line("tls-replication yes")
	} else {
		line("port %d", g.port)
	}
	for name := range unchangeable {
		if value, ok := g.parameters[name]; ok {
			line("%s %s", name, value)
		}
	}
	line("user %s on #%s ~* &* +@all", controller, digest(s.Secret))
	line("user default %s", strings.Join(s.rules(), " "))
	line("masteruser %s", controller)
	line("masterauth %s", s.Secret)
	if member != s.Primary {
		line("replicaof %s %d", g.address(s.Primary), g.port)
	}
	return b.String()
}

// rules are what the user that everybody is may do, and how it logs in.
func (s state) rules() []string {
	rules := []string{"reset", "on"}
	for _, token := range s.Tokens {
		rules = append(rules, "#"+digest(token))
	}
	if len(s.Tokens) == 0 {
		rules = append(rules, "nopass")
	}
	rules = append(rules, "~*", "&*", "+@all")
	return append(rules, strings.Fields(forbidden)...)
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// spec is the container of a node. It changes when the node has to be made again.
func (p *Part) spec(g group, member, image, network string) machine.Spec {
	spec := machine.Spec{
		Name:       p.env.Machine.Name("cache-" + member),
		Image:      image,
		Entrypoint: []string{g.engine + "-server", configFile},
		Mounts:     []mount.Mount{{Type: mount.TypeVolume, Source: p.env.Machine.Name(volumeWords(member)), Target: "/data"}},
		CapDrop:    []string{"ALL"}, NoNewPrivileges: true,
		Network: network, Publish: []int{g.port}, StopTimeout: stopGrace,
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%v %t %s", spec, g.tls, g.parameters["databases"]))
	spec.Labels = p.labels(g, member, map[string]string{labelSpec: hex.EncodeToString(sum[:8])})
	return spec
}

func (p *Part) labels(g group, member string, more map[string]string) map[string]string {
	labels := p.env.Machine.Labels(kind, member, more)
	labels[labelGroup], labels[machine.LabelStack] = g.id, g.stack
	return labels
}

func volumeWords(member string) string { return "cache-" + member }

// imageName is the image of the nodes, built if it is not there.
func (p *Part) imageName(ctx context.Context, say func(string)) (string, error) {
	if p.built != "" {
		return p.built, nil
	}
	files, err := fs.Sub(image, "image")
	if err != nil {
		return "", fmt.Errorf("image of the cache: %w", err)
	}
	name, err := p.env.Machine.EnsureImage(ctx, "cache", files, say)
	if err == nil {
		p.built = name
	}
	return name, err
}

// start writes the configuration of a node and starts it.
func (p *Part) start(ctx context.Context, g group, s state, member, id string) error {
	files := []machine.File{{Path: configFile, Content: []byte(g.config(member, s)), Mode: 0o600, UID: owner, GID: owner}}
	if g.tls {
		pair, err := p.env.Authority.Issue(g.addresses(member)...)
		if err != nil {
			return err
		}
		files = append(files,
			machine.File{Path: certificateFile, Content: pair.Certificate, Mode: 0o600, UID: owner, GID: owner},
			machine.File{Path: keyFile, Content: pair.Key, Mode: 0o600, UID: owner, GID: owner},
			machine.File{Path: authorityFile, Content: p.env.Authority.Certificate(), Mode: 0o600, UID: owner, GID: owner})
	}
	if err := p.env.Machine.Put(ctx, id, files...); err != nil {
		return err
	}
	return p.env.Machine.Start(ctx, id)
}

// connect logs in to a node as the controller.
func (p *Part) connect(ctx context.Context, g group, s state, id string) (*client, error) {
	address, err := p.env.Machine.Published(ctx, id, g.port)
	if err != nil {
		return nil, err
	}
	return dial(ctx, address, p.trust(g), controller, s.Secret)
}

func (p *Part) trust(g group) *tls.Config {
	if !g.tls {
		return nil
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(p.env.Authority.Certificate())
	return &tls.Config{RootCAs: roots, ServerName: g.primary, MinVersion: tls.VersionTLS12}
}

// lastLines is how much of the log of a node that does not stay up is shown.
const lastLines = "5"

// lastWords are the end of the log of a node.
func (p *Part) lastWords(ctx context.Context, id string) string {
	stream, err := p.env.Machine.Docker().ContainerLogs(ctx, id, container.LogsOptions{
		ShowStdout: true, ShowStderr: true, Tail: lastLines,
	})
	if err != nil {
		return err.Error()
	}
	defer func() { _ = stream.Close() }() // it was only read
	var text strings.Builder
	if _, err := stdcopy.StdCopy(&text, &text, stream); err != nil && !errors.Is(err, io.EOF) {
		return err.Error()
	}
	return strings.TrimSpace(text.String())
}
