package ecs

import (
	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

func getService(c *kind.Call) (account.Props, error) {
	name := c.In.String("serviceName")
	all, err := c.All(ServiceType)
	if err != nil {
		return nil, err
	}
	home, err := c.Find(Cluster, "name", clusterName(c.In.String("clusterArn")))
	if err != nil {
		return nil, err
	}
	if home == nil {
		return nil, kind.Refuse("ClusterNotFoundException", "Cluster not found.")
	}
	for _, s := range all {
		if clusterName(s.Outputs.String("cluster")) != home.Name || (s.Name != name && s.ID != name) {
			continue
		}
		tags := s.Outputs.Object("tagsAll")
		if tags == nil {
			tags = account.Props{}
		}
		return account.Props{
			"arn": s.ID, "id": s.ID, "clusterArn": home.ID, "serviceName": s.Name,
			"desiredCount": s.Outputs.Number("desiredCount"), "launchType": s.Outputs.String("launchType"),
			"schedulingStrategy":          s.Outputs.String("schedulingStrategy"),
			"taskDefinition":              s.Outputs.String("taskDefinition"),
			"availabilityZoneRebalancing": s.Outputs.String("availabilityZoneRebalancing"),
			"tags":                        map[string]any(tags),
		}, nil
	}
	return nil, kind.Refuse("ServiceNotFoundException", "Service not found: %s", name)
}
