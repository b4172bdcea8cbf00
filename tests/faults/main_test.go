// Package faults_test lets each resource of the prod program fail once, in each way in which AWS lets it fail, and
// checks that the next command puts everything in order.
package faults_test

import (
	"os"
	"testing"

	"wordpress-ecs/tests/cloud"
)

// root leads to the root of the repository.
const root = "../.."

var built cloud.Binaries

func TestMain(m *testing.M) { os.Exit(cloud.Main(m, root, &built)) }

// everything turns on what a prod stack can have.
func everything(c *cloud.Cloud) {
	for key, value := range map[string]string{
		"domain": "example.com", "mediaBucket": "true", "basicAuthUser": "guest",
		"maintenance": "true", "adminAddresses": "203.0.113.7", "firewallAllowed": "203.0.113.7",
	} {
		c.Set("prod", key, value)
	}
}
