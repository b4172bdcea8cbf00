package ecs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
)

const (
	// api comes before the name of an action in the header of a request.
	api = "AmazonEC2ContainerServiceV20141113."
	// maxBody bounds what a request may say.
	maxBody = 1 << 20
)

// fault is an error that a client of AWS understands.
type fault struct{ code, message string }

func (f *fault) Error() string { return f.code + ": " + f.message }

// request is the union of what the actions take.
type request struct {
	Cluster       string   `json:"cluster"`
	Clusters      []string `json:"clusters"`
	Services      []string `json:"services"`
	ServiceName   string   `json:"serviceName"`
	Tasks         []string `json:"tasks"`
	Family        string   `json:"family"`
	StartedBy     string   `json:"startedBy"`
	DesiredStatus string   `json:"desiredStatus"`
	// region is what the client signs for; empty if it does not.
	region string
}

// Handler answers AWS's clients the questions about services, tasks and clusters that the emulation can answer.
// It is for a listener on 127.0.0.1: no signature is checked.
func (p *Part) Handler() http.Handler {
	actions := map[string]func(request) (any, error){
		"DescribeServices": p.describeServices, "ListServices": p.listServices,
		"DescribeTasks": p.describeTasks, "ListTasks": p.listTasks,
		"DescribeClusters": p.describeClusters, "ListClusters": p.listClusters,
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), api)
		action, ok := actions[name]
		if !ok {
			known := []string{}
			for name := range actions {
				known = append(known, name)
			}
			slices.Sort(known)
			refuse(w, &fault{"UnknownOperationException", fmt.Sprintf("The local cloud's ECS does not answer %q; it answers %s.",
				name, strings.Join(known, ", "))})
			return
		}
		var asked request
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err == nil && len(body) > 0 {
			err = json.Unmarshal(body, &asked)
		}
		if err != nil {
			refuse(w, &fault{"SerializationException", err.Error()})
			return
		}
		asked.region = signedFor(r.Header.Get("Authorization"))
		answer, err := action(asked)
		if err != nil {
			refuse(w, err)
			return
		}
		write(w, http.StatusOK, answer)
	})
}

// signedFor is the region in a signature: "... Credential=KEY/20260102/eu-west-1/ecs/aws4_request, ...".
func signedFor(authorization string) string {
	_, credential, _ := strings.Cut(authorization, "Credential=")
	scope := strings.Split(credential, "/")
	if len(scope) < 4 {
		return ""
	}
	return scope[2]
}

func refuse(w http.ResponseWriter, err error) {
	var known *fault
	if errors.As(err, &known) {
		write(w, http.StatusBadRequest, object{"__type": known.code, "message": known.message})
		return
	}
	write(w, http.StatusInternalServerError, object{"__type": "ServerException", "message": err.Error()})
}

func write(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.Header().Set("X-Amzn-Requestid", account.NewUUID())
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // the client is gone
}

// cluster finds the cluster that a request is about; without a name it is "default", as with AWS.
func (p *Part) cluster(asked request) (*account.Resource, error) {
	name := lastPart(asked.Cluster)
	if name == "" {
		name = "default"
	}
	all, err := p.clusters(asked)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(c account.Resource) bool { return lastPart(c.ID) == name })
	if i < 0 {
		return nil, &fault{"ClusterNotFoundException", "Cluster not found."}
	}
	return &all[i], nil
}

// clusters are those of the region that the client asks.
func (p *Part) clusters(asked request) ([]account.Resource, error) {
	var all []account.Resource
	err := p.env.Account.View(func(tx *account.Tx) (err error) {
		all, err = tx.ByType(clusterType)
		return err
	})
	return slices.DeleteFunc(all, func(c account.Resource) bool {
		return asked.region != "" && c.Region != asked.region
	}), err
}

// in are the services of the cluster that a request is about.
func (p *Part) in(asked request) (*account.Resource, []*service, error) {
	cluster, err := p.cluster(asked)
	if err != nil {
		return nil, nil, err
	}
	services, err := p.all()
	return cluster, slices.DeleteFunc(services, func(s *service) bool { return s.clusterARN != cluster.ID }), err
}

func (p *Part) describeServices(asked request) (any, error) {
	cluster, services, err := p.in(asked)
	if err != nil {
		return nil, err
	}
	found, failures := []object{}, []object{}
	for _, name := range asked.Services {
		i := slices.IndexFunc(services, func(s *service) bool { return s.arn == name || s.name == name })
		if i < 0 {
			arn := strings.Replace(cluster.ID, ":cluster/", ":service/", 1) + "/" + lastPart(name)
			failures = append(failures, object{"arn": arn, "reason": "MISSING"})
			continue
		}
		found = append(found, p.service(services[i]))
	}
	return object{"services": found, "failures": failures}, nil
}

func (p *Part) listServices(asked request) (any, error) {
	_, services, err := p.in(asked)
	arns := []string{}
	for _, s := range services {
		arns = append(arns, s.arn)
	}
	return object{"serviceArns": arns}, err
}

func (p *Part) listTasks(asked request) (any, error) {
	_, services, err := p.in(asked)
	if err != nil {
		return nil, err
	}
	if asked.ServiceName != "" && !slices.ContainsFunc(services, func(s *service) bool { return s.is(asked.ServiceName) }) {
		return nil, &fault{"ServiceNotFoundException", "Service not found."}
	}
	status := asked.DesiredStatus
	if status == "" {
		status = "RUNNING"
	}
	arns := []string{}
	for _, s := range services {
		for _, t := range s.tasks {
			switch {
			case asked.ServiceName != "" && !s.is(asked.ServiceName):
			case asked.StartedBy != "" && t.StartedBy != asked.StartedBy:
			case asked.Family != "" && !strings.HasPrefix(lastPart(t.Definition), asked.Family+":"):
			case string(t.wanted()) == status:
				arns = append(arns, t.ARN)
			}
		}
	}
	return object{"taskArns": arns}, nil
}

func (p *Part) describeTasks(asked request) (any, error) {
	cluster, services, err := p.in(asked)
	if err != nil {
		return nil, err
	}
	byID := map[string]object{}
	for _, s := range services {
		for _, t := range s.tasks {
			byID[t.ID] = p.task(s, t)
		}
	}
	found, failures := []object{}, []object{}
	for _, id := range asked.Tasks {
		if t, ok := byID[lastPart(id)]; ok {
			found = append(found, t)
			continue
		}
		arn := strings.Replace(cluster.ID, ":cluster/", ":task/", 1) + "/" + lastPart(id)
		failures = append(failures, object{"arn": arn, "reason": "MISSING"})
	}
	return object{"tasks": found, "failures": failures}, nil
}

func (p *Part) listClusters(asked request) (any, error) {
	all, err := p.clusters(asked)
	arns := []string{}
	for _, c := range all {
		arns = append(arns, c.ID)
	}
	return object{"clusterArns": arns}, err
}

func (p *Part) describeClusters(asked request) (any, error) {
	all, err := p.clusters(asked)
	if err != nil {
		return nil, err
	}
	services, err := p.all()
	if err != nil {
		return nil, err
	}
	names := asked.Clusters
	if len(names) == 0 {
		names = []string{"default"}
	}
	found, failures := []object{}, []object{}
	for _, name := range names {
		i := slices.IndexFunc(all, func(c account.Resource) bool { return lastPart(c.ID) == lastPart(name) })
		if i < 0 {
			failures = append(failures, object{"arn": name, "reason": "MISSING"})
			continue
		}
		found = append(found, p.describeCluster(all[i].ID, services))
	}
	return object{"clusters": found, "failures": failures}, nil
}
