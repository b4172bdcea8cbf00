package graph

import (
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const (
	// Region is where the mocks say that resources are.
	Region = "eu-central-1"
	// Account is whose they say that resources are.
	Account = "123456789012"
	// Zone is the hosted zone that the mocks find, whatever its name.
	Zone = "Z0MOCKZONE"
	// PrefixList is the managed prefix list that they find.
	PrefixList = "pl-0mock"
	// secretMark begins every value that is secret, so that it is found wherever it goes.
	secretMark = "GENERATED-SECRET-"
	// Digest is that of every image that the mocks build.
	Digest = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

	passwordType = "random:index/randomPassword:RandomPassword"
	vpcType      = "awsx:ec2:Vpc"
)

// Secret is the value that the mocks generate for a password.
func Secret(name string) string { return secretMark + name }

// state is what a provider answers to a registration: id and state. In a preview the inputs come back and the
// rest is unknown.
func (m *monitor) state(r *Resource) (string, resource.PropertyMap) {
	if m.graph.run.Preview && !m.graph.run.Known {
		return "", m.previewState(r)
	}
	state := r.Inputs.Copy()
	if !r.Custom && !r.Remote {
		return "", state
	}
	id := physical(r)
	state["arn"] = text("arn:aws:" + service(r.Type) + ":" + Region + ":" + Account + ":" + id)
	if _, named := state["name"]; !named {
		state["name"] = text(id)
	}
	if compute, ok := computed[r.Type]; ok {
		maps.Copy(state, compute(r, id))
	}
	if r.Type == vpcType {
		maps.Copy(state, m.vpc(id))
	}
	if compute, ok := m.graph.run.Outputs[r.Type]; ok {
		maps.Copy(state, compute(r.Inputs.Copy()))
	}
	if given, ok := state["id"]; ok {
		id = given.StringValue()
	}
	return id, state
}

// previewState is what a program learns before a resource exists: the inputs that are known, and references to
// other resources. The engine leaves out every property with an unknown value in it.
func (m *monitor) previewState(r *Resource) resource.PropertyMap {
	state := resource.PropertyMap{}
	for key, value := range r.Inputs {
		if !value.ContainsUnknowns() {
			state[key] = value
		}
	}
	if r.Type == vpcType {
		maps.Copy(state, m.vpcReferences())
	}
	return state
}

// computed is what AWS and the other providers add to the inputs, by type.
var computed = map[string]func(r *Resource, id string) resource.PropertyMap{
	passwordType: func(r *Resource, _ string) resource.PropertyMap {
		return resource.PropertyMap{"result": resource.MakeSecret(text(Secret(r.Name)))}
	},
	"random:index/randomId:RandomId": func(*Resource, string) resource.PropertyMap {
		return resource.PropertyMap{"hex": text("0a1b2c3d")}
	},
	"aws:ec2/launchTemplate:LaunchTemplate": func(*Resource, string) resource.PropertyMap {
		return resource.PropertyMap{"latestVersion": resource.NewProperty(3.0)}
	},
	"aws:rds/cluster:Cluster": func(r *Resource, _ string) resource.PropertyMap {
		id := plain(r.Inputs["clusterIdentifier"]).(string)
		host := ".abc." + Region + ".rds.amazonaws.com"
		return resource.PropertyMap{
			"id": text(id), "port": resource.NewProperty(3306.0),
			"endpoint": text(id + ".cluster" + host), "readerEndpoint": text(id + ".cluster-ro" + host),
		}
	},
	"aws:elasticache/replicationGroup:ReplicationGroup": func(_ *Resource, id string) resource.PropertyMap {
		return resource.PropertyMap{"primaryEndpointAddress": text("master." + id + ".cache.amazonaws.com")}
	},
	"aws:secretsmanager/secret:Secret": func(_ *Resource, id string) resource.PropertyMap {
		return resource.PropertyMap{"id": text("arn:aws:secretsmanager:" + Region + ":" + Account + ":" + id)}
	},
	"aws:lb/loadBalancer:LoadBalancer": func(_ *Resource, id string) resource.PropertyMap {
		return resource.PropertyMap{
			"dnsName": text(id + "." + Region + ".elb.amazonaws.com"), "arnSuffix": text("app/" + id + "/50dc6c495c0c9188"),
			"zoneId": text("Z215JYRZR1TBD5"),
		}
	},
	"aws:lb/targetGroup:TargetGroup": func(_ *Resource, id string) resource.PropertyMap {
		return resource.PropertyMap{"arnSuffix": text("targetgroup/" + id + "/6d0ecf831eec9f09")}
	},
	"aws:acm/certificate:Certificate": func(r *Resource, _ string) resource.PropertyMap {
		return resource.PropertyMap{"domainValidationOptions": proofs(r)}
	},
	"aws:route53/record:Record": func(r *Resource, _ string) resource.PropertyMap {
		return resource.PropertyMap{"fqdn": r.Inputs["name"]}
	},
	"aws:cloudfront/distribution:Distribution": func(*Resource, string) resource.PropertyMap {
		return resource.PropertyMap{"id": text("E1MOCK"), "domainName": text("d1mock.cloudfront.net"), "hostedZoneId": text("Z2FDTNDATAQYW2")}
	},
	"aws:s3/bucketV2:BucketV2": func(_ *Resource, id string) resource.PropertyMap {
		return resource.PropertyMap{
			"bucket": text(id), "arn": text("arn:aws:s3:::" + id), "bucketRegionalDomainName": text(id + ".s3." + Region + ".amazonaws.com"),
		}
	},
	"aws:ecr/repository:Repository": func(_ *Resource, id string) resource.PropertyMap {
		return resource.PropertyMap{
			"registryId":    text(Account),
			"repositoryUrl": text(Account + ".dkr.ecr." + Region + ".amazonaws.com/" + id),
		}
	},
	"aws:ecs/taskDefinition:TaskDefinition": func(r *Resource, _ string) resource.PropertyMap {
		family := plain(r.Inputs["family"]).(string)
		return resource.PropertyMap{
			"revision": resource.NewProperty(7.0),
			"arn":      text("arn:aws:ecs:" + Region + ":" + Account + ":task-definition/" + family + ":7"),
		}
	},
	"docker:index/image:Image": func(r *Resource, _ string) resource.PropertyMap {
		repository, _, _ := strings.Cut(plain(r.Inputs["imageName"]).(string), ":")
		return resource.PropertyMap{"repoDigest": text(repository + "@" + Digest)}
	},
}

// proofs are what ACM wants to see in the zone, one for each name of a certificate.
func proofs(certificate *Resource) resource.PropertyValue {
	hosts := []any{plain(certificate.Inputs["domainName"])}
	if more, ok := plain(certificate.Inputs["subjectAlternativeNames"]).([]any); ok {
		hosts = append(hosts, more...)
	}
	list := make([]resource.PropertyValue, len(hosts))
	// In any order.
	for i, host := range hosts {
		list[len(hosts)-1-i] = resource.NewProperty(resource.PropertyMap{
			"domainName": text(host.(string)), "resourceRecordName": text("_proof." + host.(string) + "."),
			"resourceRecordType": text("CNAME"), "resourceRecordValue": text("_value." + host.(string) + ".acm-validations.aws."),
		})
	}
	return resource.NewProperty(list)
}

// physical is the name that autonaming gives a resource: the logical one and a random part.
func physical(r *Resource) string {
	return fmt.Sprintf("%s-%06x", r.Name, crc32.ChecksumIEEE([]byte(r.URN))&0xffffff)
}

// service is the part of a type token that names the service, such as "rds".
func service(typ string) string {
	parts := strings.Split(typ, ":")
	name, _, _ := strings.Cut(parts[len(parts)-2], "/")
	return name
}

func text(s string) resource.PropertyValue { return resource.NewProperty(s) }

func texts(list ...string) resource.PropertyValue {
	values := make([]resource.PropertyValue, len(list))
	for i, s := range list {
		values[i] = text(s)
	}
	return resource.NewProperty(values)
}

// answer records a function that the program called and answers it.
func (m *monitor) answer(function, provider string, args resource.PropertyMap) (resource.PropertyMap, error) {
	if function == "pulumi:pulumi:getResource" {
		return m.referenced(resource.URN(args["urn"].StringValue())), nil
	}
	m.graph.call(Call{Token: function, Provider: provider, Args: args})
	if message, ok := m.graph.run.Refused[function]; ok {
		return nil, errors.New(message)
	}
	if answer, ok := m.graph.run.Answers[function]; ok {
		return answer(args.Copy()), nil
	}
	switch function {
	case "aws:ecr/getAuthorizationToken:getAuthorizationToken":
		return resource.PropertyMap{"userName": text("AWS"), "password": text(Secret("registry"))}, nil
	case "aws:index/getCallerIdentity:getCallerIdentity":
		return resource.PropertyMap{"accountId": text(Account), "arn": text("arn:aws:iam::" + Account + ":user/mock")}, nil
	case "aws:route53/getZone:getZone":
		return resource.PropertyMap{"name": args["name"], "zoneId": text(Zone)}, nil
	case "aws:ec2/getManagedPrefixList:getManagedPrefixList":
		return resource.PropertyMap{"id": text(PrefixList), "name": args["name"]}, nil
	case "aws:ecs/getService:getService":
		for _, r := range m.graph.OfType("aws:ecs/service:Service") {
			return resource.PropertyMap{
				"serviceName": args["serviceName"], "taskDefinition": r.Inputs["taskDefinition"],
			}, nil
		}
	}
	return nil, fmt.Errorf("the mocks know no answer to %s", function)
}
