package rds

import (
	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/cloudwatch"
	"wordpress-ecs/local/aws/kind"
)

// exportLogs makes the log groups of a cluster that exports logs and has nobody who made them. RDS does so with the
// first instance, and again while a cluster goes; what it made stays.
func exportLogs(c *kind.Call, cluster string, props account.Props) error {
	for _, log := range props.Strings("enabledCloudwatchLogsExports") {
		if err := cloudwatch.Leave(c, "/aws/rds/cluster/"+cluster+"/"+log); err != nil {
			return err
		}
	}
	return nil
}
