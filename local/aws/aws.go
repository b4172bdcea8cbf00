// Package aws puts the services of the emulated AWS together. A service is a package
// of its own and one entry here.
package aws

import (
	"wordpress-ecs/local/aws/acm"
	"wordpress-ecs/local/aws/appautoscaling"
	"wordpress-ecs/local/aws/athena"
	"wordpress-ecs/local/aws/autoscaling"
	"wordpress-ecs/local/aws/cloudfront"
	"wordpress-ecs/local/aws/cloudwatch"
	"wordpress-ecs/local/aws/core"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/ecr"
	"wordpress-ecs/local/aws/ecs"
	"wordpress-ecs/local/aws/efs"
	"wordpress-ecs/local/aws/elasticache"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/glue"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/lambda"
	"wordpress-ecs/local/aws/rds"
	"wordpress-ecs/local/aws/route53"
	"wordpress-ecs/local/aws/s3"
	"wordpress-ecs/local/aws/secretsmanager"
	"wordpress-ecs/local/aws/wafv2"
)

// Catalog is everything that this cloud has. An error means that a declaration
// contradicts itself or Pulumi's SDK; the tests of this package would have found it.
func Catalog() (*kind.Catalog, error) {
	return kind.NewCatalog(
		acm.Service(),
		appautoscaling.Service(),
		athena.Service(),
		autoscaling.Service(),
		cloudfront.Service(),
		cloudwatch.Service(),
		core.Service(),
		ec2.Service(),
		ecr.Service(),
		ecs.Service(),
		efs.Service(),
		elasticache.Service(),
		elb.Service(),
		glue.Service(),
		iam.Service(),
		lambda.Service(),
		rds.Service(),
		route53.Service(),
		s3.Service(),
		secretsmanager.Service(),
		wafv2.Service(),
	)
}
