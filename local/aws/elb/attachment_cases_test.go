package elb_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind/cases"
	"wordpress-ecs/local/aws/lambda"
)

const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"lambda.amazonaws.com"}}]}`

// functionGroup is a target group of functions.
func functionGroup(w *cases.World) account.Resource {
	return w.Need(elb.TargetGroup, account.Props{
		"targetType": "lambda", "vpcId": nil, "port": nil, "protocol": nil, "protocolVersion": nil, "stickiness": nil, "healthCheck": nil,
	})
}

// function is one that load balancers may call for a target group.
func function(w *cases.World, group string) string {
	f := w.Need(lambda.Function, nil)
	w.Need(lambda.Permission, account.Props{"function": f.ID, "sourceArn": group})
	return f.Outputs.String("arn")
}

func functions() cases.Usual {
	return cases.Usual{
		iam.Role: func(*cases.World) account.Props { return account.Props{"assumeRolePolicy": trust} },
		lambda.Function: func(w *cases.World) account.Props {
			source, _ := asset.FromText("export {}")
			code, _ := archive.FromAssets(map[string]any{"index.mjs": source})
			return account.Props{
				"role": w.Usual(iam.Role).Outputs["arn"], "handler": "index.handler", "runtime": "nodejs22.x", "code": code.Serialize(),
			}
		},
		lambda.Permission: func(*cases.World) account.Props {
			return account.Props{"action": "lambda:InvokeFunction", "principal": "elasticloadbalancing.amazonaws.com"}
		},
	}
}

func attachmentCases() []cases.Case {
	const typ = elb.TargetGroupAttachment
	to := func(target func(w *cases.World, group string) account.Props) cases.Trial {
		return func(w *cases.World, typ string) error {
			group := functionGroup(w)
			in := target(w, group.ID)
			in["targetGroupArn"] = group.ID
			_, err := w.Make(typ, in)
			return err
		}
	}
	called := func(w *cases.World, group string) account.Props {
		return account.Props{"targetId": function(w, group), "port": nil}
	}
	at := func(ip, zone string) cases.Trial {
		in := account.Props{"targetId": ip}
		if zone != "" {
			in["availabilityZone"] = zone
		}
		return cases.Make(in)
	}
	return []cases.Case{
		cases.One(typ, "the target fits the group", to(func(*cases.World, string) account.Props {
			return account.Props{"targetId": "maintenance", "port": nil}
		}), to(called), "ValidationError: Target ID 'maintenance' is not a valid Lambda function ARN"),
		cases.One(typ, "the target fits the group", to(func(w *cases.World, group string) account.Props {
			return account.Props{"targetId": function(w, group)}
		}), nil, "ValidationError: Port cannot be specified"),
		cases.One(typ, "the target fits the group", at("web", ""), nil, "ValidationError: The IP address 'web' is not a valid"),
		cases.One(typ, "the target fits the group", at("192.168.0.9", ""), at("192.168.0.9", "all"), "an Availability Zone of 'all'"),
		cases.One(typ, "the target fits the group", at("198.51.100.9", "all"), nil, "is not within a private range"),
		cases.One(typ, "the target fits the group", func(w *cases.World, typ string) error {
			_, err := w.Make(typ, account.Props{"targetGroupArn": w.Need(elb.TargetGroup, account.Props{"targetType": "instance"}).ID, "targetId": "i-0"})
			return err
		}, nil, `targets of type "instance" are not supported by the local cloud`),
		cases.One(typ, "the group may call the function", to(func(w *cases.World, _ string) account.Props {
			return account.Props{"targetId": w.Need(lambda.Function, nil).Outputs["arn"], "port": nil}
		}), to(called), "AccessDenied: elasticloadbalancing principal does not have permission to invoke arn:aws:lambda:"),
		cases.One(typ, "the group may call the function", to(func(w *cases.World, _ string) account.Props {
			return called(w, functionGroup(w).ID) // for another group
		}), nil, "AccessDenied"),
		cases.One(typ, "targets per target group", func(w *cases.World, typ string) error {
			group := functionGroup(w).ID
			w.Need(typ, account.Props{"targetGroupArn": group, "targetId": function(w, group), "port": nil})
			_, err := w.Make(typ, account.Props{"targetGroupArn": group, "targetId": function(w, group), "port": nil})
			return err
		}, func(w *cases.World, typ string) error {
			w.Usual(typ)
			_, err := w.Make(typ, account.Props{"targetId": "10.0.0.10"})
			return err
		}, "TooManyTargets"),
	}
}

// TestTargetGroupsOfFunctions have no checks unless someone asks for them, and take their target with them.
func TestTargetGroupsOfFunctions(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		group := functionGroup(w)
		require.False(t, group.Outputs.Bool("healthCheck.enabled"))
		require.InDelta(t, 35, group.Outputs.Number("healthCheck.interval"), 0)
		require.Empty(t, group.Outputs.String("protocolVersion"))
		checked, err := w.Change(group, account.Props{"healthCheck": map[string]any{"interval": 40.0, "path": "/up"}})
		require.NoError(t, err)
		require.True(t, checked.Outputs.Bool("healthCheck.enabled"))
		require.InDelta(t, 30, checked.Outputs.Number("healthCheck.timeout"), 0)
		w.Need(elb.TargetGroupAttachment, account.Props{"targetGroupArn": group.ID, "targetId": function(w, group.ID), "port": nil})
		require.NoError(t, w.Delete(group))
		all, err := w.Call().All(elb.TargetGroupAttachment)
		require.NoError(t, err)
		require.Empty(t, all)
	})
}

// TestAListenerTakesItsCertificatesWithIt, and the rest of its list can be deleted then.
func TestAListenerTakesItsCertificatesWithIt(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		w.Usual(elb.ListenerCertificate)
		require.NoError(t, w.Delete(w.Usual(elb.Listener)))
		all, err := w.Call().All(elb.ListenerCertificate)
		require.NoError(t, err)
		require.Empty(t, all)
	})
}
