package alb

import (
	"cmp"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/part"
	"wordpress-ecs/local/runtime/reach"
)

// wanted is what the account says about load balancers.
type wanted struct {
	balancers map[string]balancerSettings
	groups    map[string]groupSettings
	// ports are those of listeners, by key.
	ports map[string]portRecord
	// unable is what is asked for and not done here, a line each.
	unable []string
}

// balancerSettings are the attributes of a load balancer, and its listeners.
type balancerSettings struct {
	arn, name, suffix, stack string
	// host is its dnsName, and port what that ends with; 0 if the account made it before it had one.
	host string
	port int

	idle, keepAlive time.Duration
	http2           bool
	dropInvalid     bool
	// forwardedFor is append, preserve or remove.
	forwardedFor string
	clientPort   bool

	listeners []listenerSettings
	// from are its network interfaces, one in each subnet.
	from []reach.Interface
}

func (s balancerSettings) hostname() string {
	host, _, found := strings.Cut(s.host, ":")
	if !found {
		return s.host
	}
	return host
}

// listenerSettings are those of a listener.
type listenerSettings struct {
	arn  string
	port int
	// names are those of its certificates, the default one first; none without TLS.
	names [][]string
	tls13 bool
	rules []rule
	// last is what happens when no rule matches.
	last action
}

func (s listenerSettings) secure() bool { return len(s.names) > 0 }

// groupSettings are the attributes of a target group.
type groupSettings struct {
	arn, name, suffix, stack string
	// used tells whether a listener or a rule forwards to it, from where its requests come then, and network what
	// may be in their way.
	used    bool
	from    []reach.Interface
	network *reach.Network
	secure  bool
	http2   bool
	// algorithm is AWS's word, such as round_robin.
	algorithm string
	// delay is how long AWS drains a target.
	delay time.Duration
	// stick is how long a client stays with a target; 0 if it does not.
	stick time.Duration
	check checkSettings
	// lambda groups have a function as their target: its ARN, empty until there is one. It gets all values of a header if
	// multi, or else the last.
	lambda   bool
	function string
	multi    bool
}

// read takes everything out of the account.
func (p *Part) read() (*wanted, error) {
	w := &wanted{balancers: map[string]balancerSettings{}, groups: map[string]groupSettings{}, ports: map[string]portRecord{}}
	err := p.env.Account.View(func(tx *account.Tx) error { return p.readFrom(tx, w) })
	if err != nil {
		return nil, fmt.Errorf("load balancers: %w", err)
	}
	return w, nil
}

func (p *Part) readFrom(tx *account.Tx, w *wanted) error {
	lists := map[string][]account.Resource{}
	for _, typ := range []string{
		balancerType, groupType, listenerType, ruleType, certificateType, listenerCertificateType, attachmentType,
	} {
		all, err := tx.ByType(typ)
		if err != nil {
			return err
		}
		lists[typ] = slices.DeleteFunc(all, func(r account.Resource) bool { return p.gone(r.ID) })
	}
	records, err := account.AllKept[portRecord](tx, portClass)
	if err != nil {
		return err
	}
	for _, r := range records {
		w.ports[r.key()] = r
	}
	for _, r := range lists[balancerType] {
		if typ := r.Outputs.String("loadBalancerType"); typ != "" && typ != "application" {
			w.unable = append(w.unable, fmt.Sprintf("load balancer %s: %s load balancers do not run here", r.Name, typ))
			continue
		}
		w.balancers[r.ID] = w.balancer(r)
	}
	network, err := reach.Read(tx)
	if err != nil {
		return err
	}
	for _, r := range lists[groupType] {
		g := w.group(r)
		g.network = network
		w.groups[r.ID] = g
	}
	for _, r := range lists[attachmentType] {
		w.attach(r)
	}
	for _, r := range lists[listenerType] {
		w.listener(r, lists)
	}
	return nil
}

func (w *wanted) balancer(r account.Resource) balancerSettings {
	out := r.Outputs
	s := balancerSettings{
		arn: r.ID, name: r.Name, suffix: out.String("arnSuffix"), stack: part.Stack(r), host: out.String("dnsName"),
		idle: seconds(out, "idleTimeout", 60), keepAlive: seconds(out, "clientKeepAlive", 3600),
		http2: !out.Has("enableHttp2") || out.Bool("enableHttp2"), dropInvalid: out.Bool("dropInvalidHeaderFields"),
		forwardedFor: out.String("xffHeaderProcessingMode"), clientPort: out.Bool("enableXffClientPort"),
	}
	if _, port, err := net.SplitHostPort(s.host); err == nil {
		s.port, _ = strconv.Atoi(port)
	}
	for _, id := range out.Strings("subnets") {
		s.from = append(s.from, reach.Interface{Subnet: id, Groups: out.Strings("securityGroups")})
	}
	for attribute, what := range map[string]string{"accessLogs": "access logs", "connectionLogs": "connection logs"} {
		if out.Bool(attribute + ".enabled") {
			w.unable = append(w.unable, fmt.Sprintf("load balancer %s: %s are not written here", r.Name, what))
		}
	}
	return s
}

func (w *wanted) group(r account.Resource) groupSettings {
	out := r.Outputs
	s := groupSettings{
		arn: r.ID, name: r.Name, suffix: out.String("arnSuffix"), stack: part.Stack(r),
		secure: out.String("protocol") == secureProtocol, algorithm: out.String("loadBalancingAlgorithmType"),
		http2: out.String("protocolVersion") == "HTTP2" || out.String("protocolVersion") == "GRPC",
		delay: seconds(out, "deregistrationDelay", 300), check: readCheck(out.Object("healthCheck")),
		lambda: out.String("targetType") == "lambda", multi: out.Bool("lambdaMultiValueHeadersEnabled"),
	}
	if slow := out.Number("slowStart"); slow > 0 {
		w.unable = append(w.unable, fmt.Sprintf("target group %s: targets start at full load, slowStart is not kept to here", r.Name))
	}
	if port := out.String("healthCheck.port"); port != "" && port != "traffic-port" && port != strconv.Itoa(out.Int("port")) {
		w.unable = append(w.unable, fmt.Sprintf(
			"target group %s: health is checked on the traffic port, as port %s of targets is not reached from here", r.Name, port))
	}
	stickiness := out.Object("stickiness")
	on := stickiness != nil && (!stickiness.Has("enabled") || stickiness.Bool("enabled"))
	switch typ := stickiness.String("type"); {
	case on && typ == "lb_cookie":
		s.stick = seconds(stickiness, "cookieDuration", 86400)
	case on && typ != "":
		w.unable = append(w.unable, fmt.Sprintf("target group %s: stickiness of type %s is not kept to here", r.Name, typ))
	}
	return s
}

func (w *wanted) listener(r account.Resource, lists map[string][]account.Resource) {
	out := r.Outputs
	arn := out.String("loadBalancerArn")
	b, ok := w.balancers[arn]
	if !ok {
		return
	}
	l := listenerSettings{
		arn: r.ID, port: out.Int("port"), last: w.action(b, out.Objects("defaultActions")),
		// A policy's name tells the oldest version that it allows; what is older than 1.2 is not spoken here.
		tls13: strings.Contains(out.String("sslPolicy"), "TLS13-1-3-"),
	}
	if out.String("protocol") == secureProtocol {
		names := certified(out.String("certificateArn"), lists[certificateType])
		if names == nil {
			names = []string{b.hostname(), "localhost"}
		}
		l.names = [][]string{names}
		for _, more := range lists[listenerCertificateType] {
			if more.Outputs.String("listenerArn") != r.ID {
				continue
			}
			if names := certified(more.Outputs.String("certificateArn"), lists[certificateType]); names != nil {
				l.names = append(l.names, names)
			}
		}
	}
	for _, rule := range lists[ruleType] {
		if rule.Outputs.String("listenerArn") == r.ID {
			l.rules = append(l.rules, w.rule(b, rule.Outputs))
		}
	}
	slices.SortFunc(l.rules, func(x, y rule) int { return cmp.Compare(x.priority, y.priority) })
	b.listeners = append(b.listeners, l)
	slices.SortFunc(b.listeners, func(x, y listenerSettings) int { return cmp.Compare(x.port, y.port) })
	w.balancers[arn] = b
}

// attach registers the function that an attachment names.
func (w *wanted) attach(r account.Resource) {
	arn, target := r.Outputs.String("targetGroupArn"), r.Outputs.String("targetId")
	g, ok := w.groups[arn]
	switch {
	case !ok:
	case g.lambda:
		g.function = target
		w.groups[arn] = g
	default:
		w.unable = append(w.unable, fmt.Sprintf("target group %s: target %s is not reached from here: tasks are", g.name, target))
	}
}

// certified are the names in a certificate of the account.
func certified(arn string, certificates []account.Resource) []string {
	for _, c := range certificates {
		if c.Outputs.String("arn") != arn {
			continue
		}
		names := append([]string{c.Outputs.String("domainName")}, c.Outputs.Strings("subjectAlternativeNames")...)
		names = slices.DeleteFunc(names, func(name string) bool { return name == "" })
		return slices.Compact(names)
	}
	return nil
}

// use notes that a load balancer sends requests to a target group.
func (w *wanted) use(b balancerSettings, arn string) {
	if g, ok := w.groups[arn]; ok {
		g.used, g.from = true, b.from
		w.groups[arn] = g
	}
}

func seconds(p account.Props, name string, otherwise float64) time.Duration {
	n := otherwise
	if p.Has(name) {
		n = p.Number(name)
	}
	return time.Duration(n * float64(time.Second))
}

// gone tells whether something is about to leave the account.
func (p *Part) gone(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, ok := p.released[id]
	if ok && time.Since(at) > forgetting {
		delete(p.released, id)
		return false
	}
	return ok
}
