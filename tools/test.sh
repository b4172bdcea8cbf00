#!/bin/sh
# Runs every test. The packages that need the Pulumi CLI build it on first use.
set -eu
cd "$(dirname "$0")/.."
live=./tests/live
# shellcheck disable=SC2046 # a list of packages
go test -shuffle=on -timeout 25m $(go list ./... | grep -v '/tests/live$')
# Whole deployments under load have the machine for themselves, one after the other.
go test -shuffle=on -timeout 60m -parallel 1 -v "$live"
