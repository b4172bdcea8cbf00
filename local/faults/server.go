package faults

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/provider"
	"wordpress-ecs/local/provider/face"
)

// server is a provider with a run in front of it.
type server struct {
	pulumirpc.ResourceProviderServer
	run    *Run
	region string
}

// asked is a call with what its errors need.
type asked struct {
	call
	id    string
	props account.Props
}

// Configure notes the region, which AWS's addresses contain.
func (s *server) Configure(ctx context.Context, req *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	s.region = req.GetArgs().GetFields()["region"].GetStringValue()
	return s.ResourceProviderServer.Configure(ctx, req)
}

// Create makes a resource, or not.
func (s *server) Create(ctx context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	if req.GetPreview() {
		return s.ResourceProviderServer.Create(ctx, req)
	}
	return guarded(ctx, s, s.asked(Create, req.GetUrn(), "", req.GetProperties()), req, s.ResourceProviderServer.Create)
}

// Update changes a resource, or not.
func (s *server) Update(ctx context.Context, req *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	if req.GetPreview() {
		return s.ResourceProviderServer.Update(ctx, req)
	}
	return guarded(ctx, s, s.asked(Update, req.GetUrn(), req.GetId(), req.GetNews()), req, s.ResourceProviderServer.Update)
}

// Delete removes a resource, or not.
func (s *server) Delete(ctx context.Context, req *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	return guarded(ctx, s, s.asked(Delete, req.GetUrn(), req.GetId(), req.GetProperties()), req, s.ResourceProviderServer.Delete)
}

// Read reads a resource, or not.
func (s *server) Read(ctx context.Context, req *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	return guarded(ctx, s, s.asked(Read, req.GetUrn(), req.GetId(), req.GetProperties()), req, s.ResourceProviderServer.Read)
}

// Invoke runs a function, or not.
func (s *server) Invoke(ctx context.Context, req *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	a := asked{call: call{call: Function, typ: req.GetTok()}}
	return guarded(ctx, s, a, req, s.ResourceProviderServer.Invoke)
}

func (s *server) asked(c Call, urn, id string, properties *structpb.Struct) asked {
	u := resource.URN(urn)
	a := asked{call: call{call: c, typ: string(u.Type()), name: u.Name()}, id: id, props: account.Props{}}
	// What cannot be read the provider behind refuses.
	if m, err := provider.Unmarshal("properties", properties); err == nil {
		if props, _, err := face.FromProperties(m); err == nil {
			a.props = props
		}
	}
	a.zones = s.run.zones(a.props, s.region)
	return a
}

// guarded is a call that may fail.
func guarded[Q, A any](ctx context.Context, s *server, a asked, req Q, forward func(context.Context, Q) (A, error)) (A, error) {
	var none A
	v := s.run.ask(a.call)
	if err := wait(ctx, v.delay); err != nil {
		return none, err
	}
	if v.rule < 0 {
		return forward(ctx, req)
	}
	rule := s.run.rules[v.rule].Rule
	s.run.env.Say(fmt.Sprintf("fault %s: %s of %s", rule.Fault, a.call.call, strings.TrimSpace(a.typ+" "+a.name)))
	switch rule.Fault {
	case Throttling:
		if err := s.throttle(ctx, v.rule, a); err != nil {
			return none, err
		}
		return forward(ctx, req)
	case Kill:
		if !rule.After {
			s.end(ctx, rule)
		}
		answer, err := forward(ctx, req)
		s.end(ctx, rule)
		return answer, err
	case Lost:
		if _, err := forward(ctx, req); err != nil {
			return none, err
		}
		// The code says that nobody knows what has happened.
		return none, s.failed(a, codes.Unknown, s.unsent(a, "read: connection reset by peer"))
	default:
		return none, s.failed(a, codes.FailedPrecondition, s.reason(rule, a))
	}
}

// end lets the process live for a while, unless the command goes before, and ends it.
func (s *server) end(ctx context.Context, rule Rule) {
	if wait(ctx, rule.For) == nil {
		s.run.env.Kill()
	}
}

// throttle refuses attempts until a rule lets one pass, or the SDK gives up.
func (s *server) throttle(ctx context.Context, rule int, a asked) error {
	for attempt := 1; attempt < attempts; attempt++ {
		if err := wait(ctx, s.run.backoff(attempt)); err != nil {
			return err
		}
		if !s.run.again(rule) {
			return nil
		}
	}
	return s.failed(a, codes.FailedPrecondition, exhausted+throttled(a.typ).about(""))
}

// exhausted is what the SDK says when it gives up.
var exhausted = fmt.Sprintf("exceeded maximum number of attempts, %d, ", attempts)

// unsent is what the SDK says about a request without an answer.
func (s *server) unsent(a asked, cause string) string {
	if !strings.HasPrefix(a.typ, "aws:") {
		return "request failed: " + cause
	}
	return exhausted + fmt.Sprintf("https response error StatusCode: 0, RequestID: , request send failed, Post %q: %s",
		endpoint(a.typ, s.region), cause)
}

// reason is why nothing has happened.
func (s *server) reason(rule Rule, a asked) string {
	switch rule.Fault {
	case Quota:
		return quotas[a.typ].about("")
	case Capacity:
		return shortages[a.typ].about(a.props.String(shortages[a.typ].machine))
	case ZoneOut:
		if shortage, ok := shortages[a.typ]; ok {
			return shortage.about(a.props.String(shortage.machine))
		}
		return unavailable.about("")
	default:
		return s.unsent(a, "dial tcp: i/o timeout")
	}
}

// failed words an error as the provider does.
func (s *server) failed(a asked, code codes.Code, cause string) error {
	verbs := map[Call]string{Create: "creating", Read: "reading", Update: "updating", Delete: "deleting", Function: "invoking"}
	title, label := a.typ, a.id
	if k, ok := s.run.catalog.Kind(a.typ); ok {
		title = k.Title
		if label == "" {
			label = a.props.String(k.Name.Property)
		}
	}
	if label != "" {
		label = " (" + label + ")"
	}
	return status.Error(code, fmt.Sprintf("1 error occurred:\n\t* %s %s%s: %s\n\n", verbs[a.call.call], title, label, cause))
}

const subnetType = "aws:ec2/subnet:Subnet"

// zones are the availability zones that a resource is in.
func (r *Run) zones(props account.Props, region string) []string {
	if zone := props.String("availabilityZone"); zone != "" {
		return []string{zone}
	}
	ids := []any{props["subnetId"]}
	for _, list := range []string{"subnets", "subnetIds", "vpcZoneIdentifiers"} {
		ids = append(ids, props.List(list)...)
	}
	var zones []string
	err := r.env.Account.View(func(tx *account.Tx) error {
		for _, id := range ids {
			text, _ := id.(string)
			if text == "" {
				continue
			}
			subnet, err := tx.Get(subnetType, region, text)
			if err != nil {
				return err
			}
			if subnet != nil {
				zones = append(zones, subnet.Outputs.String("availabilityZone"))
			}
		}
		return nil
	})
	if err != nil {
		return nil // the provider behind meets the same error
	}
	slices.Sort(zones)
	return slices.Compact(zones)
}
