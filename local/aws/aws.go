// Package aws puts the services of the emulated AWS together. A service is a package
// of its own and one entry here.
package aws

import (
	"wordpress-ecs/local/aws/appautoscaling"
	"wordpress-ecs/local/aws/autoscaling"
	"wordpress-ecs/local/aws/cloudwatch"
	"wordpress-ecs/local/aws/core"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/ecr"
	"wordpress-ecs/local/aws/ecs"
	"wordpress-ecs/local/aws/efs"
	"wordpress-ecs/local/aws/elasticache"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/rds"
	"wordpress-ecs/local/aws/secretsmanager"
)

// Catalog is everything that this cloud has. An error means that a declaration
// contradicts itself or Pulumi's SDK; the tests of this package would have found it.
func Catalog() (*kind.Catalog, error) {
	return kind.NewCatalog(
		appautoscaling.Service(),
		autoscaling.Service(),
		cloudwatch.Service(),
		core.Service(),
		ec2.Service(),
		ecr.Service(),
		ecs.Service(),
		efs.Service(),
		elasticache.Service(),
		elb.Service(),
		iam.Service(),
		rds.Service(),
		secretsmanager.Service(),
	)
}
