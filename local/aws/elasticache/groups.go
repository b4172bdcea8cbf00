package elasticache

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/elasticache"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/kind"
)

func subnetGroup() kind.Kind {
	return kind.Kind{
		Type: SubnetGroup, Title: "ElastiCache Subnet Group", Args: elasticache.SubnetGroupArgs{}, State: elasticache.SubnetGroup{},
		API: kind.API{
			Service: "elasticache", Create: "CreateCacheSubnetGroup", Change: "ModifyCacheSubnetGroup", Delete: "DeleteCacheSubnetGroup",
			Members: map[string]string{"name": "CacheSubnetGroupName", "description": "CacheSubnetGroupDescription"},
		},
		Source:   "ElastiCache CreateCacheSubnetGroup",
		Required: []string{"subnetIds"},
		Name:     kind.Name{Property: "name", Lower: true},
		Replace:  []string{"name"},
		Sets:     []string{"subnetIds"},
		Text:     map[string]func(string) string{"name": strings.ToLower},
		Defaults: account.Props{"description": "Managed by Pulumi"},
		Rules: []kind.Rule{
			kind.Match("name", `^[A-Za-z0-9-]{1,255}$`, "must be letters, numbers and hyphens").API(value),
			kind.Reject("name", `^default$`, "is not allowed as \"default\"").From(provider),
			kind.Count("subnetIds", 0, 20).API("CacheSubnetQuotaExceededFault").From(quotas),
		},
		Refs: []kind.Ref{{Path: "subnetIds[]", To: ec2.Subnet, Missing: kind.Fault{
			Code: "InvalidSubnet", Message: "Subnet %s is not valid",
		}}},
		Guards: []kind.Guard{
			kind.Quota("groups per region", 300, kind.Fault{
				Code: "CacheSubnetGroupQuotaExceeded", Message: "Cannot create more than 300 cache subnet groups",
			}, kind.Alike(SubnetGroup)).From(quotas),
			{Name: "one VPC", On: kind.Making | kind.Changing, Check: oneNetwork},
			{Name: "subnets of nodes stay", Source: "ElastiCache ModifyCacheSubnetGroup", On: kind.Changing, Check: subnetsInUse},
		},
		Unique: []kind.Unique{{Property: "name", Taken: kind.Fault{
			Code: "CacheSubnetGroupAlreadyExists", Message: "Cache subnet group %s already exists.",
		}}},
		NotFound: kind.Fault{Code: "CacheSubnetGroupNotFoundFault", Message: "Cache Subnet Group %s does not exist."},
		InUse:    kind.Fault{Code: "CacheSubnetGroupInUse", Message: "Cache subnet group %s is currently in use by a cache cluster."},
		Create: func(c *kind.Call) error {
			lower(c, "name")
			c.ID = c.Out.String("name")
			c.Set(account.Props{"arn": c.ARN("elasticache", "subnetgroup:"+c.ID)})
			return networkOf(c)
		},
		Update: func(c *kind.Call) error {
			lower(c, "name")
			return networkOf(c)
		},
	}
}

// lower stores a name as ElastiCache does.
func lower(c *kind.Call, path string) {
	if name := c.Out.String(path); name != "" {
		c.Out[path] = strings.ToLower(name)
	}
}

// networks are the VPCs of the subnets of a group, each once.
func networks(c *kind.Call) ([]string, error) {
	var ids []string
	for _, id := range c.In.Strings("subnetIds") {
		s, err := c.Find(ec2.Subnet, "id", id)
		if err != nil {
			return nil, err
		}
		if s != nil && !slices.Contains(ids, s.Outputs.String("vpcId")) {
			ids = append(ids, s.Outputs.String("vpcId"))
		}
	}
	return ids, nil
}

func networkOf(c *kind.Call) error {
	ids, err := networks(c)
	if len(ids) > 0 {
		c.Out["vpcId"] = ids[0]
	}
	return err
}

func oneNetwork(c *kind.Call) error {
	ids, err := networks(c)
	if err == nil && len(ids) > 1 {
		err = kind.Refuse("InvalidSubnet", "The subnets are not all in the same VPC: %s", strings.Join(ids, ", "))
	}
	return err
}

// subnetsInUse keeps the subnets of a group that has nodes. Which node is in which subnet is not told.
func subnetsInUse(c *kind.Call) error {
	groups, err := c.All(ReplicationGroup)
	if err != nil {
		return err
	}
	used := slices.ContainsFunc(groups, func(g account.Resource) bool { return g.Outputs.String("subnetGroupName") == c.ID })
	for _, id := range c.Old.Strings("subnetIds") {
		if used && !slices.Contains(c.In.Strings("subnetIds"), id) {
			return kind.Refuse("SubnetInUse", "Some of the subnets to be deleted are currently in use: %s", id)
		}
	}
	return nil
}

func parameterGroup() kind.Kind {
	return kind.Kind{
		Type: ParameterGroup, Title: "ElastiCache Parameter Group",
		Args: elasticache.ParameterGroupArgs{}, State: elasticache.ParameterGroup{},
		API: kind.API{
			Service: "elasticache", Create: "CreateCacheParameterGroup", Change: "ModifyCacheParameterGroup", Delete: "DeleteCacheParameterGroup",
			Members: map[string]string{
				"name": "CacheParameterGroupName", "family": "CacheParameterGroupFamily", "parameters": "ParameterNameValues",
				"parameters[].name": "ParameterNameValues[].ParameterName", "parameters[].value": "ParameterNameValues[].ParameterValue",
			},
		},
		Source:   "ElastiCache ModifyCacheParameterGroup",
		Name:     kind.Name{Property: "name", Lower: true},
		Replace:  []string{"name", "family", "description"},
		Sets:     []string{"parameters"},
		Text:     map[string]func(string) string{"name": strings.ToLower},
		Defaults: account.Props{"description": "Managed by Pulumi"},
		Rules: append([]kind.Rule{
			kind.OneOf("family", "redis2.6", "redis2.8", "redis3.2", "redis4.0", "redis5.0", "redis6.x", "redis7",
				"valkey7", "valkey8", "valkey9", "memcached1.4", "memcached1.5", "memcached1.6").API(value).
				From("ElastiCache CreateCacheParameterGroup"),
			kind.Match("name", `^[A-Za-z](-?[A-Za-z0-9])*$`, "must begin with a letter, consist of letters, digits and hyphens, "+
				"and not end in a hyphen or have two in a row").API(value).From("terraform-aws-modules/terraform-aws-elasticache#11"),
		}, parameters.Rules(value)...),
		Guards: []kind.Guard{
			kind.Quota("groups per region", 300, kind.Fault{
				Code: "CacheParameterGroupQuotaExceeded", Message: "Cannot create more than 300 cache parameter groups",
			}, kind.Alike(ParameterGroup)).From(quotas),
		},
		Unique: []kind.Unique{{Property: "name", Source: "ElastiCache CreateCacheParameterGroup", Taken: kind.Fault{
			Code: "CacheParameterGroupAlreadyExists", Message: "Parameter group %s already exists",
		}}},
		NotFound: kind.Fault{Code: "CacheParameterGroupNotFound", Message: "CacheParameterGroup not found: %s"},
		InUse: kind.Fault{
			Code:    "InvalidCacheParameterGroupState",
			Message: "One or more cache clusters are still members of this parameter group %s, so the group cannot be deleted.",
		},
		Create: func(c *kind.Call) error {
			lower(c, "name")
			c.ID = c.Out.String("name")
			c.Set(account.Props{"arn": c.ARN("elasticache", "parametergroup:"+c.ID)})
			return nil
		},
		Update: func(c *kind.Call) error {
			lower(c, "name")
			return nil
		},
	}
}
