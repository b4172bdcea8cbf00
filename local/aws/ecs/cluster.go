package ecs

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/cloudwatch"
	"wordpress-ecs/local/aws/kind"
)

func cluster() kind.Kind {
	const exec = "configuration.executeCommandConfiguration"
	return kind.Kind{
		Type: Cluster, Title: "ECS Cluster", Args: ecs.ClusterArgs{}, State: ecs.Cluster{},
		Takes: clusterTakes(),
		API: kind.API{
			Service: "ecs", Create: "CreateCluster", Change: "UpdateCluster", Delete: "DeleteCluster",
			Members: map[string]string{"name": "clusterName"},
		},
		Source:  provider + "cluster.go",
		Name:    kind.Name{Property: "name"},
		Replace: []string{"name"},
		Sets:    []string{"settings"},
		Kept:    []string{"settings"},
		Rules: append([]kind.Rule{
			kind.Match("name", nameText, nameHint).Refusing("a b"),
			kind.OneOf("settings[].name", "containerInsights"),
			kind.OneOf("settings[].value", "enabled", "enhanced", "disabled"),
			kind.OneOf(exec+".logging", "NONE", "DEFAULT", "OVERRIDE"),
			kind.Whole("where ECS Exec logs to", func(in account.Props) string {
				if override := in.String(exec+".logging") == "OVERRIDE"; override != in.Has(exec+".logConfiguration") {
					return "You must specify a log configuration with logging OVERRIDE, and with no other."
				}
				return ""
			}, "configuration").API(invalid).From(reference + "ExecuteCommandConfiguration"),
		}, kind.Tags(invalid, invalid)...),
		Guards: []kind.Guard{
			{Name: "no container instance is registered", Source: reference + "DeleteCluster", On: kind.Deleting, Check: vacated},
		},
		Unique: []kind.Unique{{Property: "name", Source: reference + "CreateCluster", Taken: kind.Fault{
			Code:    invalid,
			Message: "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
		}}},
		NotFound: kind.Fault{Code: "ClusterNotFoundException", Message: "Cluster not found."},
		InUse: kind.Fault{
			Code: "ClusterContainsServicesException", Message: "The Cluster cannot be deleted while Services are active.",
		},
		Create: func(c *kind.Call) error {
			c.ID = c.ARN("ecs", "cluster/"+c.Out.String("name"))
			c.Set(account.Props{
				"arn":      c.ID,
				"settings": []any{map[string]any{"name": "containerInsights", "value": "disabled"}},
			})
			return nil
		},
	}
}

// instance is what is known of a container instance.
type instance struct {
	Cluster string `json:"cluster"`
	Group   string `json:"group"`
	Region  string `json:"region"`
	State   string `json:"state"`
}

// instances is the class of their records.
const instances = "instance"

// vacated refuses to delete a cluster with registered container instances.
func vacated(c *kind.Call) error {
	all, err := account.AllKept[instance](c.Tx, instances)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(i instance) bool {
		return i.Cluster == c.Old.String("name") && i.Region == c.Region && (i.State == "ACTIVE" || i.State == "DRAINING")
	}) {
		return kind.RefuseForNow("ClusterContainsContainerInstancesException",
			"The Cluster cannot be deleted while Container Instances are active or draining.")
	}
	return nil
}

// observe is what Container Insights does as soon as a cluster has something to tell: it makes a log group, which
// stays when the cluster goes.
func observe(c *kind.Call, cluster string) error {
	home, err := c.Find(Cluster, "name", cluster)
	if err != nil || home == nil {
		return err
	}
	for _, setting := range home.Outputs.Objects("settings") {
		if setting.String("name") == "containerInsights" && setting.String("value") != "disabled" {
			return cloudwatch.Leave(c, "/aws/ecs/containerinsights/"+cluster+"/performance")
		}
	}
	return nil
}
